// Timestamps as AWS prints them: Unix seconds with a fraction (AWS JSON 1.1, CLI v1) or ISO 8601 with offset (CLI v2), or the
// {"__class__": "datetime", ...} objects of recorded SDK sessions.
//
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/ecs/json.h"

namespace berth::ecs {

// Unix milliseconds of an ISO 8601 text: date, optional time, optional fraction, optional Z or +hh:mm (none: UTC). nullopt otherwise.
std::optional<std::int64_t> parse_iso8601_ms(std::string_view text);

// Unix milliseconds of a JSON value in any of the three forms. Errors name the path and the forms that are accepted.
Result<std::int64_t> read_timestamp_ms(const JsonValue& value);

// "2026-11-21T08:30:00.123Z".
std::string to_iso8601(std::int64_t unix_ms);

}  // namespace berth::ecs
