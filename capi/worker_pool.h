// WorkerPool: the places of a live cluster that calls take for their length and forks for their life. A place has a Worker, which is
// attached when the place is taken for the first time and stays attached, so that what it knows of the cluster (its index, its windows)
// serves whoever takes the place next. Calls take the lowest free place: as few are warm as calls were ever inside at once.
//
// Thread rule: any thread; a place belongs to its holder until it is given back, which hands on all that was written there. Lifetime: ends
// before its cluster.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/cluster/cluster.h"

namespace berth::capi {

class WorkerPool {
 public:
  static_assert(cluster::kWorkersMax == 64, "the places are the bits of one word");

  struct alignas(64) Place {
    std::optional<cluster::Worker> worker;
    // Kept so that calls in the steady state ask for no memory.
    std::vector<cluster::Placed> placed;
    std::vector<cluster::TaskHandle> tasks;
    std::vector<cluster::InstanceHandle> instances;
    std::vector<cluster::Orphan> orphans;
    // What calls did here; read by others.
    std::atomic<std::uint64_t> placed_count{0};
    std::atomic<std::uint64_t> not_placed_count{0};
  };

  WorkerPool() = default;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // A place with an attached worker. Errors: kLimitExceeded.
  Result<std::uint32_t> take(cluster::Cluster& cluster);
  void give_back(std::uint32_t number);
  // Takes the worker out of a place, for good if the caller keeps the place. REQUIRES: taken by the caller.
  cluster::Worker take_worker(std::uint32_t number);
  // REQUIRES: taken by the caller.
  Place& at(std::uint32_t number) { return places_[number]; }

  struct Totals {
    std::uint64_t placed = 0;
    std::uint64_t not_placed = 0;
    std::uint64_t attached = 0;
  };
  [[nodiscard]] Totals totals() const;

 private:
  std::atomic<std::uint64_t> taken_{0};  // Bit i: place i is.
  std::atomic<std::uint64_t> attached_{0};
  std::array<Place, cluster::kWorkersMax> places_;
};

// A place for the length of a call.
class WorkerLease {
 public:
  static Result<WorkerLease> take(WorkerPool& pool, cluster::Cluster& cluster);
  WorkerLease(WorkerLease&& other) noexcept;
  WorkerLease& operator=(WorkerLease&&) = delete;
  ~WorkerLease();

  WorkerPool::Place& operator*() { return pool_->at(number_); }
  WorkerPool::Place* operator->() { return &pool_->at(number_); }
  cluster::Worker& worker() { return *pool_->at(number_).worker; }
  cluster::Worker take_worker() { return pool_->take_worker(number_); }
  // The place is never given back.
  void keep() { pool_ = nullptr; }

 private:
  WorkerLease(WorkerPool& pool, std::uint32_t number) : pool_(&pool), number_(number) {}

  WorkerPool* pool_;
  std::uint32_t number_;
};

}  // namespace berth::capi
