// UTF-8 of texts that callers pass.
//
// Thread rule: pure functions. Lifetime: keep nothing.
#pragma once

#include <cstddef>
#include <string_view>

namespace berth::capi {

// The length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), 0 when there is none.
std::size_t utf8_sequence_length(std::string_view text, std::size_t at);

bool is_utf8(std::string_view text);

}  // namespace berth::capi
