// The chart of a simulation as SVG: what is used, what is free but fragmented, and what was refused, one below the other over one axis.
// It is plain SVG 1.1 with its own colours and a white ground, so that it prints and shows alike everywhere.
//
// Thread rule: pure functions. Lifetime: results own their text.
#pragma once

#include <string>
#include <string_view>

#include "bindings/cli/steps_table.h"

namespace berth::cli {

// `title` and `subtitle` may hold anything; they are escaped.
std::string draw_chart(const StepsTable& steps, std::string_view title, std::string_view subtitle);

}  // namespace berth::cli
