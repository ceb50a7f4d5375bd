#include "engine/ecs/timestamp.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace berth::ecs {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kLeastSeconds = -62'135'596'800;  // 0001-01-01T00:00:00Z.
constexpr std::int64_t kMostSeconds = 253'402'300'799;   // 9999-12-31T23:59:59Z.

struct CivilTime {
  std::int64_t year = 1970;
  std::int64_t month = 1;
  std::int64_t day = 1;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t millisecond = 0;
  std::int64_t offset_minutes = 0;  // East of UTC.
};

bool is_leap(std::int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

std::int64_t days_in_month(std::int64_t year, std::int64_t month) {
  constexpr std::array<std::int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March, so that the leap day is a year's last.
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t shifted_year = month <= 2 ? year - 1 : year;
  const std::int64_t shifted_month = month <= 2 ? month + 9 : month - 3;
  const std::int64_t leaps = shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
  constexpr std::int64_t kDaysToEpoch = 719'468;  // From 0000-03-01.
  return shifted_year * 365 + leaps + (153 * shifted_month + 2) / 5 + day - 1 - kDaysToEpoch;
}

std::optional<std::int64_t> to_unix_ms(const CivilTime& time) {
  const auto within = [](std::int64_t value, std::int64_t least, std::int64_t most) { return value >= least && value <= most; };
  if (!within(time.year, 1, 9999) || !within(time.month, 1, 12) || !within(time.day, 1, days_in_month(time.year, time.month)) ||
      !within(time.hour, 0, 23) || !within(time.minute, 0, 59) || !within(time.second, 0, 59)) {
    return std::nullopt;
  }
  const std::int64_t seconds = days_from_civil(time.year, time.month, time.day) * kSecondsPerDay + time.hour * 3600 + time.minute * 60 +
                               time.second - time.offset_minutes * 60;
  return seconds * 1000 + time.millisecond;
}

// Reads the pieces of an ISO 8601 text from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }
  bool take(char c) {
    if (done() || text_[at_] != c) {
      return false;
    }
    ++at_;
    return true;
  }
  // Exactly `count` digits.
  bool digits(std::size_t count, std::int64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      if (done() || text_[at_] < '0' || text_[at_] > '9') {
        return false;
      }
      value = value * 10 + (text_[at_] - '0');
    }
    return true;
  }
  // At least one digit after the point; what is finer than a millisecond is cut off.
  bool fraction_ms(std::int64_t& ms) {
    std::int64_t scale = 100;
    const std::size_t begin = at_;
    ms = 0;
    for (; !done() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_, scale /= 10) {
      ms += (text_[at_] - '0') * scale;
    }
    return at_ > begin;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// "Z", "+hh:mm", "+hhmm", "+hh" or nothing.
bool read_offset(Reader& reader, CivilTime& time) {
  if (reader.done() || reader.take('Z') || reader.take('z')) {
    return reader.done();
  }
  const bool west = reader.take('-');
  if (!west && !reader.take('+')) {
    return false;
  }
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (!reader.digits(2, hours)) {
    return false;
  }
  reader.take(':');
  if (!reader.done() && !reader.digits(2, minutes)) {
    return false;
  }
  time.offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
  return reader.done() && hours <= 23 && minutes <= 59;
}

bool read_time_of_day(Reader& reader, CivilTime& time) {
  if (!reader.digits(2, time.hour) || !reader.take(':') || !reader.digits(2, time.minute)) {
    return false;
  }
  if (reader.take(':')) {
    if (!reader.digits(2, time.second)) {
      return false;
    }
    if (reader.take('.') && !reader.fraction_ms(time.millisecond)) {
      return false;
    }
  }
  return read_offset(reader, time);
}

// Objects of recorded SDK sessions: year, month, day and, when not zero, the rest.
Result<std::int64_t> read_recorded(const JsonValue& value) {
  CivilTime time;
  std::int64_t microsecond = 0;
  const std::array<std::pair<std::string_view, std::int64_t*>, 7> pieces = {{{"year", &time.year},
                                                                             {"month", &time.month},
                                                                             {"day", &time.day},
                                                                             {"hour", &time.hour},
                                                                             {"minute", &time.minute},
                                                                             {"second", &time.second},
                                                                             {"microsecond", &microsecond}}};
  for (const auto& [name, target] : pieces) {
    const std::optional<JsonValue> piece = value.member(name);
    if (!piece) {
      if (target == &time.year || target == &time.month || target == &time.day) {
        return value.error("a recorded datetime needs the member \"" + std::string(name) + "\"");
      }
      continue;
    }
    const Result<std::int64_t> number = piece->integer(0, 999'999);
    if (!number) {
      return number.error();
    }
    *target = *number;
  }
  time.millisecond = microsecond / 1000;
  const std::optional<std::int64_t> unix_ms = to_unix_ms(time);
  if (!unix_ms) {
    return value.error("is no date of the calendar");
  }
  return *unix_ms;
}

Result<std::int64_t> read_seconds(const JsonValue& value) {
  const Result<double> seconds = value.number();
  if (!seconds) {
    return seconds.error();
  }
  if (*seconds < static_cast<double>(kLeastSeconds) || *seconds > static_cast<double>(kMostSeconds)) {
    return value.error("is beyond the year 9999; expected Unix seconds (with a fraction), not milliseconds");
  }
  return static_cast<std::int64_t>(std::llround(*seconds * 1000.0));
}

}  // namespace

std::optional<std::int64_t> parse_iso8601_ms(std::string_view text) {
  Reader reader(text);
  CivilTime time;
  if (!reader.digits(4, time.year) || !reader.take('-') || !reader.digits(2, time.month) || !reader.take('-') ||
      !reader.digits(2, time.day)) {
    return std::nullopt;
  }
  if (!reader.done()) {
    const bool separated = reader.take('T') || reader.take('t') || reader.take(' ');
    if (!separated || !read_time_of_day(reader, time)) {
      return std::nullopt;
    }
  }
  return to_unix_ms(time);
}

Result<std::int64_t> read_timestamp_ms(const JsonValue& value) {
  switch (value.type()) {
    case JsonValue::Type::kInteger:
    case JsonValue::Type::kNumber:
      return read_seconds(value);
    case JsonValue::Type::kString:
      if (const std::optional<std::int64_t> unix_ms = parse_iso8601_ms(*value.string())) {
        return *unix_ms;
      }
      return value.error("\"" + std::string(*value.string()) + "\" is no ISO 8601 time, such as 2026-11-21T08:30:00.123Z");
    case JsonValue::Type::kObject:
      if (const std::optional<JsonValue> kind = value.member("__class__")) {
        const Result<std::string_view> name = kind->string();
        if (name.ok() && *name == "datetime") {
          return read_recorded(value);
        }
      }
      break;
    default:
      break;
  }
  return value.error("expected Unix seconds, an ISO 8601 string or a recorded datetime object, found " +
                     std::string(to_text(value.type())));
}

std::string to_iso8601(std::int64_t unix_ms) {
  std::int64_t days = unix_ms / (kSecondsPerDay * 1000);
  std::int64_t rest_ms = unix_ms % (kSecondsPerDay * 1000);
  if (rest_ms < 0) {
    rest_ms += kSecondsPerDay * 1000;
    --days;
  }
  // A year's estimate from the mean length of a year is off by at most one.
  std::int64_t year = 1970 + static_cast<std::int64_t>(std::floor(static_cast<double>(days) / 365.2425));
  while (days_from_civil(year, 1, 1) > days) {
    --year;
  }
  while (days_from_civil(year + 1, 1, 1) <= days) {
    ++year;
  }
  std::int64_t month = 1;
  while (month < 12 && days_from_civil(year, month + 1, 1) <= days) {
    ++month;
  }
  const std::int64_t day = days - days_from_civil(year, month, 1) + 1;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", static_cast<int>(year), static_cast<int>(month),
                static_cast<int>(day), static_cast<int>(rest_ms / 3'600'000), static_cast<int>(rest_ms / 60'000 % 60),
                static_cast<int>(rest_ms / 1000 % 60), static_cast<int>(rest_ms % 1000));
  return text.data();
}

}  // namespace berth::ecs
