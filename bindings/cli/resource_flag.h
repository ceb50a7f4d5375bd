// --resource: names or amounts of resources of the user's own.
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "bindings/cli/json_parameter.h"

namespace berth::cli {

// "disk,licence" as a list. The engine refuses what is no name of a resource.
Json resource_names(const std::string& given);

// NAME=AMOUNT: sets each NAME of `amounts` to its AMOUNT. Throws Failure.
void set_amounts(Json& amounts, const std::vector<std::string>& given);

}  // namespace berth::cli
