#include "engine/snapshot/builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/snapshot/attribute_sets.h"
#include "tests/unit/snapshot/plain_fleet.h"

namespace berth::testing {
namespace {

class BuilderTest : public ::testing::Test {
 protected:
  SnapshotPtr finish() { return finish(builder_); }
  SnapshotPtr finish(SnapshotBuilder& builder) {
    Result<std::vector<std::uint8_t>> bytes = builder.finish(*executor_);
    EXPECT_TRUE(bytes.ok()) << bytes.error().message;
    Result<SnapshotPtr> snapshot = Snapshot::from_bytes(bytes.ok() ? std::move(bytes).value() : std::vector<std::uint8_t>{}, *executor_);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().message;
    return snapshot.ok() ? *snapshot : nullptr;
  }
  void add_instance(const std::string& arn) {
    PlainInstance instance;
    instance.arn = arn;
    ASSERT_TRUE(add(instance, builder_).ok());
  }

  std::unique_ptr<Executor> executor_ = make_executor(ExecutorKind::kSerial, 1);
  SnapshotBuilder builder_;
};

TEST_F(BuilderTest, RefusesEmptyAndRepeatedArns) {
  PlainInstance instance;
  EXPECT_EQ(add(instance, builder_).error().code, StatusCode::kInvalidArgument);
  instance.arn = "a/1";
  EXPECT_TRUE(add(instance, builder_).ok());
  EXPECT_EQ(add(instance, builder_).error().code, StatusCode::kAlreadyExists);
  PlainTask task;
  task.instance_arn = "a/1";
  EXPECT_EQ(add(task, builder_).error().code, StatusCode::kInvalidArgument);
  task.arn = "t/1";
  EXPECT_TRUE(add(task, builder_).ok());
  EXPECT_EQ(add(task, builder_).error().code, StatusCode::kAlreadyExists);
  EXPECT_EQ(builder_.instance_count(), 1U);
  EXPECT_EQ(builder_.task_count(), 1U);
}

TEST_F(BuilderTest, RefusesTasksThatFromAlreadyHolds) {
  add(make_fleet(5, 10, 3), builder_);
  const SnapshotPtr base = finish();
  ASSERT_NE(base, nullptr);
  ASSERT_GT(base->task_count(), 0U);
  const auto next = SnapshotBuilder::from(*base);
  PlainTask task;
  task.arn = base->task_arns().text(0);
  task.instance_arn = base->instance_arns().text(0);
  EXPECT_EQ(add(task, *next).error().code, StatusCode::kAlreadyExists);
}

TEST_F(BuilderTest, RefusesIdsThatAreTooLongAndStatesThatDoNotExist) {
  PlainInstance instance;
  instance.arn = std::string(2049, 'a');
  EXPECT_EQ(add(instance, builder_).error().code, StatusCode::kLimitExceeded);
  instance.arn = std::string(2048, 'a');
  EXPECT_TRUE(add(instance, builder_).ok());
  instance.arn = "b";
  instance.ec2_instance_id = std::string(2049, 'a');
  EXPECT_EQ(add(instance, builder_).error().code, StatusCode::kLimitExceeded);
  instance.ec2_instance_id.clear();
  instance.status = static_cast<InstanceStatus>(0);
  EXPECT_EQ(add(instance, builder_).error().code, StatusCode::kInvalidArgument);
  PlainTask task;
  task.arn = std::string(2049, 't');
  task.instance_arn = "b";
  EXPECT_EQ(add(task, builder_).error().code, StatusCode::kLimitExceeded);
  task.arn = "t";
  task.launch_type = static_cast<LaunchType>(9);
  EXPECT_EQ(add(task, builder_).error().code, StatusCode::kInvalidArgument);
  EXPECT_NE(finish(), nullptr);
}

TEST_F(BuilderTest, RefusesAttributesThatWereNotInterned) {
  InstanceRecord record;
  record.arn = "a";
  const InternedAttribute attributes[] = {{builder_.intern_name("n"), 7}};
  record.attributes = attributes;
  EXPECT_EQ(builder_.add_instance(record).error().code, StatusCode::kInvalidArgument);
}

TEST_F(BuilderTest, NamesATaskWhoseInstanceNeverCame) {
  PlainTask task;
  task.arn = "t/1";
  task.instance_arn = "a/lost";
  ASSERT_TRUE(add(task, builder_).ok());
  const Result<std::vector<std::uint8_t>> bytes = builder_.finish(*executor_);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().code, StatusCode::kInvalidArgument);
  EXPECT_NE(bytes.error().message.find("t/1"), std::string::npos);
  EXPECT_NE(bytes.error().message.find("a/lost"), std::string::npos);
}

TEST_F(BuilderTest, NamesAGpuThatTheInstanceDoesNotHave) {
  PlainInstance instance;
  instance.arn = "a";
  instance.gpus = {{"g1", true}, {"g1", true}};
  EXPECT_EQ(add(instance, builder_).error().code, StatusCode::kInvalidArgument);
  instance.gpus.pop_back();
  ASSERT_TRUE(add(instance, builder_).ok());
  PlainTask task;
  task.arn = "t";
  task.instance_arn = "a";
  task.gpu_ids = {"g2"};
  ASSERT_TRUE(add(task, builder_).ok());
  const Result<std::vector<std::uint8_t>> bytes = builder_.finish(*executor_);
  ASSERT_FALSE(bytes.ok());
  EXPECT_NE(bytes.error().message.find("g2"), std::string::npos);
}

TEST_F(BuilderTest, ReserveSubtractsAddsAndMarks) {
  PlainInstance instance;
  instance.arn = "a";
  instance.cpu_remaining = 100;
  instance.memory_remaining = std::numeric_limits<std::int32_t>::min() + 5;
  instance.tcp_used = {22};
  instance.gpus = {{"g1", true}, {"g2", true}};
  ASSERT_TRUE(add(instance, builder_).ok());
  const std::uint16_t tcp[] = {80, 22};
  const std::uint16_t udp[] = {53};
  const std::string_view gpu_ids[] = {"g2"};
  const SnapshotBuilder::Reservation reservation{.cpu_units = 150,
                                                 .memory_mib = 10,
                                                 .tcp_ports = tcp,
                                                 .udp_ports = udp,
                                                 .eni = 1,
                                                 .running_tasks = 2,
                                                 .pending_tasks = 1,
                                                 .gpu_ids = gpu_ids};
  ASSERT_TRUE(builder_.reserve("a", reservation).ok());
  EXPECT_EQ(builder_.reserve("b", reservation).error().code, StatusCode::kNotFound);
  const std::string_view missing[] = {"g1", "g3"};
  EXPECT_EQ(builder_.reserve("a", {.tcp_ports = {}, .udp_ports = {}, .gpu_ids = missing}).error().code, StatusCode::kNotFound);
  const SnapshotPtr snapshot = finish();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->cpu_remaining()[0], -50);
  EXPECT_EQ(snapshot->memory_remaining()[0], std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(ports_text(snapshot->port_set(snapshot->ports_used()[0])), " tcp22 tcp80 udp53");
  EXPECT_EQ(snapshot->eni_used()[0], 1);
  EXPECT_EQ(snapshot->running_tasks_count()[0], 2U);
  EXPECT_EQ(snapshot->pending_tasks_count()[0], 1U);
  EXPECT_EQ(snapshot->gpu_free()[0], 1);
  EXPECT_EQ(snapshot->gpu_free()[1], 0);
}

TEST_F(BuilderTest, MovesTheMostVariedAttributeIntoAColumnOfItsOwn) {
  for (std::uint32_t serial = 0; serial < 100; ++serial) {
    PlainInstance instance;
    instance.arn = "a/" + std::to_string(serial);
    instance.attributes = {{"serial", std::to_string(serial)}, {"zone", serial % 2 == 0 ? "a" : "b"}, {"flag", std::nullopt}};
    if (serial == 7) {
      instance.attributes.erase(instance.attributes.begin());
    }
    ASSERT_TRUE(add(instance, builder_).ok());
  }
  const SnapshotPtr snapshot = finish();
  ASSERT_NE(snapshot, nullptr);
  ASSERT_EQ(snapshot->wide_attributes().size(), 1U);
  EXPECT_EQ(snapshot->attribute_names().at(snapshot->wide_attributes()[0].name), "serial");
  EXPECT_EQ(snapshot->attribute_set_count(), 2U);
  const std::uint32_t seven = *snapshot->find_instance("a/7");
  EXPECT_EQ(snapshot->attribute_text(seven, "serial"), std::nullopt);
  EXPECT_EQ(snapshot->attribute_text(seven, "zone"), "b");
  EXPECT_EQ(snapshot->attribute_text(*snapshot->find_instance("a/8"), "serial"), "8");
  EXPECT_EQ(snapshot->attribute_text(seven, "flag"), "");
  EXPECT_EQ(snapshot->attribute_text(seven, "other"), std::nullopt);
}

TEST_F(BuilderTest, KeepsSharedSetsWhileTheyAreFew) {
  for (std::uint32_t serial = 0; serial < 64; ++serial) {
    PlainInstance instance;
    instance.arn = "a/" + std::to_string(serial);
    instance.attributes = {{"serial", std::to_string(serial)}};
    ASSERT_TRUE(add(instance, builder_).ok());
  }
  const SnapshotPtr snapshot = finish();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_TRUE(snapshot->wide_attributes().empty());
  EXPECT_EQ(snapshot->attribute_set_count(), kSharedSetsMin);
}

TEST_F(BuilderTest, KeepsWholeTextsWhenPrefixesRunOut) {
  constexpr std::uint32_t kCount = 65'600;
  for (std::uint32_t serial = 0; serial < kCount; ++serial) {
    add_instance("cluster-" + std::to_string(serial) + "/0123456789abcdef0123456789abcdef");
  }
  const SnapshotPtr snapshot = finish();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->instance_arns().prefixes().size(), 65'535U);
  for (std::uint32_t serial = 0; serial < kCount; serial += 97) {
    const std::string arn = "cluster-" + std::to_string(serial) + "/0123456789abcdef0123456789abcdef";
    const auto found = snapshot->find_instance(arn);
    ASSERT_TRUE(found.has_value()) << arn;
    EXPECT_EQ(snapshot->instance_arns().text(*found), arn);
    EXPECT_EQ(snapshot->tie_keys()[*found], hash_bytes(kDefaultTieSeed, arn));
  }
  const auto copy = SnapshotBuilder::from(*snapshot);
  copy->set_generation(snapshot->generation());
  EXPECT_TRUE(std::ranges::equal(*copy->finish(*executor_), snapshot->bytes()));
}

TEST_F(BuilderTest, StaysNearItsBudgetOfBytes) {
  constexpr std::uint32_t kInstances = 20'000;
  const std::uint32_t zone = builder_.intern_name("zone");
  const std::uint32_t zones[] = {builder_.intern_value("a"), builder_.intern_value("b")};
  for (std::uint32_t serial = 0; serial < kInstances; ++serial) {
    const std::string digits = std::to_string(10'000'000 + serial) + "00000000";
    const std::string arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/web/" + digits + digits;
    const std::string ec2 = "i-0" + digits;
    const InternedAttribute attributes[] = {{zone, zones[serial % 2]}};
    InstanceRecord record;
    record.arn = arn;
    record.ec2_instance_id = ec2;
    record.attributes = attributes;
    ASSERT_TRUE(builder_.add_instance(record).ok());
    for (std::uint32_t number = 0; number < 5; ++number) {
      const std::string task_arn =
          "arn:aws:ecs:us-east-1:123456789012:task/web/" + digits + std::to_string(10'000'000 + number) + "00000000";
      TaskRecord task;
      task.arn = task_arn;
      task.instance_arn = arn;
      task.group = "service:web";
      ASSERT_TRUE(builder_.add_task(task).ok());
    }
  }
  const SnapshotPtr snapshot = finish();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_LE(snapshot->bytes().size(), std::size_t{kInstances} * (100 + 5 * 40));
}

TEST_F(BuilderTest, IsEmptyAfterFinish) {
  add_instance("a");
  EXPECT_NE(finish(), nullptr);
  EXPECT_EQ(builder_.instance_count(), 0U);
}

}  // namespace
}  // namespace berth::testing
