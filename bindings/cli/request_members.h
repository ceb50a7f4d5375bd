// From flags to the JSON of a RunTask or StartTask request.
//
// Thread rule: one thread. Lifetime: results own their text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bindings/cli/call.h"
#include "bindings/cli/request_flags.h"
#include "bindings/cli/shorthand.h"

namespace berth::cli {

struct ComposedRequest {
  std::string text;
  Origins origins;
  std::optional<std::uint64_t> fresh_seed;  // When the caller named none.
  std::vector<std::string> hints = {};
  // For further hints: the expressions of all constraints, and what start-task names.
  std::vector<std::string> expressions = {};
  Json instances = {};
};

// Throws Failure. Values are passed on as they were given: the engine refuses what the API would.
ComposedRequest compose_request(RequestVerb verb, const RequestFlags& flags);

// The request with every member that the API knows, all null or empty.
std::string request_skeleton(RequestVerb verb);

// "run-task" and "RunTask"; explain asks what RunTask would do.
std::string_view verb_name(RequestVerb verb);
std::string_view operation_name(RequestVerb verb);

}  // namespace berth::cli
