// Passes over all instances for one class: why each does not take a task, and which ones do.

#include <algorithm>

#include "engine/cluster/cluster.h"
#include "engine/cluster/live_checks.h"

namespace berth::cluster {
namespace {

// Slots between two questions whether to stop: tens of microseconds.
constexpr std::uint32_t kSlotsPerPoll = 1024;

class NeverStops final : public StopSignal {
 public:
  [[nodiscard]] StatusCode poll() const override { return StatusCode::kOk; }
};

}  // namespace

Worker::FailureCounts Worker::count_failures(const RequestClass& request_class) {
  FailureCounts lost;
  count_failures(request_class, lost, NeverStops());
  return lost;
}

StatusCode Worker::count_failures(const RequestClass& request_class, FailureCounts& lost, const StopSignal& stop) {
  lost.fill(0);
  LiveChecks checks(*inventory_, request_class);
  for (std::uint32_t slot = 0; slot < inventory_->ledger.slot_count(); ++slot) {
    if (slot % kSlotsPerPoll == 0) {
      if (const StatusCode why = stop.poll(); why != StatusCode::kOk) {
        return why;
      }
    }
    const Record* record = inventory_->look(slot, *self_);
    if (record != nullptr && checks.is_examined(*record)) {
      ++lost.at(static_cast<std::size_t>(checks.first_failure(*record)));
    }
  }
  return StatusCode::kOk;
}

StatusCode Worker::list_failures(const RequestClass& request_class, std::size_t most, FailureCounts& lost, std::vector<Failure>& failures,
                                 const StopSignal& stop) {
  lost.fill(0);
  failures.clear();
  LiveChecks checks(*inventory_, request_class);
  const auto precedes = [&](const Failure& a, const Failure& b) { return inventory_->precedes(a.identity, b.identity); };
  for (std::uint32_t slot = 0; slot < inventory_->ledger.slot_count(); ++slot) {
    if (slot % kSlotsPerPoll == 0) {
      if (const StatusCode why = stop.poll(); why != StatusCode::kOk) {
        return why;
      }
    }
    const Record* record = inventory_->look(slot, *self_);
    if (record == nullptr || !checks.is_examined(*record)) {
      continue;
    }
    const placement::Reason reason = checks.first_failure(*record);
    ++lost.at(static_cast<std::size_t>(reason));
    if (reason == placement::Reason::kNone || most == 0) {
      continue;
    }
    // A heap whose top is the last of those that are kept.
    const Failure failure{record->identity, reason};
    if (failures.size() == most) {
      if (!precedes(failure, failures.front())) {
        continue;
      }
      std::pop_heap(failures.begin(), failures.end(), precedes);
      failures.pop_back();
    }
    failures.push_back(failure);
    std::push_heap(failures.begin(), failures.end(), precedes);
  }
  std::sort_heap(failures.begin(), failures.end(), precedes);
  return StatusCode::kOk;
}

StatusCode Worker::select(const RequestClass& request_class, std::vector<InstanceHandle>& instances, const StopSignal& stop) {
  LiveChecks checks(*inventory_, request_class);
  for (std::uint32_t slot = 0; slot < inventory_->ledger.slot_count(); ++slot) {
    if (slot % kSlotsPerPoll == 0) {
      if (const StatusCode why = stop.poll(); why != StatusCode::kOk) {
        return why;
      }
    }
    const Record* record = inventory_->look(slot, *self_);
    if (record != nullptr && checks.is_candidate(*record)) {
      instances.push_back({slot, record->identity});
    }
  }
  return StatusCode::kOk;
}

Worker::Population Worker::count_population() {
  Population counted;
  for (std::uint32_t slot = 0; slot < inventory_->ledger.slot_count(); ++slot) {
    const Record* record = inventory_->look(slot, *self_);
    if (record != nullptr && !record->is_gone) {
      ++counted.instances;
      counted.tasks += record->task_count;
    }
  }
  return counted;
}

}  // namespace berth::cluster
