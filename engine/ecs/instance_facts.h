// InstanceFacts: what an answer shows of the instances that its tasks are on, whether a snapshot or a live cluster has them.
//
// Thread rule: immutable. Lifetime: SnapshotFacts look into the snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/snapshot/snapshot.h"

namespace berth::ecs {

class InstanceFacts {
 public:
  virtual ~InstanceFacts() = default;

  // Of an instance, by the number that the answer's tasks have.
  [[nodiscard]] virtual std::string arn(std::uint32_t instance) const = 0;
  [[nodiscard]] virtual std::string ec2_instance_id(std::uint32_t instance) const = 0;
  // nullopt: it has none; "" when it has no value.
  [[nodiscard]] virtual std::optional<std::string_view> attribute(std::uint32_t instance, std::string_view name) const = 0;
  // By the numbers that AnsweredTask::gpu_slots has.
  [[nodiscard]] virtual std::string_view gpu_id(std::uint32_t slot) const = 0;
  // The ARN of some instance of the inventory; empty when it has none.
  [[nodiscard]] virtual std::string some_arn() const = 0;
};

// Instances and GPU slots are the snapshot's.
class SnapshotFacts final : public InstanceFacts {
 public:
  explicit SnapshotFacts(const Snapshot& snapshot) : snapshot_(snapshot) {}

  [[nodiscard]] std::string arn(std::uint32_t instance) const override { return snapshot_.instance_arns().text(instance); }
  [[nodiscard]] std::string ec2_instance_id(std::uint32_t instance) const override { return snapshot_.ec2_instance_ids().text(instance); }
  [[nodiscard]] std::optional<std::string_view> attribute(std::uint32_t instance, std::string_view name) const override {
    return snapshot_.attribute_text(instance, name);
  }
  [[nodiscard]] std::string_view gpu_id(std::uint32_t slot) const override { return snapshot_.gpu_ids().at(slot); }
  [[nodiscard]] std::string some_arn() const override { return snapshot_.instance_count() == 0 ? std::string() : arn(0); }

 private:
  const Snapshot& snapshot_;
};

}  // namespace berth::ecs
