// Hints: lines on standard error beside an answer that is right and most likely not what was meant.
//
// Thread rule: one thread. Lifetime: nothing is kept.
#pragma once

#include <string>
#include <vector>

#include "bindings/cli/call.h"
#include "bindings/cli/shorthand.h"

namespace berth::cli {

// "hint: ...", control characters shown.
void write_hint(const std::string& text);

// Names each attribute in the expressions that no instance has, with the nearest that one has. Silent about an attribute that the
// expression only asks to exist or not, unless a name is near.
void hint_unknown_attributes(berth_engine* engine, berth_snapshot* snapshot, const std::vector<std::string>& expressions);

// Names the container instance of each EC2 instance id ("i-...") that stands where ECS takes container instances, and tells ids that were
// separated by commas. `instances` is a JSON list of texts; anything else in it is passed over.
void hint_instance_ids(berth_engine* engine, berth_snapshot* snapshot, const Json& instances);

}  // namespace berth::cli
