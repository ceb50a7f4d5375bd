// WritePlan: everything about a snapshot's bytes that is decided before a byte is written: orders, dictionaries, numbers of sets.
//
// Everything follows from the contents alone, never from the order of arrival, so that equal inventories give equal bytes.
//
// Thread rule: made by one thread (its parts by the executor), then immutable. Lifetime: refers to the rows.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/attribute_sets.h"
#include "engine/snapshot/builder_rows.h"
#include "engine/snapshot/dictionary.h"
#include "engine/snapshot/id_column_plan.h"

namespace berth {

// Numbers in order of first use.
class Numbering {
 public:
  explicit Numbering(std::uint32_t count = 0) : number_(count, kNoId) {}
  std::uint32_t use(std::uint32_t id) {
    if (number_[id] == kNoId) {
      number_[id] = static_cast<std::uint32_t>(order_.size());
      order_.push_back(id);
    }
    return number_[id];
  }
  // REQUIRES: id was used.
  [[nodiscard]] std::uint32_t of(std::uint32_t id) const { return number_[id]; }
  [[nodiscard]] const std::vector<std::uint32_t>& order() const { return order_; }

 private:
  std::vector<std::uint32_t> number_;
  std::vector<std::uint32_t> order_;
};

struct WritePlan {
  std::vector<std::uint32_t> instance_order;  // Row by index.
  std::vector<std::uint32_t> task_begin;      // By instance index, and the end.
  std::vector<std::uint32_t> task_order;      // Row by index.
  Dictionary names, values, groups, texts;
  AttributeSetPlan attributes;
  Numbering port_sets, shapes;
  IdColumnPlan instance_arns, ec2_instance_ids, task_arns;
  std::vector<std::uint32_t> gpu_instances, gpu_begin;
  std::vector<GpuRow> gpus;  // By slot.
  std::vector<Snapshot::TaskGpu> task_gpus;
  std::vector<ProtectedTask> protected_tasks;
  std::vector<std::uint32_t> own_order;  // Number in the rows, by index: ascending by name.
  std::vector<std::int32_t> own_held;    // own_order.size() amounts per shape.
  bool has_tasks = false;
};

// Errors: kInvalidArgument: a task whose instance, or whose GPU, was never added.
Result<WritePlan> make_plan(BuilderRows& rows, Executor& executor, Progress* progress);

}  // namespace berth
