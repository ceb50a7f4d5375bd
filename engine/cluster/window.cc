#include "engine/cluster/window.h"

#include <algorithm>
#include <limits>
#include <string>

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

// Of one part, however many parts share a window.
constexpr std::uint32_t kPartEntriesMin = 16;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// Keeps the order of signed amounts in an unsigned key.
std::uint32_t ordered(std::int64_t amount) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(amount)) ^ 0x80000000U;
}
std::int64_t amount_of(std::uint32_t key) {
  return static_cast<std::int32_t>(key ^ 0x80000000U);
}

// Turns std's heaps, which keep the largest first, round.
template <typename Less>
auto reversed(Less less) {
  return [less](const auto& a, const auto& b) { return less(b, a); };
}

std::uint32_t key_at(std::uint64_t first_keys, std::uint32_t third_key, std::uint32_t slot) {
  return slot == 2 ? third_key : static_cast<std::uint32_t>(first_keys >> (slot == 0 ? 32U : 0U));
}

}  // namespace

Window::Window(Inventory& inventory, const RequestClass& request_class)
    : inventory_(inventory), class_(request_class), checks_(inventory, request_class), group_levels_(request_class.group_levels.size()) {
  has_wide_level_ =
      std::any_of(class_.group_levels.begin(), class_.group_levels.end(), [](const auto& level) { return level.wide.has_value(); });
  needs_record_ = !class_.request.demand.tcp_ports.empty() || !class_.request.demand.udp_ports.empty() || class_.has_wide_rules ||
                  !class_.live_conjuncts.empty() || class_.request.distinct_instance || class_.request.capacity_provider.has_value() ||
                  class_.request.cluster.has_value() || has_wide_level_;
}

bool Window::less(const Entry& a, const Entry& b) {
  if (a.first_keys != b.first_keys) {
    return a.first_keys < b.first_keys;
  }
  if (a.third_key != b.third_key) {
    return a.third_key < b.third_key;
  }
  return a.tie_key != b.tie_key ? a.tie_key < b.tie_key : a.slot < b.slot;
}

// --- Parts. ---

std::uint32_t Window::value_index(std::size_t level, std::uint32_t value) {
  // An instance without the attribute, and one without a value, have the value "".
  const std::uint32_t id = value == kAttributeAbsent || value == kAttributeNameOnly ? class_.empty_value : value;
  GroupLevel& group_level = group_levels_[level];
  const auto [found, is_new] = group_level.index_of.try_emplace(id, static_cast<std::uint32_t>(group_level.counts.size()));
  if (is_new) {
    group_level.counts.push_back(0);
  }
  return found->second;
}

std::uint32_t Window::find_part(const std::vector<std::uint32_t>& values) {
  std::string key(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::uint32_t));
  const auto [found, is_new] = part_ids_.try_emplace(std::move(key), static_cast<std::uint32_t>(parts_.size()));
  if (is_new) {
    parts_.emplace_back().values = values;
  }
  return found->second;
}

std::uint32_t Window::part_of_set(std::uint32_t set) {
  if (set < set_parts_.size() && set_parts_[set] != kNoId) {
    return set_parts_[set];
  }
  if (set >= set_parts_.size()) {
    set_parts_.resize(std::max<std::size_t>(set + 1, inventory_.attribute_sets.size()), kNoId);
  }
  values_scratch_.clear();
  for (std::size_t level = 0; level < class_.group_levels.size(); ++level) {
    values_scratch_.push_back(value_index(level, inventory_.attribute_in_set(set, class_.group_levels[level].name)));
  }
  return set_parts_[set] = find_part(values_scratch_);
}

std::uint32_t Window::part_of(const Record& record) {
  if (!has_wide_level_) {
    return part_of_set(record.attribute_set);
  }
  values_scratch_.clear();
  for (std::size_t level = 0; level < class_.group_levels.size(); ++level) {
    values_scratch_.push_back(value_index(level, inventory_.attribute(record, class_.group_levels[level].name)));
  }
  return find_part(values_scratch_);
}

Window::Entry Window::make_entry(std::uint32_t slot, std::uint64_t tie_key, std::uint32_t count, std::int64_t cpu,
                                 std::int64_t memory) const {
  std::array<std::uint32_t, 3> keys{};
  for (std::size_t level = 0; level < class_.own_levels.size(); ++level) {
    switch (class_.own_levels[level]) {
      case Kind::kSpreadInstance:
        keys[level] = count;
        break;
      case Kind::kBinpackCpu:
        keys[level] = ordered(cpu);
        break;
      default:
        keys[level] = ordered(memory);
        break;
    }
  }
  return {std::uint64_t{keys[0]} << 32U | keys[1], tie_key, keys[2], slot};
}

Window::Entry Window::entry_of(const Record& record) const {
  const std::uint32_t count = class_.counts_group ? inventory_.count_of(record, class_.group) : 0;
  return make_entry(record.slot, inventory_.tie_key(record.identity), count, record.cpu_remaining, record.memory_remaining);
}

// --- Counts of the group. ---

void Window::count_record(const Record& record) {
  const std::uint32_t count = record.is_gone || !checks_.is_of_cluster(record) ? 0 : inventory_.count_of(record, class_.group);
  const Member* known = members_.find(record.slot);
  if (known == nullptr && count == 0) {
    return;
  }
  const std::uint32_t part = part_of(record);
  const Member before = known != nullptr ? *known : Member{part, 0};
  for (std::size_t level = 0; level < group_levels_.size(); ++level) {
    group_levels_[level].counts[parts_[before.part].values[level]] -= before.count;
    group_levels_[level].counts[parts_[part].values[level]] += count;
  }
  if (count == 0) {
    members_.erase(record.slot);
  } else {
    members_.put(record.slot, {part, count});
  }
}

void Window::count_members(WorkerSlot& self) {
  is_counted_ = true;
  const auto count_slot = [&](std::uint32_t slot) {
    if (const Record* record = inventory_.look(slot, self); record != nullptr) {
      count_record(*record);
    }
  };
  const Snapshot& base = inventory_.base();
  if (!class_.is_new_group) {
    const std::span<const TaskShape> shapes = base.task_shapes();
    std::vector<bool> is_of_group(shapes.size());
    for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
      is_of_group[shape] = shapes[shape].group == class_.group;
    }
    const std::span<const std::uint32_t> task_shape = base.task_shape();
    for (std::uint32_t instance = 0; instance < base.instance_count(); ++instance) {
      const Snapshot::TaskRange range = base.tasks_of(instance);
      if (std::any_of(task_shape.begin() + range.begin, task_shape.begin() + range.end,
                      [&](std::uint32_t shape) { return is_of_group[shape]; })) {
        count_slot(inventory_.slot_of_base(instance));
      }
    }
  }
  const std::uint32_t end = inventory_.tasks.end();
  for (std::uint32_t task = inventory_.tasks.base_count(); task < end; ++task) {
    const TaskTable::Task& entry = inventory_.tasks.at(task);
    if (entry.group.load(std::memory_order_relaxed) == class_.group) {
      count_slot(entry.slot.load(std::memory_order_relaxed));
    }
  }
}

// --- Reading the log. ---

void Window::forget() {
  for (Part& part : parts_) {
    part.heap.clear();
    part.has_bound = false;
    part.is_complete = false;
  }
  for (GroupLevel& level : group_levels_) {
    std::fill(level.counts.begin(), level.counts.end(), 0);
  }
  members_.clear();
  is_counted_ = false;
}

void Window::note_bounds() {
  memory_most_ = 0;
  cpu_most_ = 0;
  slot_most_ = 0;
  const auto no_limit = [&] {
    memory_most_ = kNoLimit;
    cpu_most_ = kNoLimit;
    slot_most_ = std::numeric_limits<std::uint32_t>::max();
  };
  // Which own key rules: the first that is no count of tasks. Instances with tasks of the group come by the group, not by amounts.
  const bool counts_first = !class_.own_levels.empty() && class_.own_levels.front() == Kind::kSpreadInstance;
  const std::size_t ruling = counts_first ? 1 : 0;
  for (const Part& part : parts_) {
    if (!part.has_bound && !part.is_complete) {
      continue;
    }
    if (part.is_complete || (counts_first && key_at(part.bound.first_keys, 0, 0) > 0)) {
      return no_limit();
    }
    if (ruling == class_.own_levels.size()) {
      slot_most_ = std::max(slot_most_, inventory_.bucket_of(part.bound.tie_key) * kBucketSlots + kBucketSlots - 1);
      memory_most_ = cpu_most_ = kNoLimit;
      continue;
    }
    const std::int64_t most = amount_of(key_at(part.bound.first_keys, part.bound.third_key, static_cast<std::uint32_t>(ruling)));
    slot_most_ = std::numeric_limits<std::uint32_t>::max();
    if (class_.own_levels[ruling] == Kind::kBinpackCpu) {
      cpu_most_ = std::max(cpu_most_, saturated(most, kCpuBits));
      memory_most_ = kNoLimit;
    } else {
      memory_most_ = std::max(memory_most_, saturated(most, kMemoryBits));
      cpu_most_ = kNoLimit;
    }
  }
}

bool Window::is_relevant(const Ledger::Change& change) const {
  if (class_.counts_group && (change.touch.group == class_.group || change.touch.group == kGroupAll)) {
    return true;
  }
  return change.amounts.cpu >= class_.need.cpu && change.amounts.memory >= class_.need.memory && change.amounts.cpu <= cpu_most_ &&
         change.amounts.memory <= memory_most_ && (change.touch.slot <= slot_most_ || change.touch.slot >= inventory_.spill_begin());
}

void Window::catch_up(std::uint64_t position, WorkerSlot& self) {
  if (class_.is_random_alone) {
    return;
  }
  if (!is_started_ || position - position_ >= inventory_.ledger.log_capacity() / 2) {
    is_started_ = true;
    forget();
    position_ = position;
    return;
  }
  while (position_ < position) {
    const std::optional<Ledger::Change> change = inventory_.ledger.change(position_);
    if (!change.has_value()) {
      forget();
      position_ = position;
      return;
    }
    ++position_;
    if (is_relevant(*change)) {
      update(*change, self);
    }
  }
}

void Window::update(const Ledger::Change& change, WorkerSlot& self) {
  const std::uint32_t slot = change.touch.slot;
  const bool touches_group = class_.counts_group && is_counted_ && (change.touch.group == class_.group || change.touch.group == kGroupAll);
  // The words are those of this change or of a later one, which the log will tell as well.
  const bool may_pass = checks_.may_pass(inventory_.ledger.fit_word(slot), inventory_.ledger.trait_word(slot));
  if (!touches_group && !may_pass) {
    return;
  }
  const Record* record = inventory_.look(slot, self);
  if (record == nullptr) {
    return;
  }
  if (touches_group) {
    count_record(*record);
  }
  if (!may_pass || !checks_.is_candidate(*record)) {
    return;
  }
  const std::uint32_t number = part_of(*record);
  Part& part = parts_[number];
  const Entry entry = entry_of(*record);
  if (part.is_complete || (part.has_bound && !less(part.bound, entry))) {
    push(part, entry);
    if (part.heap.size() > 2 * std::size_t{part_capacity_} + 64) {
      compact(number, self);
    }
  }
}

void Window::push(Part& part, const Entry& entry) {
  part.heap.push_back(entry);
  std::push_heap(part.heap.begin(), part.heap.end(), reversed(less));
}

void Window::pop(Part& part) {
  std::pop_heap(part.heap.begin(), part.heap.end(), reversed(less));
  part.heap.pop_back();
}

// Stale and repeated entries go; of what is left the best stay.
void Window::compact(std::uint32_t number, WorkerSlot& self) {
  Part& part = parts_[number];
  std::sort(part.heap.begin(), part.heap.end(), [](const Entry& a, const Entry& b) { return a.slot < b.slot; });
  part.heap.erase(std::unique(part.heap.begin(), part.heap.end(), [](const Entry& a, const Entry& b) { return a.slot == b.slot; }),
                  part.heap.end());
  std::size_t kept = 0;
  for (const Entry& entry : part.heap) {
    const Record* record = inventory_.look(entry.slot, self);
    if (checks_.is_candidate(*record) && part_of(*record) == number) {
      part.heap[kept++] = entry_of(*record);
    }
  }
  part.heap.resize(kept);
  if (kept > part_capacity_) {
    const auto last = part.heap.begin() + static_cast<std::ptrdiff_t>(part_capacity_ - 1);
    std::nth_element(part.heap.begin(), last, part.heap.end(), less);
    part.bound = *last;
    part.has_bound = true;
    part.is_complete = false;
    part.heap.resize(part_capacity_);
    note_bounds();
  }
  std::make_heap(part.heap.begin(), part.heap.end(), reversed(less));
}

// --- Scanning. ---

void Window::scan(std::optional<std::uint32_t> only, WorkerSlot& self) {
  ++scans_;
  if (!has_wide_level_) {
    for (std::uint32_t set = 0; set < inventory_.attribute_sets.size(); ++set) {
      if (checks_.set_passes(set)) {
        part_of_set(set);
      }
    }
  }
  part_capacity_ = std::max(std::min(kPartEntriesMin, inventory_.window_entries()),
                            inventory_.window_entries() / static_cast<std::uint32_t>(std::max<std::size_t>(parts_.size(), 1)));
  is_wanted_.assign(parts_.size(), false);
  wanted_count_ = 0;
  std::uint32_t first_bucket = 0;
  for (std::uint32_t number = 0; number < parts_.size(); ++number) {
    const bool is_wanted = only.has_value() ? number == *only : !parts_[number].has_bound && !parts_[number].is_complete;
    is_wanted_[number] = is_wanted;
    wanted_count_ += is_wanted ? 1 : 0;
  }
  if (only.has_value() && class_.follows_tie_order && parts_[*only].has_bound && parts_[*only].bound.first_keys == 0) {
    first_bucket = inventory_.bucket_of(parts_[*only].bound.tie_key);
  }
  full_count_ = 0;
  scan_slots(inventory_.spill_begin(), inventory_.ledger.slot_count(), only, self);
  const bool may_stop = class_.follows_tie_order && !has_wide_level_;
  bool is_stopped = false;
  for (std::uint32_t bucket = first_bucket; bucket < inventory_.bucket_count() && !is_stopped; ++bucket) {
    scan_slots(bucket * kBucketSlots, (bucket + 1) * kBucketSlots, only, self);
    is_stopped = may_stop && full_count_ == wanted_count_ && all_filled_by_tie();
  }
  if (!is_stopped) {
    // What comes before the bound in the order of tie keys can still stand behind it by its tasks of the group.
    scan_slots(0, first_bucket * kBucketSlots, only, self);
  }
  for (std::uint32_t number = 0; number < parts_.size(); ++number) {
    Part& part = parts_[number];
    if (number < is_wanted_.size() && !is_wanted_[number]) {
      continue;
    }
    part.has_bound = part.heap.size() >= part_capacity_;
    part.is_complete = !part.has_bound;
    if (part.has_bound) {
      part.bound = part.heap.front();  // The largest, as long as the scan lasts.
    }
    std::make_heap(part.heap.begin(), part.heap.end(), reversed(less));
  }
  note_bounds();
}

// Whether no instance further on in the order of tie keys can displace an entry of a wanted part.
bool Window::all_filled_by_tie() const {
  for (std::size_t number = 0; number < is_wanted_.size(); ++number) {
    if (is_wanted_[number] && (parts_[number].heap.size() < part_capacity_ || parts_[number].heap.front().first_keys != 0)) {
      return false;
    }
  }
  return true;
}

void Window::scan_slots(std::uint32_t begin, std::uint32_t end, std::optional<std::uint32_t> only, WorkerSlot& self) {
  scanned_slots_ += end - begin;
  for (std::uint32_t slot = begin; slot < end; ++slot) {
    const std::uint64_t fit_word = inventory_.ledger.fit_word(slot);
    const FitAmounts amounts = FitAmounts::in(fit_word);
    if (amounts.cpu < class_.need.cpu || amounts.memory < class_.need.memory) {
      continue;
    }
    const std::uint64_t trait_word = inventory_.ledger.trait_word(slot);
    if (!checks_.may_pass(fit_word, trait_word)) {
      continue;
    }
    std::uint32_t number = 0;
    if (!has_wide_level_) {
      number = part_of_set(Traits::in(trait_word).attribute_set);
      if (only.has_value() ? number != *only : number < is_wanted_.size() && !is_wanted_[number]) {
        continue;
      }
    }
    const bool is_told = !has_wide_level_ && !is_saturated(amounts);
    Entry entry{};
    if (is_told) {
      const Member* member = members_.find(slot);
      entry = make_entry(slot, inventory_.tie_key_of_slot(slot), member != nullptr ? member->count : 0,
                         static_cast<std::int64_t>(amounts.cpu) - 1, static_cast<std::int64_t>(amounts.memory) - 1);
      if (!wants(parts_[number], entry)) {
        continue;
      }
    }
    if (!is_told || needs_record_) {
      const Record* record = inventory_.look(slot, self);
      if (record == nullptr || !checks_.is_candidate(*record)) {
        continue;
      }
      number = part_of(*record);
      if (only.has_value() ? number != *only : number < is_wanted_.size() && !is_wanted_[number]) {
        continue;
      }
      entry = entry_of(*record);
      if (!wants(parts_[number], entry)) {
        continue;
      }
    }
    Part& part = parts_[number];
    part.heap.push_back(entry);
    std::push_heap(part.heap.begin(), part.heap.end(), less);
    if (part.heap.size() > part_capacity_) {
      std::pop_heap(part.heap.begin(), part.heap.end(), less);
      part.heap.pop_back();
    } else if (part.heap.size() == part_capacity_) {
      ++full_count_;
    }
  }
}

bool Window::wants(const Part& part, const Entry& entry) const {
  if (part.has_bound && !less(part.bound, entry)) {
    return false;
  }
  return part.heap.size() < part_capacity_ || less(entry, part.heap.front());
}

// --- The best. ---

int Window::compare_levels(const Entry& a, const Part& part_a, const Entry& b, const Part& part_b) const {
  for (const RequestClass::Level& level : class_.levels) {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    if (level.kind == Kind::kSpreadAttribute) {
      left = group_levels_[level.slot].counts[part_a.values[level.slot]];
      right = group_levels_[level.slot].counts[part_b.values[level.slot]];
    } else {
      left = key_at(a.first_keys, a.third_key, level.slot);
      right = key_at(b.first_keys, b.third_key, level.slot);
    }
    if (left != right) {
      return left < right ? -1 : 1;
    }
  }
  return 0;
}

bool Window::precedes(const Entry& a, const Part& part_a, const Entry& b, const Part& part_b) const {
  const int order = compare_levels(a, part_a, b, part_b);
  if (order != 0) {
    return order < 0;
  }
  return a.tie_key != b.tie_key ? a.tie_key < b.tie_key : a.slot < b.slot;
}

std::optional<std::uint32_t> Window::best(WorkerSlot& self) {
  if (class_.counts_group && !is_counted_) {
    count_members(self);
  }
  for (;;) {
    std::uint32_t chosen = kNoId;
    Entry chosen_entry{};
    bool needs_scan = parts_.empty();
    for (std::uint32_t number = 0; number < parts_.size() && !needs_scan; ++number) {
      const Part& part = parts_[number];
      if (part.heap.empty() && part.is_complete) {
        continue;
      }
      needs_scan = !part.has_bound && !part.is_complete;
      // Nothing in a part that ran dry is better than its bound.
      const Entry& entry = part.heap.empty() ? part.bound : part.heap.front();
      if (chosen == kNoId || precedes(entry, part, chosen_entry, parts_[chosen])) {
        chosen = number;
        chosen_entry = entry;
      }
    }
    if (needs_scan) {
      scan(std::nullopt, self);
      if (parts_.empty()) {
        return std::nullopt;
      }
      continue;
    }
    if (chosen == kNoId) {
      return std::nullopt;
    }
    if (parts_[chosen].heap.empty()) {
      scan(chosen, self);
      continue;
    }
    const Record* record = inventory_.look(chosen_entry.slot, self);
    if (!checks_.is_candidate(*record) || part_of(*record) != chosen) {
      pop(parts_[chosen]);
      continue;
    }
    const Entry current = entry_of(*record);
    if (current == chosen_entry) {
      best_entry_ = current;
      best_part_ = chosen;
      return current.slot;
    }
    Part& part = parts_[chosen];
    pop(part);
    if (part.is_complete || !less(part.bound, current)) {
      push(part, current);
    }
  }
}

bool Window::is_tied(const Record& record) {
  if (!checks_.is_candidate(record)) {
    return false;
  }
  if (class_.is_random_alone) {
    return true;
  }
  const std::uint32_t number = part_of(record);
  return compare_levels(entry_of(record), parts_[number], best_entry_, parts_[best_part_]) == 0;
}

}  // namespace berth::cluster
