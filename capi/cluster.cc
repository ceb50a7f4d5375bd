#include "capi/cluster.h"

#include <memory>
#include <utility>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/call_limits.h"
#include "capi/guard.h"
#include "capi/options.h"
#include "capi/place_rows.h"
#include "capi/surroundings.h"
#include "engine/ecs/live_request.h"

namespace berth::capi {
namespace {

static_assert(sizeof(berth_cluster_options) == BERTH_CLUSTER_OPTIONS_SIZE_V1);
static_assert(sizeof(berth_cluster_stats_row) == 128);

constexpr berth_cluster_options kDefaults{.struct_size = sizeof(berth_cluster_options), .instances_max = 0, .tasks_max = 0, .flags = 0};

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_cluster_new(berth_snapshot* snapshot, const berth_cluster_options* options, berth_cluster** cluster,
                               berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(snapshot, "snapshot").output(cluster, "cluster").outcome();
    if (!checked.ok()) {
      return checked;
    }
    const berth::Result<berth_cluster_options> read =
        read_options(options, kDefaults, BERTH_CLUSTER_OPTIONS_SIZE_V1, "set it to sizeof(berth_cluster_options)");
    if (!read.ok()) {
      return read.error();
    }
    checked = Arguments()
                  .require((read->flags & ~uint32_t{BERTH_CLUSTER_OWN_VERSIONS}) == 0,
                           "options.flags: has a bit that this version does not know; pass 0 or BERTH_CLUSTER_OWN_VERSIONS (1)")
                  .outcome();
    if (!checked.ok()) {
      return checked;
    }
    berth::cluster::ClusterOptions wanted;
    wanted.instances_max = read->instances_max;
    wanted.tasks_max = read->tasks_max == 0 ? wanted.tasks_max : read->tasks_max;
    auto live = berth::cluster::Cluster::from_snapshot(snapshot->snapshot, wanted);
    if (!live.ok()) {
      return std::move(live).error();
    }
    const bool has_own_versions = (read->flags & BERTH_CLUSTER_OWN_VERSIONS) != 0;
    *cluster = std::make_unique<berth_cluster>(*std::move(live), has_own_versions, fresh_seed()).release();
    return {};
  });
}

berth_cluster* berth_cluster_retain(berth_cluster* cluster) noexcept {
  return retain(cluster);
}

void berth_cluster_release(berth_cluster* cluster) noexcept {
  release(cluster);
}

berth_status berth_cluster_prepare(berth_engine* engine, berth_cluster* cluster, const char* request, size_t request_bytes,
                                   uint32_t* request_class, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(engine, "engine")
                                 .handle(cluster, "cluster")
                                 .text(request, request_bytes, "request")
                                 .output(request_class, "request_class")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    const RunningCall running(*engine);
    const berth::Result<berth::placement::Request> asked =
        berth::ecs::read_live_request(view(request, request_bytes), cluster->live->inventory().base(), {.progress = &engine->progress});
    if (!asked.ok()) {
      return asked.error();
    }
    const berth::Result<uint32_t> number = cluster->classes.prepare(*cluster->live, *asked, *engine->executor);
    if (!number.ok()) {
      return number.error();
    }
    *request_class = *number;
    return {};
  });
}

berth_status berth_cluster_place(berth_cluster* cluster, const berth_place_row* rows, uint32_t row_count, const berth_call_options* options,
                                 berth_decision_row* decisions, uint32_t decision_capacity, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    if (berth::Outcome checked = Arguments().handle(cluster, "cluster").outcome(); !checked.ok()) {
      return checked;
    }
    const berth::Result<CallLimits> limits = CallLimits::begin(options);
    if (!limits.ok()) {
      return limits.error();
    }
    berth::Outcome checked = check_place_rows(*cluster, rows, row_count, decisions, decision_capacity);
    if (!checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    return RowPlacer(*cluster, lease->worker(), **lease, *limits).run({{rows, row_count}, decisions});
  });
}
