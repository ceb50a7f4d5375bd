// Index: all instances of the inventory in the orders that placement strategies ask for, for every request class alike: by tie key, by
// remaining memory and by remaining CPU. It follows the log, and reads each change once however many classes there are (README.md,
// "Indexes").
//
// A class asks the index first. What the index cannot answer within a stated number of looks (few of the instances that fit are what
// the class wants) the class's window answers.
//
// Thread rule: one thread at a time, which IndexPool sees to. Lifetime: at most that of the inventory.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/cluster/amount_tree.h"
#include "engine/cluster/group_members.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/live_checks.h"
#include "engine/cluster/request_class.h"
#include "engine/cluster/set_slots.h"
#include "engine/cluster/tie_tree.h"

namespace berth::cluster {

// What an index knows of one class. Belongs to the class; used by the index of its number alone.
class ClassView {
 public:
  ClassView(Inventory& inventory, const RequestClass& request_class);

  LiveChecks checks;

 private:
  friend class Index;
  // One combination of values of the chain's group levels.
  struct Part {
    std::vector<std::uint32_t> values;  // By level: index into counts_.
    bool has_instances = false;         // That take tasks, whatever remains on them.
    TieTree::Known known;               // Of searches in the order of tie keys.
    bool is_tried = false;              // In the search that runs: no candidate is left.
  };
  std::uint32_t part_of_set(std::uint32_t set);
  // Sums up the members of the group by part.
  void count(const GroupMembers& group);
  [[nodiscard]] bool wants_set(std::uint32_t set) const { return is_next_[candidate_parts_[set]] != 0; }
  // Sees to it that every attribute set that passes has its part, and that has_instances holds.
  void meet_sets(const SetSlots& set_slots, std::uint64_t set_changes);
  // Marks the parts with the fewest tasks of those that are not tried. False: all are.
  bool choose_parts();

  Inventory& inventory_;
  const RequestClass& class_;
  std::vector<Part> parts_;
  std::vector<std::uint32_t> set_parts_;  // By attribute set; kNoId: not worked out.
  // By attribute set: 0 when it fails, else its part plus one; and by that: whether the part is among those with the fewest tasks in the
  // search that runs. What a search asks of nearly every slot that it meets.
  std::vector<std::uint32_t> candidate_parts_;
  std::vector<std::uint8_t> is_next_;
  std::uint32_t sets_met_ = 0;                            // Attribute sets below have their part, if they pass.
  std::uint64_t set_changes_ = 0;                         // Index::set_changes_ of has_instances.
  std::vector<std::vector<std::uint32_t>> level_values_;  // By level: the value ids met.
  std::vector<std::vector<std::uint64_t>> counts_;        // By level and value.
  std::vector<std::uint32_t> scratch_;
  std::uint32_t group_ = 0;       // Of Index::groups_; meaningful when the class counts its group.
  std::uint64_t group_step_ = 0;  // Steps of the group below are in counts_.
  bool is_bound_ = false;         // group_ is known.
  bool is_counted_ = false;
  std::uint32_t window_turns_ = 0;  // So many decisions more are left to the window,
  std::uint32_t turns_lent_ = 0;    // of so many that it was given last.
};

class Index {
 public:
  explicit Index(Inventory& inventory) : inventory_(inventory) {}

  // Whether the chain is one that an index can search: levels over attributes come first, and at most one amount is ranked by.
  static bool covers(const RequestClass& request_class);

  // Brings the index to `position`, where the ledger is settled.
  void catch_up(std::uint64_t position, WorkerSlot& self);

  // Of instances that take tasks, as of that position.
  [[nodiscard]] const SetSlots& set_slots() const { return set_slots_; }

  enum class Found : std::uint8_t { kSlot, kNothing, kUnclear };
  // The slot that the next task of the class goes to; its record is protected as Hazard::kLook, and a candidate. kUnclear: ask the window.
  // REQUIRES: covers(); caught up; true of that position.
  Found best(const RequestClass& request_class, ClassView& view, WorkerSlot& self, std::uint32_t& slot);

 private:
  struct Ranked;
  struct Orders;
  struct Candidate {
    std::uint32_t slot = kNoId;
    std::uint64_t amount = 0;  // That is ranked by; 0 when none is.
    std::uint64_t tie_key = 0;
  };
  struct Search {
    Orders& orders;
    const RequestClass& request_class;
    ClassView& view;
    WorkerSlot& self;
    const SlotMap<GroupMembers::Member>* passed_over;  // Instances with tasks of the group, when they are not wanted; or null.
    FitRange enough;
    std::uint32_t looks_left;
    Candidate best;
  };

  void build(std::uint64_t position);
  void prefetch(std::uint64_t position) const;
  void apply(const Ledger::Change& change, WorkerSlot& self);
  void set_slot(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word);
  void note_order(std::uint32_t block);
  void change_set(std::uint32_t slot, const Traits& before, const Traits& now);
  void recount(std::uint32_t group, GroupMembers& members, std::uint32_t slot, WorkerSlot& self);
  void recount_all(std::uint32_t slot, WorkerSlot& self);
  std::uint32_t follow_group(const RequestClass& request_class, WorkerSlot& self);

  // Whether what the columns tell lets the slot be a candidate of the parts that are searched.
  static bool may_be(Search& search, std::uint32_t slot, std::uint64_t trait_word);
  // Whether its record does; the record is protected then.
  bool is_candidate(Search& search, std::uint32_t slot);
  static bool precedes(const Candidate& a, const Candidate& b);
  // False: out of looks. What was found is in search.best.
  bool search_by_tie(Search& search);
  // True: the block has a better one than search.best was.
  bool search_block(Search& search, std::uint32_t block);
  bool search_by_amount(Search& search, AmountTree& tree, std::uint64_t need_ranked, std::uint64_t need_other);
  // False: nothing in the leaf has enough of the other amount.
  bool search_leaf(Search& search, const AmountTree::Leaf& leaf, std::uint64_t least_key, std::uint64_t need_other);
  bool search_members(Search& search, const GroupMembers& group);
  bool search_parts(Search& search, const GroupMembers* group);

  Inventory& inventory_;
  std::uint64_t position_ = 0;
  bool is_built_ = false;

  // An order by amount, which takes changes in when it is asked: many at once, so that their memory is fetched together.
  struct Ranked {
    explicit Ranked(bool by_memory) : is_by_memory(by_memory) {}
    bool is_by_memory;
    bool is_built = false;
    AmountTree tree;
    std::vector<std::uint32_t> filed;    // By slot: the amount by which it stands in the tree, or kNoId.
    std::vector<std::uint32_t> pending;  // Slots that changed since.
  };
  // The orders of one population: every instance that takes tasks, or those of them with a free GPU, which are few.
  struct Orders {
    TieTree ties;
    Ranked by_memory{true};
    Ranked by_cpu{false};

    void set(std::uint32_t slot, std::uint64_t fit_word, const std::vector<std::uint64_t>& traits);
    // Files what changed since it was asked for last; all of it the first time.
    void bring_up(Ranked& ranked, const std::vector<std::uint64_t>& traits) const;
    void build(Ranked& ranked, const std::vector<std::uint64_t>& traits) const;
  };
  Orders all_;
  Orders with_gpus_;
  std::vector<std::uint64_t> traits_;       // By slot: trait words without tags.
  std::vector<std::uint64_t> spill_ties_;   // By block of the spill: no tie key in it is below.
  std::vector<std::uint8_t> is_ascending_;  // By block: tie keys ascend over those of its slots that take tasks.
  SetSlots set_slots_;                      // Of instances that take tasks.
  std::uint64_t set_changes_ = 1;           // How often a set got its first or lost its last.

  std::vector<std::uint32_t> group_index_;  // By group id: of groups_, or kNoId.
  std::deque<GroupMembers> groups_;         // That some class asked for.
  std::vector<std::uint32_t> group_ids_;    // By place in groups_.
};

// The indexes of a cluster: as many as threads ever placed at once.
//
// Thread rule: any worker; no lock, no waiting. Lifetime: the inventory's.
class IndexPool {
  struct alignas(64) Place {
    std::atomic<bool> is_taken{false};
    std::unique_ptr<Index> index;
  };

 public:
  // An index that no other worker holds, for as long as the lease lives.
  class Lease {
   public:
    // Index `wanted` if nobody holds it, else another one.
    Lease(IndexPool& pool, Inventory& inventory, std::uint32_t wanted);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { place_->is_taken.store(false, std::memory_order_release); }
    [[nodiscard]] Index& index() const { return *place_->index; }
    [[nodiscard]] std::uint32_t number() const { return number_; }

   private:
    Place* place_;
    std::uint32_t number_;
  };

 private:
  std::array<Place, kWorkersMax> places_;
};

}  // namespace berth::cluster
