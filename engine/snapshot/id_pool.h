// IdPool holds the ids of one column while a snapshot is built: each is 24 bytes, however long its text is.
//
// Equal texts give equal EncodedIds, so ids are compared and hashed without their text.
//
// Thread rule: one writer, or any number of readers. Lifetime: owns prefixes and texts.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"
#include "engine/snapshot/id_column.h"
#include "engine/snapshot/id_encoding.h"
#include "engine/snapshot/interner.h"

namespace berth {

struct EncodedId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;     // For kText: an id of the pool's texts.
  std::uint32_t prefix = 0;  // An id of the pool's prefixes.
  IdFormat format = IdFormat::kText;

  friend bool operator==(const EncodedId&, const EncodedId&) = default;
};

constexpr std::uint64_t hash_of(const EncodedId& id) {
  return mix64(id.low ^ mix64(id.high + kGoldenGamma * (std::uint64_t{id.prefix} * 8 + static_cast<std::uint64_t>(id.format))));
}

class IdPool {
 public:
  EncodedId intern(std::string_view text);
  [[nodiscard]] std::optional<EncodedId> find(std::string_view text) const;
  [[nodiscard]] std::string text(const EncodedId& id) const;
  [[nodiscard]] bool is_empty(const EncodedId& id) const {
    return id.format == IdFormat::kText && prefixes_.at(id.prefix).empty() && texts_.at(static_cast<std::uint32_t>(id.low)).empty();
  }
  [[nodiscard]] std::strong_ordering compare(const EncodedId& left, const EncodedId& right) const;

  [[nodiscard]] const Interner& prefixes() const { return prefixes_; }
  [[nodiscard]] const Interner& texts() const { return texts_; }

 private:
  [[nodiscard]] RenderedId render(const EncodedId& id) const;

  Interner prefixes_;
  Interner texts_;
  // The prefix of the id interned last; ids come in runs that share it.
  std::uint32_t last_prefix_ = 0;
};

// Finds the row of an id: an open-addressing table of row numbers; the ids themselves stay in the rows.
class IdIndex {
 public:
  // `id_at(row)` gives the EncodedId of a row that is in the index.
  template <typename IdAt>
  [[nodiscard]] std::optional<std::uint32_t> find(const EncodedId& id, IdAt&& id_at) const {
    if (slots_.empty()) {
      return std::nullopt;
    }
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash_of(id) & mask; slots_[at] != 0; at = (at + 1) & mask) {
      if (id_at(slots_[at] - 1) == id) {
        return slots_[at] - 1;
      }
    }
    return std::nullopt;
  }

  // Adds `row`, whose id is `id`, unless that id is there; says whether it was added.
  template <typename IdAt>
  bool insert(const EncodedId& id, std::uint32_t row, IdAt&& id_at) {
    if ((count_ + 1) * 2 > slots_.size()) {
      grow(id_at);
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash_of(id) & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
      if (id_at(slots_[at] - 1) == id) {
        return false;
      }
    }
    slots_[at] = row + 1;
    ++count_;
    return true;
  }

 private:
  template <typename IdAt>
  void grow(IdAt&& id_at) {
    std::vector<std::uint32_t> slots(slots_.empty() ? 1024 : slots_.size() * 2, 0);
    const std::size_t mask = slots.size() - 1;
    for (const std::uint32_t held : slots_) {
      if (held != 0) {
        std::size_t at = hash_of(id_at(held - 1)) & mask;
        while (slots[at] != 0) {
          at = (at + 1) & mask;
        }
        slots[at] = held;
      }
    }
    slots_ = std::move(slots);
  }

  std::vector<std::uint32_t> slots_;  // Row + 1, 0 when empty; a power of two, at most half full.
  std::size_t count_ = 0;
};

}  // namespace berth
