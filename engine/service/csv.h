// CsvReader: comma-separated values as RFC 4180 has them, record by record. Fields may stand in double quotes, within which a quote is
// written twice and line ends belong to the field; lines end with LF or CRLF; a byte order mark and empty lines are passed over.
//
// Thread rule: one thread. Lifetime: looks into the bytes that it was made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace berth::service {

class CsvReader {
 public:
  // `source` names the text in errors.
  CsvReader(std::string_view source, std::string_view bytes);

  // Reads the next record; false at the end. Errors: kInvalidArgument, naming the line (an open quote, text behind a closing one).
  Result<bool> next(std::vector<std::string>& fields);
  // The line on which the latest record began, from 1.
  [[nodiscard]] std::uint32_t line() const { return line_; }
  // Of the bytes, how many are read.
  [[nodiscard]] std::size_t offset() const { return at_; }

  // "<source>: line N: <message>", about the latest record.
  [[nodiscard]] Error error(std::string_view message) const;

 private:
  Result<bool> read_field(std::string& field);
  Result<bool> read_quoted(std::string& field);
  // Whether another field of the record follows.
  bool end_field();

  std::string_view source_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 0;
  std::uint32_t next_line_ = 1;
};

// The first record of a text as the names of its columns, and the fields of the current record by column.
class CsvColumns {
 public:
  // Reads the header. Errors: kInvalidArgument (no header; a name that stands twice).
  static Result<CsvColumns> read(CsvReader& reader);

  [[nodiscard]] std::span<const std::string> names() const { return names_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  // The first of `names` that is no column; nullopt when all are there.
  [[nodiscard]] std::optional<std::string_view> missing(std::span<const std::string_view> names) const;

 private:
  std::vector<std::string> names_;
};

// Fields of records as numbers; the messages name line, column, what was found and what is expected.
class CsvFields {
 public:
  CsvFields(const CsvReader& reader, const CsvColumns& columns) : reader_(reader), columns_(columns) {}

  // Takes the record over. Error: it has not as many fields as there are columns.
  Outcome set(std::vector<std::string>& fields);

  // "" where there is no such column.
  [[nodiscard]] std::string_view text(std::string_view column) const;
  // An integer; `absent` where the column or the field is absent or empty. Errors: kInvalidArgument.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view column, std::int64_t least, std::int64_t most, std::int64_t absent) const;
  // Seconds, with up to three decimals, as milliseconds; not negative; nullopt where the field is absent or empty.
  [[nodiscard]] Result<std::optional<std::int64_t>> milliseconds(std::string_view column) const;
  [[nodiscard]] Error error(std::string_view column, std::string_view message) const;

 private:
  const CsvReader& reader_;
  const CsvColumns& columns_;
  std::vector<std::string> fields_;
};

}  // namespace berth::service
