// BoundLeaf: one comparison applied to one snapshot. What it asks of an instance has become a look-up of the instance's column in a
// small table, a bit of its own, or a comparison of two numbers; no text is touched any more.
//
// Thread rule: immutable once bound; any thread. Lifetime: looks into the snapshot and the leaf that it was bound from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/query/policy.h"
#include "engine/query/syntax.h"
#include "engine/snapshot/snapshot.h"

namespace berth::query {

class BoundLeaf {
 public:
  static BoundLeaf bind(const Leaf& leaf, const Policy& policy, const Snapshot& snapshot, Executor& executor);

  // One bit per attribute set, when the answer depends on that alone; else nullptr.
  [[nodiscard]] const Bitset* set_table() const { return kind_ == Kind::kSetTable ? &table_ : nullptr; }

  // Writes the answers for instances [begin, end) as bits of words[0...], zeros past the end. REQUIRES: begin is a multiple of 64.
  void fill(std::uint32_t begin, std::uint32_t end, std::uint64_t* words) const;
  // The answer for one instance after `facts` happened to it. Allocates nothing.
  [[nodiscard]] bool holds_live(std::uint32_t instance, const LiveFacts& facts) const;

 private:
  enum class Kind : std::uint8_t {
    kSetTable,     // table_ by attribute set.
    kColumnTable,  // table_ by the column's id; when_absent_ and when_name_only_ for the two marks.
    kConnected,    // table_ of two bits.
    kRegisteredAt,
    kRunningTasks,
    kInstanceTable,  // table_ by instance.
    kGroup,          // has_tasks_ and table_ by instance, matching_groups_ by group.
  };

  void bind_attribute(Executor& executor);
  void bind_wide(std::span<const std::uint32_t> column, Executor& executor);
  void bind_versions();
  void bind_instance_ids(Executor& executor);
  void bind_groups(Executor& executor);
  [[nodiscard]] bool holds(std::uint32_t instance) const;
  [[nodiscard]] bool is_match_of_new_group(std::string_view group) const;

  Kind kind_ = Kind::kSetTable;
  const Leaf* leaf_ = nullptr;
  const Snapshot* snapshot_ = nullptr;
  const Policy* policy_ = nullptr;
  std::span<const std::uint32_t> column_;
  bool when_absent_ = false;
  bool when_name_only_ = false;
  Bitset table_;
  Bitset has_tasks_;
  Bitset matching_groups_;
};

// Bits [begin, end) by `holds(index)`, as BoundLeaf::fill() writes them.
template <typename Holds>
void fill_words(std::uint32_t begin, std::uint32_t end, std::uint64_t* words, Holds&& holds) {
  for (std::uint32_t at = begin; at < end; at += 64) {
    const std::uint32_t bits = end - at < 64 ? end - at : 64;
    std::uint64_t word = 0;
    for (std::uint32_t bit = 0; bit < bits; ++bit) {
      word |= std::uint64_t{holds(at + bit)} << bit;
    }
    *words++ = word;
  }
}

}  // namespace berth::query
