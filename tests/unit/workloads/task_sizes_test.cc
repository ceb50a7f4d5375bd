// The table of sizes is what the real task definitions say.
#include "bench/workloads/task_sizes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

namespace berth::workloads {
namespace {

using Json = nlohmann::json;
using Size = std::pair<std::int64_t, std::int64_t>;  // CPU units, MiB.

// "256", 256, "1 vcpu", "2 gb"; nullopt where there is no number.
std::optional<std::int64_t> amount(const Json& object, const char* member) {
  if (!object.contains(member) || object[member].is_null()) {
    return std::nullopt;
  }
  const std::string text = object[member].is_string() ? object[member].get<std::string>() : object[member].dump();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) {
    return std::nullopt;
  }
  const bool is_large_unit = *end != '\0';
  return static_cast<std::int64_t>(is_large_unit ? number * 1024 : number);
}

std::optional<Size> size_of(const Json& definition) {
  std::int64_t cpu_units = 0;
  std::int64_t memory_mib = 0;
  for (const Json& container : definition.value("containerDefinitions", Json::array())) {
    cpu_units += amount(container, "cpu").value_or(0);
    const std::int64_t reservation = amount(container, "memoryReservation").value_or(0);
    memory_mib += reservation > 0 ? reservation : amount(container, "memory").value_or(0);
  }
  const Size size{amount(definition, "cpu").value_or(cpu_units), amount(definition, "memory").value_or(memory_mib)};
  return size.second > 0 ? std::optional(size) : std::nullopt;
}

TEST(TaskSizes, AreAscendingAndEachOnce) {
  for (std::size_t at = 1; at < task_sizes().size(); ++at) {
    const TaskSize& before = task_sizes()[at - 1];
    const TaskSize& size = task_sizes()[at];
    EXPECT_LT(std::pair(before.cpu_units, before.memory_mib), std::pair(size.cpu_units, size.memory_mib));
  }
}

TEST(TaskSizes, AreThoseOfTheRealDefinitions) {
  const char* data = std::getenv("BERTH_DATA");
  const std::filesystem::path folder = std::filesystem::path(data != nullptr ? data : BERTH_DATA_DEFAULT) / "ecs/task_definitions";
  if (!std::filesystem::exists(folder)) {
    if (std::getenv("CI") != nullptr) {
      FAIL() << "no data in " << folder;
    }
    GTEST_SKIP() << "no data in " << folder << ": set BERTH_DATA to the data's folder";
  }
  std::map<Size, int> real;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(entry.path());
    const Json json = Json::parse(stream);
    if (const auto size = size_of(json.contains("taskDefinition") ? json["taskDefinition"] : json); size.has_value()) {
      ++real[*size];
    }
  }
  std::map<Size, int> table;
  for (const TaskSize& size : task_sizes()) {
    table[{size.cpu_units, size.memory_mib}] = size.definitions;
  }
  EXPECT_EQ(table, real);
}

}  // namespace
}  // namespace berth::workloads
