// Checks: the checks of one request bound to one snapshot (their order and meaning: README.md). A check can be asked of a block of
// instances at once, on the snapshot as it is, or of one instance that has taken tasks of the request since.
//
// What depends only on an attribute set or a port set is worked out once per set here, and looked up per instance.
// Thread rule: immutable once made. Lifetime: at most that of the request and the group counts; keeps the snapshot alive.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/placement/attribute_column.h"
#include "engine/placement/blocks.h"
#include "engine/placement/group_counts.h"
#include "engine/placement/port_check.h"
#include "engine/placement/reason.h"
#include "engine/placement/request.h"
#include "engine/query/program.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

// A condition on the value of one attribute.
class AttributeCondition {
 public:
  AttributeCondition(const Snapshot& snapshot, const AttributeRequirement& requirement);
  // Holds when the value is one of `values`.
  AttributeCondition(const Snapshot& snapshot, std::string_view name, std::span<const std::string> values);

  [[nodiscard]] const AttributeColumn& column() const { return column_; }
  [[nodiscard]] bool holds(std::uint32_t instance) const { return holds_for(column_.value(instance)); }
  // `value` is a value id, kAttributeNameOnly or kAttributeAbsent.
  [[nodiscard]] bool holds_for(std::uint32_t value) const;

 private:
  AttributeColumn column_;
  std::vector<std::uint32_t> wanted_;  // Value ids; few.
  bool any_value_ = false;
  bool name_only_holds_ = false;
  bool absent_holds_ = false;
};

class Checks {
 public:
  // For RunTask: binds the expressions and prepares the answers by block.
  Checks(const SnapshotPtr& snapshot, const Request& request, const GroupCounts& counts, Executor& executor);
  // For StartTask: checks 1 to 11, of single instances only.
  Checks(const SnapshotPtr& snapshot, const Request& request);

  // The checks that can fail under this request, in their order.
  [[nodiscard]] std::span<const Reason> active() const { return active_; }

  // Which instances of a block fail the check on the snapshot as it is; bit 0 of words[0] is range.begin. Looks only where `within` has
  // bits. REQUIRES: made for RunTask; range.begin is a multiple of 64.
  void failing(Reason check, BlockRange range, const std::uint64_t* within, std::uint64_t* words) const;

  // Which instances of a block fail some check of the three that attribute sets decide: launch type, attributes, location. For those that
  // pass none of them fails. False: nobody does, and nothing is written.
  bool failing_by_set(BlockRange range, const std::uint64_t* within, std::uint64_t* words) const;
  // active() without the checks that failing_by_set() answers.
  [[nodiscard]] std::span<const Reason> active_besides_sets() const { return besides_sets_; }

  // The same for one instance with `added` tasks of the request on it.
  // REQUIRES: added is 0, or the instance passed all checks before each of them.
  [[nodiscard]] bool fails(Reason check, std::uint32_t instance, std::uint32_t added) const;
  // kNone: it passes.
  [[nodiscard]] Reason first_failure(std::uint32_t instance, std::uint32_t added) const;

  // Fetches what the frequent checks of one instance read.
  void prefetch(std::uint32_t instance) const {
    __builtin_prefetch(snapshot_->cpu_remaining().data() + instance);
    __builtin_prefetch(snapshot_->memory_remaining().data() + instance);
    __builtin_prefetch(snapshot_->attribute_set().data() + instance);
    __builtin_prefetch(snapshot_->agent_connected().data() + instance);
  }

  // What the next task would find on the instance.
  [[nodiscard]] std::int64_t cpu_remaining(std::uint32_t instance, std::uint32_t added) const {
    return snapshot_->cpu_remaining()[instance] - request_->demand.cpu_units * added;
  }
  [[nodiscard]] std::int64_t memory_remaining(std::uint32_t instance, std::uint32_t added) const {
    return snapshot_->memory_remaining()[instance] - request_->demand.memory_mib * added;
  }
  [[nodiscard]] std::int64_t gpus_free(std::uint32_t instance, std::uint32_t added) const;
  // `own` is an index into Demand::own.
  [[nodiscard]] std::int64_t own_remaining(std::size_t own, std::uint32_t instance, std::uint32_t added) const {
    const std::int64_t has = own_columns_[own].empty() ? 0 : own_columns_[own][instance];
    return has - request_->demand.own[own].amount * added;
  }

  // For explanations.
  [[nodiscard]] const PortCheck& ports() const { return ports_; }
  [[nodiscard]] std::span<const AttributeCondition> requirements() const { return requirements_; }
  [[nodiscard]] std::span<const query::Binding> bindings() const { return bindings_; }
  [[nodiscard]] query::LiveFacts facts(std::uint32_t added) const { return {added, request_->group}; }

 private:
  // Bits of set_failures_.
  static constexpr std::uint8_t kLaunchTypeBit = 1;
  static constexpr std::uint8_t kAttributeBit = 2;
  static constexpr std::uint8_t kLocationBit = 4;

  void bind_attributes();
  void bind_own();
  void bind_expressions(Executor& executor);
  void prepare_gpus();
  void list_active(bool is_start);
  void list_besides_sets();
  template <typename Fails>
  void fold_into_sets(const AttributeColumn& column, std::uint8_t bit, const Fails& fails);

  [[nodiscard]] bool set_fails(std::uint32_t instance, std::uint8_t bit) const {
    return (set_failures_[snapshot_->attribute_set()[instance]] & bit) != 0;
  }
  [[nodiscard]] bool launch_type_fails(std::uint32_t instance) const;
  [[nodiscard]] bool attribute_fails(std::uint32_t instance) const;
  [[nodiscard]] bool location_fails(std::uint32_t instance) const;
  [[nodiscard]] bool cpu_fails(std::uint32_t instance, std::uint32_t added) const {
    return cpu_remaining(instance, added) < request_->demand.cpu_units;
  }
  [[nodiscard]] bool memory_fails(std::uint32_t instance, std::uint32_t added) const {
    return memory_remaining(instance, added) < request_->demand.memory_mib;
  }
  [[nodiscard]] bool eni_fails(std::uint32_t instance, std::uint32_t added) const {
    const std::uint16_t limit = snapshot_->eni_limit()[instance];
    return limit != kEniUnlimited && snapshot_->eni_used()[instance] + added >= limit;
  }
  [[nodiscard]] bool own_fails(std::size_t own, std::uint32_t instance, std::uint32_t added) const {
    return own_remaining(own, instance, added) < request_->demand.own[own].amount;
  }
  [[nodiscard]] bool member_of_fails(std::uint32_t instance, std::uint32_t added) const;

  SnapshotPtr snapshot_;
  const Request* request_;
  const GroupCounts* counts_ = nullptr;  // Null for StartTask.
  std::vector<Reason> active_;
  std::vector<Reason> besides_sets_;
  std::uint32_t capacity_provider_ = kNoId;
  std::vector<std::span<const std::int32_t>> own_columns_;  // By index in Demand::own: what remains; empty where nobody has any.
  PortCheck ports_;
  std::optional<Bitset> gpu_failures_;      // RunTask that needs GPUs.
  std::vector<std::uint8_t> set_failures_;  // By attribute set: what fails on every instance of the set.
  bool any_set_fails_ = false;
  // What has one value per instance instead.
  std::optional<AttributeColumn> wide_external_;
  std::vector<std::uint32_t> wide_requirements_;  // Indexes into requirements_.
  std::optional<AttributeCondition> wide_zones_;
  std::vector<AttributeCondition> requirements_;  // Of request.demand.attributes, in their order.
  std::vector<query::Binding> bindings_;          // Of request.member_of, in their order.
  std::vector<std::uint32_t> live_bindings_;      // Those whose answer can change as tasks are placed.
  Bitset member_of_failures_;
};

}  // namespace berth::placement
