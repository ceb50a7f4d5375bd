#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/limits.h"
#include "engine/ecs/arn.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/import_inventory.h"
#include "engine/ecs/import_nodes.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/import_report.h"
#include "engine/ecs/own_amounts.h"
#include "engine/ecs/request_shape.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kAccepted =
    "accepted are the outputs of describe-container-instances, describe-tasks, run-task, start-task and get-task-protection, single "
    "container instances or tasks, ECS state change events, and arrays of these";

// The lists and single records that the outputs of the API hold.
constexpr std::array<std::string_view, 5> kRecordMembers = {"containerInstances", "tasks", "containerInstance", "task", "protectedTasks"};

// Members by which a document in the wrong letter case is known.
constexpr std::array<std::string_view, 9> kTellingMembers = {
    "containerInstances",   "tasks",   "containerInstance",     "task",    "protectedTasks",
    "containerInstanceArn", "taskArn", "containerInstanceArns", "taskArns"};

// Members that come with outputs and hold no records.
bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 3> kFraming = {"nextToken", "ResponseMetadata", "berth"};
  return std::find(kFraming.begin(), kFraming.end(), name) != kFraming.end();
}

struct Options {
  std::string cluster;
  std::uint64_t tie_seed = kDefaultTieSeed;
  bool is_openb = false;
  OwnNames own_names;
};

Result<Options> read_options(std::string_view json) {
  Options options;
  if (json.empty()) {
    return options;
  }
  const Result<JsonDocument> document = JsonDocument::parse("import options", json);
  if (!document) {
    return document.error();
  }
  const JsonValue root = document->root();
  Outcome outcome = root.expect(JsonValue::Type::kObject);
  if (outcome) {
    constexpr std::array<std::string_view, 4> kKnown = {"cluster", "resources", "tieSeed", "format"};
    outcome = root.require_known_members(kKnown);
  }
  if (outcome) {
    if (const std::optional<JsonValue> cluster = root.member("cluster")) {
      outcome = store(cluster->string(), options.cluster);
    }
  }
  if (outcome) {
    if (const std::optional<JsonValue> seed = root.member("tieSeed")) {
      outcome = store(seed->unsigned_integer(), options.tie_seed);
    }
  }
  if (outcome) {
    if (const std::optional<JsonValue> format = root.member("format")) {
      constexpr std::array<std::string_view, 1> kFormats = {"openb"};
      outcome = check_word(*format, kFormats, "");
      options.is_openb = true;
    }
  }
  if (outcome) {
    if (const std::optional<JsonValue> resources = root.member("resources")) {
      outcome = options.is_openb ? Outcome(resources->error("node lists of openb register no resources of the user's own; leave them out"))
                                 : read_own_names(*resources, options.own_names);
    }
  }
  if (!outcome) {
    return std::move(outcome).error();
  }
  return options;
}

// Turns documents into records of an inventory.
class DocumentReader {
 public:
  DocumentReader(ImportInventory& inventory, ImportReport& report, Progress* progress)
      : inventory_(inventory), report_(report), progress_(progress) {}

  Outcome read(const Document& document) {
    document_bytes_ = document.bytes.size();
    Outcome outcome = JsonDocument::parse_each(document.name, document.bytes, [&](const JsonValue& root) { return read_root(root, 0); });
    bytes_before_ += document_bytes_;
    show(bytes_before_);
    return outcome;
  }

  // What can be said only after the last document.
  void finish() {
    for (const auto& [list, has_more] : last_page_has_more_) {
      if (has_more) {
        report_.warn("the last page has a nextToken, so further pages may be missing", list);
      }
    }
  }

 private:
  Outcome read_root(const JsonValue& root, int depth) {
    if (root.is_array() && depth == 0) {
      return read_list(root, [&](const JsonValue& element) { return read_root(element, depth + 1); });
    }
    if (!root.is_object()) {
      return root.error("found " + std::string(to_text(root.type())) + "; " + std::string(kAccepted));
    }
    const bool holds_records =
        std::any_of(kRecordMembers.begin(), kRecordMembers.end(), [&](std::string_view name) { return root.member(name).has_value(); });
    if (holds_records) {
      return read_output(root);
    }
    if (root.member("protectionEnabled") && root.member("taskArn")) {
      return add_protection(root);
    }
    if (root.member("taskArn")) {
      return add_task(root);
    }
    if (root.member("containerInstanceArn")) {
      return add_instance(root);
    }
    // An EventBridge event holds the record in `detail`, a recorded SDK session holds the output in `data`.
    for (const auto& [marker, member] : {std::pair("detail-type", "detail"), std::pair("status_code", "data")}) {
      const std::optional<JsonValue> inner = root.member(member);
      if (root.member(marker) && inner && depth <= 1) {
        return read_root(*inner, 2);
      }
    }
    return refuse(root);
  }

  Outcome read_output(const JsonValue& root) {
    const bool has_more = root.member("nextToken").has_value();
    return root.for_each_member([&](std::string_view name, const JsonValue& value) -> Outcome {
      if (value.is_null() || is_framing(name)) {
        return {};
      }
      if (name == "containerInstances" || name == "tasks") {
        last_page_has_more_.insert_or_assign(std::string(name), has_more);
      }
      if (name == "containerInstances") {
        return read_list(value, [&](const JsonValue& each) { return add_instance(each); });
      }
      if (name == "tasks") {
        return read_list(value, [&](const JsonValue& each) { return add_task(each); });
      }
      if (name == "protectedTasks") {
        return read_list(value, [&](const JsonValue& each) { return add_protection(each); });
      }
      if (name == "containerInstance") {
        return add_instance(value);
      }
      if (name == "task") {
        return add_task(value);
      }
      if (name == "failures") {
        return note_failures(value);
      }
      if (holds_anything(value)) {
        report_.count_dropped("", name);
      }
      return {};
    });
  }

  Outcome note_failures(const JsonValue& value) {
    if (!holds_anything(value)) {
      return {};
    }
    return value.for_each([&](const JsonValue& failure) -> Outcome {
      const std::optional<JsonValue> arn = failure.is_object() ? failure.member("arn") : std::nullopt;
      const Result<std::string_view> text = arn ? arn->string() : Result<std::string_view>(std::string_view());
      report_.warn("the documents list failures: what they name is not in the inventory", text ? *text : "");
      return {};
    });
  }

  Outcome refuse(const JsonValue& root) {
    for (const std::string_view list : {"containerInstanceArns", "taskArns"}) {
      if (root.member(list)) {
        const std::string call = list == "taskArns" ? "describe-tasks" : "describe-container-instances";
        return root.error("found a list of ARNs only; give what `aws ecs " + call + "` prints for them");
      }
    }
    for (const std::string_view member : {"services", "service", "serviceArn"}) {
      if (root.member(member)) {
        return root.error((member == "services" ? "these are services (describe-services)" : "this is a service (describe-services)") +
                          std::string(", which import does not take; ") + std::string(kAccepted));
      }
    }
    if (std::optional<Error> error = pascal_case_error(root, kTellingMembers)) {
      return *std::move(error);
    }
    constexpr std::size_t kShownMax = 6;
    std::string found;
    std::size_t members = 0;
    Outcome outcome = root.for_each_member([&](std::string_view name, const JsonValue&) -> Outcome {
      if (++members <= kShownMax) {
        found.append(members == 1 ? "" : ", ").append(name.substr(0, 60));
      }
      return {};
    });
    if (members > kShownMax) {
      found += ", ...";
    }
    return root.error((members == 0 ? "found an object without members; " : "found an object with the members " + found + "; ") +
                      std::string(kAccepted));
  }

  template <typename Visit>
  Outcome read_list(const JsonValue& list, const Visit& visit) {
    constexpr std::size_t kStep = 256;
    if (Outcome shape = list.expect(JsonValue::Type::kArray); !shape) {
      return shape;
    }
    const std::size_t count = simdjson::dom::array(list.element()).size();
    std::size_t done = 0;
    return list.for_each([&](const JsonValue& each) {
      if (++done % kStep == 0 && count != 0) {
        const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(count));
        show(bytes_before_ + static_cast<std::uint64_t>(share * static_cast<double>(document_bytes_)));
      }
      return visit(each);
    });
  }

  Outcome add_instance(const JsonValue& value) {
    Result<ImportedInstance> instance = read_instance(value, inventory_.own_names(), inventory_.pool(), report_);
    if (!instance) {
      return std::move(instance).error();
    }
    inventory_.add(*std::move(instance));
    return {};
  }
  Outcome add_task(const JsonValue& value) {
    Result<ImportedTask> task = read_task(value, inventory_.own_names(), report_);
    if (!task) {
      return std::move(task).error();
    }
    inventory_.add(*std::move(task));
    return {};
  }
  Outcome add_protection(const JsonValue& value) {
    Result<ImportedProtection> protection = read_protection(value, report_);
    if (!protection) {
      return std::move(protection).error();
    }
    inventory_.add(*std::move(protection));
    return {};
  }

  void show(std::uint64_t bytes) {
    if (progress_ != nullptr && bytes > shown_bytes_) {
      progress_->advance(bytes - shown_bytes_);
      shown_bytes_ = bytes;
    }
  }

  ImportInventory& inventory_;
  ImportReport& report_;
  Progress* progress_;
  std::uint64_t bytes_before_ = 0;
  std::uint64_t document_bytes_ = 0;
  std::uint64_t shown_bytes_ = 0;
  std::map<std::string, bool, std::less<>> last_page_has_more_;  // By list.
};

// Everything that was read belongs to other clusters than the one that was asked for: most likely a slip of the pen.
Error unknown_cluster(const std::string& cluster, const ImportReport& report) {
  std::string known;
  for (const std::string& arn : report.left_out_clusters) {
    known.append(known.empty() ? "" : ", ").append(cluster_name_of(arn));
  }
  Error error;
  error.code = StatusCode::kNotFound;
  error.message = "cluster: no container instance of cluster \"" + cluster + "\" is among the documents; they hold " + known;
  error.exception = "ClusterNotFoundException";
  return error;
}

}  // namespace

Result<Imported> import_documents(std::span<const Document> documents, std::string_view options_json, Executor& executor,
                                  const DocumentOptions& options) {
  const Result<Options> import_options = read_options(options_json);
  if (!import_options) {
    return import_options.error();
  }
  if (import_options->is_openb) {
    return import_openb_nodes(documents, import_options->cluster, import_options->tie_seed, executor, options);
  }
  ImportReport report;
  ImportInventory inventory(import_options->cluster, import_options->own_names, report);
  if (options.progress != nullptr) {
    std::uint64_t bytes = 0;
    for (const Document& document : documents) {
      bytes += document.bytes.size();
    }
    options.progress->begin(Phase::kReading, bytes);
  }
  DocumentReader reader(inventory, report, options.progress);
  for (const Document& document : documents) {
    if (Outcome outcome = reader.read(document); !outcome) {
      return std::move(outcome).error();
    }
  }
  reader.finish();
  if (!inventory.has_instances() && report.other_clusters > 0) {
    return unknown_cluster(import_options->cluster, report);
  }
  Result<SnapshotPtr> snapshot = inventory.build(import_options->tie_seed, executor, options.progress);
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  return Imported{*std::move(snapshot), report.to_json()};
}

}  // namespace berth::ecs
