// Calls of libberth.so as C++ sees them: handles that free themselves, failures that become a Failure with the one line for the user.
//
// Thread rule: one thread per handle here. Lifetime: handles own what they hold, in any order.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "berth/berth.h"
#include "bindings/cli/failure.h"

namespace berth::cli {

struct Free {
  void operator()(berth_engine* engine) const { berth_engine_free(engine); }
  void operator()(berth_snapshot* snapshot) const { berth_snapshot_release(snapshot); }
  void operator()(berth_document* document) const { berth_document_free(document); }
  void operator()(berth_error* error) const { berth_error_free(error); }
};
using EngineHandle = std::unique_ptr<berth_engine, Free>;
using SnapshotHandle = std::unique_ptr<berth_snapshot, Free>;
using DocumentHandle = std::unique_ptr<berth_document, Free>;
using ErrorHandle = std::unique_ptr<berth_error, Free>;

// Where each member of a request came from, for errors: "taskDefinition" -> "web.json", "overrides" -> "--overrides", "berth.now" ->
// "--now".
using Origins = std::map<std::string, std::string, std::less<>>;

// What was asked, for errors.
struct CallContext {
  std::string_view operation = {};   // The API's name ("RunTask"), or empty.
  const Origins* origins = nullptr;  // May be NULL.
};

// The library's message as one line for the user: ECS's exceptions in AWS CLI's words, members by the file or flag that they came from.
std::string describe_error(const berth_error* error, const CallContext& context);

// kExitFailed for memory and defects, else kExitBadInput.
ExitCode exit_code_of(berth_status status);

// Throws unless the call succeeded. `error` is taken over.
void require_ok(berth_status status, berth_error* error, const CallContext& context = {});

EngineHandle make_engine();
std::string_view text_of(const DocumentHandle& document);

// Reads a snapshot file; "-" is standard input.
SnapshotHandle read_snapshot(berth_engine* engine, const std::string& path);
// Throws a Failure with kExitFailed.
void write_snapshot(const berth_snapshot* snapshot, const std::string& path);
// Refuses what no snapshot can be written to, before any work is done.
void require_output_path(std::string_view verb, const std::string& path);

// "json" (also when absent) or "table".
berth_format read_format(std::string_view verb, std::string_view text);

}  // namespace berth::cli
