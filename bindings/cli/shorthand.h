// AWS CLI's shorthand syntax: "type=spread,field=memory", "awsvpcConfiguration={subnets=[subnet-1,subnet-2]}".
//
//   item        = key "=" value { "," key "=" value }
//   value       = text | text "," text { "," text } | list | map        (several texts make a list)
//   list        = "[" [ element { "," element } ] "]"                   element = text | list | map
//   map         = "{" [ key "=" element { "," key "=" element } ] "}"
//   text        = 'quoted' | "quoted" | bare
//
// Inside quotes a backslash escapes the quote and itself; in bare text it escapes a comma. Bare text ends before a comma, a quote, "]" and
// "}", and blanks at its end do not count; from the second text of a row on it ends before "=" as well, which is how the next key is
// told from one more text. All leaves are strings: shorthand_types.h gives them the API's types.
//
// Thread rule: pure functions. Lifetime: results own their text.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace berth::cli {

using Json = nlohmann::ordered_json;

// Parses one item into an object. Throws Failure with the flag, the column (from 1, in bytes) and the mend.
Json parse_shorthand(std::string_view flag, std::string_view text);

}  // namespace berth::cli
