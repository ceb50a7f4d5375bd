// list-container-instances, describe-container-instances and inspect: the verbs that look at a snapshot.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/cli/call.h"
#include "bindings/cli/command.h"
#include "bindings/cli/failure.h"
#include "bindings/cli/files.h"
#include "bindings/cli/hints.h"
#include "bindings/cli/json_parameter.h"
#include "bindings/cli/nearest.h"
#include "bindings/cli/progress_line.h"
#include "bindings/cli/request_flags.h"
#include "bindings/cli/verbs.h"

namespace berth::cli {
namespace {

constexpr FlagText kSnapshotFlag = {.names = "-s,--snapshot",
                                    .value = "FILE",
                                    .description = "The inventory: a snapshot that import or generate wrote; - is standard input",
                                    .need = FlagText::Need::kRequired,
                                    .reads_file = true};
constexpr FlagText kFormatFlag = {.names = "--output", .value = "FORMAT", .description = "json or table (default json)"};
constexpr FlagText kClusterFlag = {.names = "--cluster", .value = "NAME", .description = "Name or ARN (default: all clusters in the file)"};

// The request of a call, member by member, with the flag that each came from.
class Request {
 public:
  void set(const char* member, const char* flag, const std::optional<std::string>& value) {
    if (value.has_value()) {
      set(member, flag, Json(parameter_text(flag, *value)));
    }
  }
  void set(const char* member, const char* flag, Json value) {
    json_[member] = std::move(value);
    origins_[member] = flag;
  }
  [[nodiscard]] std::string text() const { return json_.dump(); }
  // Null when it is absent.
  [[nodiscard]] Json member(const char* name) const { return json_.value(name, Json()); }
  [[nodiscard]] std::string text_of_member(const char* name) const { return json_.value(name, std::string()); }
  [[nodiscard]] const Origins& origins() const { return origins_; }

 private:
  Json json_ = Json::object();
  Origins origins_;
};

using DocumentCall = berth_status (*)(berth_engine*, berth_snapshot*, const char*, size_t, berth_format, berth_document**, berth_error**);

ExitCode answer(DocumentCall call, std::string_view verb, std::string_view operation, const Request& request,
                const std::optional<std::string>& path, const std::optional<std::string>& format) {
  const berth_format rendered = read_format(verb, format.value_or("json"));
  const std::string text = request.text();
  const EngineHandle engine = make_engine();
  ProgressLine progress(engine.get());
  const SnapshotHandle snapshot = read_snapshot(engine.get(), *path);
  berth_document* made = nullptr;
  berth_error* error = nullptr;
  const berth_status status = call(engine.get(), snapshot.get(), text.data(), text.size(), rendered, &made, &error);
  const DocumentHandle document(made);
  require_ok(status, error, {.operation = operation, .origins = &request.origins()});
  progress.finish();
  write_standard_output(text_of(document));
  if (const std::string filter = request.text_of_member("filter"); !filter.empty()) {
    hint_unknown_attributes(engine.get(), snapshot.get(), {filter});
  }
  hint_instance_ids(engine.get(), snapshot.get(), request.member("containerInstances"));
  return kExitDecided;
}

berth_status inspect(berth_engine* engine, berth_snapshot* snapshot, const char*, size_t, berth_format format, berth_document** answer,
                     berth_error** error) {
  return berth_snapshot_inspect(engine, snapshot, format, answer, error);
}

constexpr std::array<std::string_view, 5> kStatuses = {"ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED"};

// Proposes the status that is meant; the engine tells what is near none.
void propose_status(const std::optional<std::string>& given) {
  if (!given.has_value() || std::find(kStatuses.begin(), kStatuses.end(), *given) != kStatuses.end()) {
    return;
  }
  std::string upper = *given;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (const auto near = nearest(upper, kStatuses)) {
    throw Failure(fmt::format("list-container-instances: --status: unknown status '{}', did you mean {}?", *given, *near));
  }
}

}  // namespace

ExitCode run_list_container_instances(const Arguments& arguments) {
  std::optional<std::string> path, filter, status, cluster, format;
  Command command(
      "list-container-instances", "List container instances, as `aws ecs list-container-instances` does.",
      "berth list-container-instances -s fleet.berth --filter \"attribute:ecs.instance-type =~ c5.* and runningTasksCount < 5\"\n"
      "berth list-container-instances -s fleet.berth --status DRAINING --output table");
  command.add(kSnapshotFlag, path);
  command.add({.names = "--filter", .value = "EXPRESSION", .description = "In the cluster query language, at most 2000 characters"},
              filter);
  command.add({.names = "--status",
               .value = "STATUS",
               .description = "ACTIVE, DRAINING, REGISTERING, DEREGISTERING or REGISTRATION_FAILED (default: all but INACTIVE)"},
              status);
  command.add(kClusterFlag, cluster);
  command.add(kFormatFlag, format);
  add_global_flags(command);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  propose_status(status);
  Request request;
  request.set("filter", "--filter", filter);
  request.set("status", "--status", status);
  request.set("cluster", "--cluster", cluster);
  return answer(berth_snapshot_list, command.verb(), "ListContainerInstances", request, path, format);
}

ExitCode run_describe_container_instances(const Arguments& arguments) {
  std::optional<std::string> path, cluster, format;
  std::vector<std::string> instances;
  Command command("describe-container-instances",
                  "Show container instances with every field that Berth keeps, as `aws ecs describe-container-instances` does.",
                  "berth describe-container-instances -s fleet.berth\n"
                  "berth describe-container-instances -s fleet.berth --container-instances 3f0c2a6d0a1b4c5d8e9f --output table");
  command.add(kSnapshotFlag, path);
  command.add({.names = "--container-instances", .value = "ID", .description = "Ids or ARNs (default: all)"}, instances);
  command.add(kClusterFlag, cluster);
  command.add(kFormatFlag, format);
  command.refuse("--include", "Berth keeps neither tags nor instance health; leave it out");
  add_global_flags(command);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  Request request;
  if (!instances.empty()) {
    request.set("containerInstances", "--container-instances", texts_parameter("--container-instances", instances));
  }
  request.set("cluster", "--cluster", cluster);
  return answer(berth_snapshot_describe, command.verb(), "DescribeContainerInstances", request, path, format);
}

ExitCode run_inspect(const Arguments& arguments) {
  std::optional<std::string> path, format;
  Command command("inspect",
                  "Summarise a snapshot: instances by status, zone and type, what is registered and what remains, tasks by group.",
                  "berth inspect -s fleet.berth\n"
                  "berth inspect -s fleet.berth --output table");
  command.add(kSnapshotFlag, path);
  command.add(kFormatFlag, format);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  return answer(inspect, command.verb(), "", Request(), path, format);
}

}  // namespace berth::cli
