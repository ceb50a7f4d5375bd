#include "engine/placement/short_list.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <type_traits>
#include <utility>

#include "engine/placement/heap.h"

namespace berth::placement {
namespace {

// The best lane is looked for among all of them, for each task.
constexpr std::uint32_t kLanesMax = 32;
// Candidates that are looked at to guess how far down the order so many tasks reach. The guess is off by one in their root.
constexpr std::uint32_t kSamples = 1024;
// How much more each fill takes in than the one before.
constexpr std::uint64_t kGrowth = 8;

constexpr auto kOrder = [](const RankEntry& a, const RankEntry& b) { return precedes(a, b); };
constexpr auto kNowhere = [](const RankEntry&, std::size_t) {};

}  // namespace

bool ShortList::suits(const Chain& chain, const Combos& combos) {
  return !chain.ends_in_random() && combos.count() <= kLanesMax;
}

ShortList::ShortList(const Snapshot& snapshot, Chain& chain, const Combos& combos, const Bitset& candidates, std::uint32_t count,
                     Executor& executor)
    : snapshot_(snapshot), chain_(chain), combos_(combos), candidates_(candidates), executor_(executor), lanes_(combos.count()) {
  for (std::uint32_t combo = 0; combo < lanes_.size(); ++combo) {
    lanes_[combo].combo = combo;
    lanes_[combo].bound = RankEntry{0, 0, 0, 0};
  }
  // Where tasks fill one instance after another they come to fewer of them.
  const std::span<const Level> levels = chain.levels();
  const bool fills_up = std::any_of(levels.begin(), levels.end(), [](const Level& level) {
    return level.kind == Strategy::Kind::kBinpackCpu || level.kind == Strategy::Kind::kBinpackMemory;
  });
  fill(fills_up ? std::uint64_t{count} / kGrowth + 1 : std::uint64_t{count} + count / 2 + 1);
  while (std::any_of(lanes_.begin(), lanes_.end(), needs_more)) {
    fill(wanted_ * kGrowth);
  }
  choose_best();
}

const RankEntry* ShortList::head_of(const Lane& lane) {
  const RankEntry* run = lane.run_head();
  if (lane.heap.empty() || (run != nullptr && precedes(*run, lane.heap.front()))) {
    return run;
  }
  return &lane.heap.front();
}

RankEntry ShortList::entry_of(std::uint32_t instance) const {
  return make_rank_entry(chain_.own_keys(instance, 0), snapshot_.tie_keys()[instance], instance);
}

bool ShortList::needs_more(const Lane& lane) {
  if (!lane.bound.has_value()) {
    return false;
  }
  const RankEntry* head = head_of(lane);
  return head == nullptr || precedes(*lane.bound, *head);
}

std::optional<std::uint32_t> ShortList::upcoming(std::size_t ahead) const {
  const std::size_t place = best_->next + ahead;
  return place < best_->run.size() ? std::optional(best_->run[place].instance) : std::nullopt;
}

// --- Filling. ---

std::vector<std::optional<RankEntry>> ShortList::choose_bounds(std::uint64_t wanted) const {
  std::vector<std::optional<RankEntry>> bounds(lanes_.size());
  const std::uint64_t count = candidates_.count();
  if (wanted >= count / 2) {
    return bounds;
  }
  std::vector<std::vector<RankEntry>> samples(lanes_.size());
  const std::span<const std::uint64_t> words = candidates_.words();
  const std::size_t stride = std::max<std::size_t>(1, words.size() / kSamples);
  std::uint64_t sampled = 0;
  for (std::size_t word = 0; word < words.size(); word += stride) {
    if (words[word] != 0) {
      const auto instance = static_cast<std::uint32_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(words[word])));
      samples[combos_.of(instance)].push_back(entry_of(instance));
      ++sampled;
    }
  }
  // Each lane gets its part by the number of lanes, for spread is what makes lanes.
  const std::uint64_t lanes = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::count_if(samples.begin(), samples.end(), [](const auto& lane) { return !lane.empty(); })));
  const auto nth = static_cast<std::size_t>((wanted / lanes * sampled + count - 1) / std::max<std::uint64_t>(1, count));
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (nth < samples[lane].size()) {
      std::nth_element(samples[lane].begin(), samples[lane].begin() + static_cast<std::ptrdiff_t>(nth), samples[lane].end(), kOrder);
      // From the same samples, and more wanted each time: never before the bound so far.
      bounds[lane] = samples[lane][nth];
    }
  }
  return bounds;
}

template <typename FirstKey>
void ShortList::collect(BlockRange range, const std::vector<std::optional<RankEntry>>& until, const FirstKey& first_key,
                        std::vector<std::vector<RankEntry>>& found) const {
  // What most candidates are told by, without their lane: they come after every lane's end by the first key, or by it and the tie key
  // where no own key stands between.
  constexpr std::uint32_t kFirstMost = ~std::uint32_t{0};
  constexpr std::uint64_t kTieMost = ~std::uint64_t{0};
  std::pair<std::uint32_t, std::uint64_t> last{0, 0};
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (lanes_[lane].bound.has_value()) {
      last = std::max(last, until[lane].has_value()
                                ? std::pair(until[lane]->own_key(0), chain_.own_key_count() <= 1 ? until[lane]->tie_key : kTieMost)
                                : std::pair(kFirstMost, kTieMost));
    }
  }
  const std::span<const std::uint64_t> tie_keys = snapshot_.tie_keys();
  const std::uint32_t last_key = last.first;
  const std::uint64_t last_tie = last.second;
  const auto may_be_in = [=](std::uint32_t instance) {
    if constexpr (std::is_same_v<FirstKey, Chain::NoKey>) {
      return tie_keys[instance] <= last_tie;
    } else if constexpr (std::is_same_v<FirstKey, Chain::AmountKey>) {
      return first_key(instance) <= last_key;
    } else {
      const std::uint32_t key = first_key(instance);
      return key < last_key || (key == last_key && tie_keys[instance] <= last_tie);
    }
  };
  std::array<std::uint64_t, kBlockWords> words;
  pack_words(range, candidates_.words().data() + range.begin / 64, words.data(), may_be_in);
  for (std::uint32_t first = range.begin; first < range.end; first += 64) {
    for (std::uint64_t word = words[(first - range.begin) / 64]; word != 0; word &= word - 1) {
      const std::uint32_t instance = first + static_cast<std::uint32_t>(std::countr_zero(word));
      const std::uint32_t combo = combos_.of(instance);
      const std::optional<RankEntry>& bound = lanes_[combo].bound;
      const RankEntry entry = entry_of(instance);
      const bool is_new = bound.has_value() && (wanted_ == 0 || precedes(*bound, entry));
      if (is_new && (!until[combo].has_value() || !precedes(*until[combo], entry))) {
        found[combo].push_back(entry);
      }
    }
  }
}

void ShortList::fill(std::uint64_t wanted) {
  const std::vector<std::optional<RankEntry>> until = choose_bounds(wanted);
  const std::uint32_t instances = snapshot_.instance_count();
  std::vector<std::vector<std::vector<RankEntry>>> found(block_count(instances), std::vector<std::vector<RankEntry>>(lanes_.size()));
  chain_.with_first_own_key([&](const auto& first_key) {
    for_each_block(instances, executor_, [&](std::size_t block, BlockRange range) { collect(range, until, first_key, found[block]); });
  });
  executor_.run(lanes_.size(), [&](std::size_t number) {
    Lane& lane = lanes_[number];
    if (!lane.bound.has_value()) {
      return;
    }
    // What is taken in without a bound may be very many, of which few are asked for: a heap is made in linear time.
    std::vector<RankEntry>& into = until[number].has_value() ? lane.run : lane.heap;
    if (until[number].has_value()) {
      lane.run.erase(lane.run.begin(), lane.run.begin() + static_cast<std::ptrdiff_t>(lane.next));
      lane.next = 0;
    }
    const auto before = static_cast<std::ptrdiff_t>(into.size());
    for (const auto& block : found) {
      into.insert(into.end(), block[number].begin(), block[number].end());
    }
    if (until[number].has_value()) {
      // All of it comes after what was there.
      std::sort(into.begin() + before, into.end(), kOrder);
    } else {
      heapify(std::span(into), kOrder, kNowhere);
    }
    lane.bound = until[number];
  });
  wanted_ = wanted;
}

// --- Choosing. ---

bool ShortList::lane_precedes(const Lane& a, const Lane& b) const {
  const RankEntry& head_a = *head_of(a);
  const RankEntry& head_b = *head_of(b);
  for (const Level& level : chain_.levels()) {
    const std::uint32_t key_a =
        level.is_group() ? chain_.group_count(level.slot, combos_.value(a.combo, level.slot)) : head_a.own_key(level.slot);
    const std::uint32_t key_b =
        level.is_group() ? chain_.group_count(level.slot, combos_.value(b.combo, level.slot)) : head_b.own_key(level.slot);
    if (key_a != key_b) {
      return key_a < key_b;
    }
  }
  return head_a.tie_key != head_b.tie_key ? head_a.tie_key < head_b.tie_key : head_a.instance < head_b.instance;
}

void ShortList::choose_best() {
  best_ = nullptr;
  for (Lane& lane : lanes_) {
    if (head_of(lane) != nullptr && (best_ == nullptr || lane_precedes(lane, *best_))) {
      best_ = &lane;
    }
  }
}

void ShortList::place(std::uint32_t added, bool remains) {
  Lane& lane = *best_;
  const RankEntry* head = head_of(lane);
  const RankEntry changed = make_rank_entry(chain_.own_keys(head->instance, added), head->tie_key, head->instance);
  if (head == lane.run_head()) {
    ++lane.next;
    if (remains) {
      lane.heap.push_back(changed);
      sift_up(std::span(lane.heap), lane.heap.size() - 1, kOrder, kNowhere);
    }
  } else if (remains) {
    lane.heap.front() = changed;
    sift_down(std::span(lane.heap), 0, kOrder, kNowhere);
  } else {
    take_out(std::span(lane.heap), 0, kOrder, kNowhere);
    lane.heap.pop_back();
  }
  for (std::uint32_t slot = 0; slot < chain_.group_level_count(); ++slot) {
    chain_.bump(slot, combos_.value(lane.combo, slot));
  }
  while (needs_more(lane)) {
    fill(wanted_ * kGrowth);
  }
  choose_best();
}

}  // namespace berth::placement
