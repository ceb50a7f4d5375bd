// Streams of operations for the workloads under churn: W2 (requests and stops) and W6 (deltas from outside). They are plain values that
// a driver maps onto whatever holds the inventory; nothing here knows it.
//
// A `pick` chooses among what the driver has: instance pick_of(pick, initial instances), task pick_of(pick, live tasks). Picks of
// instances refer to the instances that the fleet began with, so that an operation and the later one that undoes it (same pick) meet the
// same instance.
//
// Thread rule: operation functions are pure; a DeltaStream belongs to one thread. Lifetime: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/rng.h"

namespace berth::workloads {

enum class OperationKind : std::uint8_t {
  // W2.
  kPlace,  // A request of class `class_index` with seed `draw`.
  kStop,   // Stop the live task of `pick`. A driver skips it when the placement before it was refused: one stop per placement.
  // W6, 40 %: reports of task states. The driver keeps the tasks that await each report and takes the oldest; where none waits, the
  // live task of `pick` is reported in the state that it has, as ECS sends events more than once.
  kTaskRunning,   // PENDING to RUNNING.
  kTaskStopping,  // lastStatus of a task that is to stop, on its way.
  kTaskStopped,   // STOPPED: what it held is free.
  // W6, 30 %: half each.
  kStopElsewhere,   // Another scheduler stops the live task of `pick`: desired STOPPED.
  kStartElsewhere,  // Another scheduler starts a task of class `class_index` on the instance of `pick`, whether or not Berth would.
  // W6, 15 %.
  kAgentLost,
  kAgentConnected,  // The agent of an earlier kAgentLost.
  kAgentVersion,    // agent_version_of().
  kDrain,
  kActivate,  // The instance of an earlier kDrain.
  // W6, 10 %.
  kAttributePut,     // attribute_of().
  kAttributeRemove,  // The attribute of an earlier kAttributePut; attribute_of().
  // W6, 5 %.
  kDeregister,  // By force: its tasks become orphans.
  kRegister,    // A new instance, empty, with the type and attributes of the one of an earlier kDeregister.
};

struct Operation {
  OperationKind kind = OperationKind::kPlace;
  std::uint32_t class_index = 0;  // Into the zoo; for kPlace and kStartElsewhere.
  std::uint64_t pick = 0;         // 64 random bits.
  std::uint64_t draw = 0;         // 64 random bits.
};

// Maps a pick to [0, count). REQUIRES: count > 0.
constexpr std::uint64_t pick_of(std::uint64_t pick, std::uint64_t count) {
  return bounded(pick, count);
}

// Operation `index` of W2's stream of one thread: even ones place, odd ones stop; classes are equally likely. Pure, so that any part of a
// stream can be replayed. REQUIRES: classes > 0.
constexpr Operation churn_operation(std::uint64_t seed, std::uint64_t index, std::uint32_t classes) {
  Operation operation;
  operation.pick = draw64(seed, index, 0);
  operation.draw = draw64(seed, index, 1);
  operation.kind = index % 2 == 0 ? OperationKind::kPlace : OperationKind::kStop;
  operation.class_index = static_cast<std::uint32_t>(bounded(operation.pick, classes));
  return operation;
}

// Deltas of one block: every block of 40 in a row holds the shares exactly, in its own order.
inline constexpr std::uint32_t kDeltaBlock = 40;

// W6's stream. What it takes away (agents, drained and deregistered instances, put attributes) it gives back `lag` blocks later, so that
// the fleet stays as it is: about 1 % of the instances are out at a time. In the first `lag` blocks what gives back meets instances that
// nothing was taken from: an agent connects again, a few instances more register.
class DeltaStream {
 public:
  // REQUIRES: instances > 0, classes > 0.
  DeltaStream(std::uint64_t seed, std::uint32_t instances, std::uint32_t classes);
  Operation next();
  [[nodiscard]] std::uint64_t lag_blocks() const { return lag_blocks_; }

 private:
  void shuffle_block();

  std::uint64_t seed_;
  std::uint64_t lag_blocks_;
  std::uint32_t classes_;
  std::uint64_t block_ = 0;
  std::uint32_t at_ = 0;
  std::array<std::uint8_t, kDeltaBlock> order_{};
};

struct AttributeChange {
  std::string_view name;
  std::string_view value;
};
// Of kAttributePut and kAttributeRemove: one of the fleet's custom attributes with another of its values, or one that the fleet lacks.
AttributeChange attribute_of(const Operation& operation);
// Of kAgentVersion: one of the fleet's versions, in the fleet's shares.
std::string_view agent_version_of(const Operation& operation);

// "place", "task_running": for tables and messages.
std::string_view to_text(OperationKind kind);

}  // namespace berth::workloads
