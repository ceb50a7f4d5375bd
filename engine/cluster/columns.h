// The two words per slot that scans read instead of records: what remains (fit word) and what eligibility needs first (trait word). And
// the same amounts as the change log keeps them.
//
// A word ends in a tag, the low bits of Record::changes: a thread that was stopped for long and writes late does so by compare-and-swap
// on a word that is no longer there. Amounts are kept plus one, so that 0 stands for "less than nothing", which fits no task, and
// saturate; a scan may therefore let a saturated amount pass that the record then refuses, never the reverse.
//
// Thread rule: pure functions.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/cluster/record.h"

namespace berth::cluster {

inline constexpr unsigned kTagBits = 17;
inline constexpr unsigned kCpuBits = 21;     // Units: 2,047 vCPU.
inline constexpr unsigned kMemoryBits = 24;  // MiB: 16 TiB.
// Above each amount one bit stays 0, so that both are compared by one subtraction (FitRange).
static_assert(kTagBits + kCpuBits + 1 + kMemoryBits + 1 == 64);
inline constexpr std::uint64_t kTagMask = (std::uint64_t{1} << kTagBits) - 1;
inline constexpr unsigned kMemoryShift = kTagBits;
inline constexpr unsigned kCpuShift = kTagBits + kMemoryBits + 1;

constexpr std::uint64_t saturated(std::int64_t amount, unsigned bits) {
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(amount + 1, 0, (std::int64_t{1} << bits) - 1));
}

// Amounts of one fit word; compare them with those of a need.
struct FitAmounts {
  std::uint64_t cpu;
  std::uint64_t memory;

  static constexpr FitAmounts of(std::int64_t cpu_units, std::int64_t memory_mib) {
    return {saturated(cpu_units, kCpuBits), saturated(memory_mib, kMemoryBits)};
  }
  static constexpr FitAmounts in(std::uint64_t fit_word) {
    return {fit_word >> kCpuShift, (fit_word >> kMemoryShift) & ((std::uint64_t{1} << kMemoryBits) - 1)};
  }
};

constexpr std::uint64_t pack_fit(std::int64_t cpu_units, std::int64_t memory_mib, std::uint64_t tag) {
  const FitAmounts amounts = FitAmounts::of(cpu_units, memory_mib);
  return amounts.cpu << kCpuShift | amounts.memory << kMemoryShift | (tag & kTagMask);
}

// The most of each amount of two words without tags.
constexpr std::uint64_t most_amounts(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kCpuPart = ~std::uint64_t{0} << kCpuShift;
  constexpr std::uint64_t kMemoryPart = ~kCpuPart & ~kTagMask;
  return std::max(a & kCpuPart, b & kCpuPart) | std::max(a & kMemoryPart, b & kMemoryPart);
}

// Both amounts of a fit word within bounds, inclusive, at once.
class FitRange {
 public:
  // Of which nothing is within.
  constexpr FitRange() = default;
  constexpr FitRange(const FitAmounts& least, const FitAmounts& most)
      : least_(least.cpu << kCpuShift | least.memory << kMemoryShift),
        most_(most.cpu << kCpuShift | most.memory << kMemoryShift | kGuards | kTagMask) {}

  [[nodiscard]] constexpr bool contains(std::uint64_t fit_word) const { return words().borrows(fit_word) == 0; }

  // For those who test many at a time.
  struct Words {
    std::uint64_t least;
    std::uint64_t most;

    // 0: within. A guard that a subtraction leaves standing says that nothing was borrowed.
    [[nodiscard]] constexpr std::uint64_t borrows(std::uint64_t fit_word) const {
      return ~(((fit_word | kGuards) - least) & (most - fit_word)) & kGuards;
    }
  };
  [[nodiscard]] constexpr Words words() const { return {least_, most_}; }

 private:
  static constexpr std::uint64_t kGuards = std::uint64_t{1} << 63U | std::uint64_t{1} << (kMemoryShift + kMemoryBits);
  std::uint64_t least_ = kGuards;  // More than any word has.
  std::uint64_t most_ = 0;
};

inline constexpr FitAmounts kMostAmounts{(std::uint64_t{1} << kCpuBits) - 1, (std::uint64_t{1} << kMemoryBits) - 1};

static_assert(!FitRange().contains(0) && !FitRange().contains(pack_fit(1024, 2048, 7)));

// Trait word: attribute set (24 bits), free GPUs (7), takes tasks (1), a spare ENI (1), tag.
struct Traits {
  std::uint32_t attribute_set;
  std::uint32_t free_gpus;
  bool takes_tasks;  // ACTIVE, agent connected, still registered.
  bool has_spare_eni;

  static constexpr Traits in(std::uint64_t trait_word) {
    return {static_cast<std::uint32_t>(trait_word >> 40U), static_cast<std::uint32_t>(trait_word >> 33U) & 0x7FU,
            (trait_word >> 32U & 1U) != 0, (trait_word >> 31U & 1U) != 0};
  }
};

constexpr std::uint64_t pack_traits(const Traits& traits, std::uint64_t tag) {
  return std::uint64_t{traits.attribute_set} << 40U | std::uint64_t{std::min<std::uint32_t>(traits.free_gpus, 0x7F)} << 33U |
         std::uint64_t{traits.takes_tasks} << 32U | std::uint64_t{traits.has_spare_eni} << 31U | (tag & kTagMask);
}
inline constexpr std::uint32_t kAttributeSetsMax = 1U << 24U;

constexpr bool has_spare_eni(std::uint16_t used, std::uint16_t limit) {
  return limit == kEniUnlimited || used < limit;
}

// Fills in both words of a record from its fields.
void set_words(Record& record);

// Log: which slot changed, whose count, and how, beside a tag of the lap.
inline constexpr unsigned kLogTagBits = 10;
inline constexpr unsigned kLogEffectBits = 4;
inline constexpr unsigned kLogGroupBits = 25;
inline constexpr unsigned kLogSlotBits = 25;
static_assert(kLogTagBits + kLogEffectBits + kLogGroupBits + kLogSlotBits == 64);
inline constexpr std::uint64_t kLogTagMask = (1U << kLogTagBits) - 1;
inline constexpr unsigned kLogGroupShift = kLogTagBits + kLogEffectBits;
inline constexpr unsigned kLogSlotShift = kLogGroupShift + kLogGroupBits;

// Beside an effect: every group on the instance may count elsewhere.
inline constexpr std::uint32_t kRegroups = 8;

struct Touch {
  std::uint32_t slot;
  std::uint32_t group;
  std::uint32_t effect;  // Effect, and kRegroups for kGroupAll.

  static constexpr Touch in(std::uint64_t word) {
    return {static_cast<std::uint32_t>(word >> kLogSlotShift),
            static_cast<std::uint32_t>(word >> kLogGroupShift) & ((1U << kLogGroupBits) - 1),
            static_cast<std::uint32_t>(word >> kLogTagBits) & ((1U << kLogEffectBits) - 1)};
  }
};

constexpr std::uint64_t pack_touch(const Touch& touch, std::uint64_t lap) {
  return std::uint64_t{touch.slot} << kLogSlotShift | std::uint64_t{touch.group} << kLogGroupShift |
         std::uint64_t{touch.effect} << kLogTagBits | (lap & kLogTagMask);
}

}  // namespace berth::cluster
