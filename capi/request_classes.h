// RequestClasses: the requests that a live cluster was asked to make ready, by number. Requests that ask for the same of a task, whatever
// their count and seed, are one class.
//
// Thread rule: any thread; find() takes no lock. Lifetime: ends before its cluster.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "engine/base/result.h"
#include "engine/cluster/cluster.h"
#include "engine/cluster/stable_vector.h"
#include "engine/parallel/executor.h"
#include "engine/placement/request.h"

namespace berth::capi {

inline constexpr std::uint32_t kRequestClassesMax = 1U << 20U;

class RequestClasses {
 public:
  // The number of the request's class, which is made if there is none yet. Errors: those of Cluster::prepare(); kLimitExceeded.
  Result<std::uint32_t> prepare(cluster::Cluster& cluster, const placement::Request& request, Executor& executor);

  [[nodiscard]] std::uint32_t size() const { return classes_.size(); }
  // REQUIRES: number < size().
  [[nodiscard]] cluster::RequestClass& at(std::uint32_t number) const { return *classes_.at(number); }

 private:
  cluster::StableVector<std::unique_ptr<cluster::RequestClass>> classes_;
  std::mutex mutex_;  // Guards appending and the numbers.
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

}  // namespace berth::capi
