// LiveIndex: finds the entry of a table that only grows by what it holds, without a lock: a hash table of numbers in open addressing, whose
// readers see either the old places or the new ones when it grows.
//
// Thread rule: any number of readers; one put() at a time (the caller serializes writers). Lifetime: keeps what it outgrew, at most as much
// again as it uses, because a reader may still be in it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace berth::cluster {

class LiveIndex {
 public:
  LiveIndex() = default;
  LiveIndex(const LiveIndex&) = delete;
  LiveIndex& operator=(const LiveIndex&) = delete;

  // The number under this hash for which same(number) holds.
  template <typename Same>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, const Same& same) const {
    const Table* table = table_.load(std::memory_order_acquire);
    if (table == nullptr) {
      return std::nullopt;
    }
    for (std::size_t at = home(hash, *table);; at = (at + 1) & table->mask) {
      const std::uint64_t word = table->places[at].load(std::memory_order_acquire);
      if (word == 0) {
        return std::nullopt;
      }
      if (word >> 32U == hash >> 32U && same(number_in(word))) {
        return number_in(word);
      }
    }
  }

  // Puts `number` where same(other) holds of a number that is there, else beside the others. REQUIRES: number < 0xFFFFFFFF, and its entry
  // of the table is complete.
  template <typename Same>
  void put(std::uint64_t hash, std::uint32_t number, const Same& same) {
    if (tables_.empty() || 2 * (size_ + 1) > tables_.back()->mask + 1) {
      grow();
    }
    Table& table = *tables_.back();
    std::size_t at = home(hash, table);
    for (std::uint64_t word = table.places[at].load(std::memory_order_relaxed); word != 0;
         at = (at + 1) & table.mask, word = table.places[at].load(std::memory_order_relaxed)) {
      if (word >> 32U == hash >> 32U && same(number_in(word))) {
        table.places[at].store(word_of(hash, number), std::memory_order_release);
        return;
      }
    }
    table.places[at].store(word_of(hash, number), std::memory_order_release);
    ++size_;
  }

 private:
  struct Table {
    explicit Table(std::size_t size) : mask(size - 1), places(std::make_unique<std::atomic<std::uint64_t>[]>(size)) {}
    std::size_t mask;
    std::unique_ptr<std::atomic<std::uint64_t>[]> places;  // High half of the hash, then the number plus one; 0: free.
  };
  static constexpr std::size_t kSizeMin = 64;
  static std::uint32_t number_in(std::uint64_t word) { return static_cast<std::uint32_t>(word) - 1; }
  static std::uint64_t word_of(std::uint64_t hash, std::uint32_t number) { return (hash >> 32U) << 32U | (std::uint64_t{number} + 1); }
  static std::size_t home(std::uint64_t hash, const Table& table) { return static_cast<std::size_t>(hash >> 32U) & table.mask; }

  void grow() {
    auto fresh = std::make_unique<Table>(tables_.empty() ? kSizeMin : 2 * (tables_.back()->mask + 1));
    if (!tables_.empty()) {
      const Table& old = *tables_.back();
      for (std::size_t from = 0; from <= old.mask; ++from) {
        const std::uint64_t word = old.places[from].load(std::memory_order_relaxed);
        if (word != 0) {
          std::size_t at = home(word, *fresh);
          while (fresh->places[at].load(std::memory_order_relaxed) != 0) {
            at = (at + 1) & fresh->mask;
          }
          fresh->places[at].store(word, std::memory_order_relaxed);
        }
      }
    }
    // Kept before it is shown: there may be no memory to keep it in.
    tables_.push_back(std::move(fresh));
    table_.store(tables_.back().get(), std::memory_order_release);
  }

  std::atomic<const Table*> table_{nullptr};
  std::vector<std::unique_ptr<Table>> tables_;  // At most half full; the last is in use.
  std::size_t size_ = 0;
};

}  // namespace berth::cluster
