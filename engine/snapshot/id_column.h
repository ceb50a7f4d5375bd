// A column of long ids that share their beginnings: ARNs and EC2 instance ids. An entry is a prefix out of a small table and a tail,
// and a tail of hexadecimal digits is kept as a number: 18 bytes for a 100-byte ARN.
//
// Thread rule: immutable view, any thread. Lifetime: that of the snapshot it looks into.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/snapshot/string_table.h"

namespace berth {

// How the tail after a prefix is kept; stored in files, never changed, new ones appended.
enum class IdFormat : std::uint8_t {
  kText = 1,   // `low` indexes the table of texts.
  kHex16 = 2,  // 16 lower-case hexadecimal digits in `low`.
  kHex32 = 3,  // 32 of them: `high`, then `low`.
  kUuid = 4,   // The same 32 written as 8-4-4-4-12 with dashes.
};

// The two halves of a tail. Little-endian in files, 16 bytes.
struct IdTail {
  std::uint64_t high;
  std::uint64_t low;
};

class IdColumn {
 public:
  IdColumn() = default;
  // `formats` has one entry per prefix: entries of one prefix text in two formats use two prefixes. Exactly one of `tails` and
  // `short_tails` holds the tails (short when no entry needs `high`); the other is empty.
  IdColumn(StringTable prefixes, std::span<const std::uint8_t> formats, std::span<const std::uint16_t> prefix,
           std::span<const IdTail> tails, std::span<const std::uint64_t> short_tails, StringTable texts)
      : prefixes_(prefixes), formats_(formats), prefix_(prefix), tails_(tails), short_tails_(short_tails), texts_(texts) {}

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(prefix_.size()); }
  // The whole id. REQUIRES: index < size().
  [[nodiscard]] std::string text(std::uint32_t index) const;
  // Appends the whole id to `out`; for loops that keep one buffer.
  void append_to(std::uint32_t index, std::string& out) const;

  // The table of prefixes, such as "arn:aws:ecs:us-east-1:123456789012:container-instance/web/", and which one an entry has.
  [[nodiscard]] const StringTable& prefixes() const { return prefixes_; }
  [[nodiscard]] std::uint16_t prefix(std::uint32_t index) const { return prefix_[index]; }
  // How the entries of a prefix keep their tails. Two prefixes may have the same text and different formats.
  [[nodiscard]] IdFormat format_of_prefix(std::uint32_t prefix) const { return static_cast<IdFormat>(formats_[prefix]); }
  [[nodiscard]] IdFormat format(std::uint32_t index) const { return format_of_prefix(prefix_[index]); }
  [[nodiscard]] IdTail tail(std::uint32_t index) const { return short_tails_.empty() ? tails_[index] : IdTail{0, short_tails_[index]}; }
  // The text tail of an entry. REQUIRES: format(index) == IdFormat::kText.
  [[nodiscard]] std::string_view text_tail(std::uint32_t index) const { return texts_.at(static_cast<std::uint32_t>(tail(index).low)); }

  // Compares two entries by the bytes of their texts.
  [[nodiscard]] std::strong_ordering compare(std::uint32_t left, std::uint32_t right) const;

  // First index whose text is not below `id`; REQUIRES: the column is ascending by bytes.
  [[nodiscard]] std::uint32_t lower_bound(std::string_view id) const;

 private:
  StringTable prefixes_;
  std::span<const std::uint8_t> formats_;
  std::span<const std::uint16_t> prefix_;
  std::span<const IdTail> tails_;
  std::span<const std::uint64_t> short_tails_;
  StringTable texts_;
};

}  // namespace berth
