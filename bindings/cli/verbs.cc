#include "bindings/cli/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "berth/berth.h"
#include "bindings/cli/files.h"
#include "bindings/cli/nearest.h"

namespace berth::cli {
namespace {

struct Verb {
  std::string_view name;
  std::string_view purpose;
  ExitCode (*run)(const Arguments& arguments);
};

constexpr std::array<Verb, 10> kVerbs = {{
    {"import", "make a snapshot of what describe-container-instances and describe-tasks print", run_import},
    {"generate", "make a snapshot of a realistic fleet", run_generate},
    {"inspect", "summarise a snapshot", run_inspect},
    {"list-container-instances", "list instances, filtered by the cluster query language", run_list_container_instances},
    {"describe-container-instances", "show instances as ECS would", run_describe_container_instances},
    {"run-task", "decide where tasks run, or why they cannot", run_run_task},
    {"start-task", "decide whether tasks can start on the instances that you name", run_start_task},
    {"explain", "why a task is not placed and what would have to change, or why it is placed here", run_explain},
    {"simulate", "replay a trace of tasks that arrive and depart: utilization, refusals and fragmentation over time", run_simulate},
    {"check-expression", "check an expression, and count what each of its terms selects", run_check_expression},
}};

std::string overview() {
  std::string text =
      "berth answers as Amazon ECS would: where does this task run, and if it does not, why not?\n\n"
      "Usage: berth VERB [FLAGS]\n\nVerbs:\n";
  for (const Verb& verb : kVerbs) {
    text += fmt::format("  {:<30}{}\n", verb.name, verb.purpose);
  }
  text +=
      "\nberth VERB --help lists the verb's flags; flags and shapes are those of `aws ecs`.\n"
      "berth --version prints the version.\n\n"
      "Exit codes: 0 decided (even if nothing fitted), 2 bad input (one line says what and where), 1 anything else.\n\n"
      "Examples:\n"
      "  aws ecs describe-container-instances --container-instances $(...) | berth import -o fleet.berth -\n"
      "  berth generate -o fleet.berth --instances 5000\n"
      "  berth run-task -s fleet.berth --task-definition web.json --count 4\n";
  return text;
}

ExitCode fail_unknown(const std::string& name) {
  std::array<std::string_view, kVerbs.size()> names;
  std::transform(kVerbs.begin(), kVerbs.end(), names.begin(), [](const Verb& verb) { return verb.name; });
  const auto near = nearest(name, names);
  const std::string_view what = name.starts_with('-') ? "flag" : "verb";
  throw Failure(near ? fmt::format("unknown {} '{}', did you mean {}?", what, name, *near)
                     : fmt::format("unknown {} '{}'; berth --help lists the verbs", what, name));
}

}  // namespace

ExitCode run(const Arguments& arguments) {
  if (arguments.empty()) {
    throw Failure("a verb is missing; berth --help lists them");
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || (name == "help" && arguments.size() == 1)) {
    write_standard_output(overview());
    return kExitDecided;
  }
  if (name == "--version") {
    write_standard_output(fmt::format("berth {}\n{}\n", berth_version_string(), berth_build_info()));
    return kExitDecided;
  }
  if (name == "help") {
    return run({arguments[1], "--help"});
  }
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) {
      return verb.run(Arguments(arguments.begin() + 1, arguments.end()));
    }
  }
  return fail_unknown(name);
}

}  // namespace berth::cli
