#include <algorithm>
#include <array>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/call_limits.h"
#include "capi/cluster.h"
#include "capi/guard.h"
#include "capi/place_rows.h"

namespace berth::capi {
namespace {

Outcome check_class(const berth_cluster& cluster, std::uint32_t request_class) {
  return Arguments()
      .require(request_class < cluster.classes.size(),
               "request_class: " + std::to_string(request_class) +
                   " is no class of this cluster; pass a number that berth_cluster_prepare() gave",
               StatusCode::kNotFound)
      .outcome();
}

// The frame of the calls that look at all instances for one class. `ask` is (class, place, limits) -> StatusCode.
template <typename Ask>
Outcome ask_all(berth_cluster& cluster, std::uint32_t request_class, const berth_call_options* options, Ask&& ask) {
  const Result<CallLimits> limits = CallLimits::begin(options);
  if (!limits.ok()) {
    return limits.error();
  }
  if (Outcome checked = check_class(cluster, request_class); !checked) {
    return checked;
  }
  Result<WorkerLease> lease = WorkerLease::take(cluster.workers, *cluster.live);
  if (!lease.ok()) {
    return lease.error();
  }
  const StatusCode status = ask(cluster.classes.at(request_class), **lease, *limits);
  return status == StatusCode::kOk ? Outcome() : Outcome(stopped(status));
}

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_cluster_stats(berth_cluster* cluster, berth_cluster_stats_row* stats, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(cluster, "cluster").output(stats, "stats").outcome();
    if (!checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    const berth::cluster::Worker::Population population = lease->worker().count_population();
    const WorkerPool::Totals totals = cluster->workers.totals();
    *stats = {};
    stats->commits = cluster->live->inventory().ledger.published();
    stats->instances = population.instances;
    stats->tasks = population.tasks;
    stats->placed = totals.placed;
    stats->not_placed = totals.not_placed;
    stats->record_bytes = cluster->live->inventory().record_bytes();
    stats->request_classes = cluster->classes.size();
    stats->workers = totals.attached;
    return {};
  });
}

berth_status berth_cluster_select(berth_cluster* cluster, uint32_t request_class, const berth_call_options* options,
                                  berth_instance* instances, uint32_t instance_capacity, uint32_t* instance_count,
                                  berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(cluster, "cluster")
                                 .require(instances != nullptr || instance_capacity == 0,
                                          "instance_capacity: is not 0 while instances is NULL; pass both or neither")
                                 .output(instance_count, "instance_count")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    return ask_all(*cluster, request_class, options,
                   [&](const berth::cluster::RequestClass& asked, WorkerPool::Place& place, const CallLimits& limits) {
                     place.instances.clear();
                     const berth::StatusCode status = place.worker->select(asked, place.instances, limits);
                     if (status == berth::StatusCode::kOk) {
                       const std::size_t given = std::min<std::size_t>(place.instances.size(), instance_capacity);
                       for (std::size_t i = 0; i < given; ++i) {
                         instances[i] = {.slot = place.instances[i].slot, .identity = place.instances[i].identity};
                       }
                       *instance_count = static_cast<uint32_t>(place.instances.size());
                     }
                     return status;
                   });
  });
}

berth_status berth_cluster_explain(berth_cluster* cluster, uint32_t request_class, const berth_call_options* options, uint64_t* counts,
                                   uint32_t count_capacity, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(cluster, "cluster")
                                 .output(counts, "counts")
                                 .require(count_capacity >= BERTH_REASON_COUNT, "count_capacity: is " + std::to_string(count_capacity) +
                                                                                    "; pass room for BERTH_REASON_COUNT (22)")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    return ask_all(*cluster, request_class, options,
                   [&](const berth::cluster::RequestClass& asked, WorkerPool::Place& place, const CallLimits& limits) {
                     berth::cluster::Worker::FailureCounts lost;
                     const berth::StatusCode status = place.worker->count_failures(asked, lost, limits);
                     if (status == berth::StatusCode::kOk) {
                       std::copy(lost.begin(), lost.end(), counts);
                     }
                     return status;
                   });
  });
}
