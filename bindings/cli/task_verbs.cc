// run-task, start-task and explain: the verbs that decide.

#include <fmt/format.h>

#include <optional>
#include <string>

#include "bindings/cli/call.h"
#include "bindings/cli/command.h"
#include "bindings/cli/files.h"
#include "bindings/cli/hints.h"
#include "bindings/cli/progress_line.h"
#include "bindings/cli/request_flags.h"
#include "bindings/cli/request_members.h"
#include "bindings/cli/utf8.h"
#include "bindings/cli/verbs.h"

namespace berth::cli {
namespace {

struct VerbText {
  std::string_view purpose;
  std::string_view examples;
};

VerbText text_of_verb(RequestVerb verb) {
  switch (verb) {
    case RequestVerb::kRunTask:
      return {
          "Decide where tasks run, as ECS's RunTask would: each task where its constraints allow and its strategy prefers, or the reason "
          "of every instance why not. Nothing is started; -o keeps the decision.",
          "berth run-task -s fleet.berth --task-definition web.json --count 4 -o next.berth\n"
          "berth run-task -s fleet.berth --task-definition web.json --seed 1 --placement-constraints type=distinctInstance "
          "--placement-strategy type=spread,field=attribute:ecs.availability-zone type=binpack,field=memory"};
    case RequestVerb::kStartTask:
      return {
          "Decide whether a task can start on each of the container instances that you name, as ECS's StartTask would: no strategy and no "
          "request constraints, but everything that the instance must have.",
          "berth start-task -s fleet.berth --task-definition agent.json --container-instances 3f0c2a6d0a1b4c5d8e9f\n"
          "berth start-task -s fleet.berth --task-definition agent.json --container-instances ID1 ID2 -o next.berth --output table"};
    case RequestVerb::kExplain:
      break;
  }
  return {
      "Explain what run-task would decide: for tasks that fit nowhere, what each rule costs, the closest instance and the smallest changes "
      "that would help; for tasks that are placed, why here and not on the runner-up.",
      "berth explain -s fleet.berth --task-definition trainer.json --output table\n"
      "berth explain -s fleet.berth --task-definition web.json --placement-constraints "
      "'type=memberOf,expression=\"attribute:ecs.instance-type in [m5.large, m5.xlarge]\"'"};
}

berth_status decide(RequestVerb verb, berth_engine* engine, berth_snapshot* snapshot, const std::string& request, berth_format format,
                    berth_document** answer, berth_snapshot** next, berth_error** error) {
  switch (verb) {
    case RequestVerb::kRunTask:
      return berth_snapshot_run_task(engine, snapshot, request.data(), request.size(), format, answer, next, error);
    case RequestVerb::kStartTask:
      return berth_snapshot_start_task(engine, snapshot, request.data(), request.size(), format, answer, next, error);
    case RequestVerb::kExplain:
      break;
  }
  return berth_snapshot_explain(engine, snapshot, request.data(), request.size(), format, answer, error);
}

ExitCode run_verb(RequestVerb verb, const Arguments& arguments) {
  const std::string_view name = verb_name(verb);
  RequestFlags flags;
  std::optional<std::string> path, output, format;
  const VerbText text = text_of_verb(verb);
  Command command(name, text.purpose, text.examples);
  command.add({.names = "-s,--snapshot",
               .value = "FILE",
               .description = "The inventory: a snapshot that import or generate wrote; - is standard input",
               .need = FlagText::Need::kConditional,
               .reads_file = true},
              path);
  if (verb != RequestVerb::kExplain) {
    command.add({.names = "-o", .value = "FILE", .description = "Write the inventory after the decision here (may be the file of -s)"},
                output);
  } else {
    command.refuse("-o", "explain changes nothing; use run-task");
  }
  command.add({.names = "--output", .value = "FORMAT", .description = "json or table (default json)"}, format);
  add_request_flags(command, verb, flags);
  add_global_flags(command);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  if (flags.prints_skeleton) {
    write_standard_output(request_skeleton(verb));
    return kExitDecided;
  }
  if (!path.has_value()) {
    throw Failure(fmt::format("{}: -s FILE is required; berth {} --help lists its flags", name, name));
  }
  if (output.has_value()) {
    require_output_path(name, *output);
  }
  const berth_format rendered = read_format(name, format.value_or("json"));
  const ComposedRequest request = compose_request(verb, flags);

  const EngineHandle engine = make_engine();
  ProgressLine progress(engine.get());
  progress.step("loading");
  const SnapshotHandle snapshot = read_snapshot(engine.get(), *path);
  berth_document* made = nullptr;
  berth_snapshot* made_next = nullptr;
  berth_error* error = nullptr;
  const berth_status status =
      decide(verb, engine.get(), snapshot.get(), request.text, rendered, &made, output.has_value() ? &made_next : nullptr, &error);
  const DocumentHandle document(made);
  const SnapshotHandle next(made_next);
  require_ok(status, error, {.operation = operation_name(verb), .origins = &request.origins});
  if (output.has_value()) {
    progress.step("writing");
    write_snapshot(next.get(), *output);
  }
  progress.finish();
  write_standard_output(text_of(document));
  // The library gives the same snapshot back when no instance changed, as after a Fargate request.
  if (output.has_value() && next.get() == snapshot.get()) {
    write_standard_error(
        fmt::format("nothing was placed on a container instance; {} holds the inventory unchanged\n", escape_controls(*output)));
  }
  for (const std::string& hint : request.hints) {
    write_hint(hint);
  }
  if (verb == RequestVerb::kRunTask) {
    hint_unknown_attributes(engine.get(), snapshot.get(), request.expressions);
  }
  hint_instance_ids(engine.get(), snapshot.get(), request.instances);
  if (request.fresh_seed.has_value()) {
    write_standard_error(fmt::format("seed {} (pass --seed {} to repeat this decision)\n", *request.fresh_seed, *request.fresh_seed));
  }
  return kExitDecided;
}

}  // namespace

ExitCode run_run_task(const Arguments& arguments) {
  return run_verb(RequestVerb::kRunTask, arguments);
}

ExitCode run_start_task(const Arguments& arguments) {
  return run_verb(RequestVerb::kStartTask, arguments);
}

ExitCode run_explain(const Arguments& arguments) {
  return run_verb(RequestVerb::kExplain, arguments);
}

}  // namespace berth::cli
