#include "engine/placement/chain.h"

#include <algorithm>
#include <optional>

namespace berth::placement {
namespace {

constexpr std::uint32_t kUnnumbered = 0xFFFFFFFFU;

}  // namespace

GroupColumn::GroupColumn(const Snapshot& snapshot, const std::string& attribute)
    : column_(snapshot, attribute), attribute_set_(snapshot.attribute_set()) {
  const std::optional<std::uint32_t> empty_id = snapshot.attribute_values().find("");
  const std::uint32_t id_count = snapshot.attribute_values().size();
  if (column_.is_wide()) {
    empty_value_ = empty_id.value_or(id_count);
    value_count_ = id_count + 1;
    return;
  }
  std::vector<std::uint32_t> number_of(std::size_t{id_count} + 1, kUnnumbered);
  empty_value_ = empty_id.value_or(id_count);
  by_set_.reserve(column_.by_set().size());
  for (const std::uint32_t id : column_.by_set()) {
    std::uint32_t& number_of_id = number_of[number(id)];
    if (number_of_id == kUnnumbered) {
      number_of_id = value_count_++;
    }
    by_set_.push_back(number_of_id);
  }
}

Chain::Chain(const Snapshot& snapshot, const Request& request, const GroupCounts& counts)
    : request_(&request),
      instance_counts_(&counts),
      cpu_remaining_(snapshot.cpu_remaining()),
      memory_remaining_(snapshot.memory_remaining()) {
  for (const Strategy& strategy : request.strategies) {
    if (strategy.kind == Strategy::Kind::kRandom) {
      ends_in_random_ = true;
      break;
    }
    add_level(snapshot, strategy);
  }
  count_groups();
}

void Chain::add_level(const Snapshot& snapshot, const Strategy& strategy) {
  const bool repeated = std::any_of(levels_.begin(), levels_.end(), [&](const Level& level) {
    return level.kind == strategy.kind && (!level.is_group() || level.attribute == strategy.attribute);
  });
  if (repeated) {
    return;
  }
  Level level{strategy.kind, 0, {}};
  if (level.is_group()) {
    level.slot = group_level_count();
    level.attribute = strategy.attribute;
    groups_.push_back({GroupColumn(snapshot, strategy.attribute), {}});
  } else {
    level.slot = own_key_count();
    own_.push_back(strategy.kind);
  }
  levels_.push_back(std::move(level));
}

void Chain::count_groups() {
  for (Group& group : groups_) {
    group.counts.assign(group.column.value_count(), 0);
    for (const std::uint32_t instance : instance_counts_->instances()) {
      group.counts[group.column.value(instance)] += instance_counts_->of(instance);
    }
  }
}

std::uint32_t Chain::own_key(Strategy::Kind kind, std::uint32_t instance, std::uint32_t added) const {
  switch (kind) {
    case Strategy::Kind::kSpreadInstance:
      return instance_counts_->of(instance) + added;
    case Strategy::Kind::kBinpackCpu:
      return ordered(cpu_remaining_[instance] - request_->demand.cpu_units * added);
    case Strategy::Kind::kBinpackMemory:
      return ordered(memory_remaining_[instance] - request_->demand.memory_mib * added);
    default:
      return 0;
  }
}

OwnKeys Chain::own_keys(std::uint32_t instance, std::uint32_t added) const {
  OwnKeys keys{};
  for (std::size_t slot = 0; slot < own_.size(); ++slot) {
    keys[slot] = own_key(own_[slot], instance, added);
  }
  return keys;
}

std::uint32_t Chain::key(const Level& level, std::uint32_t instance, std::uint32_t added) const {
  if (level.is_group()) {
    return group_count(level.slot, group_column(level.slot).value(instance));
  }
  return own_key(level.kind, instance, added);
}

void Chain::bump_all(std::uint32_t instance) {
  for (std::uint32_t slot = 0; slot < group_level_count(); ++slot) {
    bump(slot, group_column(slot).value(instance));
  }
}

}  // namespace berth::placement
