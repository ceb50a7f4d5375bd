#include "bindings/cli/json_parameter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "bindings/cli/failure.h"
#include "bindings/cli/files.h"
#include "bindings/cli/utf8.h"

namespace berth::cli {
namespace {

// Deeper than any request; keeps the recursion that writes a value bounded.
constexpr int kJsonDepthMax = 256;

char first_character(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? '\0' : text[at];
}

// "[json.exception.parse_error.101] parse error at line 1, column 2: detail" -> "detail".
std::string_view detail_of(std::string_view message) {
  const std::size_t column = message.find("column ");
  const std::size_t colon = column == std::string_view::npos ? column : message.find(": ", column);
  return colon == std::string_view::npos ? message : message.substr(colon + 2);
}

// The path of file://PATH or fileb://PATH, else empty.
std::string path_of_url(const std::string& value) {
  for (const std::string_view scheme : {"file://", "fileb://"}) {
    if (value.starts_with(scheme)) {
      return value.substr(scheme.size());
    }
  }
  return {};
}

void require_utf8(std::string_view source, std::string_view text) {
  if (const std::size_t at = first_invalid_byte(text); at != std::string_view::npos) {
    throw Failure(fmt::format("{}: byte {} is not UTF-8", source, at + 1));
  }
}

Json parse_item(std::string_view flag, const std::string& text, std::span<const TypedPath> types) {
  if (first_character(text) == '{') {
    return parse_json(flag, text);
  }
  Json item = parse_shorthand(flag, text);
  apply_types(flag, item, types);
  return item;
}

}  // namespace

Json parse_json(std::string_view source, std::string_view text) {
  const auto bound_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kJsonDepthMax) {
      throw Failure(fmt::format("{}: is nested more than {} deep", source, kJsonDepthMax));
    }
    return true;
  };
  try {
    return Json::parse(text, bound_depth);
  } catch (const Json::parse_error& error) {
    // `byte` counts the bytes read, the one at fault included.
    const std::size_t offset = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
    const std::string_view before = text.substr(0, offset);
    const std::size_t newline = before.rfind('\n');
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t column = newline == std::string_view::npos ? offset + 1 : offset - newline;
    throw Failure(fmt::format("{}: line {}, column {}: no JSON: {}", source, line, column, detail_of(error.what())));
  } catch (const Json::exception& error) {
    throw Failure(fmt::format("{}: no JSON: {}", source, error.what()));
  }
}

std::string parameter_text(std::string_view flag, const std::string& value) {
  const std::string path = path_of_url(value);
  std::string text = path.empty() ? value : read_file(path);
  require_utf8(path.empty() ? flag : path, text);
  return text;
}

Json structure_parameter(std::string_view flag, const std::string& value, std::span<const TypedPath> types) {
  const std::string path = path_of_url(value);
  return parse_item(path.empty() ? std::string(flag) : path, parameter_text(flag, value), types);
}

Json structures_parameter(std::string_view flag, const std::vector<std::string>& values, std::span<const TypedPath> types) {
  Json items = Json::array();
  for (const std::string& value : values) {
    const std::string path = path_of_url(value);
    const std::string source = path.empty() ? std::string(flag) : path;
    const std::string text = parameter_text(flag, value);
    if (first_character(text) == '[') {
      if (values.size() > 1) {
        throw Failure(fmt::format("{}: a JSON list stands beside other items; give the list alone or every item by itself", flag));
      }
      return parse_json(source, text);
    }
    items.push_back(parse_item(source, text, types));
  }
  return items;
}

Json texts_parameter(std::string_view flag, const std::vector<std::string>& values) {
  if (values.size() == 1) {
    const std::string text = parameter_text(flag, values.front());
    if (first_character(text) == '[') {
      return parse_json(flag, text);
    }
  }
  Json items = Json::array();
  for (const std::string& value : values) {
    items.push_back(parameter_text(flag, value));
    if (first_character(items.back().get_ref<const std::string&>()) == '\0') {
      throw Failure(fmt::format("{}: value {} is empty; leave it out", flag, items.size()));
    }
  }
  return items;
}

DocumentParameter document_parameter(std::string_view flag, const std::string& value, FileKind wanted, std::string_view mend) {
  if (first_character(value) == '{') {
    require_utf8(flag, value);
    return {.value = parse_json(flag, value), .source = std::string(flag)};
  }
  const std::string url_path = path_of_url(value);
  const std::string path = url_path.empty() ? value : url_path;
  if (url_path.empty() && path != kStandardInput && access(path.c_str(), F_OK) != 0) {
    throw Failure(fmt::format("{}: there is no file '{}'; {}", flag, path, mend));
  }
  const std::string source = path == kStandardInput ? "standard input" : path;
  const std::string text = read_file(path);
  if (first_character(text) == '\0') {
    throw Failure(fmt::format("{}: {} is empty; {}", flag, source, mend));
  }
  if (const std::string advice = misplaced_file(text, wanted); !advice.empty()) {
    throw Failure(fmt::format("{}: {}: {}", flag, source, advice));
  }
  return {.value = parse_json(source, text), .source = source};
}

}  // namespace berth::cli
