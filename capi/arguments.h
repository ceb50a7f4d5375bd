// Arguments: checks of what crosses the boundary, by name. The first check that fails is kept; later ones change nothing, so that a chain
// of checks reads like the list of rules that it is.
//
//   if (Outcome checked = Arguments().handle(engine, "engine").text(request, request_bytes, "request").outcome(); !checked.ok()) ...
//
// Thread rule: one thread. Lifetime: within one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "berth/berth.h"
#include "engine/base/result.h"

namespace berth::capi {

// An error without a place in a text.
inline Error refusal(std::string message, StatusCode code = StatusCode::kInvalidArgument) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

class Arguments {
 public:
  // An input handle or an output that the caller must pass.
  Arguments& handle(const void* pointer, std::string_view name);
  Arguments& output(const void* pointer, std::string_view name);
  // Bytes: the pointer may be NULL where the length is 0.
  Arguments& text(const void* pointer, std::size_t bytes, std::string_view name);
  // A path: not empty, no NUL inside.
  Arguments& path(const char* pointer, std::size_t bytes, std::string_view name);
  Arguments& format(berth_format format);
  // An array of `count` rows, 1 to `most`.
  Arguments& rows(const void* pointer, std::uint32_t count, std::uint32_t most, std::string_view name);
  // [offset, offset + length) lies within `blob_bytes`.
  Arguments& range(std::uint64_t offset, std::uint64_t length, std::size_t blob_bytes, std::string_view array, std::size_t index,
                   std::string_view member);
  // Any other rule; `message` names the argument, what is wrong and the mend.
  Arguments& require(bool holds, std::string_view message, StatusCode code = StatusCode::kInvalidArgument);

  [[nodiscard]] Outcome outcome() const { return failed_ ? Outcome(error_) : Outcome(); }

 private:
  void fail(std::string message, StatusCode code = StatusCode::kInvalidArgument);

  bool failed_ = false;
  Error error_;
};

// The text of a checked pointer and length.
inline std::string_view view(const char* text, std::size_t bytes) {
  return bytes == 0 ? std::string_view() : std::string_view(text, bytes);
}

}  // namespace berth::capi
