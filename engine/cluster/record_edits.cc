#include "engine/cluster/record_edits.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace berth::cluster {

std::uint64_t lowest_gpus(const Record& record, std::uint32_t count) {
  std::uint64_t free = record.gpu_free;
  std::uint64_t mask = 0;
  for (std::uint32_t taken = 0; taken < count && free != 0; ++taken) {
    mask |= free & (~free + 1);
    free &= free - 1;
  }
  return mask;
}

void take(const Inventory& inventory, Record& record, const LiveTask& task, std::uint64_t gpu_mask) {
  const Shape& shape = inventory.shapes.at(task.shape);
  record.cpu_remaining -= shape.cpu_units;
  record.memory_remaining -= shape.memory_mib;
  inventory.take_own(record, shape);
  record.eni_used = static_cast<std::uint16_t>(record.eni_used + (shape.uses_eni ? 1 : 0));
  record.gpu_free &= ~gpu_mask;
  record.running_tasks += task.counts() ? 1U : 0U;
  record.pending_tasks += task.last_status == TaskStatus::kPending ? 1U : 0U;
  record.touched_group = task.counts() ? task.group : kGroupNone;
  record.effect = Effect::kTaken;
}

void give_back(const Inventory& inventory, Record& record, const LiveTask& gone, std::uint64_t freed_gpus) {
  const Shape& shape = inventory.shapes.at(gone.shape);
  record.cpu_remaining += shape.cpu_units;
  record.memory_remaining += shape.memory_mib;
  inventory.give_own(record, shape);
  record.gpu_free |= freed_gpus;
  record.eni_used = static_cast<std::uint16_t>(record.eni_used - (shape.uses_eni && record.eni_used > 0 ? 1 : 0));
  record.touched_group = gone.counts() ? gone.group : kGroupNone;
  record.running_tasks -= gone.counts() ? std::min(record.running_tasks, 1U) : 0;
  record.pending_tasks -= gone.last_status == TaskStatus::kPending ? std::min(record.pending_tasks, 1U) : 0;
}

void recount(Record& record, const LiveTask& task, bool counted) {
  if (task.counts() != counted) {
    record.touched_group = task.group;
    record.running_tasks = counted ? record.running_tasks - std::min(record.running_tasks, 1U) : record.running_tasks + 1;
  }
}

Result<std::uint32_t> set_with(Inventory& inventory, std::uint32_t set, std::uint32_t name, std::uint32_t value) {
  std::vector<AttributePair> pairs = inventory.attribute_sets.at(set);
  const auto at =
      std::lower_bound(pairs.begin(), pairs.end(), name, [](const AttributePair& pair, std::uint32_t id) { return pair.name < id; });
  const bool is_there = at != pairs.end() && at->name == name;
  if (value == kAttributeAbsent) {
    pairs.erase(at);
  } else if (is_there) {
    at->value = value;
  } else {
    pairs.insert(at, {name, value});
  }
  return inventory.intern_set(std::move(pairs));
}

}  // namespace berth::cluster
