#include "engine/placement/port_check.h"

#include <algorithm>

#include "engine/base/limits.h"
#include "engine/placement/blocks.h"

namespace berth::placement {

void PortCheck::prepare_sets(Executor& executor) {
  if (!needs_any()) {
    return;
  }
  set_fails_.resize(snapshot_->port_set_count());
  for_each_block(snapshot_->port_set_count(), executor, [&](std::size_t, BlockRange range) {
    for (std::uint32_t set = range.begin; set < range.end; ++set) {
      set_fails_[set] = verdict(set).fails() ? 1 : 0;
    }
  });
}

PortVerdict PortCheck::verdict(std::uint32_t port_set) const {
  const PortSet used = snapshot_->port_set(port_set);
  PortVerdict verdict;
  std::uint32_t index = 0;
  const auto look_up = [&](const std::vector<std::uint16_t>& needed, std::span<const std::uint16_t> taken) {
    for (const std::uint16_t port : needed) {
      if (std::binary_search(taken.begin(), taken.end(), port)) {
        if (verdict.conflicts++ == 0) {
          verdict.first_conflict = index;
        }
      }
      ++index;
    }
  };
  look_up(demand_->tcp_ports, used.tcp);
  look_up(demand_->udp_ports, used.udp);
  const std::size_t total = used.tcp.size() + used.udp.size() + needed();
  verdict.beyond_limit = total > kReservedPortsMax ? static_cast<std::uint32_t>(total - kReservedPortsMax) : 0;
  return verdict;
}

}  // namespace berth::placement
