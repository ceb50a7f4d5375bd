// Window: the best candidates of one request class, kept exact by reading the log of changes (README.md, "Windows").
//
// Candidates are kept apart by *part*: one combination of values of the chain's group levels. Every part has a heap of candidates by own
// keys, tie key and slot, and a bound: a candidate whose key is not above the bound is in the heap under its own key. Entries that are
// not true any more are there as well; they go when they come to the top.
//
// Thread rule: one thread at a time, which the class sees to. Lifetime: at most that of the inventory and the class.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/cluster/draw_pool.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/live_checks.h"
#include "engine/cluster/request_class.h"
#include "engine/cluster/set_slots.h"
#include "engine/cluster/slot_map.h"

namespace berth::cluster {

class Window {
 public:
  Window(Inventory& inventory, const RequestClass& request_class);

  // Brings the window to `position`, where the ledger is settled.
  void catch_up(std::uint64_t position, WorkerSlot& self);

  // The slot that the next task goes to, for a chain that does not end in `random`; its record is protected as Hazard::kLook.
  // nullopt: no candidate. REQUIRES: caught up; counts as of that position.
  // `set_slots`: the slots by attribute set, of the same position; or null.
  std::optional<std::uint32_t> best(WorkerSlot& self, const SetSlots* set_slots);

  // For chains that end in `random`: whether a record is a candidate that stands level with the best.
  // REQUIRES: best() was asked at this position and found one, or the chain is random alone.
  bool is_tied(const Record& record);
  // Of the slots that are tied the one that `bits` (64 random ones) picks by rank in id order; nullopt: there is none.
  // REQUIRES: as is_tied().
  std::optional<std::uint32_t> pick_tied(std::uint64_t bits, WorkerSlot& self);

  LiveChecks& checks() { return checks_; }

  [[nodiscard]] std::uint64_t scans() const { return scans_; }
  [[nodiscard]] std::uint64_t scanned_slots() const { return scanned_slots_; }

 private:
  struct Entry {
    std::uint64_t first_keys;  // Own keys 0 and 1.
    std::uint64_t tie_key;
    std::uint32_t third_key;
    std::uint32_t slot;

    friend bool operator==(const Entry&, const Entry&) = default;
  };
  static bool less(const Entry& a, const Entry& b);
  struct Part {
    std::vector<std::uint32_t> values;  // By group level: index into counts_.
    std::vector<Entry> heap;            // The smallest first.
    Entry bound{};                      // Meaningful when has_bound.
    bool has_bound = false;             // Some scan has filled the part.
    bool is_complete = false;           // Every candidate is in the heap, whatever its key.
  };
  struct GroupLevel {
    std::unordered_map<std::uint32_t, std::uint32_t> index_of;  // By value id.
    std::vector<std::uint64_t> counts;
  };
  struct Member {
    std::uint32_t part;
    std::uint32_t count;
  };

  void forget();
  void count_members(WorkerSlot& self);
  void count_record(const Record& record);
  void update(const Ledger::Change& change, WorkerSlot& self);
  std::uint32_t candidate_in(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word, WorkerSlot& self);
  void fill_pool(WorkerSlot& self);
  void update_pool(const Ledger::Change& change, WorkerSlot& self);
  [[nodiscard]] bool touches_group(const Ledger::Change& change) const;
  [[nodiscard]] bool is_relevant(const Ledger::Change& change) const;
  bool read_log(std::uint64_t position, WorkerSlot& self);
  void meet_new_sets();
  [[nodiscard]] bool is_beyond_bound(const Ledger::Change& change);
  void note_bounds();

  std::uint32_t part_of(const Record& record);
  std::uint32_t part_of_set(std::uint32_t set);
  std::uint32_t find_part(const std::vector<std::uint32_t>& values);
  std::uint32_t value_index(std::size_t level, std::uint32_t value);
  [[nodiscard]] Entry make_entry(std::uint32_t slot, std::uint64_t tie_key, std::uint32_t count, std::int64_t cpu,
                                 std::int64_t memory) const;
  [[nodiscard]] Entry entry_of(const Record& record) const;
  static void push(Part& part, const Entry& entry);
  static void pop(Part& part);
  void compact(std::uint32_t number, WorkerSlot& self);

  // Fills `part` with the best candidates beyond its bound, and from the beginning every part that no scan has filled yet or that is
  // half empty.
  void scan(std::optional<std::uint32_t> part, WorkerSlot& self, const SetSlots* set_slots);
  void choose_parts(std::optional<std::uint32_t> only);
  [[nodiscard]] std::uint32_t entries_wanted() const;
  void scan_slots(std::uint32_t begin, std::uint32_t end, WorkerSlot& self);
  bool scan_sets(const SetSlots& set_slots, WorkerSlot& self);
  void scan_slot(std::uint32_t slot, const FitRange& enough, WorkerSlot& self);
  [[nodiscard]] bool all_filled_by_tie(std::uint32_t bucket) const;
  [[nodiscard]] bool wants(const Part& part, const Entry& entry) const;
  static bool is_saturated(const FitAmounts& amounts) {
    return amounts.cpu == (std::uint64_t{1} << kCpuBits) - 1 || amounts.memory == (std::uint64_t{1} << kMemoryBits) - 1;
  }

  // The levels of the chain, in their order: negative, 0 or positive.
  [[nodiscard]] int compare_levels(const Entry& a, const Part& part_a, const Entry& b, const Part& part_b) const;
  [[nodiscard]] bool precedes(const Entry& a, const Part& part_a, const Entry& b, const Part& part_b) const;

  Inventory& inventory_;
  const RequestClass& class_;
  LiveChecks checks_;
  std::uint64_t position_ = 0;
  bool is_started_ = false;
  bool is_counted_ = false;
  bool spreads_over_instances_ = false;
  bool needs_record_ = false;  // The words of a slot do not tell whether it is a candidate.

  std::deque<Part> parts_;                // Stay where they are when another is added.
  std::uint32_t sets_met_ = 0;            // Attribute sets below have their part, if they pass.
  std::vector<std::uint32_t> set_parts_;  // By attribute set; kNoId: not worked out.
  bool has_wide_level_ = false;
  std::unordered_map<std::string, std::uint32_t> part_ids_;
  std::vector<GroupLevel> group_levels_;
  SlotMap<Member> members_;  // Instances with tasks of the group.

  // What of the log concerns the window, over all parts. From note_bounds().
  FitRange relevant_amounts_;
  std::uint64_t touch_most_ = 0;         // Slots above do not matter.
  std::uint32_t effects_ = 0;            // The effects that can make an instance a better candidate.
  std::uint64_t group_word_ = kNoGroup;  // The class's group where a touch word has it, or kNoGroup.
  static constexpr std::uint64_t kGroupMask = std::uint64_t{kGroupNone} << kLogGroupShift;
  static constexpr std::uint64_t kNoGroup = ~std::uint64_t{0};

  DrawPool pool_;
  bool has_pool_ = false;  // Since a draw had to be a rank.
  std::vector<std::uint32_t> tied_;

  std::uint32_t part_capacity_ = 0;
  // Of the scan that runs: which parts it fills, how many, and how many of them are full.
  std::vector<bool> is_wanted_;
  std::uint32_t wanted_count_ = 0;
  std::uint32_t full_count_ = 0;
  Entry best_entry_{};
  std::uint32_t best_part_ = 0;
  std::vector<std::uint32_t> values_scratch_;
  std::uint64_t scans_ = 0;
  std::uint64_t scanned_slots_ = 0;
};

}  // namespace berth::cluster
