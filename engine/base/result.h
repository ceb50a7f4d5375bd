// Result<T> carries either a value or one Error; nothing in the engine throws across a module boundary on purpose.
//
// An Error names the piece of input that is wrong, where it stands and what would mend it. `offset` and `length` are bytes into the
// text that the caller passed (an expression, a document); kNoOffset when the error has no place in a text.
//
// Thread rule: plain values; share them like any value. Lifetime: owned by whoever holds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace berth {

// The numeric values are those of `berth_status` in the C ABI and never change.
enum class StatusCode : std::int32_t {
  kOk = 0,
  kInvalidArgument = 1,
  kMalformed = 2,
  kInconsistent = 3,
  kUnsupported = 4,
  kLimitExceeded = 5,
  kDeadlineExceeded = 6,
  kCancelled = 7,
  kOutOfMemory = 8,
  kInternal = 9,
  kNotFound = 10,
  kAlreadyExists = 11,
  kConflict = 12,
  kIoError = 13,
};

inline constexpr std::uint32_t kNoOffset = 0xFFFFFFFFU;

struct Error {
  StatusCode code = StatusCode::kInternal;
  std::string message = {};
  std::uint32_t offset = kNoOffset;
  std::uint32_t length = 0;
  // The ECS exception that the API would answer with, such as "InvalidParameterException"; empty when ECS has none for it.
  std::string_view exception = {};  // A string literal.
  // What the text is that `offset` counts in, such as a file's name or "placementConstraints[1].expression"; may be empty.
  std::string source = {};
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// The result of something that yields nothing but success or an Error.
class [[nodiscard]] Outcome {
 public:
  Outcome() = default;
  Outcome(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  // REQUIRES: !ok().
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace berth
