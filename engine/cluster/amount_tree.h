// AmountTree: slots in the order of one remaining amount, then of the slot: a tree of three levels whose leaves hold up to 64 entries in
// no order. Every level knows the most of the *other* amount below it, so that a search for the least amount that is enough passes over
// slots that ran out of the other one.
//
// The maxima are upper bounds, as TieTree's. A leaf is split when it is full and joined with its neighbour when both together are
// less than three quarters of one; the same holds for the chunks of leaves.
//
// Thread rule: one thread at a time. Lifetime: owns its entries.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace berth::cluster {

class AmountTree {
 public:
  static constexpr std::uint32_t kLeafEntries = 64;
  static constexpr std::uint32_t kChunkLeaves = 64;

  // What a search needs of a slot besides its amount: the other amount in the low 31 bits, traits above.
  static constexpr unsigned kTraitShift = 31;
  static constexpr std::uint64_t kOtherMask = (std::uint64_t{1} << kTraitShift) - 1;
  static constexpr std::uint64_t key_of(std::uint32_t amount, std::uint32_t slot) { return std::uint64_t{amount} << 32U | slot; }
  static constexpr std::uint32_t amount_of(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 32U); }
  static constexpr std::uint32_t slot_of(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

  struct Leaf {
    std::uint32_t count = 0;
    std::array<std::uint64_t, kLeafEntries> keys;
    std::array<std::uint64_t, kLeafEntries> payloads;
  };

  AmountTree() { clear(); }
  void clear();
  // Room for so many entries, so that it need not grow while they come and go.
  void reserve(std::size_t entries);
  [[nodiscard]] std::size_t size() const { return size_; }

  // REQUIRES: the key is not there.
  void insert(std::uint64_t key, std::uint64_t payload);
  // REQUIRES: the key is there.
  void erase(std::uint64_t key);
  void replace(std::uint64_t key, std::uint64_t payload);

  // Start to bring what a change of the key touches into the caches: first its chunk, then its leaf.
  void prefetch_chunk(std::uint64_t key) const;
  void prefetch_leaf(std::uint64_t key) const;

  // A leaf, named by its place in the tree; good until the next change.
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
  void tighten(const Place& place);

 private:
  struct Chunk {
    std::uint32_t count = 0;
    std::array<std::uint64_t, kChunkLeaves> first_keys;
    std::array<std::uint64_t, kChunkLeaves> most_other;
    std::array<std::uint32_t, kChunkLeaves> leaves;
  };
  struct Top {
    std::uint64_t first_key;
    std::uint64_t most_other;
    std::uint32_t chunk;
  };

  [[nodiscard]] std::uint32_t top_of(std::uint64_t key) const;
  [[nodiscard]] const Chunk& chunk(const Place& place) const { return chunks_[tops_[place.top].chunk]; }
  [[nodiscard]] Chunk& chunk(const Place& place) { return chunks_[tops_[place.top].chunk]; }
  std::uint32_t new_leaf();
  std::uint32_t new_chunk();
  void split_leaf(const Place& place);
  void split_chunk(std::uint32_t top);
  void join(const Place& place);
  void join_chunks(std::uint32_t top);
  void remove_leaf(const Place& place);
  static std::uint64_t most_other_of(const Leaf& leaf);
  static std::uint64_t most_other_of(const Chunk& chunk);

  std::vector<Leaf> leaves_;
  std::vector<Chunk> chunks_;
  std::vector<Top> tops_;
  std::vector<std::uint32_t> free_leaves_;
  std::vector<std::uint32_t> free_chunks_;
  std::size_t size_ = 0;
};

}  // namespace berth::cluster
