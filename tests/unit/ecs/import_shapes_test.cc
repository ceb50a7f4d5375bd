// Which documents are read, and what is said of those that are not.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/base/limits.h"
#include "engine/ecs/json.h"
#include "tests/realdata/real_data.h"
#include "tests/unit/ecs/import_fixture.h"

namespace berth::ecs {
namespace {

const std::string kInstance = instance_arn("aaaa");
const std::string kTask = task_arn("bbbb");

// Instances and tasks that a text gives.
std::pair<std::uint32_t, std::uint32_t> counts(const std::vector<std::string>& texts) {
  const Imported result = imported(texts);
  return result.snapshot ? std::pair(result.snapshot->instance_count(), result.snapshot->task_count()) : std::pair(0U, 0U);
}

TEST(ImportShapes, OutputsSingleRecordsAndArraysAreAccepted) {
  const std::string instance = instance_json(kInstance);
  const std::string task = task_json(kTask, kInstance);
  EXPECT_EQ(counts({instances_json({instance})}), std::pair(1U, 0U));
  EXPECT_EQ(counts({"{\"containerInstance\": " + instance + "}"}), std::pair(1U, 0U));
  EXPECT_EQ(counts({instance}), std::pair(1U, 0U));
  EXPECT_EQ(counts({"[" + instance + ", " + task + "]"}), std::pair(1U, 1U));
  EXPECT_EQ(counts({"[" + instances_json({instance}) + ", " + tasks_json({task}) + "]"}), std::pair(1U, 1U));
  EXPECT_EQ(counts({instances_json({instance}), tasks_json({task})}), std::pair(1U, 1U));
  EXPECT_EQ(counts({tasks_json({task}), instances_json({instance})}), std::pair(1U, 1U));
  EXPECT_EQ(counts({instance + "\n{\"task\": " + task + "}"}), std::pair(1U, 1U));
  EXPECT_EQ(counts({"{\"containerInstances\": [" + instance + "], \"tasks\": [" + task + "]}"}), std::pair(1U, 1U));
}

TEST(ImportShapes, EventsAndRecordedSessionsAreAccepted) {
  const std::string instance = instance_json(kInstance);
  EXPECT_EQ(counts({"{\"version\": \"0\", \"detail-type\": \"ECS Container Instance State Change\", \"source\": \"aws.ecs\", \"detail\": " +
                    instance + "}"}),
            std::pair(1U, 0U));
  EXPECT_EQ(counts({"{\"status_code\": 200, \"data\": " + instances_json({instance}) + "}"}), std::pair(1U, 0U));
}

TEST(ImportShapes, NoRecordsMakeAnEmptyInventory) {
  EXPECT_EQ(counts({instances_json({})}), std::pair(0U, 0U));
  EXPECT_EQ(counts({}), std::pair(0U, 0U));
}

TEST(ImportShapes, AnythingElseIsRefusedWithWhatWasFound) {
  EXPECT_NE(import_error("{\"services\": []}")
                .find("first.json: these are services (describe-services), which import does not take; accepted are"),
            std::string::npos);
  EXPECT_NE(import_error("[[]]").find("first.json: [0]: found an array"), std::string::npos);
  EXPECT_NE(import_error("17").find("first.json: found an integer"), std::string::npos);
  for (const char* service : {"{\"service\": {\"serviceArn\": \"arn:s\"}}", "{\"serviceArn\": \"arn:s\"}"}) {
    EXPECT_NE(import_error(service).find("this is a service (describe-services), which import does not take"), std::string::npos)
        << service;
  }
  EXPECT_NE(import_error("{}").find("found an object without members"), std::string::npos);
  EXPECT_EQ(import_error("{\"containerInstanceArns\": [\"arn\"]}"),
            "first.json: found a list of ARNs only; give what `aws ecs describe-container-instances` prints for them");
  EXPECT_EQ(import_error("{\"containerInstances\": [\"arn\"]}"), "first.json: containerInstances[0]: expected an object, found a string");
  EXPECT_EQ(import_error("{\"containerInstances\": {}}"), "first.json: containerInstances: expected an array, found an object");
  EXPECT_EQ(import_error("{\"containerInstances\": [}"), "first.json: line 1, column 25: no JSON: expected a value, found '}'");
}

TEST(ImportShapes, OptionsAreChecked) {
  const std::string text = instances_json({});
  EXPECT_EQ(import_error(text, "{\"clustr\": \"x\"}"), "import options: clustr: unknown member; did you mean \"cluster\"?");
  EXPECT_EQ(import_error(text, "{\"tieSeed\": -1}"), "import options: tieSeed: expected an integer that is not negative");
  EXPECT_EQ(imported({text}, "{\"tieSeed\": 18446744073709551615}").snapshot->tie_seed(), 18446744073709551615ULL);
  EXPECT_EQ(imported({text}).snapshot->tie_seed(), kDefaultTieSeed);
}

TEST(ImportShapes, ProgressReachesAllBytes) {
  const std::string text = instances_json({instance_json(kInstance)});
  const Document documents[] = {{"a", text}, {"b", text}};
  Progress progress;
  DocumentOptions options;
  options.progress = &progress;
  // A refused import stops in the reading phase, with the documents before the refused one done.
  const Document refused[] = {{"a", text}, {"b", "{}"}};
  ASSERT_FALSE(import_documents(refused, "", serial_executor(), options).ok());
  EXPECT_EQ(progress.phase.load(), static_cast<std::uint32_t>(Phase::kReading));
  EXPECT_EQ(progress.total.load(), text.size() + 2);
  EXPECT_GE(progress.done.load(), text.size());
  ASSERT_TRUE(import_documents(documents, "", serial_executor(), options).ok());
  EXPECT_NE(progress.phase.load(), static_cast<std::uint32_t>(Phase::kReading));
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ImportShapes, EveryRecordedInstanceAndTaskIsRead) {
  BERTH_REQUIRE_DATA();
  const std::filesystem::path folder = realdata::data_folder() + "/ecs";
  std::uint32_t instances = 0;
  std::uint32_t tasks = 0;
  for (const std::string kind : {"container_instances", "tasks"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder / kind)) {
      SCOPED_TRACE(entry.path().string());
      const Imported result = imported({file_text(entry.path())});
      ASSERT_NE(result.snapshot, nullptr);
      instances += result.snapshot->instance_count();
      const Result<JsonDocument> report = JsonDocument::parse("report", result.report);
      ASSERT_TRUE(report.ok());
      std::int64_t left_out = 0;
      for (const std::string_view name : {"stoppedTasksLeftOut", "fargateTasksLeftOut", "tasksWithoutInstance"}) {
        left_out += *report->root().member(name)->integer(0, 1000);
      }
      EXPECT_EQ(left_out, kind == "tasks" ? 1 : 0);
      tasks += kind == "tasks" ? 1U : 0U;
    }
  }
  EXPECT_EQ(instances, 9U);
  EXPECT_EQ(tasks, 14U);
}

TEST(ImportShapes, RecordedFactsComeThroughUnchanged) {
  BERTH_REQUIRE_DATA();
  const std::filesystem::path folder = realdata::data_folder() + "/ecs/container_instances";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("co_003")) {
      const Imported result = imported({file_text(entry.path())});
      ASSERT_EQ(result.snapshot->instance_count(), 1U);
      EXPECT_EQ(result.snapshot->registered_at_ms()[0], 1518956776380);  // Recorded as a datetime object: 2018-02-18 12:26:16.380.
      EXPECT_EQ(result.snapshot->cpu_registered()[0], 1024);
      EXPECT_EQ(result.snapshot->memory_remaining()[0], 993);
      EXPECT_EQ(result.snapshot->version()[0], 5U);
      EXPECT_EQ(result.snapshot->attribute_text(0, "ecs.ami-id"), "ami-5e414e24");
      EXPECT_EQ(result.snapshot->attribute_text(0, "ecs.capability.task-eni"), "");
      EXPECT_EQ(result.snapshot->port_set(result.snapshot->ports_used()[0]).tcp.size(), 5U);
    }
  }
}

}  // namespace
}  // namespace berth::ecs
