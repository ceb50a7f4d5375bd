// How one id is taken apart into a prefix and a tail, written back, and compared without being written back.
//
// Every text has exactly one encoding, so equal encodings (over one table of prefixes) mean equal ids.
//
// Thread rule: pure functions.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/snapshot/id_column.h"

namespace berth {

// The longest tail that is kept as a number: a UUID.
inline constexpr std::size_t kTailBytesMax = 36;
// The longest id, in bytes: beyond the 2048 that AWS allows an ARN nothing is expected, and a file cannot make a loader work long on one.
inline constexpr std::size_t kIdBytesMax = 2048;
// Prefix numbers of a column are 16 bits wide.
inline constexpr std::size_t kPrefixesMax = 65535;

struct SplitId {
  std::size_t prefix_bytes = 0;  // The tail is the rest of the text.
  IdFormat format = IdFormat::kText;
  IdTail tail{0, 0};  // 0 for kText.
};

// Prefix: through the last '/'; when 16 hexadecimal digits follow at most four other characters there ("i-0", "mi-0"), those as well.
SplitId split_id(std::string_view text);

// Parses the whole of `text` as a tail of that format. False for kText and for any other text.
bool parse_tail(std::string_view text, IdFormat format, IdTail& tail);

// Writes a numeric tail and returns how many bytes it took. REQUIRES: format is not kText.
std::size_t write_tail(IdFormat format, IdTail tail, std::array<char, kTailBytesMax>& out);

// Bytes of a numeric tail; 0 for kText.
constexpr std::size_t tail_bytes(IdFormat format) {
  switch (format) {
    case IdFormat::kText:
      return 0;
    case IdFormat::kHex16:
      return 16;
    case IdFormat::kHex32:
      return 32;
    case IdFormat::kUuid:
      return kTailBytesMax;
  }
  return 0;
}

// Compares prefix + tail with prefix + tail by bytes.
std::strong_ordering compare_split(std::string_view left_prefix, std::string_view left_tail, std::string_view right_prefix,
                                   std::string_view right_tail);

// An id in two pieces whose numeric tail is rendered into its own storage.
class RenderedId {
 public:
  RenderedId(std::string_view prefix, std::string_view text_tail) : prefix_(prefix), text_(text_tail) {}
  RenderedId(std::string_view prefix, IdFormat format, IdTail tail) : prefix_(prefix), digit_bytes_(write_tail(format, tail, digits_)) {}

  [[nodiscard]] std::string_view prefix() const { return prefix_; }
  [[nodiscard]] std::string_view tail() const { return digit_bytes_ != 0 ? std::string_view(digits_.data(), digit_bytes_) : text_; }

  friend std::strong_ordering operator<=>(const RenderedId& left, const RenderedId& right) {
    return compare_split(left.prefix(), left.tail(), right.prefix(), right.tail());
  }

 private:
  std::string_view prefix_;
  std::string_view text_;
  std::array<char, kTailBytesMax> digits_;
  std::size_t digit_bytes_ = 0;
};

}  // namespace berth
