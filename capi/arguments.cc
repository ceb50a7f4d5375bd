#include "capi/arguments.h"

#include <cstring>

namespace berth::capi {

void Arguments::fail(std::string message, StatusCode code) {
  failed_ = true;
  error_ = refusal(std::move(message), code);
}

Arguments& Arguments::handle(const void* pointer, std::string_view name) {
  if (!failed_ && pointer == nullptr) {
    fail(std::string(name) + ": is NULL; pass a handle that a call of this library gave");
  }
  return *this;
}

Arguments& Arguments::output(const void* pointer, std::string_view name) {
  if (!failed_ && pointer == nullptr) {
    fail(std::string(name) + ": is NULL; pass the address of a variable that receives the result");
  }
  return *this;
}

Arguments& Arguments::text(const void* pointer, std::size_t bytes, std::string_view name) {
  if (!failed_ && pointer == nullptr && bytes != 0) {
    fail(std::string(name) + ": is NULL while its length is " + std::to_string(bytes) + "; pass the bytes or a length of 0");
  }
  return *this;
}

Arguments& Arguments::path(const char* pointer, std::size_t bytes, std::string_view name) {
  if (!failed_ && (pointer == nullptr || bytes == 0)) {
    fail(std::string(name) + ": is empty; pass the path of a file");
  }
  if (!failed_ && std::memchr(pointer, 0, bytes) != nullptr) {
    fail(std::string(name) + ": has a NUL byte inside; pass the path's length without its terminator");
  }
  return *this;
}

Arguments& Arguments::format(berth_format format) {
  if (!failed_ && format != BERTH_FORMAT_JSON && format != BERTH_FORMAT_TABLE) {
    fail("format: " + std::to_string(format) + " is no format; pass BERTH_FORMAT_JSON (1) or BERTH_FORMAT_TABLE (2)");
  }
  return *this;
}

Arguments& Arguments::rows(const void* pointer, std::uint32_t count, std::uint32_t most, std::string_view name) {
  if (!failed_ && count == 0) {
    fail(std::string(name) + ": there are none; pass at least one");
  }
  if (!failed_ && pointer == nullptr) {
    fail(std::string(name) + ": is NULL while their count is " + std::to_string(count) + "; pass the rows");
  }
  if (!failed_ && count > most) {
    fail(std::string(name) + ": there are " + std::to_string(count) + ", at most " + std::to_string(most) + " in one call; split them",
         StatusCode::kLimitExceeded);
  }
  return *this;
}

Arguments& Arguments::range(std::uint64_t offset, std::uint64_t length, std::size_t blob_bytes, std::string_view array, std::size_t index,
                            std::string_view member) {
  if (!failed_ && (offset > blob_bytes || length > blob_bytes - offset)) {
    fail(std::string(array) + "[" + std::to_string(index) + "]." + std::string(member) + ": offset " + std::to_string(offset) +
         " and length " + std::to_string(length) + " reach beyond the blob of " + std::to_string(blob_bytes) +
         " bytes; pass a range within it");
  }
  return *this;
}

Arguments& Arguments::require(bool holds, std::string_view message, StatusCode code) {
  if (!failed_ && !holds) {
    fail(std::string(message), code);
  }
  return *this;
}

}  // namespace berth::capi
