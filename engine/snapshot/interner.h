// Interner gives each distinct byte string a number, in order of first arrival, and gives it back by number.
//
// Thread rule: one writer, or any number of readers. Lifetime: owns its bytes; a view from at() is good until the next intern().
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace berth {

class Interner {
 public:
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(begin_.size() - 1); }
  // REQUIRES: id < size().
  [[nodiscard]] std::string_view at(std::uint32_t id) const { return {bytes_.data() + begin_[id], begin_[id + 1] - begin_[id]}; }

  std::uint32_t intern(std::string_view text);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const;

 private:
  // The slot that holds `text`, or the empty one where it belongs. REQUIRES: slots_ is not empty.
  [[nodiscard]] std::size_t slot_of(std::string_view text, std::uint32_t fingerprint, std::size_t hash) const;
  void grow();

  // A slot holds id + 1, 0 when empty, beside 32 bits of the hash that spare most comparisons of text.
  struct Slot {
    std::uint32_t id_plus_one = 0;
    std::uint32_t fingerprint = 0;
  };

  std::vector<char> bytes_;
  std::vector<std::uint64_t> begin_ = {0};
  std::vector<Slot> slots_;  // A power of two; at most half full.
};

}  // namespace berth
