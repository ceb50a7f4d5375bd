#include "engine/query/literals.h"

#include <algorithm>
#include <array>

namespace berth::query {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads fixed-width fields from the front of a text.
class Fields {
 public:
  explicit Fields(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  bool skip(char c) {
    const bool is_there = at_ < text_.size() && text_[at_] == c;
    at_ += is_there ? 1 : 0;
    return is_there;
  }
  std::optional<int> number(std::size_t digits, int least, int most) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at_) {
      if (at_ >= text_.size() || !is_digit(text_[at_])) {
        return std::nullopt;
      }
      value = value * 10 + (text_[at_] - '0');
    }
    return value >= least && value <= most ? std::optional(value) : std::nullopt;
  }
  std::string_view digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// Days since 1970-01-01 in the Gregorian calendar, counted in eras of 400 years that begin on 1 March.
std::int64_t days_since_epoch(int year, int month, int day) {
  const int shifted_year = month <= 2 ? year - 1 : year;
  const int era = (shifted_year >= 0 ? shifted_year : shifted_year - 399) / 400;
  const int year_of_era = shifted_year - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap ? 1 : 0);
}

// Reads ".123456789" if it is there: whole milliseconds, and whether anything is left below them.
bool read_fraction(Fields& fields, Instant& instant) {
  if (!fields.skip('.')) {
    return true;
  }
  const std::string_view digits = fields.digits();
  if (digits.empty() || digits.size() > 9) {
    return false;
  }
  for (std::size_t i = 0; i < digits.size(); ++i) {
    constexpr std::array<std::int64_t, 3> kWeights = {100, 10, 1};
    if (i < kWeights.size()) {
      instant.ms += kWeights[i] * (digits[i] - '0');
    } else {
      instant.has_remainder = instant.has_remainder || digits[i] != '0';
    }
  }
  return true;
}

// Reads "Z" or "+hh:mm" if it is there and subtracts the offset.
bool read_zone(Fields& fields, Instant& instant) {
  if (fields.at_end() || fields.skip('Z')) {
    return true;
  }
  const bool is_east = fields.skip('+');
  if (!is_east && !fields.skip('-')) {
    return false;
  }
  const std::optional<int> hours = fields.number(2, 0, 23);
  if (!hours || !fields.skip(':')) {
    return false;
  }
  const std::optional<int> minutes = fields.number(2, 0, 59);
  if (!minutes) {
    return false;
  }
  const std::int64_t offset_ms = (std::int64_t{*hours} * 60 + *minutes) * 60'000;
  instant.ms += is_east ? -offset_ms : offset_ms;
  return true;
}

std::string_view without_leading_zeros(std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

// Digit strings without leading zeros, as numbers.
std::strong_ordering compare_digits(std::string_view left, std::string_view right) {
  return left.size() != right.size() ? left.size() <=> right.size() : left.compare(right) <=> 0;
}

// Takes the first dotted group off `numbers`, without its leading zeros: 0, and a group that is missing, are the empty text.
std::string_view take_group(std::string_view& numbers) {
  const std::size_t end = std::min(numbers.find('.'), numbers.size());
  const std::string_view group = numbers.substr(0, end);
  numbers.remove_prefix(std::min(end + 1, numbers.size()));
  return without_leading_zeros(group);
}

struct Decimal {
  bool is_negative = false;
  std::string_view whole;     // Without leading zeros.
  std::string_view fraction;  // Without trailing zeros.
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Fields fields(text);
  Decimal decimal;
  decimal.is_negative = fields.skip('-');
  if (!decimal.is_negative) {
    fields.skip('+');
  }
  const std::string_view whole = fields.digits();
  if (whole.empty()) {
    return std::nullopt;
  }
  decimal.whole = without_leading_zeros(whole);
  if (fields.skip('.')) {
    decimal.fraction = fields.digits();
    if (decimal.fraction.empty()) {
      return std::nullopt;
    }
    while (!decimal.fraction.empty() && decimal.fraction.back() == '0') {
      decimal.fraction.remove_suffix(1);
    }
  }
  if (!fields.at_end()) {
    return std::nullopt;
  }
  decimal.is_negative = decimal.is_negative && !(decimal.whole.empty() && decimal.fraction.empty());
  return decimal;
}

}  // namespace

std::strong_ordering Instant::compare(std::int64_t stored_ms) const {
  if (stored_ms == ms && has_remainder) {
    return std::strong_ordering::less;
  }
  return stored_ms <=> ms;
}

std::optional<Instant> read_instant(std::string_view text) {
  Fields fields(text);
  const std::optional<int> year = fields.number(4, 0, 9999);
  if (!year || !fields.skip('-')) {
    return std::nullopt;
  }
  const std::optional<int> month = fields.number(2, 1, 12);
  if (!month || !fields.skip('-')) {
    return std::nullopt;
  }
  const std::optional<int> day = fields.number(2, 1, days_in_month(*year, *month));
  if (!day) {
    return std::nullopt;
  }
  Instant instant;
  instant.ms = days_since_epoch(*year, *month, *day) * 86'400'000;
  if (fields.at_end()) {
    return instant;
  }
  if (!fields.skip('T')) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  for (int field = 0; field < 3; ++field) {
    const std::optional<int> value = field > 0 && !fields.skip(':') ? std::nullopt : fields.number(2, 0, field == 0 ? 23 : 59);
    if (!value) {
      return std::nullopt;
    }
    seconds = seconds * 60 + *value;
  }
  instant.ms += seconds * 1000;
  if (!read_fraction(fields, instant) || !read_zone(fields, instant) || !fields.at_end()) {
    return std::nullopt;
  }
  return instant;
}

std::optional<Version> read_version(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) {
    return std::nullopt;
  }
  std::size_t at = 0;
  for (;;) {
    while (at < text.size() && is_digit(text[at])) {
      ++at;
    }
    if (at + 1 >= text.size() || text[at] != '.' || !is_digit(text[at + 1])) {
      return Version{text.substr(0, at), text.substr(at)};
    }
    ++at;
  }
}

std::strong_ordering compare(Version left, Version right, bool with_suffix) {
  while (!left.numbers.empty() || !right.numbers.empty()) {
    const std::string_view a = take_group(left.numbers);
    const std::string_view b = take_group(right.numbers);
    const std::strong_ordering order = compare_digits(a, b);
    if (order != 0) {
      return order;
    }
  }
  return with_suffix ? left.suffix.compare(right.suffix) <=> 0 : std::strong_ordering::equal;
}

std::optional<std::int64_t> read_whole_number(std::string_view text) {
  constexpr std::size_t kDigitsMax = 18;
  Fields fields(text);
  const bool is_negative = fields.skip('-');
  const std::string_view digits = fields.digits();
  if (digits.empty() || digits.size() > kDigitsMax || !fields.at_end()) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  for (const char c : digits) {
    value = value * 10 + (c - '0');
  }
  return is_negative ? -value : value;
}

std::optional<std::strong_ordering> compare_decimal(std::string_view left, std::string_view right) {
  const std::optional<Decimal> a = read_decimal(left);
  const std::optional<Decimal> b = read_decimal(right);
  if (!a || !b) {
    return std::nullopt;
  }
  if (a->is_negative != b->is_negative) {
    return a->is_negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  std::strong_ordering order = compare_digits(a->whole, b->whole);
  if (order == 0) {
    order = a->fraction.compare(b->fraction) <=> 0;
  }
  return a->is_negative ? 0 <=> order : order;
}

}  // namespace berth::query
