// What is publicly known of EC2 instance types: sizes, and how many tasks with an ENI of their own an instance takes (rule D10).
//
// The table is written by make_instance_types.py. Thread rule: constant data, pure functions. Lifetime: static.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace berth::ecs {

enum class Architecture : std::uint8_t { kX86_64, kArm64 };

std::string_view to_text(Architecture architecture);  // "x86_64", "arm64": the values of ecs.cpu-architecture.

// A figure of 0 is not known, but for gpus.
struct InstanceType {
  std::string_view name;
  std::uint16_t vcpus;
  std::int32_t cpu_units;
  std::int32_t memory_mib;  // As Linux shows it, which is what the agent registers.
  std::uint8_t gpus;
  std::uint16_t eni_max;            // Network interfaces, the primary one included.
  std::uint16_t trunk_branch_enis;  // Branch interfaces of a trunk; 0 where trunking is not supported.
  std::uint16_t documented_tasks;   // Tasks with an ENI as the ECS guide lists them, without and with trunking.
  std::uint16_t documented_tasks_trunking;
  Architecture architecture;
  bool trunking_compatible;
};

// Ascending by name.
std::span<const InstanceType> instance_types();

// nullptr for a type that the table lacks.
const InstanceType* find_instance_type(std::string_view name);

// How many tasks with an ENI of their own fit: the documented figure, else the derived one; kEniUnlimited when neither is known.
std::uint16_t eni_task_limit(const InstanceType* type, bool has_trunk);

}  // namespace berth::ecs
