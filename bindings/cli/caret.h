// The picture of a mistake: the line of a text in which the offending piece stands, and carets below the piece.
//
//   attribute:ecs.instance-type === m5.large
//                               ^^^
//
// Thread rule: pure function. Lifetime: nothing is kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace berth::cli {

// Lines longer than this are cut around the piece, with "..." where something is left out.
inline constexpr std::size_t kPictureColumnsMax = 100;

// Two lines, each ending with a newline. `offset` and `length` are bytes; an offset at or beyond the end points behind the text.
std::string caret_picture(std::string_view text, std::size_t offset, std::size_t length);

}  // namespace berth::cli
