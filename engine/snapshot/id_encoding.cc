#include "engine/snapshot/id_encoding.h"

#include <algorithm>

namespace berth {
namespace {

constexpr std::size_t kHex16Bytes = 16;
constexpr std::size_t kHex32Bytes = 32;
// "mi-0" and "i-0" before the 16 digits of an instance id.
constexpr std::size_t kLeadBytesMax = 4;
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t digit = 0; digit < 10; ++digit) {
    values[static_cast<std::size_t>('0') + digit] = digit;
  }
  for (std::uint8_t digit = 0; digit < 6; ++digit) {
    values[static_cast<std::size_t>('a') + digit] = static_cast<std::uint8_t>(10 + digit);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> kDigitValues = make_digit_values();

// The two digits of each byte value.
constexpr std::array<std::array<char, 2>, 256> make_byte_digits() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> digits{};
  for (std::size_t value = 0; value < 256; ++value) {
    digits[value] = {kDigits[value / 16], kDigits[value % 16]};
  }
  return digits;
}
constexpr std::array<std::array<char, 2>, 256> kByteDigits = make_byte_digits();

// Folds digits into `number`; the returned mask has high bits when one of them was no digit.
std::uint8_t read_digits(std::string_view digits, std::uint64_t& number) {
  std::uint8_t seen = 0;
  for (const char digit : digits) {
    const std::uint8_t value = kDigitValues[static_cast<unsigned char>(digit)];
    seen |= value;
    number = number << 4U | (value & 0x0FU);
  }
  return seen;
}
constexpr bool were_digits(std::uint8_t seen) {
  return seen < 16;
}

void write_digits(std::uint64_t number, std::size_t count, char* out) {
  for (std::size_t at = count; at >= 2; at -= 2) {
    const std::array<char, 2>& pair = kByteDigits[number & 0xFFU];
    out[at - 2] = pair[0];
    out[at - 1] = pair[1];
    number >>= 8U;
  }
}

// REQUIRES: text.size() == tail_bytes(IdFormat::kUuid).
bool parse_uuid(std::string_view text, IdTail& tail) {
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
    return false;
  }
  IdTail read{0, 0};
  std::uint8_t seen = read_digits(text.substr(0, 8), read.high);
  seen |= read_digits(text.substr(9, 4), read.high);
  seen |= read_digits(text.substr(14, 4), read.high);
  seen |= read_digits(text.substr(19, 4), read.low);
  seen |= read_digits(text.substr(24, 12), read.low);
  if (!were_digits(seen)) {
    return false;
  }
  tail = read;
  return true;
}

}  // namespace

bool parse_tail(std::string_view text, IdFormat format, IdTail& tail) {
  if (format == IdFormat::kText || text.size() != tail_bytes(format)) {
    return false;
  }
  if (format == IdFormat::kUuid) {
    return parse_uuid(text, tail);
  }
  IdTail read{0, 0};
  std::uint8_t seen = 0;
  if (format == IdFormat::kHex32) {
    seen = read_digits(text.substr(0, kHex16Bytes), read.high);
    text.remove_prefix(kHex16Bytes);
  }
  seen |= read_digits(text.substr(0, kHex16Bytes), read.low);
  if (!were_digits(seen)) {
    return false;
  }
  tail = read;
  return true;
}

SplitId split_id(std::string_view text) {
  SplitId split;
  const std::size_t slash = text.rfind('/');
  split.prefix_bytes = slash == std::string_view::npos ? 0 : slash + 1;
  const std::string_view rest = text.substr(split.prefix_bytes);
  if (rest.size() == kHex32Bytes && parse_tail(rest, IdFormat::kHex32, split.tail)) {
    split.format = IdFormat::kHex32;
  } else if (rest.size() == kTailBytesMax && parse_tail(rest, IdFormat::kUuid, split.tail)) {
    split.format = IdFormat::kUuid;
  } else if (rest.size() >= kHex16Bytes && rest.size() <= kHex16Bytes + kLeadBytesMax &&
             parse_tail(rest.substr(rest.size() - kHex16Bytes), IdFormat::kHex16, split.tail)) {
    split.format = IdFormat::kHex16;
    split.prefix_bytes = text.size() - kHex16Bytes;
  }
  return split;
}

std::size_t write_tail(IdFormat format, IdTail tail, std::array<char, kTailBytesMax>& out) {
  char* const at = out.data();
  switch (format) {
    case IdFormat::kText:
      return 0;
    case IdFormat::kHex16:
      write_digits(tail.low, 16, at);
      return 16;
    case IdFormat::kHex32:
      write_digits(tail.high, 16, at);
      write_digits(tail.low, 16, at + 16);
      return 32;
    case IdFormat::kUuid:
      write_digits(tail.high >> 32U, 8, at);
      write_digits(tail.high >> 16U, 4, at + 9);
      write_digits(tail.high, 4, at + 14);
      write_digits(tail.low >> 48U, 4, at + 19);
      write_digits(tail.low, 12, at + 24);
      for (const std::size_t dash : {std::size_t{8}, std::size_t{13}, std::size_t{18}, std::size_t{23}}) {
        at[dash] = '-';
      }
      return kTailBytesMax;
  }
  return 0;
}

std::strong_ordering compare_split(std::string_view left_prefix, std::string_view left_tail, std::string_view right_prefix,
                                   std::string_view right_tail) {
  if (left_prefix.size() > right_prefix.size()) {
    return 0 <=> compare_split(right_prefix, right_tail, left_prefix, left_tail);
  }
  if (const int head = left_prefix.compare(right_prefix.substr(0, left_prefix.size())); head != 0) {
    return head <=> 0;
  }
  // What the longer prefix has beyond the shorter one stands against the beginning of the other tail.
  const std::string_view rest = right_prefix.substr(left_prefix.size());
  const std::size_t common = std::min(rest.size(), left_tail.size());
  if (const int middle = left_tail.substr(0, common).compare(rest.substr(0, common)); middle != 0) {
    return middle <=> 0;
  }
  if (left_tail.size() < rest.size()) {
    return std::strong_ordering::less;
  }
  return left_tail.substr(common).compare(right_tail) <=> 0;
}

}  // namespace berth
