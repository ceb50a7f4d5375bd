#include "bindings/cli/file_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "bindings/cli/shorthand.h"

namespace berth::cli {
namespace {

constexpr std::size_t kJsonBytesMax = std::size_t{1} << 20U;
// Of JSON that is longer or not whole, so many bytes are searched for the names of members.
constexpr std::size_t kSearchedBytes = 4096;

bool has_any(const Json& object, std::initializer_list<const char*> members) {
  return object.is_object() && std::any_of(members.begin(), members.end(), [&](const char* member) { return object.contains(member); });
}

FileKind kind_by_names(std::string_view head) {
  const auto holds = [&](std::string_view name) { return head.find(name) != std::string_view::npos; };
  if (holds("\"containerDefinitions\"")) {
    return FileKind::kTaskDefinition;
  }
  return holds("\"containerInstances\"") || holds("\"containerInstanceArn\"") || holds("\"taskArn\"") ? FileKind::kInventory
                                                                                                      : FileKind::kOtherJson;
}

FileKind json_kind(std::string_view bytes, FileKind wanted) {
  const Json value = bytes.size() <= kJsonBytesMax ? Json::parse(bytes, nullptr, false) : Json(Json::value_t::discarded);
  if (value.is_discarded()) {
    return kind_by_names(bytes.substr(0, kSearchedBytes));
  }
  const Json& first = value.is_array() && !value.empty() ? value.front() : value;
  if (has_any(first, {"containerDefinitions", "family"})) {
    return FileKind::kTaskDefinition;
  }
  const bool has_request_members = has_any(first, {"count", "cluster", "berth", "placementStrategy", "placementConstraints"});
  if (has_any(first, {"taskDefinition"})) {
    // What describe-task-definition prints is a request that says no more, too.
    const bool is_request = wanted == FileKind::kRequest || has_request_members || !first["taskDefinition"].is_object();
    return is_request ? FileKind::kRequest : FileKind::kTaskDefinition;
  }
  if (has_any(first, {"containerInstances"}) && first["containerInstances"].is_array() && !first["containerInstances"].empty() &&
      first["containerInstances"].front().is_string()) {
    return FileKind::kRequest;
  }
  if (has_any(first, {"containerInstances", "tasks", "containerInstance", "task", "containerInstanceArn", "taskArn", "detail"})) {
    return FileKind::kInventory;
  }
  return has_request_members ? FileKind::kRequest : FileKind::kOtherJson;
}

std::string_view advice_on(FileKind kind) {
  switch (kind) {
    case FileKind::kSnapshot:
      return "this is a snapshot, which -s takes";
    case FileKind::kInventory:
      return "this holds container instances or tasks as ECS prints them; berth import makes a snapshot of them";
    case FileKind::kTaskDefinition:
      return "this is a task definition, which run-task, start-task and explain take with --task-definition";
    case FileKind::kRequest:
      return "this is a request, which run-task, start-task and explain take with --cli-input-json";
    case FileKind::kOtherJson:
      return "this is JSON; berth import makes a snapshot of what ECS prints";
    case FileKind::kCompressed:
      return "this is a compressed file; unpack it first";
  }
  return "";
}

// By the first bytes, and for JSON by its outermost members; nullopt for anything else.
std::optional<FileKind> file_kind_of(std::string_view bytes, FileKind wanted) {
  constexpr std::array<std::string_view, 3> kCompressions = {"\x1f\x8b", "\x28\xb5\x2f\xfd", "PK\x03\x04"};  // gzip, zstd, zip
  if (bytes.size() >= 8 && bytes.substr(4, 4) == "BRTH") {
    return FileKind::kSnapshot;
  }
  if (std::any_of(kCompressions.begin(), kCompressions.end(), [&](std::string_view magic) { return bytes.starts_with(magic); })) {
    return FileKind::kCompressed;
  }
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || (bytes[begin] != '{' && bytes[begin] != '[')) {
    return std::nullopt;
  }
  return json_kind(bytes, wanted);
}

}  // namespace

std::string misplaced_file(std::string_view bytes, FileKind wanted) {
  const std::optional<FileKind> kind = file_kind_of(bytes, wanted);
  const bool is_misplaced = kind.has_value() && *kind != wanted && (*kind != FileKind::kOtherJson || wanted == FileKind::kSnapshot);
  return is_misplaced ? std::string(advice_on(*kind)) : "";
}

}  // namespace berth::cli
