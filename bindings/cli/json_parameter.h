// Parameters that take JSON, as AWS CLI reads them: JSON text, shorthand, or file://PATH.
//
// Thread rule: one thread (standard input is read once). Lifetime: results own their values.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/cli/file_kind.h"
#include "bindings/cli/shorthand.h"
#include "bindings/cli/shorthand_types.h"

namespace berth::cli {

// Throws Failure "<source>: line L, column C: no JSON: ...".
Json parse_json(std::string_view source, std::string_view text);

// The parameter's text: the content of PATH for file://PATH and fileb://PATH, else the value itself. Throws Failure when it cannot be
// read or is not UTF-8.
std::string parameter_text(std::string_view flag, const std::string& value);

// One structure: a JSON object, or shorthand.
Json structure_parameter(std::string_view flag, const std::string& value, std::span<const TypedPath> types);

// A list of structures: one JSON list, or items that are each a JSON object or shorthand.
Json structures_parameter(std::string_view flag, const std::vector<std::string>& values, std::span<const TypedPath> types);

// A list of texts: one JSON list, or the values themselves, none of them empty.
Json texts_parameter(std::string_view flag, const std::vector<std::string>& values);

// A whole document: JSON text, file://PATH, "-" for standard input, or a plain path.
struct DocumentParameter {
  Json value;
  std::string source;  // For errors: the path, or the flag where the text itself was given.
};
// `mend` ends the message when there is no such file or nothing in it; a file of another kind than `wanted` is refused by what it is.
DocumentParameter document_parameter(std::string_view flag, const std::string& value, FileKind wanted, std::string_view mend);

}  // namespace berth::cli
