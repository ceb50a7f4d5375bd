// Port mappings of a container: reading them, and the rules that each network mode puts on them.
//
// Thread rule: pure functions.
#pragma once

#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/json.h"
#include "engine/ecs/task_definition.h"

namespace berth::ecs {

// The mappings of one container definition, none when it has none. Errors as read_task_definition().
Result<std::vector<PortMapping>> read_port_mappings(const JsonValue& container, NetworkMode mode);

// Calls visit(port, is_udp) for every static host port that the mapping holds on the instance (rule D6): in bridge mode a hostPort above
// 0, in host mode every container port, in awsvpc and none nothing.
template <typename Visit>
void for_each_host_port(const PortMapping& mapping, NetworkMode mode, Visit&& visit) {
  if (mode == NetworkMode::kBridge && mapping.host_port.value_or(0) > 0) {
    visit(*mapping.host_port, mapping.is_udp);
  } else if (mode == NetworkMode::kHost) {
    for (std::uint32_t port = mapping.container_first; port <= mapping.container_last; ++port) {
      visit(static_cast<std::uint16_t>(port), mapping.is_udp);
    }
  }
}

// Refuses a host port that the definition takes twice with one protocol. `list` is the member containerDefinitions.
Outcome check_port_conflicts(const JsonValue& list, std::span<const ContainerDefinition> containers, NetworkMode mode);

}  // namespace berth::ecs
