#include "capi/worker_pool.h"

#include <bit>
#include <utility>

#include "capi/arguments.h"

namespace berth::capi {

Result<std::uint32_t> WorkerPool::take(cluster::Cluster& cluster) {
  std::uint64_t taken = taken_.load(std::memory_order_relaxed);
  std::uint32_t number = 0;
  do {
    if (taken == ~std::uint64_t{0}) {
      return refusal("cluster: 64 calls and forks are inside already; let one of them end first", StatusCode::kLimitExceeded);
    }
    number = static_cast<std::uint32_t>(std::countr_one(taken));
    // Acquires what the last holder of the place released in give_back().
  } while (!taken_.compare_exchange_weak(taken, taken | std::uint64_t{1} << number, std::memory_order_acquire, std::memory_order_relaxed));
  Place& place = places_[number];
  if (!place.worker.has_value()) {
    try {
      Result<cluster::Worker> attached = cluster.attach();
      if (!attached.ok()) {
        give_back(number);
        return std::move(attached).error();
      }
      place.worker.emplace(*std::move(attached));
    } catch (...) {
      give_back(number);
      throw;
    }
    attached_.fetch_add(1, std::memory_order_relaxed);
  }
  return number;
}

void WorkerPool::give_back(std::uint32_t number) {
  taken_.fetch_and(~(std::uint64_t{1} << number), std::memory_order_release);
}

cluster::Worker WorkerPool::take_worker(std::uint32_t number) {
  Place& place = places_[number];
  cluster::Worker worker = *std::move(place.worker);
  place.worker.reset();
  return worker;
}

WorkerPool::Totals WorkerPool::totals() const {
  Totals totals;
  for (const Place& place : places_) {
    totals.placed += place.placed_count.load(std::memory_order_relaxed);
    totals.not_placed += place.not_placed_count.load(std::memory_order_relaxed);
  }
  totals.attached = attached_.load(std::memory_order_relaxed);
  return totals;
}

Result<WorkerLease> WorkerLease::take(WorkerPool& pool, cluster::Cluster& cluster) {
  const Result<std::uint32_t> number = pool.take(cluster);
  if (!number.ok()) {
    return number.error();
  }
  return WorkerLease(pool, *number);
}

WorkerLease::WorkerLease(WorkerLease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), number_(other.number_) {}

WorkerLease::~WorkerLease() {
  if (pool_ != nullptr) {
    pool_->give_back(number_);
  }
}

}  // namespace berth::capi
