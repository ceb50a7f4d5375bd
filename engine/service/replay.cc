#include "engine/service/replay.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <tuple>
#include <utility>

#include "engine/base/rng.h"
#include "engine/cluster/cluster.h"
#include "engine/service/arrivals.h"

namespace berth::service {
namespace {

constexpr std::int64_t kStepsDefault = 200;
constexpr std::int64_t kSecondMs = 1000;
constexpr std::uint32_t kPercentSteps = 100;  // Inflation: rows per 100 percent of the capacity.
constexpr std::uint32_t kLogCapacityMin = 1U << 10U;
constexpr std::uint32_t kLogCapacityMax = 1U << 17U;

// A class of the trace, made ready when its first task arrives.
struct LiveClass {
  std::unique_ptr<cluster::RequestClass> request;
  Amounts demand{};
  // The latest refusal, and after how many changes of the fleet it was: it holds until the next change.
  std::uint64_t refused_at = ~std::uint64_t{0};
  placement::Reason reason = placement::Reason::kNone;
};

// Sums over time of what Stock counts.
struct Integrals {
  WideSums used{};
  WideSums fragmented{};
  std::int64_t duration_ms = 0;
};

class Replayer {
 public:
  Replayer(const SnapshotPtr& snapshot, const Trace& trace, const ReplayOptions& options, Executor& executor)
      : snapshot_(snapshot),
        trace_(trace),
        options_(options),
        executor_(executor),
        stock_(*snapshot, trace),
        classes_(trace.classes.size()) {}

  Result<Replay> run(bool wants_end) {
    if (snapshot_->instance_count() == 0) {
      return Error{.code = StatusCode::kInvalidArgument, .message = "snapshot: it holds no instance to replay the trace on"};
    }
    Result<std::vector<Arrival>> arrivals = options_.inflate_permille == 0 ? arrivals_in_time(trace_, options_) : inflation();
    if (!arrivals.ok()) {
      return std::move(arrivals).error();
    }
    if (Outcome begun = begin(*arrivals); !begun.ok()) {
      return std::move(begun).error();
    }
    if (Outcome played = options_.inflate_permille == 0 ? play(*arrivals) : inflate(*arrivals); !played.ok()) {
      return std::move(played).error();
    }
    finish();
    if (wants_end) {
      Result<SnapshotPtr> end = cluster_->to_snapshot(*worker_, executor_);
      if (!end.ok()) {
        return std::move(end).error();
      }
      replay_.at_end = *std::move(end);
    }
    return std::move(replay_);
  }

 private:
  Result<std::vector<Arrival>> inflation() {
    Result<Resource> resource = inflated_resource(trace_, stock_.capacity());
    if (!resource.ok()) {
      return std::move(resource).error();
    }
    replay_.inflated = *resource;
    return arrivals_of_inflation(trace_, options_, stock_.capacity(), *resource);
  }

  Outcome begin(const std::vector<Arrival>& arrivals) {
    // A window that sleeps through half of the log scans again; a log that holds the whole trace needs no scan.
    const auto changes = static_cast<std::uint32_t>(std::min<std::size_t>(4 * arrivals.size(), kLogCapacityMax));
    cluster::ClusterOptions cluster_options;
    cluster_options.log_capacity = std::bit_ceil(std::clamp(changes, kLogCapacityMin, kLogCapacityMax));
    Result<std::unique_ptr<cluster::Cluster>> cluster = cluster::Cluster::from_snapshot(snapshot_, cluster_options);
    if (!cluster.ok()) {
      return std::move(cluster).error();
    }
    cluster_ = *std::move(cluster);
    Result<cluster::Worker> worker = cluster_->attach();
    if (!worker.ok()) {
      return std::move(worker).error();
    }
    worker_ = std::make_unique<cluster::Worker>(*std::move(worker));
    for (std::uint32_t instance = 0; instance < snapshot_->instance_count(); ++instance) {
      const std::uint32_t slot = cluster_->slot_of(instance);
      if (slot >= instance_of_slot_.size()) {
        instance_of_slot_.resize(std::size_t{slot} + 1, kNoId);
      }
      instance_of_slot_[slot] = instance;
    }
    replay_.capacity = stock_.capacity();
    replay_.instance_count = stock_.instance_count();
    replay_.begin_ms = arrivals.front().at_ms;
    replay_.fates.reserve(arrivals.size());
    replay_.arrivals.reserve(arrivals.size());
    handles_.resize(arrivals.size());
    now_ms_ = replay_.begin_ms;
    note_peak();
    if (options_.progress != nullptr) {
      options_.progress->begin(Phase::kReplaying, arrivals.size());
    }
    return {};
  }

  // --- In time. ---

  Outcome play(const std::vector<Arrival>& arrivals) {
    std::int64_t end_ms = arrivals.back().at_ms;
    for (const Arrival& arrival : arrivals) {
      end_ms = arrival.departs_ms == kNeverDeparts ? end_ms : std::max(end_ms, arrival.departs_ms);
    }
    end_ms = options_.until_ms.has_value() ? std::min(end_ms, *options_.until_ms) : end_ms;
    if (Outcome set = set_step(end_ms - replay_.begin_ms); !set.ok()) {
      return set;
    }
    boundary_ms_ = replay_.begin_ms;
    for (const Arrival& arrival : arrivals) {
      if (Outcome passed = pass_until(arrival.at_ms); !passed.ok()) {
        return passed;
      }
      pass_time(arrival.at_ms);
      if (Outcome arrived = arrive(arrival); !arrived.ok()) {
        return arrived;
      }
    }
    if (Outcome passed = pass_until(end_ms); !passed.ok()) {
      return passed;
    }
    close_row(end_ms);
    return {};
  }

  Outcome set_step(std::int64_t span_ms) {
    const std::int64_t even = (span_ms + kStepsDefault - 1) / kStepsDefault;
    step_ms_ = options_.step_ms != 0 ? options_.step_ms : std::max(kSecondMs, (even + kSecondMs - 1) / kSecondMs * kSecondMs);
    if (span_ms / step_ms_ >= kStepsMax) {
      return Error{.code = StatusCode::kInvalidArgument,
                   .message = "step: the trace would fill more than " + std::to_string(kStepsMax) + " rows; take steps of at least " +
                              std::to_string(span_ms / kStepsMax / kSecondMs + 1) + " seconds"};
    }
    return {};
  }

  // What happens up to a moment, that moment included, apart from arrivals at it. A row ends behind all that happens at its boundary.
  Outcome pass_until(std::int64_t at_ms) {
    for (;;) {
      const std::int64_t departure_ms = departures_.empty() ? kNeverDeparts : departures_.top().first;
      if (departure_ms <= at_ms && departure_ms <= boundary_ms_) {
        pass_time(departure_ms);
        if (Outcome departed = depart(departures_.top().second); !departed.ok()) {
          return departed;
        }
        departures_.pop();
      } else if (boundary_ms_ < at_ms) {
        close_row(boundary_ms_);
        boundary_ms_ += step_ms_;
      } else {
        return {};
      }
    }
  }

  void pass_time(std::int64_t to_ms) {
    const std::int64_t passed_ms = to_ms - now_ms_;
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      row_.used.at(r) += WideSum{stock_.used().at(r)} * passed_ms;
      row_.fragmented.at(r) += stock_.fragmented().at(r) * passed_ms;
    }
    row_.duration_ms += passed_ms;
    now_ms_ = to_ms;
  }

  void close_row(std::int64_t at_ms) {
    pass_time(at_ms);
    step_.time_ms = at_ms;
    step_.shares = shares_of(row_);
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      whole_.used.at(r) += row_.used.at(r);
      whole_.fragmented.at(r) += row_.fragmented.at(r);
    }
    whole_.duration_ms += row_.duration_ms;
    row_ = {};
    push_row();
  }

  // --- Inflation. ---

  Outcome inflate(const std::vector<Arrival>& arrivals) {
    const auto resource = static_cast<std::size_t>(*replay_.inflated);
    const WideSum capacity = stock_.capacity().at(resource);
    WideSum demanded = 0;
    std::int64_t rows = 1;
    for (const Arrival& arrival : arrivals) {
      if (Outcome arrived = arrive(arrival); !arrived.ok()) {
        return arrived;
      }
      demanded += demand_of(trace_.classes[trace_.tasks[arrival.task].task_class]).at(resource);
      if (demanded * kPercentSteps >= capacity * rows || replay_.fates.size() == arrivals.size()) {
        step_.demanded_percent = 100.0 * static_cast<double>(demanded) / static_cast<double>(capacity);
        step_.shares = shares_of({});
        rows = static_cast<std::int64_t>(demanded * kPercentSteps / capacity) + 1;
        push_row();
      }
    }
    return {};
  }

  // --- Both. ---

  Outcome arrive(const Arrival& arrival) {
    const std::uint32_t number = trace_.tasks[arrival.task].task_class;
    LiveClass& what = classes_[number];
    if (what.request == nullptr) {
      if (Outcome ready = make_ready(what, trace_.classes[number]); !ready.ok()) {
        return ready;
      }
    }
    const auto index = static_cast<std::uint32_t>(replay_.fates.size());
    replay_.arrivals.push_back(arrival.task);
    ++step_.arrived;
    if (what.refused_at != changes_) {
      std::array<cluster::Placed, 1> placed{};
      std::uint32_t count = 0;
      const cluster::PlaceOptions place = {
          .seed = draw64(options_.seed, index, 0), .id_base = draw64(options_.seed, index, 1), .first_task = 0};
      if (Outcome done = worker_->place(*what.request, place, placed, count); !done.ok()) {
        return done;
      }
      if (count == 1) {
        settle(arrival, index, placed.front(), what.demand);
        return {};
      }
      what.refused_at = changes_;
      what.reason = most_frequent(worker_->count_failures(*what.request));
    }
    ++step_.refused;
    ++step_.refusals.at(static_cast<std::size_t>(what.reason));
    replay_.fates.push_back({kNoId, what.reason});
    advance();
    return {};
  }

  void settle(const Arrival& arrival, std::uint32_t index, const cluster::Placed& placed, const Amounts& demand) {
    const std::uint32_t instance = instance_of_slot_[placed.task.slot];
    stock_.take(instance, demand);
    ++changes_;
    ++step_.placed;
    ++running_;
    handles_[index] = placed.task;
    replay_.fates.push_back({instance, placement::Reason::kNone});
    if (arrival.departs_ms != kNeverDeparts) {
      departures_.emplace(arrival.departs_ms, index);
    }
    note_peak();
    advance();
  }

  Outcome depart(std::uint32_t index) {
    if (const StatusCode status = worker_->release(handles_[index]); status != StatusCode::kOk) {
      return Error{.code = status, .message = "replay: a task that was placed could not be released"};
    }
    const std::uint32_t number = trace_.tasks[replay_.arrivals[index]].task_class;
    stock_.give_back(replay_.fates[index].instance, classes_[number].demand);
    ++changes_;
    ++step_.departed;
    --running_;
    return {};
  }

  Outcome make_ready(LiveClass& what, const TraceClass& from) {
    placement::Request request;
    request.demand.cpu_units = from.cpu_units;
    request.demand.memory_mib = from.memory_mib;
    request.demand.gpu_count = from.gpu_count;
    request.group = from.group;
    request.distinct_instance = options_.distinct_instance;
    request.member_of = options_.member_of;
    if (from.program != nullptr) {
      request.member_of.push_back({from.program, "trace"});
    }
    request.strategies = options_.strategies;
    Result<std::unique_ptr<cluster::RequestClass>> prepared = cluster_->prepare(request, executor_);
    if (!prepared.ok()) {
      return std::move(prepared).error();
    }
    what.request = *std::move(prepared);
    what.demand = demand_of(from);
    return {};
  }

  // The reason that most instances give first; of equals the earlier check.
  static placement::Reason most_frequent(Refusals lost) {
    lost.at(static_cast<std::size_t>(placement::Reason::kNone)) = 0;
    const auto most = std::max_element(lost.begin(), lost.end());
    return *most == 0 ? placement::Reason::kInactive : static_cast<placement::Reason>(most - lost.begin());
  }

  // The means of what was summed, or how things stand where no time has passed.
  [[nodiscard]] Shares shares_of(const Integrals& sums) const {
    Shares shares;
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      const auto capacity = static_cast<double>(stock_.capacity().at(r));
      const bool is_moment = sums.duration_ms == 0;
      const WideSum used = is_moment ? WideSum{stock_.used().at(r)} : sums.used.at(r);
      const WideSum fragmented = is_moment ? stock_.fragmented().at(r) : sums.fragmented.at(r);
      const double whole = capacity * (is_moment ? 1.0 : static_cast<double>(sums.duration_ms));
      const auto mix = static_cast<double>(stock_.mix_tasks().at(r));
      shares.used.at(r) = whole > 0 ? 100.0 * static_cast<double>(used) / whole : 0.0;
      shares.fragmented.at(r) = whole > 0 && mix > 0 ? 100.0 * static_cast<double>(fragmented) / mix / whole : 0.0;
    }
    return shares;
  }

  void note_peak() {
    replay_.running_max = std::max(replay_.running_max, running_);
    const Shares shares = shares_of({});
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      replay_.peak_used.at(r) = std::max(replay_.peak_used.at(r), shares.used.at(r));
    }
  }

  void push_row() {
    step_.running = running_;
    step_.instances_in_use = stock_.instances_in_use();
    replay_.steps.push_back(step_);
    step_ = {};
  }

  void finish() {
    Step& total = replay_.total;
    for (const Step& step : replay_.steps) {
      total.arrived += step.arrived;
      total.placed += step.placed;
      total.refused += step.refused;
      total.departed += step.departed;
      std::transform(total.refusals.begin(), total.refusals.end(), step.refusals.begin(), total.refusals.begin(), std::plus<>());
    }
    const Step& last = replay_.steps.back();
    total.time_ms = last.time_ms;
    total.demanded_percent = last.demanded_percent;
    total.running = last.running;
    total.instances_in_use = last.instances_in_use;
    total.shares = shares_of(whole_);
  }

  void advance() {
    if (options_.progress != nullptr) {
      options_.progress->advance();
    }
  }

  // By moment, then by arrival.
  using Departure = std::pair<std::int64_t, std::uint32_t>;

  const SnapshotPtr& snapshot_;
  const Trace& trace_;
  const ReplayOptions& options_;
  Executor& executor_;
  Stock stock_;
  // Classes and workers end before their cluster.
  std::unique_ptr<cluster::Cluster> cluster_;
  std::unique_ptr<cluster::Worker> worker_;
  std::vector<LiveClass> classes_;  // By class of the trace.
  std::vector<std::uint32_t> instance_of_slot_;
  std::vector<cluster::TaskHandle> handles_;  // By arrival, of those that were placed.
  std::priority_queue<Departure, std::vector<Departure>, std::greater<>> departures_;
  Replay replay_;
  Step step_;
  Integrals row_;
  Integrals whole_;
  std::int64_t step_ms_ = kSecondMs;
  std::int64_t now_ms_ = 0;
  std::int64_t boundary_ms_ = 0;
  std::uint64_t running_ = 0;
  std::uint64_t changes_ = 0;  // Placements and departures.
};

}  // namespace

Result<Replay> replay(const SnapshotPtr& snapshot, const Trace& trace, const ReplayOptions& options, Executor& executor, bool want_end) {
  return Replayer(snapshot, trace, options, executor).run(want_end);
}

}  // namespace berth::service
