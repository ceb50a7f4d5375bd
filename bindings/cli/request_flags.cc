#include "bindings/cli/request_flags.h"

#include <array>
#include <utility>

namespace berth::cli {
namespace {

constexpr std::string_view kCallsNoApi = "Berth decides on this machine and calls no AWS API; leave it out";
constexpr std::string_view kNotInStartTask = "the StartTask API has no such parameter; use run-task, or leave it out";

void add_what_to_run(Command& command, RequestVerb verb, RequestFlags& flags) {
  command.group("What to run (as in AWS CLI)");
  command.add(
      {.names = "--task-definition",
       .value = "TD",
       .description = "The task definition itself, as describe-task-definition prints it or register-task-definition takes it: a path, "
                      "file://PATH, - for standard input, or JSON",
       .need = FlagText::Need::kConditional,
       .reads_file = true},
      flags.task_definition);
  if (verb == RequestVerb::kStartTask) {
    command.add({.names = "--container-instances",
                 .value = "ID",
                 .description = "Where to start it: ids or ARNs of container instances, at most 10; each gets one task",
                 .need = FlagText::Need::kConditional},
                flags.container_instances);
  } else {
    command.add({.names = "--count", .value = "N", .description = "How many tasks, 1 to 100000 (default 1)"}, flags.count);
  }
  command.add(
      {.names = "--group", .value = "NAME", .description = "The tasks' group (default family:FAMILY); service:NAME places like a service"},
      flags.group);
  command.add(
      {.names = "--overrides", .value = "OVERRIDES", .description = "cpu, memory and container overrides: JSON, file://PATH or shorthand"},
      flags.overrides);
  command.add({.names = "--network-configuration",
               .value = "NETWORK",
               .description = "For network mode awsvpc: JSON, or awsvpcConfiguration={subnets=[subnet-1,subnet-2],securityGroups=[sg-1]}"},
              flags.network_configuration);
  command.add(
      {.names = "--cluster", .value = "NAME", .description = "Name or ARN: only instances of this cluster (default: all in the file)"},
      flags.cluster);
  command.add({.names = "--cli-input-json",
               .value = "REQUEST",
               .description = "The whole request as JSON, a path or file://PATH; the flags given beside it replace its members",
               .reads_file = true},
              flags.cli_input_json);
  command.add({.names = "--generate-cli-skeleton", .value = "", .description = "Print an empty request for --cli-input-json and exit"},
              flags.prints_skeleton);
}

void add_where_to_run(Command& command, RequestFlags& flags) {
  command.group("Where to run it (as in AWS CLI)");
  command.add(
      {.names = "--placement-constraints",
       .value = "CONSTRAINT",
       .description = "type=distinctInstance, or type=memberOf,expression=\"...\", or a JSON list; with those of the task definition at "
                      "most 10"},
      flags.placement_constraints);
  command.add(
      {.names = "--placement-strategy",
       .value = "STRATEGY",
       .description = "type=spread,field=attribute:ecs.availability-zone, type=binpack,field=memory, type=random, or a JSON list; at "
                      "most 5, applied in order (default random; for services: spread over zones, then over instances)"},
      flags.placement_strategy);
  command.add({.names = "--launch-type", .value = "TYPE", .description = "EC2, FARGATE or EXTERNAL (default EC2)"}, flags.launch_type);
  command.add({.names = "--capacity-provider-strategy",
               .value = "PROVIDER",
               .description = "capacityProvider=NAME,weight=N,base=N, or a JSON list; not together with --launch-type"},
              flags.capacity_provider_strategy);
  command.add({.names = "--platform-version",
               .value = "VERSION",
               .description = "Fargate's platform version (default LATEST); tasks on instances have none"},
              flags.platform_version);
}

void add_carried(Command& command, RequestVerb verb, RequestFlags& flags) {
  command.group("Carried into the answer's tasks (as in AWS CLI; no bearing on placement)");
  command.add({.names = "--started-by", .value = "TEXT", .description = "At most 128 characters"}, flags.started_by);
  command.add({.names = "--tags", .value = "TAG", .description = "key=NAME,value=TEXT, or a JSON list"}, flags.tags);
  command.add({.names = "--propagate-tags", .value = "FROM", .description = "TASK_DEFINITION, SERVICE or NONE"}, flags.propagate_tags);
  command.add(
      {.names = "--enable-ecs-managed-tags", .value = "", .description = "Tag the tasks with the names of their cluster and service"},
      flags.enable_managed_tags);
  command.add({.names = "--no-enable-ecs-managed-tags", .value = "", .description = "Do not (the default)"}, flags.no_enable_managed_tags);
  command.add({.names = "--enable-execute-command", .value = "", .description = "Allow commands to be run in the containers"},
              flags.enable_execute_command);
  command.add({.names = "--no-enable-execute-command", .value = "", .description = "Do not (the default)"},
              flags.no_enable_execute_command);
  command.group("Checked as ECS checks them (as in AWS CLI; tasks in an answer do not show them)");
  command.add({.names = "--reference-id", .value = "TEXT", .description = "At most 1024 characters"}, flags.reference_id);
  if (verb != RequestVerb::kStartTask) {
    command.add(
        {.names = "--client-token", .value = "TEXT", .description = "At most 64 characters; a decision has no side effect to protect"},
        flags.client_token);
  }
  command.add({.names = "--volume-configurations", .value = "VOLUME", .description = "name=NAME,managedEBSVolume={...}, or a JSON list"},
              flags.volume_configurations);
}

void add_own(Command& command, RequestVerb verb, RequestFlags& flags) {
  command.group("Berth's own");
  command.add({.names = "--seed",
               .value = "N",
               .description = "0 to 2^64-1: the same seed, inventory and request give the same decision (default: a fresh one, reported)"},
              flags.seed);
  command.add({.names = "--now", .value = "TIME", .description = "createdAt of the tasks: ISO 8601 or Unix seconds (default: now)"},
              flags.now);
  command.add({.names = "--subnets",
               .value = "SUBNET=ZONE[,VPC]",
               .description = "Zones (and VPCs) of subnets that the inventory does not know, such as subnet-1=us-east-1a,vpc-1"},
              flags.subnets);
  command.add(
      {.names = "--resource",
       .value = "NAME=AMOUNT",
       .description = "What each task takes of a resource of your own that the inventory holds, such as licence=1; at most 8 names"},
      flags.resources);
  if (verb != RequestVerb::kStartTask) {
    command.add({.names = "--service", .value = "", .description = "Take the service's default strategy when none is named"},
                flags.has_service_defaults);
  }
  command.add({.names = "--max-failures", .value = "N", .description = "List at most so many failures (default 5000)"}, flags.failures_max);
  if (verb == RequestVerb::kExplain) {
    command.add({.names = "--max-why-here", .value = "N", .description = "Explain so many of the tasks that were placed (default 1)"},
                flags.why_here_max);
  }
}

}  // namespace

void add_request_flags(Command& command, RequestVerb verb, RequestFlags& flags) {
  add_what_to_run(command, verb, flags);
  if (verb == RequestVerb::kStartTask) {
    for (const std::string_view name : {"--count", "--launch-type", "--placement-constraints", "--placement-strategy",
                                        "--capacity-provider-strategy", "--platform-version", "--client-token"}) {
      command.refuse(name, kNotInStartTask);
    }
  } else {
    add_where_to_run(command, flags);
    command.refuse("--container-instances", "RunTask chooses the instances itself; use start-task to name them");
  }
  add_own(command, verb, flags);
  add_carried(command, verb, flags);
  command.refuse("--cli-input-yaml", "Berth reads JSON; use --cli-input-json");
}

void add_global_flags(Command& command) {
  for (const std::string_view name : {"--region", "--profile", "--endpoint-url", "--ca-bundle", "--no-verify-ssl", "--no-sign-request",
                                      "--cli-read-timeout", "--cli-connect-timeout", "--cli-auto-prompt"}) {
    command.refuse(name, kCallsNoApi);
  }
  for (const std::string_view name : {"--max-items", "--page-size", "--starting-token", "--max-results", "--next-token"}) {
    command.refuse(name, "Berth's answers are never cut into pages; leave it out");
  }
  command.refuse("--query", "Berth prints the whole answer; select from its JSON with jq");
  command.refuse("--debug", "Berth keeps no log; leave it out");
  command.refuse("--color", "Berth prints no colours; leave it out");
  command.refuse("--cli-binary-format", "no parameter of these verbs is binary; leave it out");
  command.ignore("--no-cli-pager");
  command.ignore("--no-cli-auto-prompt");
  command.ignore("--no-paginate");
}

}  // namespace berth::cli
