// ShortList: the first candidates of one request in the order of its chain, kept exact while tasks are placed; for chains whose group
// levels have few combinations of values, and that do not end in random. What Selector does for every chain over all candidates, this does
// over the few that so many tasks can come to (README.md, "How select works").
//
// Thread rule: one thread; filling uses the executor. Lifetime: at most that of the snapshot, the chain and the candidates.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/placement/blocks.h"
#include "engine/placement/chain.h"
#include "engine/placement/combos.h"
#include "engine/placement/rank_entry.h"
#include "engine/snapshot/snapshot.h"

namespace berth::placement {

class ShortList {
 public:
  // Whether the chain is one that this class orders.
  static bool suits(const Chain& chain, const Combos& combos);

  // `count`: how many tasks are asked for; a guess at how far down the order they reach. Changes the counts of `chain` as tasks are placed.
  // REQUIRES: suits(chain, combos).
  ShortList(const Snapshot& snapshot, Chain& chain, const Combos& combos, const Bitset& candidates, std::uint32_t count,
            Executor& executor);

  [[nodiscard]] bool empty() const { return best_ == nullptr; }
  // The first candidate by the chain, then tie key, then index. REQUIRES: !empty().
  [[nodiscard]] std::uint32_t best() const { return head_of(*best_)->instance; }
  // The candidate that comes `ahead` places after the best one in its combination, if it stands in the list already.
  [[nodiscard]] std::optional<std::uint32_t> upcoming(std::size_t ahead) const;

  // A task was placed on best(), which has `added` tasks of the request now and either remains a candidate or not.
  void place(std::uint32_t added, bool remains);

 private:
  // The candidates of one combination.
  struct Lane {
    std::uint32_t combo = 0;
    std::vector<RankEntry> run;  // Ascending; those from `next` on are as they were when the list was filled.
    std::size_t next = 0;
    std::vector<RankEntry> heap;  // The others: those with tasks of the request, and in the last stage all that were not in a run.
    // Every candidate that does not come after `bound` is in the run or was, or is in the heap. nullopt: every candidate is.
    std::optional<RankEntry> bound;

    [[nodiscard]] const RankEntry* run_head() const { return next < run.size() ? &run[next] : nullptr; }
  };

  [[nodiscard]] static const RankEntry* head_of(const Lane& lane);
  // Without tasks of the request.
  [[nodiscard]] RankEntry entry_of(std::uint32_t instance) const;
  [[nodiscard]] static bool needs_more(const Lane& lane);
  // Takes in what comes after the bounds so far, up to bounds that so many candidates in all are expected not to pass.
  void fill(std::uint64_t wanted);
  std::vector<std::optional<RankEntry>> choose_bounds(std::uint64_t wanted) const;
  template <typename FirstKey>
  void collect(BlockRange range, const std::vector<std::optional<RankEntry>>& until, const FirstKey& first_key,
               std::vector<std::vector<RankEntry>>& found) const;
  [[nodiscard]] bool lane_precedes(const Lane& a, const Lane& b) const;
  void choose_best();

  const Snapshot& snapshot_;
  Chain& chain_;
  const Combos& combos_;
  const Bitset& candidates_;
  Executor& executor_;
  std::uint64_t wanted_ = 0;  // Of the last fill.
  std::vector<Lane> lanes_;   // By combination.
  Lane* best_ = nullptr;
};

}  // namespace berth::placement
