#include "bindings/cli/call.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "bindings/cli/failure.h"
#include "bindings/cli/file_kind.h"
#include "bindings/cli/files.h"
#include "bindings/cli/output_file.h"

namespace berth::cli {
namespace {

using TextAccessor = const char* (*)(const berth_error*, size_t*);

std::string_view read_text(TextAccessor accessor, const berth_error* error) {
  size_t length = 0;
  const char* text = accessor(error, &length);
  return {text, length};
}

// What the library calls the JSON of requests. It was made of flags and files here, so the name says nothing to the user.
constexpr std::array<std::string_view, 4> kRequestSources = {"request", "generate options", "list-container-instances",
                                                             "describe-container-instances"};

// "taskDefinition.cpu: ..." -> "web.json: cpu: ..." when the definition came from web.json; "count: ..." -> "--count: ..."; other
// members keep their whole path behind the file or flag. ECS's exceptions name the member themselves: only files are put before them.
std::string with_origin(std::string_view message, const Origins& origins, bool is_exception) {
  constexpr std::string_view kOwnMembers = "berth.";
  std::size_t end = message.find_first_of(".[:)");
  if (message.starts_with(kOwnMembers)) {
    const std::size_t own_end = message.find_first_of(".[:)", kOwnMembers.size());
    end = origins.contains(message.substr(0, own_end)) ? own_end : end;
  }
  const auto origin = end == std::string_view::npos ? origins.end() : origins.find(message.substr(0, end));
  if (origin == origins.end() || (is_exception && origin->second.starts_with("--"))) {
    return std::string(message);
  }
  const bool is_own_flag = origin->second.starts_with("--") && origin->second != "--cli-input-json";
  if (message[end] == ':' && is_own_flag) {
    return fmt::format("{}{}", origin->second, message.substr(end));
  }
  const bool is_whole_file = origin->first == "taskDefinition" && message[end] == '.';
  return fmt::format("{}: {}", origin->second, is_whole_file ? message.substr(end + 1) : message);
}

// "... (at taskDefinition.cpu)", as ECS's exceptions end here -> "... (at web.json: cpu)".
std::string with_origin_of_place(std::string_view message, const Origins& origins) {
  constexpr std::string_view kPlace = " (at ";
  const std::size_t at = message.rfind(kPlace);
  if (at == std::string_view::npos || !message.ends_with(')')) {
    return with_origin(message, origins, true);
  }
  const std::size_t begin = at + kPlace.size();
  return std::string(message.substr(0, begin)) + with_origin(message.substr(begin), origins, true);
}

// Whether the path names a file with something in it that is no snapshot: most likely an input, and not to be overwritten.
bool is_foreign_file(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 && !is_snapshot_file(path);
}

}  // namespace

ExitCode exit_code_of(berth_status status) {
  return status == BERTH_INTERNAL || status == BERTH_OUT_OF_MEMORY ? kExitFailed : kExitBadInput;
}

std::string describe_error(const berth_error* error, const CallContext& context) {
  std::string_view message = read_text(berth_error_message, error);
  const std::string_view source = read_text(berth_error_source, error);
  const std::string_view exception = read_text(berth_error_exception, error);
  const bool is_exception = !exception.empty() && !context.operation.empty();
  std::string text(message);
  if (context.origins != nullptr) {
    for (const std::string_view name : kRequestSources) {
      if (message.starts_with(name) && message.substr(name.size()).starts_with(": ")) {
        message.remove_prefix(name.size() + 2);
      }
    }
    text = is_exception ? with_origin_of_place(message, *context.origins) : with_origin(message, *context.origins, false);
  } else if (!source.empty() && !message.starts_with(source)) {
    text = fmt::format("{}: {}", source, message);
  }
  return is_exception ? fmt::format("An error occurred ({}) when calling the {} operation: {}", exception, context.operation, text) : text;
}

void require_ok(berth_status status, berth_error* error, const CallContext& context) {
  const ErrorHandle held(error);
  if (status != BERTH_OK) {
    throw Failure(describe_error(held.get(), context), exit_code_of(status));
  }
}

EngineHandle make_engine() {
  berth_engine* engine = nullptr;
  berth_error* error = nullptr;
  const berth_status status = berth_engine_new(nullptr, &engine, &error);
  require_ok(status, error);
  return EngineHandle(engine);
}

std::string_view text_of(const DocumentHandle& document) {
  size_t length = 0;
  const char* text = berth_document_text(document.get(), &length);
  return {text, length};
}

SnapshotHandle read_snapshot(berth_engine* engine, const std::string& given_path) {
  const std::string path = local_path(given_path);
  berth_snapshot* snapshot = nullptr;
  berth_error* error = nullptr;
  berth_status status = BERTH_OK;
  std::string bytes;
  // The engine would refuse it, too, in words that name no verb to run.
  if (path != kStandardInput && access(path.c_str(), F_OK) != 0) {
    throw Failure(fmt::format("-s: there is no file '{}'; berth import or generate makes one", path));
  }
  if (path == kStandardInput) {
    bytes = read_file(path);
    status = berth_snapshot_from_bytes(engine, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), &snapshot, &error);
  } else {
    status = berth_snapshot_read(engine, path.data(), path.size(), 0, &snapshot, &error);
  }
  const ErrorHandle held(error);
  if (status != BERTH_OK) {
    std::string message = describe_error(held.get(), {});
    if (status == BERTH_MALFORMED) {
      constexpr std::size_t kLookedAtBytes = (std::size_t{1} << 20U) + 1;
      const std::string head = path == kStandardInput ? bytes : read_file_head(path, kLookedAtBytes);
      if (head.empty()) {
        throw Failure(fmt::format("{} is empty; -s takes a snapshot that import or generate wrote",
                                  path == kStandardInput ? "standard input" : path));
      }
      const std::string advice = misplaced_file(head, FileKind::kSnapshot);
      message = advice.empty() ? message + "; -s takes a snapshot: berth import makes one of ECS JSON" : "not a snapshot: " + advice;
    }
    const std::string name = path == kStandardInput ? "standard input" : path;
    throw Failure(message.find(name) == std::string::npos ? fmt::format("{}: {}", name, message) : message, exit_code_of(status));
  }
  return SnapshotHandle(snapshot);
}

void write_snapshot(const berth_snapshot* snapshot, const std::string& path) {
  berth_error* error = nullptr;
  const berth_status status = berth_snapshot_write(snapshot, path.data(), path.size(), &error);
  const ErrorHandle held(error);
  if (status != BERTH_OK) {
    const std::string message = describe_error(held.get(), {});
    throw Failure(message.find(path) == std::string::npos ? fmt::format("{}: {}", path, message) : message, kExitFailed);
  }
}

void require_output_path(std::string_view verb, const std::string& path) {
  require_output_place(verb, "-o", path, "a snapshot");
  if (is_foreign_file(path)) {
    throw Failure(fmt::format("{}: -o: {} exists and is no snapshot; name another file, or remove it first", verb, path));
  }
}

berth_format read_format(std::string_view verb, std::string_view text) {
  if (text == "json") {
    return BERTH_FORMAT_JSON;
  }
  if (text == "table") {
    return BERTH_FORMAT_TABLE;
  }
  throw Failure(fmt::format("{}: --output: expected json or table, found '{}'", verb, text));
}

}  // namespace berth::cli
