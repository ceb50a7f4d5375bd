// The flags of run-task, start-task and explain: those of AWS CLI's verbs of these names, and Berth's own.
//
// Thread rule: one thread. Lifetime: plain values; a Command that they were added to points into them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/cli/command.h"

namespace berth::cli {

enum class RequestVerb : std::uint8_t { kRunTask, kStartTask, kExplain };

struct RequestFlags {
  std::optional<std::string> task_definition, group, overrides, network_configuration, cli_input_json, seed, now, failures_max, cluster;
  std::optional<std::string> started_by, propagate_tags, reference_id;
  std::vector<std::string> subnets, resources, tags, volume_configurations;
  bool enable_managed_tags = false, no_enable_managed_tags = false;
  bool enable_execute_command = false, no_enable_execute_command = false;
  bool prints_skeleton = false;
  // RunTask only.
  std::optional<std::string> count, launch_type, platform_version, client_token;
  std::vector<std::string> placement_constraints, placement_strategy, capacity_provider_strategy;
  bool has_service_defaults = false;
  // StartTask only.
  std::vector<std::string> container_instances;
  // explain only.
  std::optional<std::string> why_here_max;
};

void add_request_flags(Command& command, RequestVerb verb, RequestFlags& flags);

// Refuses the global flags of AWS CLI that Berth cannot honour; takes those that change nothing here.
void add_global_flags(Command& command);

}  // namespace berth::cli
