#include "engine/ecs/task_definition_ports.h"

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace berth::ecs {
namespace {

constexpr std::string_view kClient = "ClientException";
constexpr std::size_t kPortRangesMax = 100;  // Per container.

std::optional<std::uint16_t> port_from(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  return code == std::errc() && end == text.data() + text.size() && port > 0 ? std::optional(port) : std::nullopt;
}

Outcome read_range(const JsonValue& range, PortMapping& mapping) {
  const std::string_view text = *range.string();
  const std::size_t dash = text.find('-');
  const auto first = port_from(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? std::nullopt : port_from(text.substr(dash + 1));
  if (!first.has_value() || !last.has_value() || *first > *last) {
    return range.error("expected two ports in ascending order such as \"8000-8010\", found \"" + std::string(text) + "\"", kClient);
  }
  mapping.container_first = *first;
  mapping.container_last = *last;
  return {};
}

Outcome check_host_port(const JsonValue& value, const PortMapping& mapping, NetworkMode mode) {
  if ((mode == NetworkMode::kHost || mode == NetworkMode::kAwsvpc) && mapping.host_port.has_value() &&
      *mapping.host_port != mapping.container_first) {
    return value.error("When networkMode=" + std::string(to_text(mode)) +
                           ", the host ports and container ports in port mappings must match. (container port " +
                           std::to_string(mapping.container_first) + ", host port " + std::to_string(*mapping.host_port) +
                           "; leave hostPort out)",
                       kClient);
  }
  return {};
}

Result<PortMapping> read_mapping(const JsonValue& value, NetworkMode mode) {
  PortMapping mapping;
  const auto port = value.member("containerPort");
  const auto range = value.member("containerPortRange");
  const auto host = value.member("hostPort");
  if (const auto protocol = value.member("protocol"); protocol.has_value()) {
    mapping.is_udp = *protocol->string() == "udp";
  }
  if (host.has_value()) {
    mapping.host_port = static_cast<std::uint16_t>(*host->integer(0, 65535));
  }
  if (port.has_value() == range.has_value()) {
    return value.error(port.has_value() ? "containerPort and containerPortRange exclude each other" : "containerPort is missing", kClient);
  }
  if (range.has_value()) {
    if (host.has_value()) {
      return value.error("hostPort must not be set together with containerPortRange", kClient);
    }
    if (Outcome read = read_range(*range, mapping); !read.ok()) {
      return std::move(read).error();
    }
    return mapping;
  }
  mapping.container_first = static_cast<std::uint16_t>(*port->integer(1, 65535));
  mapping.container_last = mapping.container_first;
  if (Outcome checked = check_host_port(value, mapping, mode); !checked.ok()) {
    return std::move(checked).error();
  }
  return mapping;
}

}  // namespace

Result<std::vector<PortMapping>> read_port_mappings(const JsonValue& container, NetworkMode mode) {
  std::vector<PortMapping> mappings;
  const auto list = container.member("portMappings");
  if (!list.has_value()) {
    return mappings;
  }
  std::size_t range_count = 0;
  Outcome read = list->for_each([&](const JsonValue& item) -> Outcome {
    if (mode == NetworkMode::kNone) {
      return item.error("network mode 'none' allows no port mappings; drop them or choose another mode", kClient);
    }
    Result<PortMapping> mapping = read_mapping(item, mode);
    if (!mapping.ok()) {
      return std::move(mapping).error();
    }
    range_count += item.member("containerPortRange").has_value() ? 1U : 0U;
    if (range_count > kPortRangesMax) {
      return item.error("a container has at most " + std::to_string(kPortRangesMax) + " port ranges", kClient);
    }
    mappings.push_back(*mapping);
    return {};
  });
  if (!read.ok()) {
    return std::move(read).error();
  }
  return mappings;
}

Outcome check_port_conflicts(const JsonValue& list, std::span<const ContainerDefinition> containers, NetworkMode mode) {
  std::set<std::pair<std::uint16_t, bool>> taken;
  for (const ContainerDefinition& container : containers) {
    for (const PortMapping& mapping : container.ports) {
      std::optional<std::uint16_t> twice;
      for_each_host_port(mapping, mode, [&](std::uint16_t port, bool is_udp) {
        if (!taken.emplace(port, is_udp).second) {
          twice = port;
        }
      });
      if (twice.has_value()) {
        return list.error("host port " + std::to_string(*twice) + "/" + (mapping.is_udp ? "udp" : "tcp") +
                              " is mapped twice, the second time by container '" + std::string(container.name) +
                              "'; a task can hold a host port once",
                          kClient);
      }
    }
  }
  return {};
}

}  // namespace berth::ecs
