#include "engine/query/utf8.h"

namespace berth::query {
namespace {

constexpr std::size_t kPrintedCodePointsMax = 40;

bool is_continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

void append_hex_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 0xFU];
}

}  // namespace

DecodedCodePoint decode_utf8(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80U) {
    return {lead, 1};
  }
  std::uint32_t bytes = 0;
  char32_t code_point = 0;
  char32_t least = 0;
  if ((lead & 0xE0U) == 0xC0U) {
    bytes = 2, code_point = lead & 0x1FU, least = 0x80;
  } else if ((lead & 0xF0U) == 0xE0U) {
    bytes = 3, code_point = lead & 0x0FU, least = 0x800;
  } else if ((lead & 0xF8U) == 0xF0U) {
    bytes = 4, code_point = lead & 0x07U, least = 0x10000;
  } else {
    return {};
  }
  for (std::uint32_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text, at + i)) {
      return {};
    }
    code_point = (code_point << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < least || code_point > kCodePointMax || is_surrogate) {
    return {};
  }
  return {code_point, bytes};
}

std::string printable(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t printed = 0; at < text.size(); ++printed) {
    if (printed == kPrintedCodePointsMax) {
      out += "...";
      break;
    }
    const DecodedCodePoint decoded = decode_utf8(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    // Control characters, DEL and the line separators would break the one line of a message.
    if (decoded.bytes == 0 || decoded.code_point < 0x20 || decoded.code_point == 0x7F) {
      append_hex_escape(out, byte);
      ++at;
    } else if ((decoded.code_point >= 0x80 && decoded.code_point < 0xA0) || decoded.code_point == 0x2028 || decoded.code_point == 0x2029) {
      for (std::uint32_t i = 0; i < decoded.bytes; ++i) {
        append_hex_escape(out, static_cast<unsigned char>(text[at + i]));
      }
      at += decoded.bytes;
    } else {
      out += text.substr(at, decoded.bytes);
      at += decoded.bytes;
    }
  }
  return out;
}

}  // namespace berth::query
