// FailureSets: for the state that a Placing ended in, which examined instances fail which check, whatever else they fail. What
// explanations count from.
//
// Thread rule: immutable once made. Lifetime: at most that of its Placing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/placement/placing.h"
#include "engine/placement/port_check.h"
#include "engine/placement/reason.h"

namespace berth::placement {

class FailureSets {
 public:
  struct Failing {
    Reason check;
    Bitset instances;
  };

  FailureSets(const Placing& placing, Executor& executor);

  [[nodiscard]] const Placing& placing() const { return *placing_; }
  // The checks that can fail under the request, in their order.
  [[nodiscard]] std::span<const Failing> all() const { return all_; }
  // Null when the check cannot fail.
  [[nodiscard]] const Bitset* find(Reason check) const;
  // Examined instances that fail this check and no other; empty (size 0) when the check cannot fail.
  [[nodiscard]] Bitset only(Reason check) const;
  // Instances that took a task of the request, ascending.
  [[nodiscard]] std::span<const std::uint32_t> touched() const { return touched_; }

  // How far the next task is from fitting, in the resource's unit. REQUIRES: the instance fails `resource`.
  [[nodiscard]] std::int64_t lack(Reason resource, std::uint32_t instance) const;
  // REQUIRES: the request needs a port.
  [[nodiscard]] PortVerdict port_verdict(std::uint32_t instance) const;

 private:
  const Placing* placing_;
  std::vector<std::uint32_t> touched_;
  std::vector<Failing> all_;
  Bitset exactly_one_;
  std::vector<PortVerdict> port_verdicts_;  // By port set; empty when no port is needed.
};

// The members of exactly one of the sets. REQUIRES: sets of one size, at least one.
Bitset in_exactly_one(std::span<const Bitset* const> sets);

}  // namespace berth::placement
