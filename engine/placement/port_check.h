// PortCheck: which static host ports of a task are taken on an instance. Instances share port sets, so the answer is kept per set.
//
// Thread rule: immutable once prepared. Lifetime: at most that of the snapshot and the demand.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

// How the needed ports stand against one set of used ports.
struct PortVerdict {
  std::uint32_t conflicts = 0;       // Needed ports that are in use.
  std::uint32_t beyond_limit = 0;    // By how much used and needed ports together exceed kReservedPortsMax.
  std::uint32_t first_conflict = 0;  // Index of the first needed port in use, tcp before udp; meaningful when there is a conflict.

  [[nodiscard]] bool fails() const { return conflicts > 0 || beyond_limit > 0; }
};

class PortCheck {
 public:
  PortCheck(const Snapshot& snapshot, const Demand& demand) : snapshot_(&snapshot), demand_(&demand) {}

  // Works every port set out, for fails_by_set(). Does nothing when the task needs no port.
  void prepare_sets(Executor& executor);

  [[nodiscard]] std::uint32_t needed() const { return static_cast<std::uint32_t>(demand_->tcp_ports.size() + demand_->udp_ports.size()); }
  [[nodiscard]] bool needs_any() const { return needed() > 0; }
  // REQUIRES: needs_any().
  [[nodiscard]] PortVerdict verdict(std::uint32_t port_set) const;
  [[nodiscard]] bool fails(std::uint32_t instance) const { return verdict(snapshot_->ports_used()[instance]).fails(); }
  // REQUIRES: needs_any() and prepare_sets() ran.
  [[nodiscard]] bool fails_by_set(std::uint32_t instance) const { return set_fails_[snapshot_->ports_used()[instance]] != 0; }

 private:
  const Snapshot* snapshot_;
  const Demand* demand_;
  std::vector<std::uint8_t> set_fails_;  // By port set.
};

}  // namespace berth::placement
