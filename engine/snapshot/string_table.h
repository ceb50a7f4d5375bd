// A read-only table of strings: entry i is bytes[offsets[i], offsets[i + 1]).
//
// Thread rule: immutable view, any thread. Lifetime: that of the snapshot it looks into.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace berth {

class StringTable {
 public:
  StringTable() = default;
  // offsets has one entry more than the table, ascending, the last equal to bytes.size(); validated by the snapshot. An empty
  // `offsets` is an empty table.
  StringTable(std::span<const std::uint32_t> offsets, std::span<const std::uint8_t> bytes) : offsets_(offsets), bytes_(bytes) {}

  [[nodiscard]] std::uint32_t size() const { return offsets_.empty() ? 0 : static_cast<std::uint32_t>(offsets_.size() - 1); }
  // REQUIRES: index < size().
  [[nodiscard]] std::string_view at(std::uint32_t index) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + offsets_[index], offsets_[index + 1] - offsets_[index]};
  }
  // Binary search. REQUIRES: the table is sorted by bytes.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const;

 private:
  std::span<const std::uint32_t> offsets_;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace berth
