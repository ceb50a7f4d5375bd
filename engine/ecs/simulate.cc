// simulate: a request in JSON, the replay of a trace, and the request's answer.

#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "engine/ecs/documents.h"
#include "engine/ecs/json.h"
#include "engine/ecs/request.h"
#include "engine/ecs/request_members.h"
#include "engine/ecs/request_shapes.h"
#include "engine/ecs/run_task.h"
#include "engine/ecs/simulate_text.h"
#include "engine/service/replay.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kTraceSource = "trace";
constexpr double kSecondsMax = 1e12;
constexpr double kFactorMin = 0.001;
constexpr double kCompressMax = 1e6;
constexpr double kInflateMax = 100;

// A number within bounds, in thousandths; `absent` where the member is absent.
Result<std::int64_t> thousandths(const JsonValue& root, std::string_view name, double least, double most, std::int64_t absent) {
  constexpr double kThousand = 1000;
  const auto member = root.member(name);
  if (!member.has_value()) {
    return absent;
  }
  const Result<double> number = member->number();
  if (!number.ok()) {
    return number.error();
  }
  if (*number < least || *number > most) {
    return member->error("expected a number from " + short_number(least) + " to " + short_number(most) + ", found " +
                         short_number(*number));
  }
  return static_cast<std::int64_t>(std::llround(*number * kThousand));
}

// What is meant for the other kind of simulation.
Outcome check_kind(const JsonValue& root) {
  if (root.member("inflate").has_value()) {
    for (const std::string_view name : {"until", "step", "compress", "departures"}) {
      if (const auto member = root.member(name); member.has_value()) {
        return member->error("an inflation has no time and no departures; leave out either this or inflate");
      }
    }
    return {};
  }
  const auto order = root.member("order");
  return order.has_value() ? Outcome(order->error("tasks arrive by the trace's times; order is for inflate")) : Outcome();
}

Outcome read_numbers(const JsonValue& root, service::ReplayOptions& replay) {
  const Result<std::int64_t> compress = thousandths(root, "compress", kFactorMin, kCompressMax, service::kPermille);
  const Result<std::int64_t> until = thousandths(root, "until", 0, kSecondsMax, -1);
  const Result<std::int64_t> step = thousandths(root, "step", kFactorMin, kSecondsMax, 0);
  const Result<std::int64_t> inflate = thousandths(root, "inflate", kFactorMin, kInflateMax, 0);
  for (const Result<std::int64_t>* number : {&compress, &until, &step, &inflate}) {
    if (!number->ok()) {
      return number->error();
    }
  }
  replay.compress_permille = static_cast<std::uint32_t>(*compress);
  replay.until_ms = *until < 0 ? std::nullopt : std::optional(*until);
  replay.step_ms = *step;
  replay.inflate_permille = static_cast<std::uint32_t>(*inflate);
  return {};
}

Result<service::ReplayOptions> read_simulate(const JsonValue& root, const DocumentOptions& options) {
  if (Outcome shaped = check_shape(root, simulate_shape(), ""); !shaped.ok()) {
    return std::move(shaped).error();
  }
  if (Outcome checked = check_kind(root); !checked.ok()) {
    return std::move(checked).error();
  }
  // The rules as RunTask reads them, for tasks of a definition that has none of its own.
  TaskRequest rules(root);
  rules.definition = std::make_unique<const TaskDefinition>(root);
  if (Outcome read = read_placement_rules(root, rules); !read.ok()) {
    return std::move(read).error();
  }
  service::ReplayOptions replay;
  replay.strategies = std::move(rules.placement.strategies);
  replay.member_of = std::move(rules.placement.member_of);
  replay.distinct_instance = rules.placement.distinct_instance;
  replay.has_departures = !root.member("departures").has_value() || is_true(root, "departures");
  using Order = service::ReplayOptions::Order;
  const std::string_view order = text_of(root, "order");
  replay.order = order == "given" ? Order::kGiven : order == "largest" ? Order::kLargest : Order::kRandom;
  replay.seed = options.fresh_seed;
  replay.progress = options.progress;
  if (const auto seed = root.member("seed"); seed.has_value()) {
    const Result<std::uint64_t> number = seed->unsigned_integer();
    if (!number.ok()) {
      return number.error();
    }
    replay.seed = *number;
  }
  if (Outcome read = read_numbers(root, replay); !read.ok()) {
    return std::move(read).error();
  }
  return replay;
}

}  // namespace

Result<Simulation> simulate(const SnapshotPtr& snapshot, std::string_view trace_text, std::string_view request_json, Executor& executor,
                            const DocumentOptions& options) {
  const Result<JsonDocument> document = JsonDocument::parse(kRequestSource, request_json.empty() ? "{}" : request_json);
  if (!document.ok()) {
    return document.error();
  }
  const Result<service::ReplayOptions> replay_options = read_simulate(document->root(), options);
  if (!replay_options.ok()) {
    return replay_options.error();
  }
  if (options.progress != nullptr) {
    options.progress->begin(Phase::kReading, 0);
  }
  const Result<service::Trace> trace = service::read_trace(kTraceSource, trace_text);
  if (!trace.ok()) {
    return trace.error();
  }
  const Result<service::Replay> replay = service::replay(snapshot, *trace, *replay_options, executor);
  if (!replay.ok()) {
    return replay.error();
  }
  const SimulationText text(*replay, *trace, replay_options->seed);
  return Simulation{options.format == Format::kTable ? text.table() : text.json(), text.steps_csv()};
}

}  // namespace berth::ecs
