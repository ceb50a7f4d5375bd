// The second answer to a replay: the fleet is a list of model instances, made into a snapshot again for every arrival and asked with
// decide(). Slow, and shares neither the live cluster nor the books of the engine's replay.
//
// Thread rule: one thread. Lifetime: owns what it holds.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/service/replay.h"
#include "engine/service/trace.h"
#include "tests/unit/placement/model.h"

namespace berth::service::test {

struct NaiveReplay {
  std::vector<Fate> fates;  // By arrival.
  // How things stand when all of an arrival's moment has happened.
  struct Moment {
    Amounts used{};
    std::array<double, kResourceCount> fragmented{};  // Expected amounts.
    std::uint32_t instances_in_use = 0;
  };
  std::vector<Moment> moments;
};

// REQUIRES: the instances of `fleet` are ascending by ARN, and the trace has departures and no inflation.
NaiveReplay replay_naively(const placement::test::Fleet& fleet, const Trace& trace, const ReplayOptions& options);

}  // namespace berth::service::test
