// Index: all instances of the inventory in the orders that placement strategies ask for, for every request class alike: by tie key, by
// remaining memory and by remaining CPU. Windows are filled from it. It follows the log, and keeps each change once however many classes
// there are (README.md, "Indexes").
//
// Thread rule: one thread at a time, see IndexPool. Lifetime: at most that of the inventory.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/cluster/amount_tree.h"
#include "engine/cluster/change_feed.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/set_slots.h"
#include "engine/cluster/tie_tree.h"

namespace berth::cluster {

class Index {
 public:
  explicit Index(Inventory& inventory);

  // Reads the log up to `position`, where the ledger is settled.
  void catch_up(std::uint64_t position);
  // The same for the feed alone.
  void read_log(std::uint64_t position) { feed_.catch_up(inventory_.ledger, position); }
  [[nodiscard]] const ChangeFeed& feed() const { return feed_; }

  // Brings the orders to the end of the feed; they are behind it otherwise.
  void bring_up();

  // A slot that takes tasks, and its words without tags.
  struct Seen {
    std::uint32_t slot;
    std::uint64_t fit_word;
    std::uint64_t trait_word;
  };
  // All that stands before it in the order that is gone through has been seen: smaller amounts (as FitAmounts has them), and of the same
  // amount smaller tie keys.
  struct Frontier {
    std::uint64_t amount;
    std::uint64_t tie_key;
  };
  static constexpr std::size_t kSeenMost = AmountTree::kLeafEntries;
  static_assert(kSeenMost >= TieTree::kBlockSlots);
  class Visitor {
   public:
    virtual ~Visitor() = default;
    // At most kSeenMost, in no order.
    virtual void take(std::span<const Seen> seen) = 0;
    // Whether nothing at the frontier or behind it is asked for.
    virtual bool is_done(const Frontier& frontier) = 0;
  };

  // What is visited: what has enough, spare GPUs and ENIs when they are needed, and an attribute set that is wanted (by set: not 0).
  struct Wanted {
    FitAmounts need;
    std::uint32_t gpu_count = 0;
    bool uses_eni = false;
    std::span<const std::uint8_t> sets;
  };
  // In the order of tie keys from a bucket on; together with whatever the spill may hold in that order. True: all were visited.
  // REQUIRES: brought up; likewise for the next two.
  bool visit_by_tie(const Wanted& wanted, std::uint32_t first_bucket, Visitor& visitor);
  // By remaining memory or CPU, at least what stands at `begin` or behind it.
  bool visit_by_memory(const Wanted& wanted, const Frontier& begin, Visitor& visitor);
  bool visit_by_cpu(const Wanted& wanted, const Frontier& begin, Visitor& visitor);
  // In no order, set by set.
  void visit_sets(const Wanted& wanted, Visitor& visitor);
  [[nodiscard]] const SetSlots& set_slots() const { return set_slots_; }

 private:
  // The orders of one population: every instance that takes tasks, or those of them with a free GPU, which are few.
  struct Orders {
    TieTree ties;
    AmountTree by_memory{ties, true};
    AmountTree by_cpu{ties, false};

    void set(std::uint32_t slot, const TieTree::Cell& cell);
  };

  void build();
  void prefetch(std::uint64_t begin, std::uint64_t end) const;
  void set_slot(std::uint32_t slot, std::uint64_t fit_word, std::uint64_t trait_word);
  void change_set(std::uint32_t slot, const Traits& before, const Traits& now);
  Orders& orders_of(const Wanted& wanted) { return wanted.gpu_count != 0 ? with_gpus_ : all_; }
  static bool is_wanted(const Wanted& wanted, std::uint64_t trait_word);
  void choose_spill(const FitRange& enough, const TieTree& ties, std::uint64_t first_tie_key);
  static void visit_block(const Wanted& wanted, TieTree& ties, std::uint32_t block, Visitor& visitor);
  bool visit_by_amount(const Wanted& wanted, const Frontier& begin, bool by_memory, Visitor& visitor);
  static void visit_leaf(const Wanted& wanted, AmountTree& tree, const AmountTree::Place& place, std::uint64_t least_key, bool by_memory,
                         Visitor& visitor);

  Inventory& inventory_;
  ChangeFeed feed_;
  std::uint64_t position_ = 0;  // Of the orders: changes before it are in them.
  bool is_built_ = false;
  Orders all_;
  Orders with_gpus_;
  struct TieRange {
    std::uint64_t least = ~std::uint64_t{0};
    std::uint64_t most = 0;
  };
  std::vector<TieRange> spill_;              // By block of the spill: no tie key in it lies outside.
  std::vector<std::uint32_t> spill_blocks_;  // Of the visit that runs: blocks to visit, those of the least tie keys last.
  SetSlots set_slots_;                       // Of instances that take tasks.
};

// The indexes of a cluster: one of each worker that ever placed, so that nobody waits for one and none goes from core to core.
//
// Thread rule: each index belongs to whoever is attached as the worker of its number. Lifetime: the inventory's.
class IndexPool {
 public:
  Index& of(Inventory& inventory, const WorkerSlot& worker) {
    std::unique_ptr<Index>& index = indexes_[worker.number];
    if (index == nullptr) {
      index = std::make_unique<Index>(inventory);
    }
    return *index;
  }
  void drop(const WorkerSlot& worker) { indexes_[worker.number].reset(); }

 private:
  std::array<std::unique_ptr<Index>, kWorkersMax> indexes_;
};

}  // namespace berth::cluster
