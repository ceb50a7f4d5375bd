// Property: any bytes either import, or are refused with one line of message that begins with the document's name. What was imported
// is described as JSON, and that description imports again to an inventory with the same description. The report is JSON. A text is
// called no JSON exactly where the slow reader, which tells the place, finds a fault. Taken as events by a live cluster, it changes nothing
// the second time, and whatever is refused says why in one line.
//
// Input: one document.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/cluster/cluster.h"
#include "engine/ecs/documents.h"
#include "engine/ecs/event_feed.h"
#include "engine/ecs/json.h"
#include "engine/ecs/json_syntax.h"
#include "engine/parallel/executor.h"

namespace {

using berth::ecs::Document;
using berth::ecs::Imported;
using berth::ecs::JsonDocument;

void require(bool holds, const char* what) {
  if (!holds) {
    std::cerr << "broken property: " << what << "\n";
    std::abort();
  }
}

// Own resources are read too.
constexpr std::string_view kOptions = R"({"resources": ["disk", "licence"]})";

std::string describe(const Imported& imported, berth::Executor& executor) {
  const berth::Result<std::string> answer = berth::ecs::describe_container_instances(imported.snapshot, "", executor, {});
  require(answer.ok(), "an imported inventory can be described");
  return *answer;
}

// An inventory of one instance, which seeds of the corpus name.
berth::SnapshotPtr begin(berth::Executor& executor) {
  constexpr std::string_view kInstance =
      R"({"containerInstanceArn": "arn:aws:ecs:us-east-1:123456789012:container-instance/web/11111111111111111111111111111111",
          "version": 3, "status": "ACTIVE", "agentConnected": true, "registeredResources": [
          {"name": "CPU", "type": "INTEGER", "integerValue": 2048}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 7811},
          {"name": "disk", "type": "INTEGER", "integerValue": 100}]})";
  const Document document{"begin.json", kInstance};
  const berth::Result<Imported> imported = berth::ecs::import_documents(std::span(&document, 1), kOptions, executor, {});
  require(imported.ok(), "the inventory to begin with imports");
  return imported->snapshot;
}

void apply_twice(std::string_view text, berth::Executor& executor) {
  static const berth::SnapshotPtr kBegin = begin(executor);
  berth::cluster::ClusterOptions options;
  options.log_capacity = 1024;
  options.index_visits = 0;
  options.tasks_max = 1U << 16U;
  const auto cluster = berth::cluster::Cluster::from_snapshot(kBegin, options);
  berth::ecs::EventFeed feed(**cluster, *(*cluster)->attach());
  const berth::ecs::EventReport report = feed.apply_events("input.json", text);
  for (const berth::ecs::EventReport::Event& event : report.events) {
    require(event.fate != berth::ecs::EventFate::kRefused || !event.reason.empty(), "what is refused says why");
    require(event.reason.find('\n') == std::string::npos, "a reason is one line");
  }
  require(JsonDocument::parse("report", report.to_json()).ok(), "the report of events is JSON");
  berth::cluster::Ledger& ledger = (*cluster)->inventory().ledger;
  berth::cluster::WorkerSlot& reader = *ledger.attach();
  const std::uint64_t changes = ledger.settle(reader);
  feed.apply_events("input.json", text);
  require(ledger.settle(reader) == changes, "events change nothing the second time");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::unique_ptr<berth::Executor> executor = berth::make_executor(berth::ExecutorKind::kSerial, 1);
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const bool is_json = JsonDocument::parse("text", text).ok();
  const bool has_mark = text.starts_with("\xEF\xBB\xBF");
  if (is_json) {
    require(!berth::ecs::find_syntax_fault(text.substr(has_mark ? 3 : 0)), "what simdjson reads has no fault");
  }

  apply_twice(text, *executor);

  const Document document{"input.json", text};
  const berth::Result<Imported> imported = berth::ecs::import_documents(std::span(&document, 1), kOptions, *executor, {});
  if (!imported.ok()) {
    const std::string& message = imported.error().message;
    require(message.starts_with("input.json: "), "an error begins with the document's name");
    require(message.find('\n') == std::string::npos, "a message is one line");
    return 0;
  }
  require(JsonDocument::parse("report", imported->report).ok(), "the report is JSON");

  const std::string description = describe(*imported, *executor);
  const Document again{"description.json", description};
  const berth::Result<Imported> imported_again = berth::ecs::import_documents(std::span(&again, 1), kOptions, *executor, {});
  if (!imported_again.ok()) {
    std::cerr << imported_again.error().message << "\n" << description;
  }
  require(imported_again.ok(), "a description imports");
  require(imported_again->snapshot->instance_count() == imported->snapshot->instance_count(), "a description names every instance");
  require(describe(*imported_again, *executor) == description, "the description of a description is the same");
  return 0;
}
