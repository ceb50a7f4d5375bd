// AmountTree: the slots of a TieTree in the order of one remaining amount, then of the slot: three levels whose leaves hold up to 128
// entries in no order. Every level knows the most of the *other* amount below it, so that a search for the least amount that is enough
// passes over slots that ran out of the other one.
//
// A change adds an entry under what the slot is now and leaves the old one where it is: to look for it would cost more misses than
// everything else. An entry is *current* when it says what the TieTree says; whoever visits a leaf asks. Entries that are not go when a
// leaf is full, when a visit meets many of them, and by and by, leaf by leaf, with the changes that come.
//
// Invariants. (1) Once brought up, every slot of the TieTree that has anything stands in the leaf of its key under a current entry; perhaps
// twice, when it was the same before. (2) No maximum is below what it covers. (3) Leaves are not many
// more than twice what all slots would need in full ones: beyond that more of them are cleaned, and joined, than can split.
//
// Thread rule: one thread at a time. Lifetime: that of the TieTree.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/cluster/huge_pages.h"
#include "engine/cluster/tie_tree.h"

namespace berth::cluster {

class AmountTree {
 public:
  static constexpr std::uint32_t kLeafEntries = 128;
  static constexpr std::uint32_t kChunkLeaves = 16;

  AmountTree(const TieTree& slots, bool by_memory) : slots_(slots), by_memory_(by_memory) {}
  AmountTree(const AmountTree&) = delete;
  AmountTree& operator=(const AmountTree&) = delete;

  // Nothing is in it until it is brought up.
  void clear();
  // The slot has changed in the TieTree.
  void note(std::uint32_t slot) {
    if (is_built_) {
      pending_.push_back(slot);
      if (pending_.size() == kPendingMax) {
        bring_up();
      }
    }
  }
  [[nodiscard]] bool is_built() const { return is_built_; }
  // Files what has changed since; every slot the first time.
  void bring_up();

  static constexpr std::uint64_t key_of(std::uint32_t amount, std::uint32_t slot) { return std::uint64_t{amount} << 32U | slot; }
  static constexpr std::uint32_t amount_of(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 32U); }
  static constexpr std::uint32_t slot_of(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

  // The amount and the slot; what a search needs besides: the other amount in the low 31 bits, traits above.
  struct Entry {
    std::uint64_t key;
    std::uint64_t payload;
  };
  static constexpr unsigned kTraitShift = 31;
  static constexpr std::uint64_t kOtherMask = (std::uint64_t{1} << kTraitShift) - 1;
  struct Leaf {
    std::uint32_t count = 0;
    std::array<Entry, kLeafEntries> entries;
  };
  [[nodiscard]] bool is_current(const Entry& entry) const {
    const Entry now = entry_of(slot_of(entry.key));
    return now.key == entry.key && now.payload == entry.payload;
  }

  // Starts to bring what is_current() asks into the caches.
  void prefetch(const Entry& entry) const { slots_.prefetch(slot_of(entry.key)); }

  // A leaf, named by its place in the tree; good until something is filed.
  struct Place {
    std::uint32_t top = 0;
    std::uint32_t at = 0;
  };
  // The leaf that holds `key`, or would.
  [[nodiscard]] Place find(std::uint64_t key) const;
  // Moves on to the first leaf from `place` on in which some slot may have the other amount. False: there is none.
  [[nodiscard]] bool seek(Place& place, std::uint64_t other) const;
  static void step(Place& place) { ++place.at; }
  [[nodiscard]] const Leaf& leaf(const Place& place) const { return leaves_[chunk(place).leaves[place.at]]; }
  // No key of the leaf is below. 0 for the first.
  [[nodiscard]] std::uint64_t first_key(const Place& place) const { return chunk(place).first_keys[place.at]; }
  // Takes out what is not current, and works the maxima out anew.
  void clean(const Place& place);

  [[nodiscard]] std::size_t leaf_count() const { return leaves_.size() - free_leaves_.size(); }

 private:
  static constexpr std::size_t kPendingMax = 64;
  struct alignas(64) Chunk {
    std::uint32_t count = 0;
    std::array<std::uint64_t, kChunkLeaves> first_keys;
    std::array<std::uint64_t, kChunkLeaves> most_other;
    std::array<std::uint32_t, kChunkLeaves> leaves;
  };
  struct Top {
    std::uint64_t most_other;
    std::uint32_t chunk;
  };

  [[nodiscard]] Entry entry_of(std::uint32_t slot) const;
  [[nodiscard]] Place find_in(std::uint32_t top, std::uint64_t key) const;
  [[nodiscard]] std::uint32_t top_of(std::uint64_t key) const;
  [[nodiscard]] const Chunk& chunk(const Place& place) const { return chunks_[tops_[place.top].chunk]; }
  [[nodiscard]] Chunk& chunk(const Place& place) { return chunks_[tops_[place.top].chunk]; }
  [[nodiscard]] Leaf& leaf_at(const Place& place) { return leaves_[chunk(place).leaves[place.at]]; }
  void build();
  void reserve(std::size_t entries);
  void append(const Place& place, const Entry& entry);
  void add(const Entry& entry, Place place);
  void clean_next();
  [[nodiscard]] bool has_many_leaves() const { return leaf_count() > 64 + slots_.slot_count() / (kLeafEntries / 2); }
  void raise(const Place& place, std::uint64_t other);
  std::uint32_t new_leaf();
  std::uint32_t new_chunk();
  void split_leaf(const Place& place);
  void split_chunk(std::uint32_t top);
  void join(const Place& place);
  void join_chunks(std::uint32_t top);
  void remove_leaf(const Place& place);
  static std::uint64_t most_other_of(const Leaf& leaf);
  static std::uint64_t most_other_of(const Chunk& chunk);

  const TieTree& slots_;
  bool by_memory_;
  bool is_built_ = false;
  HugeVector<Leaf> leaves_;
  std::vector<Chunk> chunks_;
  std::vector<std::uint64_t> top_keys_;  // The first key of each top, apart from the rest: a search goes through them.
  std::vector<Top> tops_;
  std::vector<std::uint32_t> free_leaves_;
  std::vector<std::uint32_t> free_chunks_;
  std::vector<std::uint32_t> pending_;  // Slots that changed since it was brought up.
  std::uint64_t shape_ = 0;             // Counts what moves leaves.
  std::uint64_t clean_from_ = 0;        // Where the round of cleaning goes on.
  std::uint32_t added_ = 0;             // Since a leaf was cleaned by the round.
};

}  // namespace berth::cluster
