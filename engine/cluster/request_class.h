// RequestClass: a request made ready for a live cluster: names are ids, the chain is levels, and every expression is taken apart into
// what an attribute set decides and what must be asked of the instance. Made once for all requests that differ only in count and seed.
//
// Thread rule: immutable but for the windows, of which each worker has its own. Lifetime: at most that of the
// inventory.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/base/result.h"
#include "engine/cluster/inventory.h"
#include "engine/parallel/executor.h"
#include "engine/placement/chain.h"
#include "engine/placement/request.h"

namespace berth::cluster {

class Window;

struct Conjunct {
  const query::Program* program;
  std::uint32_t index;
};

// An attribute that an instance must have, by ids.
struct LiveRequirement {
  std::uint32_t name;
  std::optional<std::uint32_t> wide;  // Its place among the wide attributes.
  std::vector<std::uint32_t> wanted;  // Value ids.
  bool any_value = false;
  bool name_only_holds = false;
  bool absent_holds = false;

  [[nodiscard]] bool holds(std::uint32_t value) const;
};

class RequestClass {
 public:
  // Errors: those of placement::check_request.
  static Result<std::unique_ptr<RequestClass>> make(Inventory& inventory, placement::Request request, Executor& executor);
  ~RequestClass();
  RequestClass(const RequestClass&) = delete;
  RequestClass& operator=(const RequestClass&) = delete;

  placement::Request request;
  std::uint32_t shape = 0;  // Of its tasks.
  std::uint32_t group = 0;
  FitAmounts need{};
  std::uint32_t capacity_provider = kNoId;
  struct OwnNeed {
    std::uint32_t own;  // Index in the snapshot's own resources, or kNoId.
    std::int64_t amount;
  };
  std::vector<OwnNeed> own_needs;  // In the order of request.demand.own.

  std::vector<LiveRequirement> requirements;
  std::optional<LiveRequirement> zones;
  LiveRequirement external;
  bool has_wide_rules = false;            // Some rule above or a static conjunct is about a wide attribute.
  std::vector<Conjunct> set_conjuncts;    // Decided by the attribute set.
  std::vector<Conjunct> agent_conjuncts;  // Decided by the agent's version and connection.
  std::vector<Conjunct> live_conjuncts;   // Asked of every record.
  bool asks_for_tasks = false;            // Some of those are about tasks on the instance: one more can make it a candidate.
  Bitset cluster_members;                 // Of the snapshot's instances; empty: all of them.

  struct Level {
    placement::Strategy::Kind kind;
    std::uint32_t slot;  // Of own keys or of group levels.
  };
  std::vector<Level> levels;
  std::vector<placement::Strategy::Kind> own_levels;  // By slot.
  std::vector<LiveRequirement> group_levels;          // By slot: only name and wide are meant.
  std::uint32_t empty_value = 0;                      // The value id of "".
  bool ends_in_random = false;
  bool is_random_alone = false;
  bool counts_group = false;  // Its group's tasks matter: spread or distinctInstance.

  // The worker's own window.
  Window& window(Inventory& inventory, const WorkerSlot& worker);
  // The worker's next question makes a new one.
  void drop_window(const WorkerSlot& worker);
  // Passes over all instances and fillings from an index, of all windows so far; read while no worker uses the class.
  [[nodiscard]] std::uint64_t scans() const;
  [[nodiscard]] std::uint64_t fills() const;

 private:
  RequestClass();
  [[nodiscard]] std::uint64_t sum(std::uint64_t (Window::*count)() const) const;
  void bind_rules(Inventory& inventory);
  void bind_expressions(const Inventory& inventory);
  void bind_chain(Inventory& inventory);

  std::array<std::unique_ptr<Window>, kWorkersMax> windows_;  // By number of the worker.
};

}  // namespace berth::cluster
