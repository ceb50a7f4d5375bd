#include "capi/utf8.h"

namespace berth::capi {

std::size_t utf8_sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t index) { return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U; };
  const auto continues = [&](std::size_t index) { return (byte(index) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(at);
  const unsigned second = byte(at + 1);
  if (lead < 0x80U) {
    return 1;
  }
  if (lead >= 0xC2U && lead <= 0xDFU && continues(at + 1)) {
    return 2;
  }
  if (lead >= 0xE0U && lead <= 0xEFU && continues(at + 1) && continues(at + 2)) {
    const bool is_overlong = lead == 0xE0U && second < 0xA0U;
    const bool is_surrogate = lead == 0xEDU && second > 0x9FU;
    return is_overlong || is_surrogate ? 0 : 3;
  }
  if (lead >= 0xF0U && lead <= 0xF4U && continues(at + 1) && continues(at + 2) && continues(at + 3)) {
    const bool is_overlong = lead == 0xF0U && second < 0x90U;
    const bool is_beyond_unicode = lead == 0xF4U && second > 0x8FU;
    return is_overlong || is_beyond_unicode ? 0 : 4;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence_length(text, at);
    if (length == 0) {
      return false;
    }
    at += length;
  }
  return true;
}

}  // namespace berth::capi
