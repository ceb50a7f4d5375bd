#include "bindings/cli/utf8.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <utility>

namespace berth::cli {
namespace {

using Range = std::pair<char32_t, char32_t>;

// Blocks of marks that combine with what stands before them, and joiners (Unicode 15).
constexpr std::array kCombining = {Range{0x0300, 0x036F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},
                                   Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};
// Blocks whose characters are East Asian wide or full-width (Unicode Standard Annex 11), and the pictographs.
constexpr std::array kWide = {Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},  Range{0xAC00, 0xD7A3},
                              Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},  Range{0xFFE0, 0xFFE6},
                              Range{0x1F300, 0x1F64F}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};

template <std::size_t kSize>
bool contains(const std::array<Range, kSize>& ranges, char32_t code_point) {
  for (const auto& [first, last] : ranges) {
    if (code_point >= first && code_point <= last) {
      return true;
    }
  }
  return false;
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    return {.value = lead, .bytes = 1, .is_valid = true};
  }
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + bytes > text.size()) {
    return {};
  }
  char32_t value = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0U) != 0x80U) {
      return {};
    }
    value = (value << 6U) | (byte & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast.at(bytes) || value > 0x10FFFF || is_surrogate) {
    return {};
  }
  return {.value = value, .bytes = bytes, .is_valid = true};
}

std::size_t first_invalid_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    if (!point.is_valid) {
      return at;
    }
    at += point.bytes;
  }
  return std::string_view::npos;
}

std::uint32_t column_count(char32_t code_point) {
  if (contains(kCombining, code_point)) {
    return 0;
  }
  return contains(kWide, code_point) ? 2 : 1;
}

std::string escape_controls(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(escaped), "\\x{:02x}", byte);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace berth::cli
