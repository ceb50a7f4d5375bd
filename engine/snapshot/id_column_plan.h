// IdColumnPlan: how the ids of a pool are laid out in an IdColumn: which prefixes, which texts, and whether tails are short.
//
// Thread rule: made by one thread, then immutable. Lifetime: refers to the pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/snapshot/id_pool.h"

namespace berth {

class IdColumnPlan {
 public:
  struct Prefix {
    std::uint32_t id;  // Of the pool's prefixes.
    IdFormat format;
  };
  struct Stored {
    std::uint16_t prefix;
    IdTail tail;
  };

  IdColumnPlan() = default;
  // `id_at(index)` gives the EncodedId of each of the column's `count` entries, in the column's order.
  template <typename IdAt>
  IdColumnPlan(const IdPool& pool, std::size_t count, IdAt&& id_at)
      : pool_(&pool), number_(std::size_t{pool.prefixes().size()} * kFormats, kUnused) {
    bool any_text = false;
    for (std::size_t at = 0; at < count; ++at) {
      const EncodedId& id = id_at(at);
      number_[key(id)] = 0;
      any_text = any_text || id.format == IdFormat::kText;
    }
    number_prefixes();
    if (any_text || has_overflow_) {
      for (std::size_t at = 0; at < count; ++at) {
        add_text(id_at(at));
      }
    }
  }

  // In the column's order.
  [[nodiscard]] const std::vector<Prefix>& prefixes() const { return prefixes_; }
  [[nodiscard]] const Interner& texts() const { return texts_; }
  [[nodiscard]] bool has_short_tails() const { return has_short_tails_; }
  [[nodiscard]] const IdPool& pool() const { return *pool_; }
  [[nodiscard]] Stored stored(const EncodedId& id) const;

 private:
  static constexpr std::size_t kFormats = 4;
  static constexpr std::uint32_t kUnused = 0xFFFFFFFFU;
  static constexpr std::uint32_t kOverflow = 0xFFFFFFFEU;

  static std::size_t key(const EncodedId& id) { return std::size_t{id.prefix} * kFormats + static_cast<std::size_t>(id.format) - 1; }
  void number_prefixes();
  void add_text(const EncodedId& id);

  const IdPool* pool_ = nullptr;
  std::vector<std::uint32_t> number_;  // By key(): the prefix's place in the column.
  std::vector<Prefix> prefixes_;
  Interner texts_;
  bool has_short_tails_ = true;
  bool has_overflow_ = false;
  std::uint16_t whole_prefix_ = 0;  // Of ids that are kept as whole texts.
};

}  // namespace berth
