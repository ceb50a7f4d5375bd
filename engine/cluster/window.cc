#include "engine/cluster/window.h"

#include <algorithm>
#include <string>

#include "engine/base/rng.h"
#include "engine/cluster/group_tasks.h"
#include "engine/cluster/window_keys.h"

namespace berth::cluster {
namespace {

using Kind = placement::Strategy::Kind;

// What one filling collects at first; a class that visits many instances for them collects more at a time (window_fill.cc).
constexpr std::uint32_t kFillEntriesMin = 64;

// A pass over all instances is put off by collecting more, at the price of more changes that concern the window.
std::uint32_t entries_of(const Inventory& inventory, bool is_scanned) {
  if (inventory.window_entries() != 0) {
    return inventory.window_entries();
  }
  return is_scanned ? std::clamp(inventory.base_count() / 160, 256U, 6144U) : kFillEntriesMin;
}

std::uint32_t effects_of(const RequestClass& request_class) {
  const bool packs = std::any_of(request_class.own_levels.begin(), request_class.own_levels.end(),
                                 [](Kind kind) { return kind == Kind::kBinpackCpu || kind == Kind::kBinpackMemory; });
  return static_cast<std::uint32_t>(Effect::kOther) |
         (packs || request_class.asks_for_tasks ? static_cast<std::uint32_t>(Effect::kTaken) : 0) |
         (request_class.asks_for_tasks ? static_cast<std::uint32_t>(Effect::kTold) : 0);
}

}  // namespace

Window::Window(Inventory& inventory, const RequestClass& request_class)
    : inventory_(inventory),
      class_(request_class),
      checks_(inventory, request_class),
      spreads_over_instances_(std::find(class_.own_levels.begin(), class_.own_levels.end(), Kind::kSpreadInstance) !=
                              class_.own_levels.end()),
      ranks_members_(spreads_over_instances_ || class_.request.distinct_instance),
      has_wide_level_(
          std::any_of(class_.group_levels.begin(), class_.group_levels.end(), [](const auto& level) { return level.wide.has_value(); })),
      is_scanned_(inventory.index_visits() == 0 || has_wide_level_),
      group_levels_(request_class.group_levels.size()),
      counts_first_(!class_.own_levels.empty() && class_.own_levels.front() == Kind::kSpreadInstance),
      ruling_(counts_first_ ? 1 : 0),
      fill_entries_(entries_of(inventory, is_scanned_)) {
  filter_.effects = effects_of(request_class);
  needs_record_ = !class_.request.demand.tcp_ports.empty() || !class_.request.demand.udp_ports.empty() ||
                  !class_.request.demand.own.empty() || class_.has_wide_rules || !class_.live_conjuncts.empty() ||
                  !class_.agent_conjuncts.empty() || class_.request.capacity_provider.has_value() || class_.request.cluster.has_value() ||
                  has_wide_level_;
  if (class_.ends_in_random) {
    pool_.start(inventory_.base_count(), inventory_.ledger.slot_count());  // Whenever it is filled, no memory is asked for.
  }
  if (class_.counts_group) {
    filter_.group_word = std::uint64_t{class_.group} << kLogGroupShift;
  }
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
        keys[level] = ordered_key(cpu);
        break;
      default:
        keys[level] = ordered_key(memory);
        break;
    }
  }
  return {std::uint64_t{keys[0]} << 32U | keys[1], tie_key, keys[2], slot};
}

Window::Entry Window::entry_of(const Record& record) const {
  const std::uint32_t count = spreads_over_instances_ ? Inventory::count_of(record, class_.group) : 0;
  return make_entry(record.slot, inventory_.tie_key_of_slot(record.slot), count, record.cpu_remaining, record.memory_remaining);
}

Window::Entry Window::entry_in(std::uint32_t slot, std::uint64_t fit_word, const Member* member) const {
  const FitAmounts amounts = FitAmounts::in(fit_word);
  return make_entry(slot, inventory_.tie_key_of_slot(slot), member != nullptr ? member->count : 0,
                    static_cast<std::int64_t>(amounts.cpu) - 1, static_cast<std::int64_t>(amounts.memory) - 1);
}

// --- Counts of the group. ---

void Window::count_record(const Record& record) {
  const std::uint32_t count = record.is_gone || !checks_.is_of_cluster(record.identity) ? 0 : Inventory::count_of(record, class_.group);
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
  inventory_.note_cold_work();
  is_counted_ = true;
  for_each_slot_of_group(inventory_, class_.group, [&](std::uint32_t slot) {
    if (const Record* record = inventory_.look(slot, self); record != nullptr) {
      count_record(*record);
    }
  });
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

// Whether the words of the slot allow that the entry is what the slot stands for; they may be ahead of the window, as records may.
bool Window::is_now(std::uint32_t number, const Entry& entry) {
  const std::uint64_t fit_word = inventory_.ledger.fit_word(entry.slot);
  const std::uint64_t trait_word = inventory_.ledger.trait_word(entry.slot);
  if (!is_told(FitAmounts::in(fit_word))) {
    return true;
  }
  return checks_.may_pass(fit_word, trait_word) && part_of_set(Traits::in(trait_word).attribute_set) == number &&
         entry_in(entry.slot, fit_word, ranks_members_ ? members_.find(entry.slot) : nullptr) == entry;
}

// What the next looks are at: the least entries of a heap stand in front.
void Window::prefetch_first(const Part& part) const {
  constexpr std::size_t kFirst = 7;
  for (std::size_t at = 0; at < std::min(kFirst, part.heap.size()); ++at) {
    inventory_.ledger.prefetch(part.heap[at].slot);
  }
}

std::optional<std::uint32_t> Window::best(WorkerSlot& self, Index& index, const Overlay* overlay) {
  verified_ = nullptr;
  if (class_.counts_group && !is_counted_) {
    count_members(self);
  }
  const auto own = overlay == nullptr ? std::nullopt : best_of(*overlay);
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
      fill(std::nullopt, self, index);
      if (parts_.empty()) {
        return std::nullopt;
      }
      continue;
    }
    if (own.has_value() && (chosen == kNoId || precedes(own->first, parts_[own->second], chosen_entry, parts_[chosen]))) {
      put_back();
      best_entry_ = own->first;
      best_part_ = own->second;
      return best_entry_.slot;
    }
    if (chosen == kNoId) {
      put_back();
      return std::nullopt;
    }
    if (parts_[chosen].heap.empty()) {
      fill(chosen, self, index);
      continue;
    }
    if (overlay != nullptr && overlay->hides(chosen_entry.slot)) {
      set_aside_.emplace_back(chosen, chosen_entry);
      pop(parts_[chosen]);
      continue;
    }
    // The words tell of most entries that are stale, without the record.
    if (is_now(chosen, chosen_entry)) {
      const Record* record = inventory_.look(chosen_entry.slot, self);
      if (checks_.is_candidate(*record) && part_of(*record) == chosen && entry_of(*record) == chosen_entry) {
        put_back();
        verified_ = record;
        best_entry_ = chosen_entry;
        best_part_ = chosen;
        return chosen_entry.slot;
      }
    }
    pop(parts_[chosen]);  // Stale: the change that made it so has entered what the instance is now.
    prefetch_first(parts_[chosen]);
  }
}

void Window::fill(std::optional<std::uint32_t> only, WorkerSlot& self, Index& index) {
  if (is_scanned_) {
    ++scans_;
    scan(only, self);
  } else {
    ++fills_;
    fill_from(index, only, self);
  }
  note_bounds();
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

// --- Ranks among the candidates. ---

// Whether the words of a slot tell all: which instance of the snapshot it is, and that it is a candidate if they say that it may be one.
bool Window::is_told_by_words(std::uint64_t fit_word) const {
  return !needs_record_ && !class_.request.distinct_instance && !is_saturated(FitAmounts::in(fit_word)) &&
         inventory_.ledger.roster_changes() == 0;
}

// The instance in the slot, if it is a candidate, or kNoId. Its record is far away in memory, and often the words tell enough.
std::uint32_t Window::candidate_in(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word, WorkerSlot& self) {
  if (!checks_.may_pass(fit_word, trait_word)) {
    return kNoId;
  }
  if (is_told_by_words(fit_word)) {
    return inventory_.base_identity(slot);
  }
  const Record* record = inventory_.look(slot, self);
  return record != nullptr && checks_.is_candidate(*record) ? record->identity : kNoId;
}

void Window::fill_pool(WorkerSlot& self) {
  inventory_.note_cold_work();
  pool_.start(inventory_.base_count(), inventory_.ledger.slot_count());
  has_pool_ = true;
  const Ledger& ledger = inventory_.ledger;
  for (std::uint32_t slot = 0; slot < ledger.slot_count(); ++slot) {
    if (const std::uint32_t candidate = candidate_in(slot, ledger.fit_word(slot), ledger.trait_word(slot), self); candidate != kNoId) {
      pool_.put(inventory_, slot, candidate);
    }
  }
}

bool Window::concerns_pool(const Ledger::Change& change, bool may_pass) const {
  const bool is_held = pool_.holds(change.touch().slot);
  return may_pass ? !is_held || !is_told_by_words(change.fit_word) : is_held;
}

void Window::update_pool(const Ledger::Change& change, WorkerSlot& self) {
  const std::uint32_t slot = change.touch().slot;
  pool_.put(inventory_, slot, candidate_in(slot, change.fit_word, change.trait_word, self));
}

std::optional<std::uint32_t> Window::pick_tied(std::uint64_t bits, WorkerSlot& self, const Overlay* overlay) {
  if (!has_pool_) {
    fill_pool(self);
  }
  if (overlay != nullptr) {
    lend_pool(*overlay);
  }
  std::optional<std::uint32_t> picked;
  if (class_.is_random_alone) {
    picked = pool_.count() == 0 ? std::nullopt
                                : std::optional(pool_.slot_at(inventory_, static_cast<std::uint32_t>(bounded(bits, pool_.count()))));
  } else {
    tied_.clear();
    pool_.for_each_slot(inventory_, [&](std::uint32_t slot) {
      const Overlay::Entry* own = overlay == nullptr ? nullptr : overlay->find(slot);
      const Record* record = own == nullptr ? inventory_.look(slot, self) : own->record;
      if (record != nullptr && is_tied(*record)) {
        tied_.push_back(slot);
      }
    });
    picked = tied_.empty() ? std::nullopt : std::optional(tied_[static_cast<std::size_t>(bounded(bits, tied_.size()))]);
  }
  if (overlay != nullptr) {
    take_back_pool(*overlay);
  }
  return picked;
}

}  // namespace berth::cluster
