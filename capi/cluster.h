// What stands behind berth_cluster and berth_fork.
//
// Thread rule: a cluster may be used by any number of threads, a fork by one at a time. Lifetime: a cluster counts its owners, of whom each
// of its forks is one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "berth/berth.h"
#include "capi/handles.h"
#include "capi/request_classes.h"
#include "capi/worker_pool.h"
#include "engine/base/hash.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/fork.h"
#include "engine/ecs/event_feed.h"

struct berth_cluster {
  berth_cluster(std::unique_ptr<berth::cluster::Cluster> cluster, bool has_own_versions, std::uint64_t first_id_base)
      : live(std::move(cluster)), own_versions(has_own_versions), next_id_base(first_id_base) {}

  // What tasks' ids are made of where the caller names nothing: no two are the same in one cluster, and none is 0.
  std::uint64_t take_id_base() {
    std::uint64_t base = 0;
    while (base == 0) {
      base = berth::mix64(next_id_base.fetch_add(1, std::memory_order_relaxed));
    }
    return base;
  }

  std::atomic<std::uint32_t> owners{1};
  const std::unique_ptr<berth::cluster::Cluster> live;
  // These end before the cluster.
  berth::capi::RequestClasses classes;
  berth::capi::WorkerPool workers;
  const bool own_versions;
  std::atomic<std::uint64_t> next_id_base;

  // Events come one call at a time; the feed keeps the place that it takes at the first.
  std::mutex feed_mutex;
  std::optional<berth::ecs::EventFeed> feed;
};

struct berth_fork {
  berth_fork(berth_cluster& over, berth::capi::WorkerLease taken) : cluster(&over), lease(std::move(taken)), fork(lease.worker()) {}

  berth_cluster* cluster;  // Retained; released by berth_fork_free() when all else is gone.
  berth::capi::WorkerLease lease;
  berth::cluster::Fork fork;
};
