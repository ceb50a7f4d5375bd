// simulate: replays a trace on a fleet.

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/cli/call.h"
#include "bindings/cli/chart.h"
#include "bindings/cli/chart_axis.h"
#include "bindings/cli/command.h"
#include "bindings/cli/files.h"
#include "bindings/cli/hints.h"
#include "bindings/cli/json_parameter.h"
#include "bindings/cli/output_file.h"
#include "bindings/cli/progress_line.h"
#include "bindings/cli/request_flags.h"
#include "bindings/cli/shorthand_types.h"
#include "bindings/cli/steps_table.h"
#include "bindings/cli/verbs.h"

namespace berth::cli {
namespace {

struct SimulateFlags {
  std::optional<std::string> snapshot, trace, output, chart, until, step, compress, inflate, order, seed, format;
  std::vector<std::string> placement_constraints, placement_strategy;
  bool has_no_departures = false;
};

void add_flags(Command& command, SimulateFlags& flags) {
  command.add({.names = "-s,--snapshot",
               .value = "FILE",
               .description = "The fleet; - is standard input",
               .need = FlagText::Need::kRequired,
               .reads_file = true},
              flags.snapshot);
  command.add(
      {.names = "--trace",
       .value = "CSV",
       .description = "A task to a line, below a header: arrival, departure (seconds; empty: stays), cpu, memory (units, MiB), and if "
                      "wanted gpus, group, count, name, memberOf; or a pod list of Alibaba's openb. - is standard input",
       .need = FlagText::Need::kRequired,
       .reads_file = true},
      flags.trace);
  command.group("What to write");
  command.add({.names = "-o", .value = "CSV", .description = "A row for each step: placed, refused by reason, utilization, fragmentation"},
              flags.output);
  command.add({.names = "--chart", .value = "SVG", .description = "The same as a chart"}, flags.chart);
  command.add({.names = "--output", .value = "FORMAT", .description = "Of the summary on standard output: json (default) or table"},
              flags.format);
  command.group("How to place");
  command.add({.names = "--placement-strategy",
               .value = "STRATEGY",
               .description = "As in run-task, for every task: type=binpack,field=memory (default random)"},
              flags.placement_strategy);
  command.add({.names = "--placement-constraints",
               .value = "CONSTRAINT",
               .description = "As in run-task, for every task, besides the trace's own memberOf"},
              flags.placement_constraints);
  command.add({.names = "--seed",
               .value = "N",
               .description = "0 to 2^64-1: the same seed, fleet and trace give the same replay (default: a fresh one, reported)"},
              flags.seed);
  command.group("In time");
  command.add({.names = "--until", .value = "SECONDS", .description = "Leave out what comes later"}, flags.until);
  command.add({.names = "--step", .value = "SECONDS", .description = "Length of a step (default: some 200 steps in all)"}, flags.step);
  command.add({.names = "--compress",
               .value = "N",
               .description = "Arrivals follow each other N times as fast, tasks stay as long as they did: more run at once"},
              flags.compress);
  command.add({.names = "--no-departures", .value = "", .description = "Tasks stay for good"}, flags.has_no_departures);
  command.group("Inflation: how much fits");
  command.add(
      {.names = "--inflate",
       .value = "FACTOR",
       .description = "Instead of the trace's times, its tasks arrive until they demand so much of the fleet (1.3: 130 % of its GPUs, "
                      "or of CPU or memory where no GPU is asked for), again and again if need be, and stay"},
      flags.inflate);
  command.add({.names = "--order",
               .value = "ORDER",
               .description = "random (default, by the seed), given (as in the trace), or largest (the largest tasks first)"},
              flags.order);
}

double read_number(std::string_view flag, const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    throw Failure(fmt::format("{}: expected a number, found '{}'", flag, text));
  }
  return number;
}

struct SimulateRequest {
  Json json = Json::object();
  Origins origins;
};

SimulateRequest compose(const SimulateFlags& flags) {
  SimulateRequest request;
  const auto set = [&](const char* member, const char* flag, Json value) {
    request.json[member] = std::move(value);
    request.origins[member] = flag;
  };
  const auto set_number = [&](const char* member, const char* flag, const std::optional<std::string>& value) {
    if (value.has_value()) {
      set(member, flag, read_number(flag, *value));
    }
  };
  if (!flags.placement_strategy.empty()) {
    constexpr const char* kFlag = "--placement-strategy";
    set("placementStrategy", kFlag, structures_parameter(kFlag, flags.placement_strategy, kPlacementStrategyTypes));
  }
  if (!flags.placement_constraints.empty()) {
    constexpr const char* kFlag = "--placement-constraints";
    set("placementConstraints", kFlag, structures_parameter(kFlag, flags.placement_constraints, kPlacementConstraintTypes));
  }
  set_number("until", "--until", flags.until);
  set_number("step", "--step", flags.step);
  set_number("compress", "--compress", flags.compress);
  set_number("inflate", "--inflate", flags.inflate);
  if (flags.has_no_departures) {
    set("departures", "--no-departures", false);
  }
  if (flags.order.has_value()) {
    set("order", "--order", *flags.order);
  }
  if (flags.seed.has_value()) {
    set("seed", "--seed", read_unsigned_integer("--seed", *flags.seed));
  }
  return request;
}

// Errors about the trace name its file.
void require_simulated(berth_status status, berth_error* error, const std::string& trace_path, const SimulateRequest& request) {
  constexpr std::string_view kTraceSource = "trace";
  size_t length = 0;
  const char* source = berth_error_source(error, &length);
  if (status == BERTH_OK || std::string_view(source, length) != kTraceSource) {
    return require_ok(status, error, {.origins = &request.origins});
  }
  const ErrorHandle held(error);
  const std::string message = describe_error(error, {}).substr(kTraceSource.size());
  throw Failure((trace_path == kStandardInput ? "standard input" : trace_path) + message, exit_code_of(status));
}

// The trace, unpacked, as text; a file of another kind is refused by what it is.
std::string read_trace(const std::string& path) {
  std::string text = read_file(path);
  const std::string advice = misplaced_file(text, FileKind::kRequest);
  if (!advice.empty()) {
    throw Failure(fmt::format("{}: {}", path == kStandardInput ? "standard input" : path, advice));
  }
  return text;
}

std::string name_of_path(const std::string& path) {
  return path == kStandardInput ? "standard input" : path.substr(path.rfind('/') + 1);
}

void write_chart(const SimulateFlags& flags, std::string_view steps) {
  const StepsTable table(steps);
  const auto sum = [&](std::string_view name) {
    const std::vector<double> counts = table.column(name);
    return written_number(std::accumulate(counts.begin(), counts.end(), 0.0));
  };
  const std::string title = fmt::format("{} on {}", name_of_path(local_path(*flags.trace)), name_of_path(local_path(*flags.snapshot)));
  const std::string subtitle = fmt::format("Tasks: {} arrived, {} placed, {} refused", sum("arrived"), sum("placed"), sum("refused"));
  write_text_file(*flags.chart, draw_chart(table, title, subtitle));
}

void hint_unknown_attributes_of(berth_engine* engine, berth_snapshot* snapshot, const Json& request) {
  std::vector<std::string> expressions;
  for (const Json& constraint : request.value("placementConstraints", Json::array())) {
    if (constraint.is_object() && constraint.contains("expression") && constraint["expression"].is_string()) {
      expressions.push_back(constraint["expression"].get<std::string>());
    }
  }
  hint_unknown_attributes(engine, snapshot, expressions);
}

}  // namespace

ExitCode run_simulate(const Arguments& arguments) {
  SimulateFlags flags;
  Command command("simulate",
                  "Replay a trace: tasks arrive and depart over time, each is placed where run-task would place it at that moment, or "
                  "refused for good. Says how much was used, what was refused for which reason, and what was free but fragmented: where "
                  "no typical task fits.",
                  "berth simulate -s fleet.berth --trace pods.csv -o steps.csv --chart chart.svg --output table\n"
                  "berth simulate -s gpus.berth --trace openb_pod_list_default.csv --inflate 1.3 --placement-strategy "
                  "type=binpack,field=cpu --seed 1");
  add_flags(command, flags);
  add_global_flags(command);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  const berth_format format = read_format("simulate", flags.format.value_or("json"));
  for (const auto& [flag, path, what] : {std::tuple("-o", &flags.output, "the steps"), std::tuple("--chart", &flags.chart, "the chart")}) {
    if (path->has_value()) {
      require_text_place("simulate", flag, **path, what);
    }
  }
  const SimulateRequest request = compose(flags);
  const std::string request_text = request.json.dump();
  const std::string trace_path = local_path(*flags.trace);

  const EngineHandle engine = make_engine();
  ProgressLine progress(engine.get());
  progress.step("reading files");
  const SnapshotHandle snapshot = read_snapshot(engine.get(), *flags.snapshot);
  const std::string trace = read_trace(trace_path);
  berth_document* made = nullptr;
  berth_document* made_steps = nullptr;
  berth_error* error = nullptr;
  const berth_status status = berth_snapshot_simulate(engine.get(), snapshot.get(), trace.data(), trace.size(), request_text.data(),
                                                      request_text.size(), format, &made, &made_steps, &error);
  const DocumentHandle answer(made);
  const DocumentHandle steps(made_steps);
  require_simulated(status, error, trace_path, request);
  progress.step("writing");
  if (flags.output.has_value()) {
    write_text_file(*flags.output, text_of(steps));
  }
  if (flags.chart.has_value()) {
    write_chart(flags, text_of(steps));
  }
  progress.finish();
  write_standard_output(text_of(answer));
  hint_unknown_attributes_of(engine.get(), snapshot.get(), request.json);
  return kExitDecided;
}

}  // namespace berth::cli
