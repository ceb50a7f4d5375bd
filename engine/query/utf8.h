// Strict UTF-8 decoding: no overlong forms, no surrogates, nothing above U+10FFFF.
//
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace berth::query {

inline constexpr char32_t kCodePointMax = 0x10FFFF;

struct DecodedCodePoint {
  char32_t code_point = 0;
  std::uint32_t bytes = 0;  // 0: the bytes at this place are not UTF-8.
};

// REQUIRES: at < text.size().
DecodedCodePoint decode_utf8(std::string_view text, std::size_t at);

// The text for a message: cut after some forty characters, control characters and broken bytes written as \xHH.
std::string printable(std::string_view text);

}  // namespace berth::query
