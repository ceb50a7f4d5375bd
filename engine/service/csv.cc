#include "engine/service/csv.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace berth::service {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kShownBytesMax = 40;
// Times end below 2^53 milliseconds, which no trace comes near and every reader of numbers keeps exact.
constexpr std::int64_t kSecondsMax = 9'000'000'000'000;

std::string quoted(std::string_view text) {
  return "'" + std::string(text.substr(0, kShownBytesMax)) + (text.size() > kShownBytesMax ? "...'" : "'");
}

}  // namespace

CsvReader::CsvReader(std::string_view source, std::string_view bytes) : source_(source), bytes_(bytes) {
  if (bytes_.starts_with(kByteOrderMark)) {
    at_ = kByteOrderMark.size();
  }
}

Error CsvReader::error(std::string_view message) const {
  return Error{.code = StatusCode::kInvalidArgument,
               .message = std::string(source_) + ": line " + std::to_string(line_) + ": " + std::string(message),
               .source = std::string(source_)};
}

bool CsvReader::end_field() {
  if (at_ < bytes_.size() && bytes_[at_] == ',') {
    ++at_;
    return true;
  }
  if (bytes_.substr(at_).starts_with("\r\n")) {
    ++at_;
  }
  if (at_ < bytes_.size()) {
    ++at_;
    ++next_line_;
  }
  return false;
}

Result<bool> CsvReader::read_quoted(std::string& field) {
  for (++at_; at_ < bytes_.size(); ++at_) {
    const char c = bytes_[at_];
    if (c == '"' && !bytes_.substr(at_ + 1).starts_with('"')) {
      ++at_;
      const std::string_view rest = bytes_.substr(at_);
      if (!rest.empty() && !rest.starts_with(',') && !rest.starts_with('\n') && !rest.starts_with("\r\n")) {
        return error("text follows the closing quote of field " + quoted(field) + "; write a quote inside of quotes twice");
      }
      return end_field();
    }
    at_ += c == '"' ? 1U : 0U;
    next_line_ += c == '\n' ? 1U : 0U;
    field.push_back(c);
  }
  return error("the quote that opens field " + quoted(field) + " is never closed");
}

Result<bool> CsvReader::read_field(std::string& field) {
  if (bytes_.substr(at_).starts_with('"')) {
    return read_quoted(field);
  }
  std::size_t end = std::min(bytes_.find_first_of(",\n", at_), bytes_.size());
  // CRLF, also at the end of the text.
  const bool has_return = end > at_ && bytes_[end - 1] == '\r' && (end == bytes_.size() || bytes_[end] == '\n');
  end -= has_return ? 1U : 0U;
  field = bytes_.substr(at_, end - at_);
  at_ = end;
  return end_field();
}

Result<bool> CsvReader::next(std::vector<std::string>& fields) {
  for (;;) {
    const std::string_view rest = bytes_.substr(at_);
    if (rest.starts_with('\n') || rest.starts_with("\r\n")) {
      end_field();
    } else {
      break;
    }
  }
  fields.clear();
  if (at_ >= bytes_.size()) {
    return false;
  }
  line_ = next_line_;
  for (bool has_more = true; has_more;) {
    Result<bool> more = read_field(fields.emplace_back());
    if (!more.ok()) {
      return std::move(more).error();
    }
    has_more = *more;
  }
  return true;
}

Result<CsvColumns> CsvColumns::read(CsvReader& reader) {
  CsvColumns columns;
  Result<bool> read = reader.next(columns.names_);
  if (!read.ok()) {
    return std::move(read).error();
  }
  if (!*read) {
    return reader.error("there is nothing to read; the first line names the columns");
  }
  for (std::size_t i = 0; i < columns.names_.size(); ++i) {
    if (std::find(columns.names_.begin(), columns.names_.begin() + static_cast<std::ptrdiff_t>(i), columns.names_[i]) !=
        columns.names_.begin() + static_cast<std::ptrdiff_t>(i)) {
      return reader.error("column " + quoted(columns.names_[i]) + " stands twice; leave one out");
    }
  }
  return columns;
}

std::optional<std::size_t> CsvColumns::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names_.begin()));
}

std::optional<std::string_view> CsvColumns::missing(std::span<const std::string_view> names) const {
  const auto absent = std::find_if(names.begin(), names.end(), [&](std::string_view name) { return !find(name).has_value(); });
  return absent == names.end() ? std::nullopt : std::optional(*absent);
}

Outcome CsvFields::set(std::vector<std::string>& fields) {
  if (fields.size() != columns_.names().size()) {
    return reader_.error("found " + std::to_string(fields.size()) + " fields where the header names " +
                         std::to_string(columns_.names().size()) + " columns; quote a field that holds a comma");
  }
  fields_.swap(fields);
  return {};
}

std::string_view CsvFields::text(std::string_view column) const {
  const std::optional<std::size_t> index = columns_.find(column);
  return index.has_value() ? std::string_view(fields_[*index]) : std::string_view();
}

Error CsvFields::error(std::string_view column, std::string_view message) const {
  return reader_.error(std::string(column) + ": " + std::string(message));
}

Result<std::int64_t> CsvFields::integer(std::string_view column, std::int64_t least, std::int64_t most, std::int64_t absent) const {
  const std::string_view field = text(column);
  if (field.empty()) {
    return absent;
  }
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (status != std::errc() || end != field.data() + field.size() || value < least || value > most) {
    return error(column, "expected an integer from " + std::to_string(least) + " to " + std::to_string(most) + ", found " + quoted(field));
  }
  return value;
}

Result<std::optional<std::int64_t>> CsvFields::milliseconds(std::string_view column) const {
  constexpr std::size_t kDecimalsMax = 3;
  const std::string_view field = text(column);
  if (field.empty()) {
    return std::optional<std::int64_t>();
  }
  const std::size_t point = std::min(field.find('.'), field.size());
  std::string decimals(field.substr(std::min(point + 1, field.size())));
  std::int64_t seconds = 0;
  std::int64_t thousandths = 0;
  const auto read = [](std::string_view digits, std::int64_t& value) {
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return status == std::errc() && end == digits.data() + digits.size() && value >= 0;
  };
  const bool has_decimals = point < field.size();
  const bool is_sized = has_decimals ? !decimals.empty() && decimals.size() <= kDecimalsMax : true;
  decimals.resize(kDecimalsMax, '0');
  if (!is_sized || !read(field.substr(0, point), seconds) || !read(decimals, thousandths) || seconds > kSecondsMax) {
    return error(column, "expected seconds from 0 on, with at most 3 decimals, found " + quoted(field));
  }
  return std::optional(seconds * 1000 + thousandths);
}

}  // namespace berth::service
