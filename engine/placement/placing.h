// Placing: one request on its way through a snapshot: what was bound and counted for it, the tasks placed so far, and the decision that
// comes of it. decide() and explain() both start here; explanations look at the state that it ends in.
//
// Thread rule: one thread; it uses the executor inside. Lifetime: at most that of the request; keeps the snapshot alive.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/placement/checks.h"
#include "engine/placement/decision.h"
#include "engine/placement/group_counts.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

class Selector;

class Placing {
 public:
  // Binds and filters. REQUIRES: check_request(request) passed.
  Placing(const SnapshotPtr& snapshot, const Request& request, Executor& executor, const DecideOptions& options);
  Placing(const Placing&) = delete;
  Placing& operator=(const Placing&) = delete;

  // Places the tasks and lists the failures. Once.
  void run();

  [[nodiscard]] const SnapshotPtr& snapshot() const { return snapshot_; }
  [[nodiscard]] const Request& request() const { return *request_; }
  [[nodiscard]] const GroupCounts& counts() const { return counts_; }
  [[nodiscard]] const Checks& checks() const { return checks_; }
  [[nodiscard]] const Bitset& examined() const { return examined_; }
  // Candidates of the first task.
  [[nodiscard]] const Bitset& candidates() const { return candidates_; }
  // Tasks of the request on each instance so far.
  [[nodiscard]] std::span<const std::uint32_t> added() const { return added_; }
  // Instances with such a task, ascending.
  [[nodiscard]] std::vector<std::uint32_t> touched() const;
  [[nodiscard]] Decision& decision() { return decision_; }

 private:
  void place_by_order();
  // Of a chain that ends in random behind other levels.
  void place_by_draws_among_best(Selector& selector);
  void place_by_random();
  // Books a task on a candidate; whether it can take another.
  bool book(std::uint32_t instance);
  void list_failures();

  SnapshotPtr snapshot_;
  const Request* request_;
  Executor* executor_;
  DecideOptions options_;
  GroupCounts counts_;
  Checks checks_;
  Bitset examined_;
  Bitset candidates_;
  std::vector<std::uint32_t> added_;
  Decision decision_;
};

// Writes down a task on an instance with `added` tasks of the request on it; it takes the lowest free GPU slots.
void add_placed(const Snapshot& snapshot, const Demand& demand, std::uint32_t instance, std::uint32_t added, Decision& decision);

}  // namespace berth::placement
