// Structures of options that grow at their end: what caller and library both know is read, what only the library knows keeps its default,
// and what only the caller knows must be zero.
//
// Thread rule: pure functions. Lifetime: keep nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "capi/arguments.h"
#include "engine/base/result.h"

namespace berth::capi {

// Far more than any of them will ever have: a size beyond it is a variable that was never set.
inline constexpr std::uint32_t kOptionsBytesMax = 4096;

namespace options_detail {

inline bool is_zero(const void* options, std::size_t begin, std::size_t end) {
  const auto* bytes = static_cast<const unsigned char*>(options);
  for (std::size_t at = begin; at < end; ++at) {
    if (bytes[at] != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace options_detail

// `options` may be NULL: the defaults. `bytes_v1`: of the first edition. `mend`: how a caller sets struct_size.
template <typename Options>
Result<Options> read_options(const Options* options, const Options& defaults, std::uint32_t bytes_v1, std::string_view mend) {
  Options read = defaults;
  if (options == nullptr) {
    return read;
  }
  const std::uint32_t given = options->struct_size;
  if (given < bytes_v1 || given > kOptionsBytesMax) {
    return refusal("options.struct_size: is " + std::to_string(given) + "; " + std::string(mend));
  }
  if (!options_detail::is_zero(options, sizeof read, given)) {
    return refusal("options: sets a member beyond the " + std::to_string(sizeof read) +
                       " bytes that this version of Berth knows; leave it zero or use a newer libberth.so",
                   StatusCode::kUnsupported);
  }
  std::memcpy(&read, options, given < sizeof read ? given : sizeof read);
  return read;
}

}  // namespace berth::capi
