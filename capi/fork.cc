#include "engine/cluster/fork.h"

#include <memory>
#include <optional>
#include <utility>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/call_limits.h"
#include "capi/change_rows.h"
#include "capi/cluster.h"
#include "capi/guard.h"
#include "capi/place_rows.h"

namespace berth::capi {
namespace {

// One row on a fork.
class ForkChanger {
 public:
  ForkChanger(berth_fork& fork, const ChangeRows& work) : classes_(fork.cluster->classes), fork_(fork.fork), work_(work) {}

  StatusCode operator()(const berth_change_row& row, berth_change_result& result) const {
    const cluster::TaskHandle task{row.task.slot, row.task.number, row.task.generation};
    if (row.kind == BERTH_CHANGE_STOP) {
      return fork_.stop(task);
    }
    if (row.kind == BERTH_CHANGE_RELEASE) {
      return fork_.release(task);
    }
    const std::optional<cluster::InstanceHandle> instance = fork_.instance_in(row.instance.slot);
    if (!instance.has_value() || instance->identity != row.instance.identity) {
      return StatusCode::kNotFound;
    }
    switch (row.kind) {
      case BERTH_CHANGE_STATUS:
        return fork_.set_status(instance->slot, static_cast<InstanceStatus>(row.value));
      case BERTH_CHANGE_AGENT_CONNECTED:
        return fork_.set_agent_connected(instance->slot, row.value == 1);
      case BERTH_CHANGE_PUT_ATTRIBUTE:
        return fork_.put_attribute(instance->slot, work_.text(row.name),
                                   row.value == 1 ? std::nullopt : std::optional<std::string_view>(work_.text(row.text)));
      case BERTH_CHANGE_REMOVE_ATTRIBUTE:
        return fork_.remove_attribute(instance->slot, work_.text(row.name));
      default:
        return start(row, instance->slot, result);
    }
  }

 private:
  StatusCode start(const berth_change_row& row, std::uint32_t slot, berth_change_result& result) const {
    cluster::Placed placed;
    placement::Reason reason = placement::Reason::kNone;
    const StatusCode status = fork_.start(classes_.at(row.request_class), slot, placed, reason);
    if (status == StatusCode::kOk) {
      result.reason = static_cast<std::uint32_t>(reason);
      if (reason == placement::Reason::kNone) {
        result.task = task_row(placed.task);
        result.gpu_mask = placed.gpu_mask;
        result.position = placed.position;
      }
    }
    return status;
  }

  const RequestClasses& classes_;
  cluster::Fork& fork_;
  const ChangeRows& work_;
};

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_fork_new(berth_cluster* cluster, berth_fork** fork, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(cluster, "cluster").output(fork, "fork").outcome();
    if (!checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    *fork = std::make_unique<berth_fork>(*cluster, *std::move(lease)).release();
    retain(cluster);
    return {};
  });
}

void berth_fork_free(berth_fork* fork) noexcept {
  if (fork != nullptr) {
    berth_cluster* const cluster = fork->cluster;
    delete fork;
    release(cluster);
  }
}

berth_status berth_fork_discard(berth_fork* fork, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(fork, "fork").outcome();
    if (checked.ok()) {
      fork->fork.discard();
    }
    return checked;
  });
}

berth_status berth_fork_place(berth_fork* fork, const berth_place_row* rows, uint32_t row_count, const berth_call_options* options,
                              berth_decision_row* decisions, uint32_t decision_capacity, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    if (berth::Outcome checked = Arguments().handle(fork, "fork").outcome(); !checked.ok()) {
      return checked;
    }
    const berth::Result<CallLimits> limits = CallLimits::begin(options);
    if (!limits.ok()) {
      return limits.error();
    }
    berth::Outcome checked = check_place_rows(*fork->cluster, rows, row_count, decisions, decision_capacity);
    if (!checked.ok()) {
      return checked;
    }
    return RowPlacer(*fork->cluster, fork->fork, *fork->lease, *limits).run({{rows, row_count}, decisions});
  });
}

berth_status berth_fork_change(berth_fork* fork, const berth_change_row* rows, uint32_t row_count, const char* blob, size_t blob_bytes,
                               const berth_call_options* options, berth_change_result* results, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    if (berth::Outcome checked = Arguments().handle(fork, "fork").outcome(); !checked.ok()) {
      return checked;
    }
    const berth::Result<CallLimits> limits = CallLimits::begin(options);
    if (!limits.ok()) {
      return limits.error();
    }
    if (berth::Outcome checked = check_change_rows(*fork->cluster, rows, row_count, blob, blob_bytes, results, true); !checked.ok()) {
      return checked;
    }
    const ChangeRows work{{rows, row_count}, view(blob, blob_bytes), results};
    return change_rows(work, *limits, ForkChanger(*fork, work));
  });
}
