#include "bench/workloads/churn.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "bench/workloads/deal.h"
#include "engine/ecs/fleet_catalog.h"

namespace berth::workloads {
namespace {

// What stands at one place of a block, before the block's own order. A place that gives back has the pick that the place `undoes` had
// `lag` blocks before.
struct Place {
  OperationKind kind;
  std::uint8_t undoes = kDeltaBlock;  // kDeltaBlock: nothing.
};

using Kind = OperationKind;

// 16 of 40 task states, 12 stops and starts elsewhere, 6 agent and status, 4 attributes, 2 registrations. As many tasks become RUNNING as
// start, as many STOPPED as stop; two thirds of those are reported on their way.
constexpr std::array<Place, kDeltaBlock> kPlaces = {{
    {Kind::kTaskRunning},    {Kind::kTaskRunning},         {Kind::kTaskRunning},    {Kind::kTaskRunning},
    {Kind::kTaskRunning},    {Kind::kTaskRunning},         {Kind::kTaskStopping},   {Kind::kTaskStopping},
    {Kind::kTaskStopping},   {Kind::kTaskStopping},        {Kind::kTaskStopped},    {Kind::kTaskStopped},
    {Kind::kTaskStopped},    {Kind::kTaskStopped},         {Kind::kTaskStopped},    {Kind::kTaskStopped},
    {Kind::kStopElsewhere},  {Kind::kStopElsewhere},       {Kind::kStopElsewhere},  {Kind::kStopElsewhere},
    {Kind::kStopElsewhere},  {Kind::kStopElsewhere},       {Kind::kStartElsewhere}, {Kind::kStartElsewhere},
    {Kind::kStartElsewhere}, {Kind::kStartElsewhere},      {Kind::kStartElsewhere}, {Kind::kStartElsewhere},
    {Kind::kAgentLost},      {Kind::kAgentConnected, 28},  {Kind::kAgentVersion},   {Kind::kAgentVersion},
    {Kind::kDrain},          {Kind::kActivate, 32},        {Kind::kAttributePut},   {Kind::kAttributePut},
    {Kind::kAttributePut},   {Kind::kAttributeRemove, 36}, {Kind::kDeregister},     {Kind::kRegister, 38},
}};
// The put that is taken back; the others change a custom attribute that every instance has.
constexpr std::uint64_t kRingPlace = 36;
constexpr std::uint64_t kRingBit = 1;        // Of Operation::draw: set for the attribute that the fleet lacks.
constexpr std::uint32_t kTakenPerBlock = 3;  // Instances: an agent, a drain, a deregistration.

constexpr std::string_view kRingName = "deploy-ring";
constexpr std::array<std::string_view, 4> kRings = {"canary", "early", "main", "late"};

std::string_view draw_word(std::span<const ecs::WeightedWord> words, std::uint64_t bits) {
  std::uint64_t at = bounded(bits, 100);
  for (const ecs::WeightedWord& word : words) {
    if (at < word.percent) {
      return word.text;
    }
    at -= word.percent;
  }
  return words.back().text;
}

}  // namespace

DeltaStream::DeltaStream(std::uint64_t seed, std::uint32_t instances, std::uint32_t classes)
    : seed_(seed), lag_blocks_(std::max(1U, instances / 100 / kTakenPerBlock)), classes_(classes) {
  shuffle_block();
}

void DeltaStream::shuffle_block() {
  Stream stream(draw64(seed_, block_, kDeltaBlock));
  std::iota(order_.begin(), order_.end(), std::uint8_t{0});
  shuffle(std::span(order_), stream);
}

Operation DeltaStream::next() {
  if (at_ == kDeltaBlock) {
    at_ = 0;
    ++block_;
    shuffle_block();
  }
  const std::uint64_t place = order_[at_++];
  const Place& what = kPlaces[place];
  const bool gives_back = what.undoes != kDeltaBlock;
  // Block numbers below the lag wrap around to numbers that no stream reaches: picks of their own.
  const std::uint64_t block = gives_back ? block_ - lag_blocks_ : block_;
  const std::uint64_t origin = gives_back ? what.undoes : place;
  const std::uint64_t key = block * kDeltaBlock + origin;
  Operation operation;
  operation.kind = what.kind;
  operation.pick = draw64(seed_, key, 0);
  operation.draw = draw64(seed_, key, 1);
  operation.draw = origin == kRingPlace ? operation.draw | kRingBit : operation.draw & ~kRingBit;
  operation.class_index = static_cast<std::uint32_t>(bounded(draw64(seed_, key, 2), classes_));
  return operation;
}

AttributeChange attribute_of(const Operation& operation) {
  if ((operation.draw & kRingBit) != 0) {
    return {kRingName, kRings[bounded(operation.draw, kRings.size())]};
  }
  return {"stack", draw_word(ecs::fleet_stacks(), operation.draw)};
}

std::string_view agent_version_of(const Operation& operation) {
  return draw_word(ecs::fleet_agent_versions(), operation.draw);
}

std::string_view to_text(OperationKind kind) {
  constexpr std::array<std::string_view, 16> kTexts = {"place",           "stop",
                                                       "task_running",    "task_stopping",
                                                       "task_stopped",    "stop_elsewhere",
                                                       "start_elsewhere", "agent_lost",
                                                       "agent_connected", "agent_version",
                                                       "drain",           "activate",
                                                       "attribute_put",   "attribute_remove",
                                                       "deregister",      "register"};
  return kTexts[static_cast<std::size_t>(kind)];
}

}  // namespace berth::workloads
