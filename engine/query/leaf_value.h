// Whether one comparison holds for one value of its subject, or for the lack of one: the rules of every subject and operator. Tables of a
// snapshot (bound_leaf.h) and single instances (instance_view.h) both answer by these.
//
// Thread rule: pure functions; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/query/syntax.h"

namespace berth::query {

// How a pattern is run. The answers are the same.
enum class PatternRun : std::uint8_t {
  kFast,               // By RE2, which makes its states on demand under a lock.
  kWithoutAllocation,  // By the automaton, without locks too.
};

// The leaf without its negation: any of its values equals `value`, or its pattern matches. exists and !exists have neither, so that
// nothing matches them. REQUIRES: not an ordering.
bool is_match(const Leaf& leaf, std::string_view value, PatternRun run);

// An attribute's, an id's or agentConnected's value, by any operator; exists holds and !exists does not.
bool holds_for_text(const Leaf& leaf, const Policy& policy, std::string_view value, PatternRun run);

// An attribute that the instance lacks, and one that has its name without a value.
bool holds_for_absent(const Leaf& leaf);
bool holds_for_name_only(const Leaf& leaf, const Policy& policy, PatternRun run);

bool holds_for_connected(const Leaf& leaf, const Policy& policy, bool is_connected, PatternRun run);
// A reported agent version, empty for none; one that is not a version differs from every version and is neither above nor below any.
bool holds_for_version(const Leaf& leaf, const Policy& policy, std::string_view reported);
// Of an EC2 instance id: whether there is one, and whether it is_match().
bool holds_for_instance_id(const Leaf& leaf, bool has_id, bool has_match);
// Unix milliseconds, 0 for unknown.
bool holds_for_registered_at(const Leaf& leaf, std::int64_t registered_at_ms);
bool holds_for_running_tasks(const Leaf& leaf, std::int64_t running_tasks_count);
// Of the groups of an instance's tasks: whether there is any, and whether any is_match().
bool holds_for_groups(const Leaf& leaf, const Policy& policy, bool has_tasks, bool has_match);

}  // namespace berth::query
