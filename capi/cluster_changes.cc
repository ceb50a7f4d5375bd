#include <optional>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/call_limits.h"
#include "capi/change_rows.h"
#include "capi/cluster.h"
#include "capi/guard.h"
#include "capi/place_rows.h"

namespace berth::capi {
namespace {

static_assert(BERTH_REASON_INACTIVE == static_cast<std::uint32_t>(placement::Reason::kInactive));
static_assert(BERTH_REASON_DISTINCT_INSTANCE == static_cast<std::uint32_t>(placement::Reason::kDistinctInstance));
static_assert(BERTH_REASON_OWN_FIRST == static_cast<std::uint32_t>(placement::Reason::kOwnFirst));
static_assert(BERTH_REASON_COUNT == placement::kReasonCount);

// One row on a live cluster.
class Changer {
 public:
  Changer(berth_cluster& cluster, WorkerPool::Place& place, const ChangeRows& work)
      : cluster_(cluster), place_(place), worker_(*place.worker), work_(work) {}

  StatusCode operator()(const berth_change_row& row, berth_change_result& result) const {
    const bool is_of_task = row.kind < BERTH_CHANGE_STATUS;
    // The engine reads "no identity" as "any".
    if (!is_of_task && row.instance.identity == BERTH_NO_INSTANCE) {
      return StatusCode::kNotFound;
    }
    cluster::Expected expected;
    if ((row.flags & BERTH_CHANGE_IF_VERSION) != 0) {
      expected.version = row.version;
    }
    if (!is_of_task) {
      expected.identity = row.instance.identity;
    }
    const StatusCode status = is_of_task ? change_task(row, expected) : change_instance(row, expected, result);
    result.position = status == StatusCode::kOk ? worker_.committed_at().value_or(kNoPosition) : kNoPosition;
    result.version_found = status == StatusCode::kConflict ? worker_.version_found() : 0;
    return status;
  }

 private:
  StatusCode change_task(const berth_change_row& row, const cluster::Expected& expected) const {
    const cluster::TaskHandle task{row.task.slot, row.task.number, row.task.generation};
    switch (row.kind) {
      case BERTH_CHANGE_STOP:
        return worker_.stop(task, expected);
      case BERTH_CHANGE_RELEASE:
        return worker_.release(task, expected);
      case BERTH_CHANGE_PROTECT:
        return worker_.set_task_state(task,
                                      {.last_status = {},
                                       .desired_status = {},
                                       .health = {},
                                       .started_at_ms = {},
                                       .is_protected = row.value == 1,
                                       .protected_until_ms = row.until_ms},
                                      expected);
      default:
        break;
    }
    cluster::Worker::TaskState state{};
    if (row.last_status != 0) {
      state.last_status = static_cast<TaskStatus>(row.last_status);
    }
    if (row.desired_status != 0) {
      state.desired_status = static_cast<TaskStatus>(row.desired_status);
    }
    if (row.health != 0) {
      state.health = static_cast<HealthStatus>(row.health);
    }
    return worker_.set_task_state(task, state, expected);
  }

  StatusCode change_instance(const berth_change_row& row, const cluster::Expected& expected, berth_change_result& result) const {
    const std::uint32_t slot = row.instance.slot;
    switch (row.kind) {
      case BERTH_CHANGE_STATUS:
        return worker_.set_status(slot, static_cast<InstanceStatus>(row.value), expected);
      case BERTH_CHANGE_AGENT_CONNECTED:
        return worker_.set_agent_connected(slot, row.value == 1, expected);
      case BERTH_CHANGE_AGENT_VERSION:
        return worker_.set_agent_version(slot, work_.text(row.text), expected);
      case BERTH_CHANGE_PUT_ATTRIBUTE:
        return worker_.put_attribute(slot, work_.text(row.name),
                                     row.value == 1 ? std::nullopt : std::optional<std::string_view>(work_.text(row.text)), expected);
      case BERTH_CHANGE_REMOVE_ATTRIBUTE:
        return worker_.remove_attribute(slot, work_.text(row.name), expected);
      case BERTH_CHANGE_CAPACITY_PROVIDER:
        return worker_.set_capacity_provider(slot, work_.text(row.text), expected);
      case BERTH_CHANGE_RESOURCES:
        return worker_.set_resources(slot, {.cpu_units = row.cpu_units, .memory_mib = row.memory_mib, .eni_limit = {}}, expected);
      case BERTH_CHANGE_DEREGISTER:
        return deregister(row, expected, result);
      default:
        return start(row, expected, result);
    }
  }

  StatusCode deregister(const berth_change_row& row, const cluster::Expected& expected, berth_change_result& result) const {
    place_.orphans.clear();
    const Outcome outcome = worker_.deregister(row.instance.slot, row.value == 1, place_.orphans, expected);
    if (!outcome.ok()) {
      return outcome.error().code;
    }
    result.orphans = static_cast<std::uint32_t>(place_.orphans.size());
    return StatusCode::kOk;
  }

  StatusCode start(const berth_change_row& row, const cluster::Expected& expected, berth_change_result& result) const {
    cluster::Placed placed;
    placement::Reason reason = placement::Reason::kNone;
    const std::uint64_t id_base = row.id_base != 0 ? row.id_base : cluster_.take_id_base();
    const StatusCode status =
        worker_.start(cluster_.classes.at(row.request_class), row.instance.slot,
                      {.seed = 0, .id_base = id_base, .first_task = 0, .all_or_nothing = false}, placed, reason, expected);
    if (status == StatusCode::kOk) {
      result.reason = static_cast<std::uint32_t>(reason);
      if (reason == placement::Reason::kNone) {
        result.task = task_row(placed.task);
        result.gpu_mask = placed.gpu_mask;
        place_.placed_count.fetch_add(1, std::memory_order_relaxed);
      } else {
        place_.not_placed_count.fetch_add(1, std::memory_order_relaxed);
      }
    }
    return status;
  }

  berth_cluster& cluster_;
  WorkerPool::Place& place_;
  cluster::Worker& worker_;
  const ChangeRows& work_;
};

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_cluster_change(berth_cluster* cluster, const berth_change_row* rows, uint32_t row_count, const char* blob,
                                  size_t blob_bytes, const berth_call_options* options, berth_change_result* results,
                                  berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    if (berth::Outcome checked = Arguments().handle(cluster, "cluster").outcome(); !checked.ok()) {
      return checked;
    }
    const berth::Result<CallLimits> limits = CallLimits::begin(options);
    if (!limits.ok()) {
      return limits.error();
    }
    if (berth::Outcome checked = check_change_rows(*cluster, rows, row_count, blob, blob_bytes, results, false); !checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    const ChangeRows work{{rows, row_count}, view(blob, blob_bytes), results};
    return change_rows(work, *limits, Changer(*cluster, **lease, work));
  });
}
