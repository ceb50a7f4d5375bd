// Generated fleets: the same from one seed, sound, and like what was asked for.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/ecs/documents.h"
#include "engine/ecs/fleet_catalog.h"
#include "engine/ecs/instance_types.h"
#include "tests/unit/ecs/import_fixture.h"

namespace berth::ecs {
namespace {

SnapshotPtr fleet(std::string_view options, ExecutorKind kind = ExecutorKind::kSerial, std::uint32_t workers = 1) {
  const std::unique_ptr<Executor> executor = make_executor(kind, workers);
  Result<SnapshotPtr> snapshot = generate(options, *executor, {});
  EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().message);
  return snapshot.ok() ? *snapshot : nullptr;
}

bool same_bytes(const SnapshotPtr& a, const SnapshotPtr& b) {
  return std::ranges::equal(a->bytes(), b->bytes());
}

TEST(GenerateFleet, OneSeedGivesOneFleetOnEveryExecutor) {
  constexpr std::string_view kOptions = R"({"instances": 1500, "seed": 42})";
  const SnapshotPtr first = fleet(kOptions);
  EXPECT_TRUE(same_bytes(first, fleet(kOptions)));
  EXPECT_TRUE(same_bytes(first, fleet(kOptions, ExecutorKind::kThreads, 3)));
  EXPECT_TRUE(same_bytes(first, fleet(kOptions, ExecutorKind::kTbb, 0)));
  EXPECT_FALSE(same_bytes(first, fleet(R"({"instances": 1500, "seed": 43})")));
}

// The sum of what tasks hold is what instances lack, port by port and GPU by GPU.
TEST(GenerateFleet, TheBooksBalance) {
  const SnapshotPtr snapshot = fleet(R"({"instances": 2000, "utilization": 90, "tasksPerInstance": 8})");
  std::size_t ports = 0;
  std::size_t enis = 0;
  std::set<std::uint32_t> held;
  for (const Snapshot::TaskGpu& gpu : snapshot->task_gpus()) {
    EXPECT_TRUE(held.insert(gpu.slot).second) << "held twice";
    EXPECT_EQ(snapshot->gpu_free()[gpu.slot], 0);
  }
  EXPECT_EQ(held.size(), static_cast<std::size_t>(std::ranges::count(snapshot->gpu_free(), 0)));
  EXPECT_FALSE(held.empty());
  for (std::uint32_t i = 0; i < snapshot->instance_count(); ++i) {
    std::int64_t cpu = snapshot->cpu_remaining()[i];
    std::int64_t memory = snapshot->memory_remaining()[i];
    EXPECT_GE(cpu, 0);
    EXPECT_GE(memory, 0);
    std::uint32_t eni = 0;
    std::uint32_t running = 0;
    std::multiset<std::uint16_t> tcp;
    const Snapshot::TaskRange tasks = snapshot->tasks_of(i);
    for (std::uint32_t t = tasks.begin; t < tasks.end; ++t) {
      const TaskShape& shape = snapshot->task_shapes()[snapshot->task_shape()[t]];
      cpu += shape.cpu_units;
      memory += shape.memory_mib;
      eni += shape.uses_eni;
      running += snapshot->task_desired_status()[t] == static_cast<std::uint8_t>(TaskStatus::kRunning) ? 1U : 0U;
      const PortSet set = snapshot->port_set(shape.ports);
      tcp.insert(set.tcp.begin(), set.tcp.end());
      ports += set.tcp.size() + set.udp.size();
    }
    EXPECT_EQ(cpu, snapshot->cpu_registered()[i]);
    EXPECT_EQ(memory, snapshot->memory_registered()[i]);
    EXPECT_EQ(eni, snapshot->eni_used()[i]);
    EXPECT_LE(eni, snapshot->eni_limit()[i]);
    EXPECT_EQ(running, snapshot->running_tasks_count()[i]);
    enis += eni;
    const PortSet registered = snapshot->port_set(snapshot->ports_registered()[i]);
    tcp.insert(registered.tcp.begin(), registered.tcp.end());
    EXPECT_TRUE(std::ranges::equal(tcp, snapshot->port_set(snapshot->ports_used()[i]).tcp));
  }
  EXPECT_GT(ports, 0U);
  EXPECT_GT(enis, 0U);
}

TEST(GenerateFleet, ComesOutAsAskedFor) {
  const SnapshotPtr snapshot = fleet(R"({"instances": 5000, "utilization": 60, "tasksPerInstance": 5, "zones": 4})");
  const double tasks = static_cast<double>(snapshot->task_count()) / snapshot->instance_count();
  EXPECT_NEAR(tasks, 5.0, 0.25);
  double registered = 0;
  double remaining = 0;
  std::map<std::string, std::uint32_t> zones;
  std::map<std::uint8_t, std::uint32_t> statuses;
  std::uint32_t disconnected = 0;
  std::uint32_t attributes_least = 1000;
  for (std::uint32_t i = 0; i < snapshot->instance_count(); ++i) {
    registered += snapshot->memory_registered()[i];
    remaining += snapshot->memory_remaining()[i];
    ++zones[std::string(snapshot->attribute_text(i, "ecs.availability-zone").value_or("none"))];
    ++statuses[snapshot->status()[i]];
    disconnected += snapshot->agent_connected()[i] == 0 ? 1U : 0U;
    attributes_least =
        std::min(attributes_least, static_cast<std::uint32_t>(snapshot->attribute_set_pairs(snapshot->attribute_set()[i]).size()));
  }
  EXPECT_NEAR(1 - remaining / registered, 0.6, 0.04);
  ASSERT_EQ(zones.size(), 4U);
  for (const auto& [zone, count] : zones) {
    EXPECT_NEAR(count, 1250, 150) << zone;
  }
  EXPECT_NEAR(statuses[static_cast<std::uint8_t>(InstanceStatus::kDraining)], 50, 30);
  EXPECT_NEAR(disconnected, 50, 30);
  EXPECT_GE(attributes_least, 40U);
  EXPECT_LT(snapshot->attribute_set_count(), 600U);
  EXPECT_TRUE(snapshot->wide_attributes().empty());
  bool has_service = false;
  bool has_family = false;
  for (std::uint32_t group = 0; group < snapshot->groups().size(); ++group) {
    has_service = has_service || snapshot->groups().at(group).starts_with("service:");
    has_family = has_family || snapshot->groups().at(group).starts_with("family:");
  }
  EXPECT_TRUE(has_service && has_family);
}

TEST(GenerateFleet, ExtremesHold) {
  const SnapshotPtr empty = fleet(R"({"instances": 50, "utilization": 0})");
  EXPECT_EQ(empty->task_count(), 0U);
  EXPECT_EQ(fleet(R"({"instances": 50, "tasksPerInstance": 0})")->task_count(), 0U);
  EXPECT_EQ(fleet(R"({"instances": 1})")->instance_count(), 1U);
  const SnapshotPtr crowded = fleet(R"({"instances": 300, "utilization": 95, "tasksPerInstance": 100, "zones": 6})");
  EXPECT_GT(crowded->task_count(), 300U * 20U);
}

TEST(GenerateFleet, OptionsAreChecked) {
  const auto error = [](std::string_view options) {
    const Result<SnapshotPtr> snapshot = generate(options, serial_executor(), {});
    return snapshot.ok() ? "(generated)" : snapshot.error().message;
  };
  EXPECT_EQ(error(""), "generate options: needs \"instances\", the number of container instances");
  EXPECT_EQ(error("{\"instances\": 0}"), "generate options: instances: expected an integer from 1 to 16777216, found 0");
  EXPECT_EQ(error("{\"instances\": 1, \"utilization\": 96}"), "generate options: utilization: expected an integer from 0 to 95, found 96");
  EXPECT_EQ(error("{\"instances\": 1, \"zones\": 7}"), "generate options: zones: expected an integer from 3 to 6, found 7");
  EXPECT_EQ(error("{\"instance\": 1}"), "generate options: instance: unknown member; did you mean \"instances\"?");
  EXPECT_NE(error("{\"instances\": 16777216, \"tasksPerInstance\": 100}").find("ask for fewer"), std::string::npos);
}

TEST(FleetCatalog, IsSound) {
  std::uint32_t weight = 0;
  for (const FleetType& type : fleet_types()) {
    weight += type.weight;
    EXPECT_NE(find_instance_type(type.name), nullptr) << type.name;
  }
  EXPECT_EQ(weight, 1000U);
  for (const std::span<const WeightedWord> words : {fleet_stacks(), fleet_agent_versions()}) {
    std::uint32_t percent = 0;
    for (const WeightedWord& word : words) {
      percent += word.percent;
    }
    EXPECT_EQ(percent, 100U);
  }
  EXPECT_TRUE(std::ranges::is_sorted(task_cpu_sizes()));
  EXPECT_TRUE(std::ranges::is_sorted(task_memory_sizes()));
}

TEST(FleetCatalog, SizesAverageTheShare) {
  Stream stream(5);
  std::int64_t sum = 0;
  for (int i = 0; i < 20000; ++i) {
    sum += task_cpu_sizes()[draw_size(task_cpu_sizes(), 900, 4096, stream)];
  }
  EXPECT_NEAR(static_cast<double>(sum) / 20000, 900, 5);
  EXPECT_EQ(draw_size(task_memory_sizes(), 1, 1 << 20, stream), 0U);
  EXPECT_EQ(task_memory_sizes()[draw_size(task_memory_sizes(), 1 << 30, 2000, stream)], 1536);
}

TEST(InstanceTypes, AreSortedAndKnown) {
  EXPECT_TRUE(std::ranges::is_sorted(instance_types(), {}, &InstanceType::name));
  EXPECT_EQ(std::ranges::adjacent_find(instance_types(), {}, &InstanceType::name), instance_types().end());
  ASSERT_NE(find_instance_type("m5.large"), nullptr);
  EXPECT_EQ(find_instance_type("m5.large")->cpu_units, 2048);
  EXPECT_EQ(find_instance_type("m5.large")->memory_mib, 7811);
  EXPECT_EQ(find_instance_type("m6g.large")->architecture, Architecture::kArm64);
  EXPECT_EQ(find_instance_type("g4dn.12xlarge")->gpus, 4);
  EXPECT_EQ(find_instance_type("m5.larg"), nullptr);
  EXPECT_EQ(eni_task_limit(find_instance_type("t3.large"), true), eni_task_limit(find_instance_type("t3.large"), false))
      << "a type without trunking gains nothing from a trunk";
}

}  // namespace
}  // namespace berth::ecs
