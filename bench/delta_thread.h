// DeltaThread: W6's writer: carries the changes of a DeltaStream out on a live cluster, as what reports the world to it would: states of
// tasks, tasks that others stop and start, agents, drains, attributes, instances that leave and come.
//
// Thread rule: one thread at a time. Lifetime: at most that of the cluster and of the snapshot that it was made from.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "bench/workloads/churn.h"
#include "engine/cluster/cluster.h"

namespace berth::bench {

class DeltaThread {
 public:
  // `shapes`: of the tasks that others start, by class.
  DeltaThread(cluster::Cluster& cluster, std::vector<std::uint32_t> shapes, std::uint64_t seed);

  cluster::Worker& worker() { return worker_; }
  // Live tasks that it may report on and stop.
  std::vector<cluster::TaskHandle>& tasks() { return tasks_; }

  // Carries out the next change.
  void step();

  // Changes that committed nothing, because what they were about had left or was so already.
  [[nodiscard]] std::uint64_t without_effect() const { return without_effect_; }
  // Changes that ended in an error that no such stream should meet.
  [[nodiscard]] std::uint64_t failed() const { return failed_; }

 private:
  void carry_out(const workloads::Operation& operation);
  void report_states(const workloads::Operation& operation);
  void stop_elsewhere(const workloads::Operation& operation);
  void start_elsewhere(const workloads::Operation& operation);
  void deregister(const workloads::Operation& operation);
  void register_again(const workloads::Operation& operation);
  void take(StatusCode code);
  cluster::TaskHandle first_of(std::deque<cluster::TaskHandle>& waiting, std::uint64_t pick);
  [[nodiscard]] std::uint32_t instance_of(const workloads::Operation& operation) const;

  const Snapshot& base_;
  cluster::Worker worker_;
  std::vector<std::uint32_t> shapes_;
  workloads::DeltaStream stream_;
  std::vector<cluster::InstanceHandle> instances_;  // By the number that picks mean: who has that place now.
  std::vector<cluster::TaskHandle> tasks_;
  std::deque<cluster::TaskHandle> starting_, to_stop_, stopping_;  // Awaiting RUNNING, the way to STOPPED, STOPPED.
  std::vector<cluster::Orphan> orphans_;
  std::uint64_t without_effect_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace berth::bench
