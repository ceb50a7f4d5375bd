// Whether one text, as the value of a leaf's subject, satisfies the leaf: the rules of every operator on a value that is there.
//
// Thread rule: pure functions; any thread.
#pragma once

#include <string_view>

#include "engine/query/syntax.h"

namespace berth::query {

// The leaf without its negation: any of its values equals `value`, or its pattern matches. REQUIRES: not an ordering or an existence.
bool is_match(const Leaf& leaf, std::string_view value);

// An attribute's, an id's or agentConnected's value, by any operator; exists holds and !exists does not.
bool holds_for_text(const Leaf& leaf, const Policy& policy, std::string_view value);

// A reported agent version; one that is not a version differs from every version and is neither above nor below any.
bool holds_for_version(const Leaf& leaf, const Policy& policy, std::string_view reported);

}  // namespace berth::query
