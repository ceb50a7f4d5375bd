#include "engine/service/stock.h"

#include <algorithm>
#include <map>

namespace berth::service {

Amounts demand_of(const TraceClass& what) {
  return {what.cpu_units, what.memory_mib, std::int64_t{what.gpu_count}};
}

Stock::Stock(const Snapshot& snapshot, const Trace& trace) : instances_(snapshot.instance_count()) {
  take_mix(trace);
  for (std::uint32_t i = 0; i < snapshot.instance_count(); ++i) {
    Instance& instance = instances_[i];
    const Snapshot::GpuRange gpus = snapshot.gpus(i);
    const auto free_gpus = std::count(snapshot.gpu_free().begin() + gpus.begin, snapshot.gpu_free().begin() + gpus.begin + gpus.count, 1);
    instance.free = {snapshot.cpu_remaining()[i], snapshot.memory_remaining()[i], free_gpus};
    const Snapshot::TaskRange tasks = snapshot.tasks_of(i);
    instance.tasks = snapshot.has_tasks() ? tasks.end - tasks.begin : snapshot.running_tasks_count()[i];
    instance.counts = static_cast<InstanceStatus>(snapshot.status()[i]) == InstanceStatus::kActive;
    if (!instance.counts) {
      continue;
    }
    ++instance_count_;
    instances_in_use_ += instance.tasks > 0 ? 1U : 0U;
    const Amounts registered = {snapshot.cpu_registered()[i], snapshot.memory_registered()[i], std::int64_t{gpus.count}};
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      capacity_.at(r) += registered.at(r);
      used_.at(r) += registered.at(r) - instance.free.at(r);
    }
    add_share(instance, 1);
  }
}

void Stock::take_mix(const Trace& trace) {
  std::map<Amounts, std::int64_t> tasks_by_size;
  for (const TraceClass& what : trace.classes) {
    tasks_by_size[demand_of(what)] += static_cast<std::int64_t>(what.task_count);
  }
  for (const auto& [demand, tasks] : tasks_by_size) {
    mix_.push_back({demand, tasks});
  }
  std::sort(mix_.begin(), mix_.end(),
            [](const Size& a, const Size& b) { return a.tasks != b.tasks ? a.tasks > b.tasks : a.demand < b.demand; });
  mix_.resize(std::min(mix_.size(), kMixMax));
  for (const Size& size : mix_) {
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      mix_tasks_.at(r) += size.demand.at(r) > 0 ? size.tasks : 0;
    }
  }
}

Amounts Stock::share_of(const Instance& instance) const {
  Amounts unfit{};  // Tasks of the mix that demand the resource and do not fit.
  for (const Size& size : mix_) {
    const bool fits = size.demand[0] <= instance.free[0] && size.demand[1] <= instance.free[1] && size.demand[2] <= instance.free[2];
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      unfit.at(r) += !fits && size.demand.at(r) > 0 ? size.tasks : 0;
    }
  }
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    unfit.at(r) *= std::max<std::int64_t>(0, instance.free.at(r));
  }
  return unfit;
}

void Stock::add_share(const Instance& instance, int sign) {
  const Amounts share = share_of(instance);
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    fragmented_.at(r) += WideSum{sign} * share.at(r);
  }
}

void Stock::change(std::uint32_t index, const Amounts& amounts, int sign) {
  Instance& instance = instances_[index];
  if (instance.counts) {
    add_share(instance, -1);
    instances_in_use_ -= instance.tasks > 0 ? 1U : 0U;
  }
  instance.tasks = sign < 0 ? instance.tasks + 1 : instance.tasks - 1;
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    instance.free.at(r) += sign * amounts.at(r);
    used_.at(r) -= instance.counts ? sign * amounts.at(r) : 0;
  }
  if (instance.counts) {
    add_share(instance, 1);
    instances_in_use_ += instance.tasks > 0 ? 1U : 0U;
  }
}

}  // namespace berth::service
