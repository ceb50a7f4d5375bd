#include "engine/service/arrivals.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "engine/base/rng.h"

namespace berth::service {
namespace {

std::int64_t demand(const Trace& trace, std::uint32_t task, Resource resource) {
  return demand_of(trace.classes[trace.tasks[task].task_class]).at(static_cast<std::size_t>(resource));
}

// The largest part of the fleet that the task demands of any resource.
double largest_part(const TraceClass& what, const Amounts& capacity) {
  const Amounts amounts = demand_of(what);
  double part = 0;
  for (std::size_t r = 0; r < kResourceCount; ++r) {
    if (capacity.at(r) > 0) {
      part = std::max(part, static_cast<double>(amounts.at(r)) / static_cast<double>(capacity.at(r)));
    }
  }
  return part;
}

// Fisher and Yates's shuffle.
void shuffle(std::vector<std::uint32_t>& order, Stream& stream) {
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[stream.below(left)]);
  }
}

// Equal ones stay as they are.
void put_largest_first(std::vector<Arrival>& arrivals, const Trace& trace, const Amounts& capacity) {
  struct Sized {
    double part;
    std::uint32_t at;
  };
  std::vector<Sized> order;
  order.reserve(arrivals.size());
  for (std::uint32_t at = 0; at < arrivals.size(); ++at) {
    order.push_back({largest_part(trace.classes[trace.tasks[arrivals[at].task].task_class], capacity), at});
  }
  std::sort(order.begin(), order.end(), [](const Sized& a, const Sized& b) { return a.part != b.part ? a.part > b.part : a.at < b.at; });
  std::vector<Arrival> sorted;
  sorted.reserve(arrivals.size());
  for (const Sized& each : order) {
    sorted.push_back(arrivals[each.at]);
  }
  arrivals.swap(sorted);
}

}  // namespace

Result<std::vector<Arrival>> arrivals_in_time(const Trace& trace, const ReplayOptions& options) {
  std::vector<Arrival> arrivals;
  arrivals.reserve(trace.tasks.size());
  const std::int64_t begin_ms = trace.tasks.front().arrival_ms;
  for (std::uint32_t task = 0; task < trace.tasks.size(); ++task) {
    const TraceTask& each = trace.tasks[task];
    const WideSum passed = WideSum{each.arrival_ms - begin_ms} * kPermille / options.compress_permille;
    const std::int64_t at_ms = begin_ms + static_cast<std::int64_t>(passed);
    if (options.until_ms.has_value() && at_ms > *options.until_ms) {
      break;
    }
    const bool departs = options.has_departures && each.departure_ms != kNeverDeparts;
    arrivals.push_back({at_ms, departs ? at_ms + (each.departure_ms - each.arrival_ms) : kNeverDeparts, task});
  }
  if (arrivals.empty()) {
    return Error{.code = StatusCode::kInvalidArgument,
                 .message = "until: no task arrives by then; the first arrives at second " + std::to_string(begin_ms / 1000)};
  }
  return arrivals;
}

Result<Resource> inflated_resource(const Trace& trace, const Amounts& capacity) {
  std::array<double, kResourceCount> parts{};
  for (const TraceClass& what : trace.classes) {
    const Amounts amounts = demand_of(what);
    for (std::size_t r = 0; r < kResourceCount; ++r) {
      if (capacity.at(r) > 0) {
        parts.at(r) += static_cast<double>(amounts.at(r)) * static_cast<double>(what.task_count) / static_cast<double>(capacity.at(r));
      }
    }
  }
  if (parts[static_cast<std::size_t>(Resource::kGpu)] > 0) {
    return Resource::kGpu;
  }
  if (parts[0] <= 0 && parts[1] <= 0) {
    return Error{.code = StatusCode::kInvalidArgument,
                 .message = "inflate: the trace's tasks demand nothing that the fleet has, so they never fill it"};
  }
  return parts[0] >= parts[1] ? Resource::kCpu : Resource::kMemory;
}

Result<std::vector<Arrival>> arrivals_of_inflation(const Trace& trace, const ReplayOptions& options, const Amounts& capacity,
                                                   Resource resource) {
  const WideSum wanted = WideSum{capacity.at(static_cast<std::size_t>(resource))} * options.inflate_permille;
  std::vector<std::uint32_t> order(trace.tasks.size());
  std::iota(order.begin(), order.end(), 0U);
  Stream stream(options.seed);
  std::vector<Arrival> arrivals;
  for (WideSum demanded = 0; demanded < wanted;) {
    if (options.order == ReplayOptions::Order::kRandom) {
      shuffle(order, stream);
    }
    for (auto task = order.begin(); task != order.end() && demanded < wanted; ++task) {
      if (arrivals.size() == kTraceTasksMax) {
        return Error{.code = StatusCode::kLimitExceeded,
                     .message = "inflate: more than " + std::to_string(kTraceTasksMax) + " tasks would have to arrive; inflate less"};
      }
      arrivals.push_back({.task = *task});
      demanded += WideSum{demand(trace, *task, resource)} * kPermille;
    }
  }
  if (options.order == ReplayOptions::Order::kLargest) {
    put_largest_first(arrivals, trace, capacity);
  }
  return arrivals;
}

}  // namespace berth::service
