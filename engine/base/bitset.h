// A set of instance indexes [0, size) as one bit each, in 64-bit words. Bits past size() are always zero.
//
// Thread rule: as a plain container; two threads may write different *words* of one Bitset at once (the words are not packed further),
// which block-wise evaluation relies on. Lifetime: owns its words.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace berth {

class Bitset {
 public:
  Bitset() = default;
  explicit Bitset(std::size_t size, bool value = false) : size_(size), words_((size + 63) / 64, value ? ~std::uint64_t{0} : 0) { trim(); }

  [[nodiscard]] std::size_t size() const { return size_; }
  // REQUIRES: index < size().
  [[nodiscard]] bool test(std::size_t index) const { return ((words_[index / 64] >> (index % 64)) & 1U) != 0; }
  void set(std::size_t index) { words_[index / 64] |= std::uint64_t{1} << (index % 64); }
  void reset(std::size_t index) { words_[index / 64] &= ~(std::uint64_t{1} << (index % 64)); }
  void assign(std::size_t index, bool value) { value ? set(index) : reset(index); }

  [[nodiscard]] std::size_t count() const {
    std::size_t total = 0;
    for (const std::uint64_t word : words_) {
      total += static_cast<std::size_t>(std::popcount(word));
    }
    return total;
  }
  [[nodiscard]] bool any() const {
    for (const std::uint64_t word : words_) {
      if (word != 0) {
        return true;
      }
    }
    return false;
  }

  // REQUIRES: other.size() == size().
  Bitset& operator&=(const Bitset& other) {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      words_[w] &= other.words_[w];
    }
    return *this;
  }
  Bitset& operator|=(const Bitset& other) {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      words_[w] |= other.words_[w];
    }
    return *this;
  }
  void flip() {
    for (std::uint64_t& word : words_) {
      word = ~word;
    }
    trim();
  }
  friend bool operator==(const Bitset&, const Bitset&) = default;

  // Calls visit(index) for every member, ascending.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (std::uint64_t word = words_[w]; word != 0; word &= word - 1) {
        visit(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      }
    }
  }

  // Writers that fill whole words must leave the bits past size() zero.
  std::span<std::uint64_t> words() { return words_; }
  [[nodiscard]] std::span<const std::uint64_t> words() const { return words_; }

 private:
  void trim() {
    if (size_ % 64 != 0) {
      words_.back() &= (std::uint64_t{1} << (size_ % 64)) - 1;
    }
  }

  std::size_t size_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace berth
