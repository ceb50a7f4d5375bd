// How the attributes of instances are laid out: in sets that instances share, and, where too few share them, in wide columns.
//
// While there are more than max(64, instances / 4) distinct sets, or while the sets take more room than a wide column or two would
// (kSetBytesPerInstance), the attribute with the most distinct values moves into a wide column of its own.
//
// Thread rule: made by one thread (its parts by the executor), then immutable. Lifetime: owns its vectors.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/snapshot/builder_rows.h"
#include "engine/snapshot/dictionary.h"

namespace berth {

inline constexpr std::uint32_t kSharedSetsMin = 64;
inline constexpr std::uint32_t kInstancesPerSet = 4;
// Sets that take less than this many bytes in all are never too large.
inline constexpr std::uint64_t kSetBytesMin = 1U << 20U;
inline constexpr std::uint64_t kSetBytesPerInstance = 4;

struct AttributeSetPlan {
  std::vector<std::uint32_t> wide_names;  // Ids of the builder, ascending by text.
  std::vector<std::uint32_t> set_of;      // Set number by instance index.
  std::vector<std::uint32_t> begin;       // Of each set in `pairs`, and the end.
  std::vector<AttributePair> pairs;       // Dictionary ids, ascending by name within a set.
};

// Which attributes become wide; ids of the builder, ascending by text.
std::vector<std::uint32_t> choose_wide_attributes(const SetPool<AttributePair>& sets, const Interner& names, std::size_t instance_count,
                                                  Executor& executor);

// `sets_by_index` holds, by instance index, the set that the instance has in the builder.
AttributeSetPlan plan_attribute_sets(const SetPool<AttributePair>& sets, std::span<const std::uint32_t> sets_by_index,
                                     const Dictionary& names, const Dictionary& values, Executor& executor);

// The value that a set of the builder (sorted by name id) gives a name; kAttributeAbsent for none.
std::uint32_t value_in_set(std::span<const AttributePair> set, std::uint32_t name);

}  // namespace berth
