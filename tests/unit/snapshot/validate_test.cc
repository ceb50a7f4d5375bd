// Every rule of validate(): one fault each in an otherwise good file, and the message that names it.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "engine/snapshot/layout.h"
#include "tests/unit/snapshot/plain_fleet.h"

namespace berth::testing {
namespace {

class ValidateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    PlainFleet fleet;
    for (std::uint32_t serial = 0; serial < 70; ++serial) {
      PlainInstance& instance = fleet.instances.emplace_back();
      const std::string number = std::to_string(10 + serial);
      instance.arn = "c/" + number + "0000000000000000000000000000" + number;
      instance.ec2_instance_id = serial % 2 == 0 ? "i-0" + number + "00000000000000" : "text-" + number;
      instance.agent_version = serial % 2 == 0 ? "1.0" : "2.0";
      instance.attributes = {{"zserial", number}, {"zone", "a"}, {"zone-2", "b"}};
      instance.tcp_registered = {22, 80};
      instance.udp_used = {53, 54};
      instance.own = {{"disk", 100, 90}, {"eels", 3, -3}};
      if (serial < 2) {
        instance.gpus = {{"g1", true}, {"g2", false}};
        PlainTask task;
        task.instance_arn = instance.arn;
        task.group = "group";
        task.started_by = "me";
        task.gpu_ids = {"g1", "g2"};
        task.is_protected = true;
        task.own = {{"disk", 5}};
        for (const char* digit : {"1", "2"}) {
          task.arn = "t/0000000000000000000000000000000" + number.substr(1) + digit;
          task.arn.erase(2, 1);
          fleet.tasks.push_back(task);
        }
      }
    }
    PlainTask text_task;
    text_task.instance_arn = fleet.instances[5].arn;
    text_task.arn = "t/text";
    text_task.group = "other";
    fleet.tasks.push_back(text_task);
    fleet.own_names = {"eels", "disk"};
    bytes_ = bytes_of(fleet, *executor_);
    whole_ = bytes_;
    const Result<SnapshotPtr> snapshot = Snapshot::from_bytes(bytes_, *executor_);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
    ASSERT_EQ((*snapshot)->wide_attributes().size(), 1U);
    ASSERT_EQ((*snapshot)->task_gpus().size(), 8U);
    ASSERT_EQ((*snapshot)->protected_tasks().size(), 4U);
  }

  [[nodiscard]] const wire::Snapshot& root() const { return *wire::GetSnapshot(bytes_.data()); }
  [[nodiscard]] wire::Snapshot& mutable_root() { return *wire::GetMutableSnapshot(bytes_.data()); }

  // Columns point into bytes_, which is not const.
  template <typename T>
  static T& at(std::span<const T> column, std::size_t index) {
    return const_cast<T&>(column[index]);
  }
  template <typename Wire>
  static void shorten(const flatbuffers::Vector<Wire>* column) {
    ASSERT_NE(column, nullptr);
    auto& length = *reinterpret_cast<std::uint32_t*>(const_cast<flatbuffers::Vector<Wire>*>(column));
    ASSERT_GT(length, 0U);
    --length;
  }

  // The file with that one change is refused, and the message says where.
  void expect_fault(std::string_view where, const std::function<void()>& change) {
    bytes_ = whole_;
    change();
    const Result<SnapshotPtr> snapshot = Snapshot::from_bytes(bytes_, *executor_);
    ASSERT_FALSE(snapshot.ok()) << where << ": the change was not noticed";
    EXPECT_EQ(snapshot.error().code, StatusCode::kInconsistent) << snapshot.error().message;
    EXPECT_NE(snapshot.error().message.find(where), std::string::npos) << where << ": " << snapshot.error().message;
  }

  std::unique_ptr<Executor> executor_ = make_executor(ExecutorKind::kSerial, 1);
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> whole_;
};

TEST_F(ValidateTest, EveryColumnHasItsLength) {
#define EXPECT_LENGTH(column) expect_fault("column " #column " has ", [&] { shorten(root().column()); })
  EXPECT_LENGTH(attribute_set);
  EXPECT_LENGTH(cpu_registered);
  EXPECT_LENGTH(cpu_remaining);
  EXPECT_LENGTH(memory_registered);
  EXPECT_LENGTH(memory_remaining);
  EXPECT_LENGTH(ports_registered);
  EXPECT_LENGTH(ports_used);
  EXPECT_LENGTH(eni_limit);
  EXPECT_LENGTH(eni_used);
  EXPECT_LENGTH(status);
  EXPECT_LENGTH(agent_connected);
  EXPECT_LENGTH(agent_version);
  EXPECT_LENGTH(capacity_provider);
  EXPECT_LENGTH(registered_at_ms);
  EXPECT_LENGTH(version);
  EXPECT_LENGTH(running_tasks_count);
  EXPECT_LENGTH(pending_tasks_count);
  EXPECT_LENGTH(task_begin);
  EXPECT_LENGTH(task_shape);
  EXPECT_LENGTH(task_last_status);
  EXPECT_LENGTH(task_desired_status);
  EXPECT_LENGTH(task_health);
  EXPECT_LENGTH(task_started_at_ms);
  EXPECT_LENGTH(task_version);
  EXPECT_LENGTH(gpu_begin);
  EXPECT_LENGTH(gpu_free);
#undef EXPECT_LENGTH
  expect_fault("port_set_udp_begin", [&] { shorten(root().port_set_udp_begin()); });
  expect_fault("instance_arns.prefix has", [&] { shorten(root().instance_arns()->prefix()); });
  expect_fault("instance_arns.tails has", [&] { shorten(root().instance_arns()->tails()); });
  expect_fault("instance_arns.formats has", [&] { shorten(root().instance_arns()->formats()); });
  expect_fault("ec2_instance_ids.short_tails has", [&] { shorten(root().ec2_instance_ids()->short_tails()); });
  expect_fault("wide_attributes[0].values has", [&] { shorten(root().wide_attributes()->Get(0)->values()); });
  expect_fault("own_columns[0].registered has", [&] { shorten(root().own_columns()->Get(0)->registered()); });
  expect_fault("own_columns[1].remaining has", [&] { shorten(root().own_columns()->Get(1)->remaining()); });
  expect_fault("own_columns has 1 entries, not 2", [&] { shorten(root().own_columns()); });
  expect_fault("own_held has 3 entries, not 4", [&] { shorten(root().own_held()); });
}

TEST_F(ValidateTest, CountsAndFlagsAreInRange) {
  expect_fault("instance_count", [&] { ASSERT_TRUE(mutable_root().mutate_instance_count(0x7FFFFFFF)); });
  expect_fault("task_count", [&] { ASSERT_TRUE(mutable_root().mutate_task_count(0x7FFFFFFF)); });
  expect_fault("has_tasks", [&] { ASSERT_TRUE(mutable_root().mutate_has_tasks(2)); });
}

TEST_F(ValidateTest, DictionariesAreSortedAndTheirOffsetsRise) {
  expect_fault("attribute_names, index 1", [&] { at(span_of(root().attribute_names()->bytes()), 0) = '{'; });
  expect_fault("attribute_values, index 1", [&] { at(span_of(root().attribute_values()->bytes()), 0) = '{'; });
  expect_fault("groups, index 1", [&] { at(span_of(root().groups()->bytes()), 0) = '{'; });
  expect_fault("texts, index 1", [&] { at(span_of(root().texts()->bytes()), 0) = '2'; });
  expect_fault("texts, index 0", [&] { at(span_of(root().texts()->offsets()), 1) = 0; });
  expect_fault("groups.offsets, index 0", [&] { at(span_of(root().groups()->offsets()), 0) = 1; });
  expect_fault("groups.offsets, index 2", [&] { at(span_of(root().groups()->offsets()), 1) = 4000; });
  expect_fault("groups.offsets, index 2", [&] { at(span_of(root().groups()->offsets()), 2) = 11; });
}

TEST_F(ValidateTest, SetsAreSortedAndPointIntoDictionaries) {
  const auto pair = [&](std::size_t index) -> AttributePair& { return at(span_of(root().attribute_set_pairs()), index); };
  expect_fault("attribute_set_pairs, index 0", [&] { pair(0).name = 99; });
  expect_fault("attribute_set_pairs, index 0", [&] { pair(0).value = kAttributeAbsent; });
  expect_fault("attribute_set_pairs, index 1: the names", [&] { pair(1).name = pair(0).name; });
  expect_fault("attribute_set_pairs, index 0: the attribute has a wide column", [&] { pair(0).name = 2; });
  expect_fault("attribute_set_begin", [&] { at(span_of(root().attribute_set_begin()), 0) = 1; });
  expect_fault("wide_attributes[0]", [&] { ASSERT_TRUE(mutable_root().mutable_wide_attributes()->GetMutableObject(0)->mutate_name(77)); });
  expect_fault("wide_attributes[0].values, index 3", [&] { at(span_of(root().wide_attributes()->Get(0)->values()), 3) = 5000; });
}

TEST_F(ValidateTest, PortSetsAreSortedAndTheFirstIsEmpty) {
  expect_fault("port_set_tcp_begin: port set 0", [&] { at(span_of(root().port_set_tcp_begin()), 1) = 1; });
  expect_fault("port_set_tcp, index 1", [&] { at(span_of(root().port_set_tcp()), 1) = 22; });
  expect_fault("port_set_udp, index 1", [&] { at(span_of(root().port_set_udp()), 0) = 60000; });
}

TEST_F(ValidateTest, ShapesPointIntoDictionaries) {
  const auto shape = [&]() -> TaskShape& { return at(span_of(root().task_shapes()), 0); };
  expect_fault("task_shapes, index 0: group", [&] { shape().group = kNoId; });
  expect_fault("task_shapes, index 0: task_definition", [&] { shape().task_definition = 50; });
  expect_fault("task_shapes, index 0: task_definition", [&] { shape().started_by = 50; });
  expect_fault("task_shapes, index 0: task_definition", [&] { shape().capacity_provider = 50; });
  expect_fault("task_shapes, index 0: ports", [&] { shape().ports = 50; });
  expect_fault("task_shapes, index 0: uses_eni", [&] { shape().uses_eni = 2; });
  expect_fault("task_shapes, index 0: launch_type", [&] { shape().launch_type = 0; });
  expect_fault("task_shapes, index 0: launch_type", [&] { shape().launch_type = 5; });
  expect_fault("task_shapes, index 0: padding", [&] { shape().padding = 1; });
}

TEST_F(ValidateTest, IdsPointIntoTheirTables) {
  expect_fault("instance_arns.prefix, index 4", [&] { at(span_of(root().instance_arns()->prefix()), 4) = 9; });
  expect_fault("instance_arns.formats, index 0", [&] { at(span_of(root().instance_arns()->formats()), 0) = 0; });
  expect_fault("instance_arns.formats, index 0", [&] { at(span_of(root().instance_arns()->formats()), 0) = 5; });
  expect_fault("instance_arns, index 0: the tail is no index", [&] {
    at(span_of(root().instance_arns()->formats()), 0) = 1;
    at(span_of(root().instance_arns()->tails()), 0) = {0, 999};
  });
  expect_fault("instance_arns, index 0: the high half", [&] { at(span_of(root().instance_arns()->formats()), 0) = 2; });
  expect_fault("a tail of 32 digits", [&] {
    for (std::size_t prefix = 0; prefix < root().ec2_instance_ids()->formats()->size(); ++prefix) {
      at(span_of(root().ec2_instance_ids()->formats()), prefix) = 3;
    }
  });
  expect_fault("instance_arns.prefixes.offsets", [&] { at(span_of(root().instance_arns()->prefixes()->offsets()), 0) = 1; });
  expect_fault("ec2_instance_ids.texts.offsets", [&] { at(span_of(root().ec2_instance_ids()->texts()->offsets()), 0) = 1; });
}

TEST_F(ValidateTest, InstancesAndTasksAscend) {
  expect_fault("instance_arns, index 3",
               [&] { at(span_of(root().instance_arns()->tails()), 3) = at(span_of(root().instance_arns()->tails()), 2); });
  expect_fault("task_arns, index 1", [&] { at(span_of(root().task_arns()->tails()), 1) = at(span_of(root().task_arns()->tails()), 0); });
  expect_fault("task_begin, index 0", [&] { at(span_of(root().task_begin()), 0) = 1; });
  expect_fault("task_begin, index 3", [&] { at(span_of(root().task_begin()), 2) = 900; });
  expect_fault("task_begin, index 70", [&] { at(span_of(root().task_begin()), 70) = 6; });
}

TEST_F(ValidateTest, ColumnsHoldKnownNumbers) {
  expect_fault("attribute_set, index 2", [&] { at(span_of(root().attribute_set()), 2) = 8; });
  expect_fault("ports_registered, index 2", [&] { at(span_of(root().ports_registered()), 2) = 8; });
  expect_fault("ports_used, index 2", [&] { at(span_of(root().ports_used()), 2) = kNoId; });
  expect_fault("status, index 2", [&] { at(span_of(root().status()), 2) = 0; });
  expect_fault("status, index 69", [&] { at(span_of(root().status()), 69) = 7; });
  expect_fault("agent_connected, index 2", [&] { at(span_of(root().agent_connected()), 2) = 2; });
  expect_fault("agent_version, index 2", [&] { at(span_of(root().agent_version()), 2) = 8; });
  expect_fault("capacity_provider, index 2", [&] { at(span_of(root().capacity_provider()), 2) = kNoId - 1; });
  expect_fault("task_shape, index 2", [&] { at(span_of(root().task_shape()), 2) = 8; });
  expect_fault("task_last_status, index 2", [&] { at(span_of(root().task_last_status()), 2) = 10; });
  expect_fault("task_desired_status, index 2", [&] { at(span_of(root().task_desired_status()), 2) = 0; });
  expect_fault("task_health, index 2", [&] { at(span_of(root().task_health()), 2) = 4; });
}

TEST_F(ValidateTest, OwnResourcesHaveSortedNamesAndAmounts) {
  expect_fault("own_names, index 1: the name does not come after", [&] { at(span_of(root().own_names()->bytes()), 0) = 'z'; });
  expect_fault("own_names, index 0: a resource's name has letters", [&] { at(span_of(root().own_names()->bytes()), 1) = '='; });
  expect_fault("own_names.offsets, index 0", [&] { at(span_of(root().own_names()->offsets()), 0) = 1; });
  expect_fault("own_columns[1].registered, index 4: -1", [&] { at(span_of(root().own_columns()->Get(1)->registered()), 4) = -1; });
  expect_fault("own_held, index 1: -7", [&] { at(span_of(root().own_held()), 1) = -7; });
  expect_fault("format version 1 has no own resources", [&] { ASSERT_TRUE(mutable_root().mutate_format_version(1)); });
}

TEST_F(ValidateTest, GpusAndProtectionsBelongToTheirOwners) {
  expect_fault("gpu_instances, index 1", [&] { at(span_of(root().gpu_instances()), 1) = 0; });
  expect_fault("gpu_instances, index 1", [&] { at(span_of(root().gpu_instances()), 1) = 70; });
  expect_fault("gpu_begin, index 0: the instance has no GPU", [&] { at(span_of(root().gpu_begin()), 1) = 0; });
  expect_fault("gpu_begin, index 0: the instance has no GPU", [&] { at(span_of(root().gpu_ids()->bytes()), 3) = '1'; });
  expect_fault("gpu_ids.offsets", [&] { at(span_of(root().gpu_ids()->offsets()), 0) = 1; });
  expect_fault("gpu_free, index 1", [&] { at(span_of(root().gpu_free()), 1) = 2; });
  expect_fault("task_gpus, index 0", [&] { at(span_of(root().task_gpus()), 0).task = 50; });
  expect_fault("task_gpus, index 1", [&] { at(span_of(root().task_gpus()), 1).slot = 0; });
  expect_fault("task_gpus, index 0: slot 2", [&] { at(span_of(root().task_gpus()), 0).slot = 2; });
  expect_fault("protected_tasks, index 1", [&] { at(span_of(root().protected_tasks()), 1).task = 0; });
  expect_fault("protected_tasks, index 3", [&] { at(span_of(root().protected_tasks()), 3).task = 5; });
  expect_fault("protected_tasks, index 0", [&] { at(span_of(root().protected_tasks()), 0).padding = 1; });
}

}  // namespace
}  // namespace berth::testing
