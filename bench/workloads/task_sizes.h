// Sizes of real tasks: the CPU and memory of published ECS task definitions.
//
// Thread rule: constant data.
#pragma once

#include <cstdint>
#include <span>

namespace berth::workloads {

struct TaskSize {
  std::uint16_t definitions;  // How many of the definitions have this size.
  std::int32_t cpu_units;     // 1024 = 1 vCPU; 0: the definition reserves none.
  std::int32_t memory_mib;
};

// Ascending by CPU, then memory; each pair once.
std::span<const TaskSize> task_sizes();

}  // namespace berth::workloads
