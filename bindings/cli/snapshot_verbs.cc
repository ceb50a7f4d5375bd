// import and generate: the verbs that make a snapshot.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/cli/call.h"
#include "bindings/cli/command.h"
#include "bindings/cli/file_kind.h"
#include "bindings/cli/files.h"
#include "bindings/cli/json_parameter.h"
#include "bindings/cli/progress_line.h"
#include "bindings/cli/request_flags.h"
#include "bindings/cli/resource_flag.h"
#include "bindings/cli/utf8.h"
#include "bindings/cli/verbs.h"

namespace berth::cli {
namespace {

// The engine would say so after minutes of work, or in other words.
constexpr std::uint64_t kGeneratedInstancesMax = 10'000'000;
constexpr std::uint64_t kGeneratedTasksPerInstanceMax = 100;

// "1 record of another cluster", "4 records of another cluster".
std::string counted(std::uint64_t count, std::string_view noun, std::string_view rest = "") {
  return fmt::format("{} {}{}{}", count, noun, count == 1 ? "" : "s", rest);
}

// The report of an import in the words of people; members that are absent or zero are not mentioned, and names of the documents reach no
// terminal unescaped.
class ImportSummary {
 public:
  explicit ImportSummary(const Json& report) : report_(report) {}

  [[nodiscard]] std::string text(const std::string& path) const {
    std::string text =
        fmt::format("{}: {}, {}\n", escape_controls(path), counted(count("instances"), "instance"), counted(count("tasks"), "task"));
    append_line(text, "left out",
                {{count("stoppedTasksLeftOut"), "stopped task"},
                 {count("fargateTasksLeftOut"), "Fargate task"},
                 {count("tasksWithoutInstance"), "task", " without its instance"},
                 {count("otherClusters"), "record", " of another cluster"}});
    append_line(text, "the newer version won", {{count("duplicates"), "duplicate"}});
    append_dropped(text);
    for (const Json& warning : report_.value("warnings", Json::array())) {
      text += fmt::format("warning: {}\n", escape_controls(warning.is_string() ? warning.get_ref<const std::string&>() : warning.dump()));
    }
    return text;
  }

 private:
  struct Count {
    std::uint64_t count;
    std::string_view noun;
    std::string_view rest = {};
  };

  [[nodiscard]] std::uint64_t count(const char* member) const { return report_.value(member, std::uint64_t{0}); }

  static void append_line(std::string& text, std::string_view heading, const std::vector<Count>& counts) {
    std::string line;
    for (const Count& one : counts) {
      if (one.count != 0) {
        line += fmt::format("{}{}", line.empty() ? "" : ", ", counted(one.count, one.noun, one.rest));
      }
    }
    if (!line.empty()) {
      text += fmt::format("  {}: {}\n", heading, line);
    }
  }

  // The fields that most records had, one to a line: real documents have dozens.
  void append_dropped(std::string& text) const {
    constexpr std::size_t kFieldsShown = 5;
    const Json dropped = report_.value("droppedFields", Json::object());
    std::vector<std::pair<std::uint64_t, std::string>> fields;
    for (const auto& [field, times] : dropped.items()) {
      fields.emplace_back(times.get<std::uint64_t>(), escape_controls(field));
    }
    if (fields.empty()) {
      return;
    }
    // Equal counts by name.
    std::sort(fields.begin(), fields.end(),
              [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    const bool is_cut = fields.size() > kFieldsShown + 1;
    text += fmt::format("  fields that Berth does not keep: {}{}\n", fields.size(), is_cut ? " (--output json lists all), most often" : "");
    fields.resize(is_cut ? kFieldsShown : fields.size());
    for (const auto& [times, field] : fields) {
      text += fmt::format("  {:>9}  {}\n", times, field);
    }
  }

  const Json& report_;
};

// Reads every file into one blob, each behind its name.
std::vector<berth_input> read_inputs(const std::vector<std::string>& paths, std::string& blob) {
  std::vector<berth_input> inputs;
  for (const std::string& given_path : paths) {
    const std::string path = local_path(given_path);
    berth_input input = {
        .name_offset = blob.size(), .name_length = path.size(), .text_offset = blob.size() + path.size(), .text_length = 0};
    blob += path;
    append_file(path, blob);
    input.text_length = blob.size() - input.text_offset;
    inputs.push_back(input);
  }
  return inputs;
}

// As require_ok; a file of another kind is refused by what it is.
void require_imported(berth_status status, berth_error* error, const std::vector<berth_input>& inputs, const std::string& blob) {
  if (status == BERTH_OK || error == nullptr) {
    return require_ok(status, error);
  }
  size_t length = 0;
  const char* source = berth_error_source(error, &length);
  const std::string_view name(source, length);
  for (const berth_input& input : inputs) {
    const std::string_view text = std::string_view(blob).substr(input.text_offset, input.text_length);
    if (std::string_view(blob).substr(input.name_offset, input.name_length) == name &&
        text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      const ErrorHandle held(error);
      throw Failure(fmt::format("{} is empty; where aws found nothing to print, such as no tasks, leave it out",
                                name == kStandardInput ? "standard input" : name));
    }
    const std::string advice = misplaced_file(text, FileKind::kInventory);
    if (std::string_view(blob).substr(input.name_offset, input.name_length) == name && !advice.empty()) {
      const ErrorHandle held(error);
      throw Failure(fmt::format("{}: {}", name == kStandardInput ? "standard input" : name, advice));
    }
  }
  const ErrorHandle held(error);
  std::string message = describe_error(error, {});
  if (message.starts_with("-:")) {
    message.replace(0, 1, "standard input");
  }
  throw Failure(message, exit_code_of(status));
}

// Gives the number, or `absent`.
std::uint64_t require_range(std::string_view flag, const std::optional<std::string>& value, std::uint64_t least, std::uint64_t most,
                            std::uint64_t absent) {
  if (!value.has_value()) {
    return absent;
  }
  const std::uint64_t number = read_unsigned_integer(flag, *value);
  if (number < least || number > most) {
    throw Failure(fmt::format("generate: {}: expected an integer from {} to {}, found {}", flag, least, most, number));
  }
  return number;
}

// Refuses fleets that certainly end beyond the 2 GiB of a snapshot; near that, the engine tells.
void require_fleet_fits(const std::optional<std::string>& instances, const std::optional<std::string>& tasks_per_instance,
                        const std::optional<std::string>& utilization) {
  // Bytes of one instance and of one task in generated fleets, rounded down to refuse and rounded up to propose.
  constexpr std::uint64_t kInstanceBytesMin = 100;
  constexpr std::uint64_t kInstanceBytesMax = 104;
  constexpr std::uint64_t kTaskBytesMin = 37;
  constexpr std::uint64_t kTaskBytesMax = 42;
  constexpr std::uint64_t kSnapshotBytesMax = std::uint64_t{1} << 31U;
  const std::uint64_t instance_count = require_range("--instances", instances, 1, kGeneratedInstancesMax, 0);
  const std::uint64_t tasks_each = require_range("--tasks-per-instance", tasks_per_instance, 0, kGeneratedTasksPerInstanceMax, 5);
  // An empty fleet has no tasks.
  const bool has_tasks = require_range("--utilization", utilization, 0, 95, 60) != 0;
  const std::uint64_t tasks_kept = has_tasks ? tasks_each : 0;
  if (instance_count * (kInstanceBytesMin + tasks_kept * kTaskBytesMin) > kSnapshotBytesMax) {
    const std::uint64_t instance_count_max = kSnapshotBytesMax / (kInstanceBytesMax + tasks_kept * kTaskBytesMax);
    throw Failure(
        fmt::format("generate: --instances: {} instances with {} tasks each need more than the 2 GiB of a snapshot; ask for at most {}, "
                    "or for fewer --tasks-per-instance",
                    instance_count, tasks_each, instance_count_max / 100'000 * 100'000));
  }
}

}  // namespace

ExitCode run_import(const Arguments& arguments) {
  std::optional<std::string> output, cluster, resources, format;
  std::vector<std::string> paths;
  bool is_openb = false;
  Command command(
      "import",
      "Make a snapshot of what `aws ecs describe-container-instances` and `describe-tasks` print: any number of files, pages and "
      "documents one after another, in any order. The same instance or task twice: the newer version wins.",
      "berth import -o fleet.berth instances.json tasks.json\n"
      "aws ecs describe-tasks --cluster prod --tasks $TASKS | berth import -o fleet.berth --cluster prod instances.json -\n"
      "berth import -o gpus.berth --openb openb_node_list_gpu_node.csv");
  command.add(
      {.names = "JSON", .value = "", .description = "Files; - is standard input", .need = FlagText::Need::kConditional, .reads_file = true},
      paths);
  command.add({.names = "-o",
               .value = "FILE",
               .description = "The snapshot to write; an old file is replaced at once or not at all",
               .need = FlagText::Need::kRequired},
              output);
  command.add({.names = "--cluster", .value = "NAME", .description = "Name or ARN: take only this cluster (default: all)"}, cluster);
  command.add(
      {.names = "--openb",
       .value = "",
       .description = "The files are node lists of Alibaba's openb cluster (CSV: sn, cpu_milli, memory_mib, gpu, model), packed ones "
                      "unpacked; instances of the cluster --cluster (default openb), with their model as attribute:gpu.model"},
      is_openb);
  command.add({.names = "--resource",
               .value = "NAME[,NAME]",
               .description = "Resources of your own to take from registeredResources and remainingResources, beside those of ECS; at "
                              "most 8 (default: none)"},
              resources);
  command.add({.names = "--output",
               .value = "FORMAT",
               .description = "json: the report of what was taken and left out, on standard output (default: a summary on standard error)"},
              format);
  add_global_flags(command);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  if (paths.empty()) {
    throw Failure("import: no file is given; name files, or - for standard input");
  }
  if (format.has_value() && *format != "json") {
    throw Failure(
        fmt::format("import: --output: the report is printed as json alone, found '{}'; leave --output out for a summary", *format));
  }
  require_output_path("import", *output);
  Json options_json = Json::object();
  if (cluster.has_value()) {
    options_json["cluster"] = parameter_text("--cluster", *cluster);
  }
  if (is_openb) {
    options_json["format"] = "openb";
  }
  if (resources) {
    options_json["resources"] = resource_names(*resources);
  }
  const std::string options = options_json.dump();

  const EngineHandle engine = make_engine();
  ProgressLine progress(engine.get());
  progress.step("reading files");
  std::string blob;
  const std::vector<berth_input> inputs = read_inputs(paths, blob);
  berth_snapshot* made = nullptr;
  berth_document* made_report = nullptr;
  berth_error* error = nullptr;
  const berth_status status = berth_snapshot_import(engine.get(), inputs.data(), static_cast<uint32_t>(inputs.size()), blob.data(),
                                                    blob.size(), options.data(), options.size(), &made, &made_report, &error);
  const SnapshotHandle snapshot(made);
  const DocumentHandle report(made_report);
  require_imported(status, error, inputs, blob);
  progress.step("writing");
  write_snapshot(snapshot.get(), *output);
  progress.finish();
  write_standard_error(ImportSummary(parse_json("report", text_of(report))).text(*output));
  if (format.has_value()) {
    write_standard_output(text_of(report));
  }
  return kExitDecided;
}

ExitCode run_generate(const Arguments& arguments) {
  std::optional<std::string> output, instances, seed, utilization, tasks_per_instance, zones;
  std::vector<std::string> resources;
  Command command("generate",
                  "Make a snapshot of a realistic fleet: EC2 types, attributes and tasks as clusters have them, the same for one seed.",
                  "berth generate -o fleet.berth --instances 5000\n"
                  "berth generate -o full.berth --instances 200 --utilization 95 --seed 7");
  command.add({.names = "-o",
               .value = "FILE",
               .description = "The snapshot to write; an old file is replaced at once or not at all",
               .need = FlagText::Need::kRequired},
              output);
  command.add({.names = "--instances",
               .value = "N",
               .description = "How many container instances, 1 to 10000000; tasks lower that: all must fit 2 GiB",
               .need = FlagText::Need::kRequired},
              instances);
  command.add({.names = "--seed", .value = "S", .description = "0 to 2^64-1 (default 1)"}, seed);
  command.add({.names = "--utilization", .value = "P", .description = "How full, in percent of CPU and memory, 0 to 95 (default 60)"},
              utilization);
  command.add({.names = "--tasks-per-instance", .value = "N", .description = "On average, 0 to 100 (default 5)"}, tasks_per_instance);
  command.add({.names = "--zones", .value = "N", .description = "Availability zones, 3 to 6 (default 3)"}, zones);
  command.add({.names = "--resource",
               .value = "NAME=AMOUNT",
               .description = "What every instance has of a resource of your own, such as licence=4; all of it is free, at most 8 names"},
              resources);
  if (!command.parse(arguments)) {
    return kExitDecided;
  }
  require_fleet_fits(instances, tasks_per_instance, utilization);
  require_output_path("generate", *output);
  Json options = Json::object();
  Origins origins;
  const auto set = [&](const char* member, const char* flag, const std::optional<std::string>& value) {
    if (value.has_value()) {
      options[member] = read_unsigned_integer(flag, *value);
      origins[member] = flag;
    }
  };
  set("instances", "--instances", instances);
  set("seed", "--seed", seed);
  set("utilization", "--utilization", utilization);
  set("tasksPerInstance", "--tasks-per-instance", tasks_per_instance);
  set("zones", "--zones", zones);
  if (!resources.empty()) {
    set_amounts(options["resources"], resources);
    origins["resources"] = "--resource";
  }
  const std::string text = options.dump();

  const EngineHandle engine = make_engine();
  ProgressLine progress(engine.get());
  berth_snapshot* made = nullptr;
  berth_error* error = nullptr;
  const berth_status status = berth_snapshot_generate(engine.get(), text.data(), text.size(), &made, &error);
  const SnapshotHandle snapshot(made);
  require_ok(status, error, {.origins = &origins});
  progress.step("writing");
  write_snapshot(snapshot.get(), *output);
  progress.finish();
  uint32_t instance_count = 0;
  uint32_t task_count = 0;
  berth_snapshot_counts(snapshot.get(), &instance_count, &task_count);
  write_standard_error(
      fmt::format("{}: {}, {}\n", escape_controls(*output), counted(instance_count, "instance"), counted(task_count, "task")));
  return kExitDecided;
}

}  // namespace berth::cli
