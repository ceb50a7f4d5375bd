// ChurnThread: one thread's share of W2: requests of random classes, and for each task placed one that ends, of its own tasks.
//
// Thread rule: one thread at a time. Lifetime: at most that of the cluster and the classes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bench/workloads/churn.h"
#include "bench/workloads/latency.h"
#include "engine/cluster/cluster.h"

namespace berth::bench {

using Classes = std::vector<std::unique_ptr<cluster::RequestClass>>;

class ChurnThread {
 public:
  ChurnThread(cluster::Cluster& cluster, const Classes& classes, std::uint64_t seed);

  cluster::Worker& worker() { return worker_; }
  // Those that it may end.
  std::vector<cluster::TaskHandle>& tasks() { return tasks_; }

  // Makes so many requests and records how long each placement took; what ends is not in it. Returns how many were placed.
  std::uint64_t run(std::uint64_t turns, workloads::LatencyRecorder& latencies);
  // Makes one request of every class, in order, and ends what that placed.
  void meet_classes();

  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  cluster::Worker worker_;
  const Classes& classes_;
  std::uint64_t seed_;
  std::uint64_t turn_ = 0;
  std::uint64_t refused_ = 0;
  std::vector<cluster::TaskHandle> tasks_;
};

// Gives every task of the fleet to one of the threads: those of instance i to thread i modulo their number.
void share_tasks(cluster::Cluster& cluster, std::span<const std::unique_ptr<ChurnThread>> threads);

// Lets every thread meet every class once, all threads at once.
void meet_classes(std::span<const std::unique_ptr<ChurnThread>> threads);

// Runs the threads at once until a round of so many turns in which nothing was done for the first time (Inventory::cold_work), but no
// more rounds and no longer than the limits say.
void warm_up(cluster::Cluster& cluster, std::span<const std::unique_ptr<ChurnThread>> threads, std::uint64_t turns);
inline constexpr std::uint32_t kWarmRoundsMax = 20;
inline constexpr double kWarmSecondsMax = 8;

// What one run of all threads at once came to.
struct ChurnRun {
  std::uint64_t placed = 0;
  double seconds = 0;
  workloads::LatencyRecorder latencies;
};
ChurnRun run_at_once(std::span<const std::unique_ptr<ChurnThread>> threads, std::uint64_t turns);

}  // namespace berth::bench
