// Every real document imports, or is refused for the right reason: one expectation for each file, each looked at.
#include <cstdio>
#include <map>

#include "tests/property/both_sides.h"
#include "tests/realdata/expectations.h"
#include "tests/realdata/real_data.h"

namespace berth::realdata {
namespace {

// What an import of one file amounts to: "1 instances", "fargate", "no instance", or "refused: ...".
std::string import_outcome(const File& file) {
  const std::vector<ecs::Document> documents = {{file.name, file.text}};
  const auto imported = ecs::import_documents(documents, "", *property::executors().serial, {});
  if (!imported) return "refused: " + imported.error().message;
  const Json report = Json::parse(imported->report);
  if (report.value("instances", 0) > 0) return "instance";
  if (report.value("stoppedTasksLeftOut", 0) > 0) return "stopped";
  if (report.value("fargateTasksLeftOut", 0) > 0) return "fargate";
  if (report.value("tasksWithoutInstance", 0) > 0) return "task without instance";
  return "nothing";
}

void expect_outcomes(const std::string& kind, const std::map<std::string, std::string>& expected) {
  std::size_t seen = 0;
  for (const File& file : read_files(kind)) {
    const std::string outcome = import_outcome(file);
    std::printf("%s  %s\n", short_name(file.name).c_str(), outcome.c_str());
    const auto found = expected.find(short_name(file.name));
    ASSERT_NE(found, expected.end()) << "no expectation for " << file.name << ": " << outcome;
    EXPECT_NE(outcome.find(found->second), std::string::npos) << file.name << ": expected " << found->second << ", found " << outcome;
    ++seen;
  }
  EXPECT_EQ(seen, expected.size());
}

TEST(RealDocuments, ContainerInstancesImport) {
  BERTH_REQUIRE_DATA();
  expect_outcomes("container_instances", container_instance_outcomes());
}

TEST(RealDocuments, TasksImportOrAreLeftOut) {
  BERTH_REQUIRE_DATA();
  expect_outcomes("tasks", task_outcomes());
}

TEST(RealDocuments, ServicesAreNoInventory) {
  BERTH_REQUIRE_DATA();
  expect_outcomes("services", service_outcomes());
}

TEST(RealDocuments, DefinitionsAreTakenOrRefusedForWhatIsWrongWithThem) {
  BERTH_REQUIRE_DATA();
  std::vector<std::string> texts;
  for (const File& file : read_files("container_instances")) texts.push_back(file.text);
  const auto snapshot = property::import_texts(texts, *property::executors().serial);
  ASSERT_TRUE(snapshot.ok());
  const std::map<std::string, std::string> expected = definition_outcomes();
  std::size_t seen = 0;
  for (const File& file : read_files("task_definitions")) {
    const Json definition = Json::parse(file.text);
    const std::string outcome = definition_outcome(*snapshot, definition);
    std::printf("%s  %s\n", short_name(file.name).c_str(), outcome.c_str());
    const auto found = expected.find(short_name(file.name));
    const std::string wanted = found == expected.end() ? "taken" : found->second;
    if (found != expected.end()) ++seen;
    EXPECT_NE(outcome.find(wanted), std::string::npos) << file.name << ": expected " << wanted << ", found " << outcome;
  }
  EXPECT_EQ(seen, expected.size());
}

}  // namespace
}  // namespace berth::realdata
