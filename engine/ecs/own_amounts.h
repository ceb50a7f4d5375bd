// Own resources in JSON: the names that an import takes, and amounts by name as requests and generated fleets have them.
//
// Thread rule: pure functions. Lifetime: results own their texts.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ecs/json.h"
#include "engine/placement/request.h"

namespace berth::ecs {

// ["disk", "licence"]: valid names, each once, at most kOwnResourcesMax; appended in the order given.
Outcome read_own_names(const JsonValue& list, std::vector<std::string>& names);

// {"disk": 20, "licence": 1}: names likewise, amounts from 0 to 2147483647; ascending by name afterwards. REQUIRES: `amounts` is empty.
Outcome read_own_amounts(const JsonValue& value, std::vector<placement::OwnDemand>& amounts);

}  // namespace berth::ecs
