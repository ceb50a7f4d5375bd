// Chain: the strategies of a request as levels of one lexicographic key, with the numbers that the levels compare.
//
// A level is either an *own key*, which only the instance's own tasks change (its group tasks, what remains of it), or a *group level*:
// the count of tasks over all instances that share the instance's value of an attribute. All keys are 32-bit numbers, smaller first.
// Thread rule: bump() has one caller at a time and no readers meanwhile; the rest is const. Lifetime: at most that of the snapshot,
// the request and the group counts. Copies are independent.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/parallel/executor.h"
#include "engine/placement/attribute_column.h"
#include "engine/placement/group_counts.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

// Distinct own keys that a chain can have: tasks of the group, CPU, memory. A second level over the same key changes nothing.
inline constexpr std::uint32_t kOwnKeysMax = 3;
using OwnKeys = std::array<std::uint32_t, kOwnKeysMax>;

// The values of one spread attribute, numbered from 0; the instances without the attribute or without a value share the value "".
class GroupColumn {
 public:
  GroupColumn(const Snapshot& snapshot, const std::string& attribute);

  [[nodiscard]] std::uint32_t value(std::uint32_t instance) const {
    return column_.is_wide() ? number(column_.value(instance)) : by_set_[attribute_set_[instance]];
  }
  // Values are below this; of a wide attribute not all of them need to occur.
  [[nodiscard]] std::uint32_t value_count() const { return value_count_; }
  [[nodiscard]] bool is_wide() const { return column_.is_wide(); }
  // REQUIRES: !is_wide(). By attribute set.
  [[nodiscard]] std::span<const std::uint32_t> by_set() const { return by_set_; }

 private:
  // Of a wide attribute the number of a value is its id.
  [[nodiscard]] std::uint32_t number(std::uint32_t id) const {
    return id == kAttributeAbsent || id == kAttributeNameOnly ? empty_value_ : id;
  }

  AttributeColumn column_;
  std::span<const std::uint32_t> attribute_set_;
  std::vector<std::uint32_t> by_set_;
  std::uint32_t empty_value_ = 0;
  std::uint32_t value_count_ = 0;
};

struct Level {
  Strategy::Kind kind;
  std::uint32_t slot = 0;  // Of the own key, or of the group level.
  std::string attribute;   // Group levels: its name.

  [[nodiscard]] bool is_group() const { return kind == Strategy::Kind::kSpreadAttribute; }
};

class Chain {
 public:
  Chain(const Snapshot& snapshot, const Request& request, const GroupCounts& counts);

  // The levels before `random` or the end, repetitions left out.
  [[nodiscard]] std::span<const Level> levels() const { return levels_; }
  [[nodiscard]] bool ends_in_random() const { return ends_in_random_; }
  [[nodiscard]] std::uint32_t own_key_count() const { return static_cast<std::uint32_t>(own_.size()); }
  [[nodiscard]] std::uint32_t group_level_count() const { return static_cast<std::uint32_t>(groups_.size()); }
  [[nodiscard]] const GroupColumn& group_column(std::uint32_t slot) const { return groups_[slot].column; }

  // The own keys of an instance with `added` tasks of the request on it, in the order of their slots; the rest is 0.
  [[nodiscard]] OwnKeys own_keys(std::uint32_t instance, std::uint32_t added) const;
  [[nodiscard]] std::uint32_t group_count(std::uint32_t slot, std::uint32_t value) const { return groups_[slot].counts[value]; }
  // First own keys of instances without tasks of the request, in the forms that they come in; for loops over many.
  struct NoKey {  // There is none, or it is 0 for all.
    std::uint32_t operator()(std::uint32_t) const { return 0; }
  };
  struct CountKey {
    const GroupCounts* counts;
    std::uint32_t operator()(std::uint32_t instance) const { return counts->of(instance); }
  };
  struct AmountKey {
    std::span<const std::int32_t> remaining;
    std::uint32_t operator()(std::uint32_t instance) const { return ordered(remaining[instance]); }
  };
  // Calls visit() with the one that the chain has.
  template <typename Visit>
  void with_first_own_key(const Visit& visit) const;
  // The key of one level.
  [[nodiscard]] std::uint32_t key(const Level& level, std::uint32_t instance, std::uint32_t added) const;

  // One more task on an instance with this value.
  void bump(std::uint32_t slot, std::uint32_t value) { ++groups_[slot].counts[value]; }
  // The same on every group level of an instance.
  void bump_all(std::uint32_t instance);

 private:
  struct Group {
    GroupColumn column;
    std::vector<std::uint32_t> counts;  // Tasks of the group by value.
  };

  // Keeps the order of signed amounts in an unsigned key.
  static std::uint32_t ordered(std::int64_t amount) { return static_cast<std::uint32_t>(static_cast<std::int32_t>(amount)) ^ 0x80000000U; }
  void add_level(const Snapshot& snapshot, const Strategy& strategy);
  void count_groups();
  [[nodiscard]] std::uint32_t own_key(Strategy::Kind kind, std::uint32_t instance, std::uint32_t added) const;

  const Request* request_;
  const GroupCounts* instance_counts_;
  std::span<const std::int32_t> cpu_remaining_;
  std::span<const std::int32_t> memory_remaining_;
  std::vector<Level> levels_;
  std::vector<Strategy::Kind> own_;  // By slot.
  std::vector<Group> groups_;        // By slot.
  bool ends_in_random_ = false;
};

template <typename Visit>
void Chain::with_first_own_key(const Visit& visit) const {
  const Strategy::Kind kind = own_.empty() ? Strategy::Kind::kSpreadInstance : own_.front();
  if (kind == Strategy::Kind::kBinpackCpu || kind == Strategy::Kind::kBinpackMemory) {
    visit(AmountKey{kind == Strategy::Kind::kBinpackCpu ? cpu_remaining_ : memory_remaining_});
  } else if (!own_.empty() && instance_counts_->any()) {
    visit(CountKey{instance_counts_});
  } else {
    visit(NoKey{});
  }
}

}  // namespace berth::placement
