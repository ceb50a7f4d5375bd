// SnapshotBuilder::State: the rows, and buffers that its calls use again.
//
// Thread rule and lifetime: the builder's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/snapshot/builder.h"
#include "engine/snapshot/builder_rows.h"

namespace berth {

struct SnapshotBuilder::State {
  State();

  BuilderRows rows;

  // Interns what `ports` holds, in any order.
  std::uint32_t intern_ports();
  std::uint32_t intern_ports(std::span<const std::uint16_t> tcp, std::span<const std::uint16_t> udp);
  Result<std::uint32_t> intern_attributes(const InstanceRecord& record);
  Result<std::uint32_t> intern_shape(const TaskRecord& record);

  // Sets what an instance has of one own resource, by their numbers.
  void set_own(std::uint32_t own, std::uint32_t instance, std::int32_t registered, std::int32_t remaining);
  // The amounts of own resources as words of a shape, in shape_words behind those of the TaskShape.
  Outcome append_held(const TaskRecord& record);

  std::vector<std::uint32_t> ports;
  std::vector<AttributePair> pairs;
  std::vector<std::uint64_t> places;
  std::vector<std::uint64_t> shape_words;
  // The instance of the task that came last; tasks often come in runs of one instance.
  std::uint32_t last_instance = kNoId;
};

}  // namespace berth
