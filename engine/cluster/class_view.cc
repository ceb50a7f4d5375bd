// What an index keeps of one class: the parts of its chain and how many tasks each has.

#include <algorithm>

#include "engine/cluster/index.h"

namespace berth::cluster {

ClassView::ClassView(Inventory& inventory, const RequestClass& request_class)
    : checks(inventory, request_class),
      inventory_(inventory),
      class_(request_class),
      level_values_(request_class.group_levels.size()),
      counts_(request_class.group_levels.size()) {}

std::uint32_t ClassView::part_of_set(std::uint32_t set) {
  if (set < set_parts_.size() && set_parts_[set] != kNoId) {
    return set_parts_[set];
  }
  if (set >= set_parts_.size()) {
    set_parts_.resize(std::max<std::size_t>(set + 1, inventory_.attribute_sets.size()), kNoId);
  }
  scratch_.clear();
  for (std::size_t level = 0; level < class_.group_levels.size(); ++level) {
    const std::uint32_t value = inventory_.attribute_in_set(set, class_.group_levels[level].name);
    // An instance without the attribute, and one without a value, have the value "".
    const std::uint32_t id = value == kAttributeAbsent || value == kAttributeNameOnly ? class_.empty_value : value;
    std::vector<std::uint32_t>& values = level_values_[level];
    const auto found = std::find(values.begin(), values.end(), id);
    scratch_.push_back(static_cast<std::uint32_t>(found - values.begin()));
    if (found == values.end()) {
      values.push_back(id);
      counts_[level].push_back(0);
    }
  }
  const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Part& known) { return known.values == scratch_; });
  set_parts_[set] = static_cast<std::uint32_t>(part - parts_.begin());
  if (part == parts_.end()) {
    parts_.emplace_back().values = scratch_;
  }
  return set_parts_[set];
}

void ClassView::count(const GroupMembers& group) {
  const auto add = [&](const GroupMembers::Member& member, std::uint64_t count) {
    if (!checks.is_of_cluster(member.identity)) {
      return;
    }
    const std::vector<std::uint32_t>& values = parts_[part_of_set(member.attribute_set)].values;
    for (std::size_t level = 0; level < values.size(); ++level) {
      counts_[level][values[level]] += count;
    }
  };
  if (!is_counted_ || !group.reaches_back_to(group_step_)) {
    for (std::vector<std::uint64_t>& level : counts_) {
      std::fill(level.begin(), level.end(), 0);
    }
    group.members().for_each([&](std::uint32_t, const GroupMembers::Member& member) { add(member, member.count); });
    is_counted_ = true;
  } else {
    for (; group_step_ < group.end(); ++group_step_) {
      const GroupMembers::Step& step = group.step(group_step_);
      add(step.before, std::uint64_t{0} - step.before.count);
      add(step.after, step.after.count);
    }
  }
  group_step_ = group.end();
}

bool ClassView::choose_parts() {
  const Part* least = nullptr;
  const auto compare = [&](const Part& a, const Part& b) {
    for (std::size_t level = 0; level < counts_.size(); ++level) {
      const std::uint64_t left = counts_[level][a.values[level]];
      const std::uint64_t right = counts_[level][b.values[level]];
      if (left != right) {
        return left < right ? -1 : 1;
      }
    }
    return 0;
  };
  for (const Part& part : parts_) {
    if (!part.is_tried && part.has_instances && (least == nullptr || compare(part, *least) < 0)) {
      least = &part;
    }
  }
  is_next_.assign(parts_.size() + 1, 0);
  for (std::size_t part = 0; part < parts_.size() && least != nullptr; ++part) {
    is_next_[part + 1] = !parts_[part].is_tried && parts_[part].has_instances && compare(parts_[part], *least) == 0 ? 1 : 0;
  }
  return least != nullptr;
}

void ClassView::meet_sets(const SetSlots& set_slots, std::uint64_t set_changes) {
  const std::uint32_t sets = inventory_.attribute_sets.size();
  if (sets_met_ == sets && set_changes_ == set_changes) {
    return;
  }
  checks.work_out_sets();
  for (Part& part : parts_) {
    part.has_instances = false;
  }
  candidate_parts_.assign(sets, 0);
  for (std::uint32_t set = 0; set < sets; ++set) {
    if (checks.set_passes(set)) {
      const std::uint32_t part = part_of_set(set);
      candidate_parts_[set] = part + 1;
      parts_[part].has_instances = parts_[part].has_instances || !set_slots.of(set).empty();
    }
  }
  sets_met_ = sets;
  set_changes_ = set_changes;
}

}  // namespace berth::cluster
