#include "engine/query/bound_leaf.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/limits.h"
#include "engine/query/leaf_value.h"
#include "engine/snapshot/id_encoding.h"

namespace berth::query {
namespace {

// Calls body(begin, end) for each block of [0, size). Blocks begin at multiples of 64, so that no two share a word of a bitset.
template <typename Body>
void for_blocks(std::uint32_t size, Executor& executor, Body&& body) {
  const std::size_t blocks = (std::size_t{size} + kBlockInstances - 1) / kBlockInstances;
  executor.run(blocks, [&](std::size_t block) {
    const auto begin = static_cast<std::uint32_t>(block * kBlockInstances);
    body(begin, std::min(size, begin + kBlockInstances));
  });
}

bool is_equality(Operator op) {
  return op == Operator::kEqual || op == Operator::kNotEqual || is_list(op);
}

// The ids of the leaf's values in a sorted table.
std::vector<std::uint32_t> ids_of_values(const Leaf& leaf, const StringTable& table) {
  std::vector<std::uint32_t> ids;
  for (const std::string& value : leaf.values) {
    if (const std::optional<std::uint32_t> id = table.find(value)) {
      ids.push_back(*id);
    }
  }
  return ids;
}

// Ids that are looked for in a column, as the column stores them: each prefix that an id begins with, and the tail that is left.
class IdKeys {
 public:
  IdKeys(const IdColumn& column, const std::vector<std::string>& ids) : column_(column), by_prefix_(column.prefixes().size()) {
    for (std::uint32_t prefix = 0; prefix < column.prefixes().size(); ++prefix) {
      const std::string_view head = column.prefixes().at(prefix);
      const IdFormat format = column.format_of_prefix(prefix);
      for (const std::string_view id : ids) {
        if (!id.starts_with(head)) {
          continue;
        }
        Key key{{0, 0}, id.substr(head.size())};
        if (format == IdFormat::kText || parse_tail(key.text, format, key.tail)) {
          by_prefix_[prefix].push_back(key);
        }
      }
      std::sort(by_prefix_[prefix].begin(), by_prefix_[prefix].end(), [&](const Key& a, const Key& b) { return is_before(format, a, b); });
    }
  }

  [[nodiscard]] bool contains(std::uint32_t index) const {
    const std::vector<Key>& keys = by_prefix_[column_.prefix(index)];
    if (keys.empty()) {
      return false;
    }
    const IdFormat format = column_.format(index);
    const Key wanted{column_.tail(index), format == IdFormat::kText ? column_.text_tail(index) : std::string_view()};
    return std::binary_search(keys.begin(), keys.end(), wanted, [&](const Key& a, const Key& b) { return is_before(format, a, b); });
  }

 private:
  struct Key {
    IdTail tail;
    std::string_view text;
  };
  static bool is_before(IdFormat format, const Key& a, const Key& b) {
    if (format == IdFormat::kText) {
      return a.text < b.text;
    }
    return a.tail.high != b.tail.high ? a.tail.high < b.tail.high : a.tail.low < b.tail.low;
  }

  const IdColumn& column_;
  std::vector<std::vector<Key>> by_prefix_;
};

bool is_empty_id(const IdColumn& column, std::uint32_t index) {
  return column.format(index) == IdFormat::kText && column.prefixes().at(column.prefix(index)).empty() && column.text_tail(index).empty();
}

}  // namespace

BoundLeaf BoundLeaf::bind(const Leaf& leaf, const Policy& policy, const Snapshot& snapshot, Executor& executor) {
  BoundLeaf bound;
  bound.leaf_ = &leaf;
  bound.policy_ = &policy;
  bound.snapshot_ = &snapshot;
  switch (leaf.subject) {
    case Subject::kAttribute:
      bound.bind_attribute(executor);
      break;
    case Subject::kAgentVersion:
      bound.bind_versions();
      break;
    case Subject::kAgentConnected:
      bound.kind_ = Kind::kConnected;
      bound.table_ = Bitset(2);
      bound.table_.assign(0, holds_for_connected(leaf, policy, false, PatternRun::kFast));
      bound.table_.assign(1, holds_for_connected(leaf, policy, true, PatternRun::kFast));
      break;
    case Subject::kEc2InstanceId:
      bound.bind_instance_ids(executor);
      break;
    case Subject::kRegisteredAt:
      bound.kind_ = Kind::kRegisteredAt;
      break;
    case Subject::kRunningTasksCount:
      bound.kind_ = Kind::kRunningTasks;
      break;
    case Subject::kTaskGroup:
      bound.bind_groups(executor);
      break;
  }
  return bound;
}

void BoundLeaf::bind_attribute(Executor& executor) {
  when_absent_ = holds_for_absent(*leaf_);
  when_name_only_ = holds_for_name_only(*leaf_, *policy_, PatternRun::kFast);
  const std::optional<std::uint32_t> name = snapshot_->attribute_names().find(leaf_->attribute_name);
  if (name) {
    for (const WideAttribute& wide : snapshot_->wide_attributes()) {
      if (wide.name == *name) {
        bind_wide(wide.values, executor);
        return;
      }
    }
  }
  kind_ = Kind::kSetTable;
  column_ = snapshot_->attribute_set();
  table_ = Bitset(snapshot_->attribute_set_count(), when_absent_);
  if (!name) {
    return;
  }
  std::unordered_map<std::uint32_t, bool> answers;  // By value id: a pattern runs once per distinct value.
  for (std::uint32_t set = 0; set < snapshot_->attribute_set_count(); ++set) {
    const std::span<const AttributePair> pairs = snapshot_->attribute_set_pairs(set);
    const auto pair =
        std::lower_bound(pairs.begin(), pairs.end(), *name, [](const AttributePair& p, std::uint32_t id) { return p.name < id; });
    if (pair == pairs.end() || pair->name != *name) {
      continue;
    }
    if (pair->value == kAttributeNameOnly) {
      table_.assign(set, when_name_only_);
      continue;
    }
    const auto [answer, is_new] = answers.try_emplace(pair->value, false);
    if (is_new) {
      answer->second = holds_for_text(*leaf_, *policy_, snapshot_->attribute_values().at(pair->value), PatternRun::kFast);
    }
    table_.assign(set, answer->second);
  }
}

void BoundLeaf::bind_wide(std::span<const std::uint32_t> column, Executor& executor) {
  kind_ = Kind::kColumnTable;
  column_ = column;
  const StringTable& values = snapshot_->attribute_values();
  if (is_equality(leaf_->op)) {
    table_ = Bitset(values.size());
    for (const std::uint32_t id : ids_of_values(*leaf_, values)) {
      table_.set(id);
    }
    if (is_negative(leaf_->op)) {
      table_.flip();
    }
    return;
  }
  if (is_existence(leaf_->op)) {
    table_ = Bitset(values.size(), leaf_->op == Operator::kExists);
    return;
  }
  // The table of values serves all attributes: only those of this column are looked at.
  Bitset is_used(values.size());
  for (const std::uint32_t value : column) {
    if (value != kAttributeAbsent && value != kAttributeNameOnly) {
      is_used.set(value);
    }
  }
  table_ = Bitset(values.size());
  for_blocks(values.size(), executor, [&](std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t value = begin; value < end; ++value) {
      if (is_used.test(value) && holds_for_text(*leaf_, *policy_, values.at(value), PatternRun::kFast)) {
        table_.set(value);
      }
    }
  });
}

void BoundLeaf::bind_versions() {
  kind_ = Kind::kColumnTable;
  column_ = snapshot_->agent_version();
  const StringTable& texts = snapshot_->texts();
  Bitset is_used(texts.size());
  for (const std::uint32_t text : column_) {
    if (text != kNoId) {
      is_used.set(text);
    }
  }
  table_ = Bitset(texts.size());
  is_used.for_each(
      [&](std::size_t text) { table_.assign(text, holds_for_version(*leaf_, *policy_, texts.at(static_cast<std::uint32_t>(text)))); });
}

void BoundLeaf::bind_instance_ids(Executor& executor) {
  kind_ = Kind::kInstanceTable;
  table_ = Bitset(snapshot_->instance_count());
  const IdColumn& column = snapshot_->ec2_instance_ids();
  const IdKeys keys(column, leaf_->values);
  for_blocks(snapshot_->instance_count(), executor, [&](std::uint32_t begin, std::uint32_t end) {
    std::string text;
    fill_words(begin, end, table_.words().data() + begin / 64, [&](std::uint32_t instance) {
      bool matches = false;
      if (is_pattern(leaf_->op)) {
        text.clear();
        column.append_to(instance, text);
        matches = is_match(*leaf_, text, PatternRun::kFast);
      } else {
        matches = keys.contains(instance);
      }
      return holds_for_instance_id(*leaf_, !is_empty_id(column, instance), matches);
    });
  });
}

void BoundLeaf::bind_groups(Executor& executor) {
  kind_ = Kind::kGroup;
  const StringTable& groups = snapshot_->groups();
  matching_groups_ = Bitset(groups.size());
  if (is_equality(leaf_->op)) {
    for (const std::uint32_t id : ids_of_values(*leaf_, groups)) {
      matching_groups_.set(id);
    }
  } else if (is_pattern(leaf_->op)) {
    for_blocks(groups.size(), executor, [&](std::uint32_t begin, std::uint32_t end) {
      for (std::uint32_t group = begin; group < end; ++group) {
        matching_groups_.assign(group, is_match(*leaf_, groups.at(group), PatternRun::kFast));
      }
    });
  }
  const bool by_desired = policy_->group_tasks == Policy::GroupTasks::kDesiredRunning;
  const std::span<const std::uint8_t> statuses = by_desired ? snapshot_->task_desired_status() : snapshot_->task_last_status();
  const std::span<const std::uint32_t> shape_of = snapshot_->task_shape();
  const std::span<const TaskShape> shapes = snapshot_->task_shapes();
  has_tasks_ = Bitset(snapshot_->instance_count());
  table_ = Bitset(snapshot_->instance_count());
  for_blocks(snapshot_->instance_count(), executor, [&](std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t instance = begin; instance < end; ++instance) {
      const Snapshot::TaskRange tasks = snapshot_->tasks_of(instance);
      for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
        if (statuses[task] != static_cast<std::uint8_t>(TaskStatus::kRunning)) {
          continue;
        }
        has_tasks_.set(instance);
        const std::uint32_t group = shapes[shape_of[task]].group;
        if (group != kNoId && matching_groups_.test(group)) {
          table_.set(instance);
        }
      }
    }
  });
}

void BoundLeaf::fill(std::uint32_t begin, std::uint32_t end, std::uint64_t* words) const {
  switch (kind_) {
    case Kind::kSetTable:
      fill_words(begin, end, words, [this](std::uint32_t i) { return table_.test(column_[i]); });
      return;
    case Kind::kInstanceTable:
      std::copy_n(table_.words().begin() + begin / 64, (end - begin + 63) / 64, words);
      return;
    default:
      fill_words(begin, end, words, [this](std::uint32_t i) { return holds(i); });
      return;
  }
}

bool BoundLeaf::holds(std::uint32_t instance) const {
  switch (kind_) {
    case Kind::kSetTable:
      return table_.test(column_[instance]);
    case Kind::kColumnTable: {
      const std::uint32_t id = column_[instance];
      static_assert(kAttributeAbsent == kNoId);
      if (id >= kAttributeNameOnly) {
        return id == kAttributeAbsent ? when_absent_ : when_name_only_;
      }
      return table_.test(id);
    }
    case Kind::kConnected:
      return table_.test(snapshot_->agent_connected()[instance]);
    case Kind::kRegisteredAt:
      return holds_for_registered_at(*leaf_, snapshot_->registered_at_ms()[instance]);
    case Kind::kRunningTasks:
      return holds_for_running_tasks(*leaf_, snapshot_->running_tasks_count()[instance]);
    case Kind::kInstanceTable:
      return table_.test(instance);
    case Kind::kGroup:
      return holds_for_groups(*leaf_, *policy_, has_tasks_.test(instance), table_.test(instance));
  }
  return false;
}

bool BoundLeaf::is_match_of_new_group(std::string_view group) const {
  if (is_pattern(leaf_->op)) {
    if (const std::optional<std::uint32_t> known = snapshot_->groups().find(group)) {
      return matching_groups_.test(*known);
    }
  }
  return is_match(*leaf_, group, PatternRun::kWithoutAllocation);
}

bool BoundLeaf::holds_live(std::uint32_t instance, const LiveFacts& facts) const {
  if (facts.added_tasks == 0) {
    return holds(instance);
  }
  if (kind_ == Kind::kRunningTasks) {
    const std::int64_t running = std::int64_t{snapshot_->running_tasks_count()[instance]} + facts.added_tasks;
    return holds_for_running_tasks(*leaf_, running);
  }
  // Tasks that were added a moment ago are desired RUNNING; their last status is not RUNNING yet.
  if (kind_ == Kind::kGroup && policy_->group_tasks == Policy::GroupTasks::kDesiredRunning) {
    return holds_for_groups(*leaf_, *policy_, true, table_.test(instance) || is_match_of_new_group(facts.added_group));
  }
  return holds(instance);
}

}  // namespace berth::query
