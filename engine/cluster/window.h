// Window: the best candidates of one request class, kept exact by reading the log of changes (README.md, "Windows").
//
// Candidates are kept apart by *part*: one combination of values of the chain's group levels. Every part has a heap of candidates by own
// keys, tie key and slot, and a bound: a candidate whose key is not above the bound is in the heap under its own key. Entries that are
// not true any more are there as well; they go when they come to the top.
//
// Thread rule: one thread at a time, the worker whose it is. Lifetime: at most that of the inventory and the class.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/container/stable_vector.hpp>

#include "engine/cluster/change_feed.h"
#include "engine/cluster/change_filter.h"
#include "engine/cluster/draw_pool.h"
#include "engine/cluster/index.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/live_checks.h"
#include "engine/cluster/overlay.h"
#include "engine/cluster/request_class.h"
#include "engine/cluster/slot_map.h"

namespace berth::cluster {

class Window {
 public:
  Window(Inventory& inventory, const RequestClass& request_class);

  // Brings the window to the end of the feed.
  void catch_up(const ChangeFeed& feed, WorkerSlot& self);

  // The slot that the next task goes to, for a chain that does not end in `random`; its record is protected as Hazard::kLook.
  // nullopt: no candidate. REQUIRES: caught up with the feed of this index.
  // `overlay`: of a fork, whose instances are looked at instead of the cluster's; or null. REQUIRES then, for all of a fork's questions: a
  // Shift of the overlay lives.
  std::optional<std::uint32_t> best(WorkerSlot& self, Index& index, const Overlay* overlay = nullptr);

  // Whether what best() found as of `position`, `slot` or nothing, is what it would find at the end of the feed: no change in between has
  // touched the slot, or may have made another instance better.
  bool holds(const ChangeFeed& feed, std::uint64_t position, std::optional<std::uint32_t> slot, WorkerSlot& self);

  // For chains that end in `random`: whether a record is a candidate that stands level with the best.
  // REQUIRES: best() was asked at this position and found one, or the chain is random alone.
  bool is_tied(const Record& record);
  // Of the slots that are tied the one that `bits` (64 random ones) picks by rank in id order; nullopt: there is none.
  // REQUIRES: as is_tied().
  std::optional<std::uint32_t> pick_tied(std::uint64_t bits, WorkerSlot& self, const Overlay* overlay = nullptr);

  // While it lives, the counts are those of a fork: on the instances that it changed they are its own. REQUIRES: caught up, and not caught
  // up further meanwhile.
  class Shift {
   public:
    Shift(Window& window, const Overlay& overlay, WorkerSlot& self);
    Shift(const Shift&) = delete;
    Shift& operator=(const Shift&) = delete;
    ~Shift();

   private:
    void move(std::uint64_t sign);
    Window& window_;
    const Overlay& overlay_;
  };

  LiveChecks& checks() { return checks_; }
  // The record of the slot that best() returned, which it found to be a candidate; null when it found none. Only to compare with.
  [[nodiscard]] const Record* verified() const { return verified_; }

  // Passes over all instances so far, and fillings from an index.
  [[nodiscard]] std::uint64_t scans() const { return scans_; }
  [[nodiscard]] std::uint64_t fills() const { return fills_; }

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
    bool has_bound = false;             // The part was filled up to its bound.
    bool is_complete = false;           // Every candidate is in the heap, whatever its key.
    bool is_wanted = false;             // By the filling that runs.
    // What the words of a change must tell for its instance to enter. From note_bounds().
    FitRange may_enter;
    std::uint64_t touch_most = 0;
    bool has_dropped = false;  // That filling left out candidates behind dropped_from.
    Entry dropped_from{};
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
  [[nodiscard]] bool is_told_by_words(std::uint64_t fit_word) const;
  // Whether the pool may have to be another one after a change whose words say whether its instance may be a candidate.
  [[nodiscard]] bool concerns_pool(const Ledger::Change& change, bool may_pass) const;
  void update_pool(const Ledger::Change& change, WorkerSlot& self);
  void follow(const ChangeFeed& feed, WorkerSlot& self);
  // Positions of changes that concern the window.
  struct Concerning {
    std::array<std::uint64_t, 128> positions;
    std::size_t count = 0;
  };
  void take_in(const ChangeFeed& feed, Concerning& concerning, WorkerSlot& self);
  void follow_pool(const ChangeFeed& feed, std::uint64_t end, WorkerSlot& self);
  void meet_new_sets();
  // A change whose words say that it may concern the window.
  [[nodiscard]] bool concerns(const Ledger::Change& change) const;
  // A change that may make what was decided before it another decision.
  bool unsettles(const Ledger::Change& change, WorkerSlot& self);
  void enter(std::uint32_t number, const Entry& entry, WorkerSlot& self);
  std::optional<Entry> current_entry(std::uint32_t number, std::uint32_t slot, WorkerSlot& self);
  void note_bounds();
  void prefetch_first(const Part& part) const;

  std::uint32_t part_of(const Record& record);
  std::uint32_t part_of_set(std::uint32_t set);
  std::uint32_t find_part(const std::vector<std::uint32_t>& values);
  std::uint32_t value_index(std::size_t level, std::uint32_t value);
  [[nodiscard]] Entry make_entry(std::uint32_t slot, std::uint64_t tie_key, std::uint32_t count, std::int64_t cpu,
                                 std::int64_t memory) const;
  [[nodiscard]] Entry entry_of(const Record& record) const;
  // By the words of a slot, for those amounts that they tell.
  [[nodiscard]] bool is_told(const FitAmounts& amounts) const { return !has_wide_level_ && !is_saturated(amounts); }
  bool is_now(std::uint32_t number, const Entry& entry);
  [[nodiscard]] Entry entry_in(std::uint32_t slot, std::uint64_t fit_word, const Member* member) const;
  static void push(Part& part, const Entry& entry);
  static void pop(Part& part);
  void compact(std::uint32_t number, WorkerSlot& self);

  // The best entry of what a fork changed, and its part.
  std::optional<std::pair<Entry, std::uint32_t>> best_of(const Overlay& overlay);
  // Puts the entries that were set aside for a fork where they were.
  void put_back();
  // Exchanges the candidates in the pool on changed instances: for the fork's, and back for the cluster's.
  void lend_pool(const Overlay& overlay);
  void take_back_pool(const Overlay& overlay);

  // Fills `only` with the best candidates beyond its bound, and every part that was never filled from the beginning.
  void fill(std::optional<std::uint32_t> only, WorkerSlot& self, Index& index);

  // --- From an index. ---
  class Filling;
  void fill_from(Index& index, std::optional<std::uint32_t> only, WorkerSlot& self);
  void choose_parts_to_fill(std::optional<std::uint32_t> only);
  void reserve_parts();
  bool visit(Index& index, Filling& filling);
  [[nodiscard]] bool is_rare(const Index& index) const;
  void take_members(WorkerSlot& self);
  void take_record(std::uint32_t slot, WorkerSlot& self);
  void collect(Part& part, const Entry& entry) const;
  void close(const Entry* reached);
  [[nodiscard]] Entry bound_below(const Index::Frontier& frontier) const;
  [[nodiscard]] std::uint32_t count_of_group(const Entry& entry) const {
    return counts_first_ ? static_cast<std::uint32_t>(entry.first_keys >> 32U) : 0;
  }

  // --- From the columns. ---
  void scan(std::optional<std::uint32_t> only, WorkerSlot& self);
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
  bool ranks_members_ = false;  // It matters which instances have tasks of the group, and not only how many they are.
  bool needs_record_ = false;   // The words of a slot do not tell whether it is a candidate.

  boost::container::stable_vector<Part> parts_;  // Stay where they are when another is added.
  std::uint32_t sets_met_ = 0;                   // Attribute sets below have their part, if they pass.
  std::vector<std::uint32_t> set_parts_;         // By attribute set; kNoId: not worked out.
  bool has_wide_level_ = false;
  bool is_scanned_ = false;  // Filled from the columns.
  std::unordered_map<std::string, std::uint32_t> part_ids_;
  std::vector<GroupLevel> group_levels_;
  SlotMap<Member> members_;  // Instances with tasks of the group.

  ChangeFilter filter_;                       // What of the log concerns the window, over all parts. From note_bounds().
  bool counts_first_ = false;                 // The first own key is the number of the group's tasks.
  std::uint32_t ruling_ = 0;                  // The first own level that is not, if there is one.
  std::vector<std::uint8_t> passing_sets_;    // By attribute set, of those that were met.
  std::vector<std::uint32_t> passing_parts_;  // The same: 0 when it fails, else its part plus one.
  std::uint32_t passing_count_ = 0;

  // For the length of a fork's question: what is not to be looked at, with its part; and what the pool had on changed instances.
  std::vector<std::pair<std::uint32_t, Entry>> set_aside_;
  std::vector<std::uint32_t> lent_;

  DrawPool pool_;
  bool has_pool_ = false;  // Since a draw had to be a rank.
  std::vector<std::uint32_t> tied_;

  std::uint32_t part_capacity_ = 0;
  std::uint32_t fill_entries_;  // That one filling collects, over all parts.
  const Record* verified_ = nullptr;
  Entry best_entry_{};
  std::uint32_t best_part_ = 0;
  std::vector<std::uint32_t> values_scratch_;
  std::uint64_t scans_ = 0;
  std::uint64_t fills_ = 0;
};

}  // namespace berth::cluster
