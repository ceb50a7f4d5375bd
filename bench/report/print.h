// The two forms in which a run of the benches is told: a table for people, one flat JSON object for programs.
//
// Thread rule: pure functions. Lifetime: results own their text.
#pragma once

#include <string>

#include "bench/report/figures.h"

namespace berth::bench {

// A line for each goal whose figure was measured; empty when none was.
std::string to_table(const Figures& figures);
// Every figure, measured or derived: numbers by key, without nesting, in the order of keys.
std::string to_json(const Figures& figures);

}  // namespace berth::bench
