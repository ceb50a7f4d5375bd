// The state that a task has when it is placed.
//
// Thread rule: pure function.
#pragma once

#include "engine/cluster/record.h"

namespace berth::cluster {

inline LiveTask new_task(std::uint32_t number, std::uint32_t shape, std::uint32_t group) {
  return LiveTask{.started_at_ms = 0,
                  .last_status = TaskStatus::kPending,
                  .desired_status = TaskStatus::kRunning,
                  .health = HealthStatus::kUnknown,
                  .is_protected = false,
                  .protected_until_ms = 0,
                  .task = number,
                  .shape = shape,
                  .group = group,
                  .version = 1};
}

}  // namespace berth::cluster
