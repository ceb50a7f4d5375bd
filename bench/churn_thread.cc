#include "bench/churn_thread.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

namespace berth::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Calls body(index) on a thread of its own for each, the calling one for the first.
void at_once(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::thread> others;
  for (std::size_t index = 1; index < count; ++index) {
    others.emplace_back(body, index);
  }
  body(0);
  for (std::thread& other : others) {
    other.join();
  }
}

}  // namespace

ChurnThread::ChurnThread(cluster::Cluster& cluster, const Classes& classes, std::uint64_t seed)
    : worker_(*cluster.attach()), classes_(classes), seed_(seed) {}

std::uint64_t ChurnThread::run(std::uint64_t turns, workloads::LatencyRecorder& latencies) {
  std::uint64_t placed_count = 0;
  const auto class_count = static_cast<std::uint32_t>(classes_.size());
  for (const std::uint64_t end = turn_ + turns; turn_ < end; ++turn_) {
    const workloads::Operation place = workloads::churn_operation(seed_, 2 * turn_, class_count);
    const workloads::Operation stop = workloads::churn_operation(seed_, 2 * turn_ + 1, class_count);
    cluster::Placed placed;
    std::uint32_t count = 0;
    const Clock::time_point begin = Clock::now();
    const Outcome outcome =
        worker_.place(*classes_[place.class_index], {.seed = place.draw, .id_base = place.draw, .first_task = 0}, {&placed, 1}, count);
    latencies.record(static_cast<std::uint64_t>((Clock::now() - begin).count()));
    if (!outcome.ok() || count == 0) {
      ++refused_;
      continue;
    }
    ++placed_count;
    const auto picked = static_cast<std::size_t>(workloads::pick_of(stop.pick, tasks_.size()));
    const cluster::TaskHandle stopped = tasks_[picked];
    tasks_[picked] = placed.task;
    worker_.release(stopped);
  }
  return placed_count;
}

void ChurnThread::meet_classes() {
  for (const auto& request_class : classes_) {
    cluster::Placed placed;
    std::uint32_t count = 0;
    const std::uint64_t draw = draw64(seed_, turn_++, 2);
    const Outcome outcome = worker_.place(*request_class, {.seed = draw, .id_base = draw, .first_task = 0}, {&placed, 1}, count);
    if (outcome.ok() && count == 1) {
      worker_.release(placed.task);
    }
  }
}

void share_tasks(cluster::Cluster& cluster, std::span<const std::unique_ptr<ChurnThread>> threads) {
  std::vector<cluster::TaskHandle> here;
  const std::uint32_t instances = cluster.inventory().base_count();
  for (std::uint32_t instance = 0; instance < instances; ++instance) {
    ChurnThread& owner = *threads[instance % threads.size()];
    owner.worker().tasks_of(cluster.slot_of(instance), here);
    owner.tasks().insert(owner.tasks().end(), here.begin(), here.end());
  }
}

void meet_classes(std::span<const std::unique_ptr<ChurnThread>> threads) {
  at_once(threads.size(), [&](std::size_t index) { threads[index]->meet_classes(); });
}

void warm_up(cluster::Cluster& cluster, std::span<const std::unique_ptr<ChurnThread>> threads, std::uint64_t turns) {
  const Clock::time_point begin = Clock::now();
  bool is_cold = true;
  for (std::uint32_t round = 0; is_cold && round < kWarmRoundsMax; ++round) {
    if (std::chrono::duration<double>(Clock::now() - begin).count() >= kWarmSecondsMax) {
      break;
    }
    const std::uint64_t before = cluster.inventory().cold_work.load(std::memory_order_relaxed);
    run_at_once(threads, turns);
    is_cold = cluster.inventory().cold_work.load(std::memory_order_relaxed) != before;
  }
}

ChurnRun run_at_once(std::span<const std::unique_ptr<ChurnThread>> threads, std::uint64_t turns) {
  std::vector<workloads::LatencyRecorder> latencies(threads.size());
  std::vector<std::uint64_t> placed(threads.size());
  const Clock::time_point begin = Clock::now();
  at_once(threads.size(), [&](std::size_t index) { placed[index] = threads[index]->run(turns, latencies[index]); });
  ChurnRun run;
  run.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  for (std::size_t index = 0; index < threads.size(); ++index) {
    run.placed += placed[index];
    run.latencies.merge(latencies[index]);
  }
  return run;
}

}  // namespace berth::bench
