#include "tests/unit/service/naive_replay.h"

#include <algorithm>

#include "engine/base/rng.h"

namespace berth::service::test {
namespace {

struct Running {
  std::uint32_t task;
  std::uint32_t instance;
  std::vector<std::size_t> gpus;
};

class Naive {
 public:
  Naive(placement::test::Fleet fleet, const Trace& trace, const ReplayOptions& options)
      : fleet_(std::move(fleet)), trace_(trace), options_(options) {
    begin_ = fleet_;
  }

  NaiveReplay run() {
    for (std::uint32_t task = 0; task < trace_.tasks.size(); ++task) {
      depart_until(trace_.tasks[task].arrival_ms);
      arrive(task);
      // A task that departs when it arrives stays for no time at all.
      depart_until(trace_.tasks[task].arrival_ms);
      note();
    }
    return result_;
  }

 private:
  [[nodiscard]] const TraceClass& what(std::uint32_t task) const { return trace_.classes[trace_.tasks[task].task_class]; }

  void depart_until(std::int64_t moment_ms) {
    // Who leaves first is first; of several at once, who came first.
    std::sort(running_.begin(), running_.end(), [&](const Running& a, const Running& b) {
      const std::int64_t first = trace_.tasks[a.task].departure_ms;
      const std::int64_t second = trace_.tasks[b.task].departure_ms;
      return first != second ? first < second : a.task < b.task;
    });
    while (!running_.empty() && trace_.tasks[running_.front().task].departure_ms <= moment_ms) {
      const Running gone = running_.front();
      running_.erase(running_.begin());
      placement::test::ModelInstance& instance = fleet_[gone.instance];
      instance.cpu += static_cast<std::int32_t>(what(gone.task).cpu_units);
      instance.memory += static_cast<std::int32_t>(what(gone.task).memory_mib);
      for (const std::size_t gpu : gone.gpus) {
        instance.gpus_free[gpu] = true;
      }
      const auto same = std::find_if(instance.tasks.begin(), instance.tasks.end(), [&](const placement::test::ModelTask& task) {
        return task.group == what(gone.task).group && task.desired == TaskStatus::kRunning;
      });
      instance.tasks.erase(same);
    }
  }

  void arrive(std::uint32_t task) {
    placement::Request request;
    request.demand.cpu_units = what(task).cpu_units;
    request.demand.memory_mib = what(task).memory_mib;
    request.demand.gpu_count = what(task).gpu_count;
    request.group = what(task).group;
    request.strategies = options_.strategies;
    request.member_of = options_.member_of;
    request.distinct_instance = options_.distinct_instance;
    if (what(task).program != nullptr) {
      request.member_of.push_back({what(task).program, "trace"});
    }
    request.seed = draw64(options_.seed, task, 0);
    const placement::Decision decision = placement::test::decide_on(placement::test::build(fleet_), request);
    if (!decision.placed.empty()) {
      take(task, decision.placed.front().instance);
      return;
    }
    std::size_t most = static_cast<std::size_t>(placement::Reason::kInactive);
    for (std::size_t reason = 0; reason < decision.lost.size(); ++reason) {
      most = decision.lost.at(reason) > decision.lost.at(most) ? reason : most;
    }
    result_.fates.push_back({kNoId, static_cast<placement::Reason>(most)});
  }

  void take(std::uint32_t task, std::uint32_t index) {
    placement::test::ModelInstance& instance = fleet_[index];
    instance.cpu -= static_cast<std::int32_t>(what(task).cpu_units);
    instance.memory -= static_cast<std::int32_t>(what(task).memory_mib);
    Running running{task, index, {}};
    for (std::size_t gpu = 0; gpu < instance.gpus_free.size() && running.gpus.size() < what(task).gpu_count; ++gpu) {
      if (instance.gpus_free[gpu]) {
        instance.gpus_free[gpu] = false;
        running.gpus.push_back(gpu);
      }
    }
    instance.tasks.push_back({.group = what(task).group});
    running_.push_back(running);
    result_.fates.push_back({index, placement::Reason::kNone});
  }

  static Amounts free_of(const placement::test::ModelInstance& instance) {
    return {instance.cpu, instance.memory, std::count(instance.gpus_free.begin(), instance.gpus_free.end(), true)};
  }

  // The definitions of README.md, summed up task by task of the trace.
  void note() {
    NaiveReplay::Moment moment;
    for (std::size_t i = 0; i < fleet_.size(); ++i) {
      if (fleet_[i].status != InstanceStatus::kActive) {
        continue;
      }
      const Amounts free = free_of(fleet_[i]);
      moment.instances_in_use += fleet_[i].tasks.empty() ? 0U : 1U;
      for (std::size_t r = 0; r < kResourceCount; ++r) {
        moment.used.at(r) += free_of(begin_[i]).at(r) - free.at(r);
        std::int64_t asking = 0;
        std::int64_t unfit = 0;
        for (const TraceTask& task : trace_.tasks) {
          const TraceClass& each = trace_.classes[task.task_class];
          const Amounts demand = {each.cpu_units, each.memory_mib, std::int64_t{each.gpu_count}};
          asking += demand.at(r) > 0 ? 1 : 0;
          unfit += demand.at(r) > 0 && (demand[0] > free[0] || demand[1] > free[1] || demand[2] > free[2]) ? 1 : 0;
        }
        if (asking > 0) {
          moment.fragmented.at(r) +=
              static_cast<double>(std::max<std::int64_t>(0, free.at(r))) * static_cast<double>(unfit) / static_cast<double>(asking);
        }
      }
    }
    result_.moments.push_back(moment);
  }

  placement::test::Fleet fleet_;
  placement::test::Fleet begin_;
  const Trace& trace_;
  const ReplayOptions& options_;
  std::vector<Running> running_;
  NaiveReplay result_;
};

}  // namespace

NaiveReplay replay_naively(const placement::test::Fleet& fleet, const Trace& trace, const ReplayOptions& options) {
  return Naive(fleet, trace, options).run();
}

}  // namespace berth::service::test
