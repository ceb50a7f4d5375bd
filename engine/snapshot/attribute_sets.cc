#include "engine/snapshot/attribute_sets.h"

#include <algorithm>

#include "engine/snapshot/parallel_loops.h"

namespace berth {
namespace {

// A set of 64-bit words other than 0, for counting distinct ones.
class WordSet {
 public:
  explicit WordSet(std::size_t capacity) {
    std::size_t slots = 64;
    while (slots < capacity * 2) {
      slots *= 2;
    }
    slots_.resize(slots);
  }
  // Whether the word is new. At most `capacity` distinct words may be added.
  bool insert(std::uint64_t word) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = mix64(word) & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
      if (slots_[at] == word) {
        return false;
      }
    }
    slots_[at] = word;
    return true;
  }
  void clear() { std::ranges::fill(slots_, 0); }

 private:
  std::vector<std::uint64_t> slots_;
};

std::uint64_t pair_hash(const AttributePair& pair) {
  return mix64(kPairWord(pair) + kGoldenGamma);
}

// What the sets amount to without the attributes that became wide. A set is summed up by the sum of its pairs' hashes, from which a
// pair is taken away by one subtraction; two different sets that sum alike (one in 2^64) would only make the count one too low.
class SetCounter {
 public:
  SetCounter(const SetPool<AttributePair>& sets, Executor& executor)
      : sets_(sets), executor_(executor), sums_(sets.size()), sizes_(sets.size()), seen_(sets.size()) {
    for_blocks(executor, sets.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t set = begin; set < end; ++set) {
        const std::span<const AttributePair> pairs = sets.at(static_cast<std::uint32_t>(set));
        sizes_[set] = static_cast<std::uint32_t>(pairs.size());
        for (const AttributePair& pair : pairs) {
          sums_[set] += pair_hash(pair);
        }
      }
    });
    count();
  }

  void remove(std::uint32_t name) {
    for_blocks(executor_, sets_.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t set = begin; set < end; ++set) {
        const std::uint32_t value = value_in_set(sets_.at(static_cast<std::uint32_t>(set)), name);
        if (value != kAttributeAbsent) {
          sums_[set] -= pair_hash({name, value});
          --sizes_[set];
        }
      }
    });
    count();
  }

  [[nodiscard]] std::uint64_t distinct() const { return distinct_; }
  [[nodiscard]] std::uint64_t bytes() const { return pairs_ * sizeof(AttributePair); }

 private:
  void count() {
    distinct_ = 0;
    pairs_ = 0;
    seen_.clear();
    for (std::size_t set = 0; set < sums_.size(); ++set) {
      // The word set has no place for 0, which is the sum of the empty set.
      if (seen_.insert(sums_[set] == 0 ? 1 : sums_[set])) {
        ++distinct_;
        pairs_ += sizes_[set];
      }
    }
  }

  const SetPool<AttributePair>& sets_;
  Executor& executor_;
  std::vector<std::uint64_t> sums_;
  std::vector<std::uint32_t> sizes_;
  WordSet seen_;
  std::uint64_t distinct_ = 0;
  std::uint64_t pairs_ = 0;
};

// By name: how many values it has.
std::vector<std::uint32_t> count_values(const SetPool<AttributePair>& sets, std::uint32_t name_count) {
  std::vector<std::uint32_t> counts(name_count, 0);
  std::size_t capacity = 4096;
  std::size_t held = 0;
  std::vector<std::uint64_t> words;
  WordSet seen(capacity);
  for (std::uint32_t set = 0; set < sets.size(); ++set) {
    for (const AttributePair& pair : sets.at(set)) {
      // No pair has the word 0 after adding 1: values end below 0xFFFFFFFF.
      const std::uint64_t word = kPairWord(pair) + 1;
      if (!seen.insert(word)) {
        continue;
      }
      ++counts[pair.name];
      words.push_back(word);
      if (++held == capacity) {
        capacity *= 4;
        seen = WordSet(capacity);
        for (const std::uint64_t known : words) {
          seen.insert(known);
        }
      }
    }
  }
  return counts;
}

bool is_too_much(const SetCounter& counter, std::size_t instance_count) {
  const std::uint64_t sets_max = std::max<std::uint64_t>(kSharedSetsMin, instance_count / kInstancesPerSet);
  const std::uint64_t bytes_max = std::max<std::uint64_t>(kSetBytesMin, instance_count * kSetBytesPerInstance);
  return counter.distinct() > sets_max || counter.bytes() > bytes_max;
}

}  // namespace

std::uint32_t value_in_set(std::span<const AttributePair> set, std::uint32_t name) {
  const auto at = std::ranges::lower_bound(set, name, {}, &AttributePair::name);
  return at != set.end() && at->name == name ? at->value : kAttributeAbsent;
}

std::vector<std::uint32_t> choose_wide_attributes(const SetPool<AttributePair>& sets, const Interner& names, std::size_t instance_count,
                                                  Executor& executor) {
  std::vector<std::uint32_t> wide;
  if (sets.size() <= kSharedSetsMin && sets.item_count() * sizeof(AttributePair) <= kSetBytesMin) {
    return wide;
  }
  SetCounter counter(sets, executor);
  if (!is_too_much(counter, instance_count)) {
    return wide;
  }
  std::vector<std::uint32_t> value_counts = count_values(sets, names.size());
  while (is_too_much(counter, instance_count)) {
    std::uint32_t most = 0;
    for (std::uint32_t name = 1; name < names.size(); ++name) {
      if (value_counts[name] > value_counts[most] || (value_counts[name] == value_counts[most] && names.at(name) < names.at(most))) {
        most = name;
      }
    }
    if (value_counts.empty() || value_counts[most] == 0) {
      break;
    }
    value_counts[most] = 0;
    wide.push_back(most);
    counter.remove(most);
  }
  std::ranges::sort(wide, [&](std::uint32_t left, std::uint32_t right) { return names.at(left) < names.at(right); });
  return wide;
}

AttributeSetPlan plan_attribute_sets(const SetPool<AttributePair>& sets, std::span<const std::uint32_t> sets_by_index,
                                     const Dictionary& names, const Dictionary& values, Executor& executor) {
  AttributeSetPlan plan;
  plan.wide_names = choose_wide_attributes(sets, names.strings(), sets_by_index.size(), executor);
  std::vector<std::uint8_t> is_wide(names.strings().size(), 0);
  for (const std::uint32_t name : plan.wide_names) {
    is_wide[name] = 1;
  }
  SetPool<AttributePair> shared;
  std::vector<std::uint32_t> numbers(sets.size(), kNoId);
  std::vector<AttributePair> pairs;
  plan.set_of.resize(sets_by_index.size());
  for (std::size_t index = 0; index < sets_by_index.size(); ++index) {
    std::uint32_t& number = numbers[sets_by_index[index]];
    if (number == kNoId) {
      pairs.clear();
      for (const AttributePair& pair : sets.at(sets_by_index[index])) {
        if (is_wide[pair.name] == 0) {
          pairs.push_back({names.rank(pair.name), values.rank(pair.value)});
        }
      }
      std::ranges::sort(pairs, {}, &AttributePair::name);
      number = shared.intern(pairs, kPairWord);
    }
    plan.set_of[index] = number;
  }
  plan.begin.push_back(0);
  plan.pairs.reserve(shared.item_count());
  for (std::uint32_t set = 0; set < shared.size(); ++set) {
    const std::span<const AttributePair> items = shared.at(set);
    plan.pairs.insert(plan.pairs.end(), items.begin(), items.end());
    plan.begin.push_back(static_cast<std::uint32_t>(plan.pairs.size()));
  }
  return plan;
}

}  // namespace berth
