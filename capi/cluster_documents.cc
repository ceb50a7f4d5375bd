#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/call_limits.h"
#include "capi/cluster.h"
#include "capi/guard.h"
#include "capi/surroundings.h"
#include "engine/ecs/live_documents.h"
#include "engine/ecs/live_registration.h"
#include "engine/ecs/request.h"

namespace berth::capi {
namespace {

// Of the cluster, made with the first events. REQUIRES: feed_mutex held. Errors: kLimitExceeded.
Result<ecs::EventFeed*> feed_of(berth_cluster& cluster) {
  if (!cluster.feed.has_value()) {
    Result<WorkerLease> lease = WorkerLease::take(cluster.workers, *cluster.live);
    if (!lease.ok()) {
      return lease.error();
    }
    ecs::EventFeedOptions options;
    options.trusts_versions = !cluster.own_versions;
    // Of a snapshot of one cluster no other is meant.
    if (const std::vector<std::string> clusters = ecs::clusters_of(cluster.live->inventory().base()); clusters.size() == 1) {
      options.cluster = clusters.front();
    }
    cluster.feed.emplace(*cluster.live, lease->take_worker(), std::move(options));
    lease->keep();
  }
  return &*cluster.feed;
}

ecs::LiveCall live_call(berth_engine& engine, berth_cluster& cluster, cluster::Worker& worker, const CallLimits& limits) {
  return {.cluster = *cluster.live,
          .worker = worker,
          .id_base = cluster.take_id_base(),
          .stop = limits,
          .prepare = [&](const placement::Request& request) -> Result<cluster::RequestClass*> {
            const Result<std::uint32_t> number = cluster.classes.prepare(*cluster.live, request, *engine.executor);
            return number.ok() ? Result<cluster::RequestClass*>(&cluster.classes.at(*number)) : number.error();
          }};
}

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_cluster_snapshot(berth_engine* engine, berth_cluster* cluster, const berth_call_options* options,
                                    berth_snapshot** snapshot, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(engine, "engine").handle(cluster, "cluster").output(snapshot, "snapshot").outcome();
    if (!checked.ok()) {
      return checked;
    }
    const berth::Result<CallLimits> limits = CallLimits::begin(options);
    if (!limits.ok()) {
      return limits.error();
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    const RunningCall running(*engine);
    engine->progress.begin(berth::Phase::kBuilding, 0);
    berth::Result<berth::SnapshotPtr> made = cluster->live->to_snapshot(lease->worker(), *engine->executor, &*limits);
    if (!made.ok()) {
      return made.error().message.empty() ? stopped(made.error().code) : std::move(made).error();
    }
    *snapshot = std::make_unique<berth_snapshot>(*std::move(made)).release();
    return {};
  });
}

berth_status berth_cluster_register(berth_engine* engine, berth_cluster* cluster, const char* document, size_t document_bytes,
                                    berth_instance* instances, uint32_t instance_capacity, uint32_t* instance_count,
                                    berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(engine, "engine")
                                 .handle(cluster, "cluster")
                                 .text(document, document_bytes, "document")
                                 .require(instances != nullptr || instance_capacity == 0,
                                          "instance_capacity: is not 0 while instances is NULL; pass both or neither")
                                 .output(instance_count, "instance_count")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    const RunningCall running(*engine);
    engine->progress.begin(berth::Phase::kReading, 0);
    const berth::Result<std::vector<berth::cluster::InstanceHandle>> handles =
        berth::ecs::register_instances(*cluster->live, lease->worker(), view(document, document_bytes));
    if (!handles.ok()) {
      return handles.error();
    }
    const std::size_t given = std::min<std::size_t>(handles->size(), instance_capacity);
    for (std::size_t i = 0; i < given; ++i) {
      instances[i] = {.slot = (*handles)[i].slot, .identity = (*handles)[i].identity};
    }
    *instance_count = static_cast<uint32_t>(handles->size());
    return {};
  });
}

berth_status berth_cluster_apply_events(berth_cluster* cluster, const char* events, size_t events_bytes, berth_document** report,
                                        berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(cluster, "cluster").text(events, events_bytes, "events").outcome();
    if (!checked.ok()) {
      return checked;
    }
    const std::lock_guard lock(cluster->feed_mutex);
    const berth::Result<berth::ecs::EventFeed*> feed = feed_of(*cluster);
    if (!feed.ok()) {
      return feed.error();
    }
    berth::ecs::EventReport told = (*feed)->apply_events("events", view(events, events_bytes));
    if (told.broken.has_value()) {
      berth::Error broken = *std::move(told.broken);
      broken.message += "; " + std::to_string(told.events.size() - 1) + " events before it were taken";
      return broken;
    }
    if (report != nullptr) {
      *report = std::make_unique<berth_document>(told.to_json()).release();
    }
    return {};
  });
}

berth_status berth_cluster_run_task(berth_engine* engine, berth_cluster* cluster, const char* request, size_t request_bytes,
                                    berth_format format, const berth_call_options* options, berth_document** answer,
                                    berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(engine, "engine")
                                 .handle(cluster, "cluster")
                                 .text(request, request_bytes, "request")
                                 .format(format)
                                 .output(answer, "answer")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    const berth::Result<CallLimits> limits = CallLimits::begin(options);
    if (!limits.ok()) {
      return limits.error();
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    const RunningCall running(*engine);
    // Before anything is committed: the last steps ask for no memory.
    auto document = std::make_unique<berth_document>(std::string());
    const berth::ecs::DocumentOptions asked{.format = static_cast<berth::ecs::Format>(format),
                                            .fresh_seed = fresh_seed(),
                                            .now_ms = system_now_ms(),
                                            .progress = &engine->progress};
    berth::Result<berth::ecs::LiveAnswer> run =
        berth::ecs::run_task(live_call(*engine, *cluster, lease->worker(), *limits), view(request, request_bytes), asked);
    if (!run.ok()) {
      return run.error().message.empty() ? stopped(run.error().code) : std::move(run).error();
    }
    (*lease)->placed_count.fetch_add(run->placed, std::memory_order_relaxed);
    (*lease)->not_placed_count.fetch_add(run->not_placed, std::memory_order_relaxed);
    document->text = std::move(run->document);
    *answer = document.release();
    return {};
  });
}

berth_status berth_cluster_stop_task(berth_engine* engine, berth_cluster* cluster, const char* request, size_t request_bytes,
                                     berth_document** answer, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(engine, "engine")
                                 .handle(cluster, "cluster")
                                 .text(request, request_bytes, "request")
                                 .output(answer, "answer")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    const RunningCall running(*engine);
    const berth::ecs::DocumentOptions asked{.progress = &engine->progress};
    const CallLimits none;
    berth::Result<std::string> stopped =
        berth::ecs::stop_task(live_call(*engine, *cluster, lease->worker(), none), view(request, request_bytes), asked);
    if (!stopped.ok()) {
      return std::move(stopped).error();
    }
    *answer = std::make_unique<berth_document>(*std::move(stopped)).release();
    return {};
  });
}
