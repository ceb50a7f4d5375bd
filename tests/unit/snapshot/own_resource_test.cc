// Own resources: what a builder takes and refuses, what a reservation takes, what an inventory without any is spared.

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "tests/unit/snapshot/plain_fleet.h"

namespace berth::testing {
namespace {

class OwnResourceTest : public ::testing::Test {
 protected:
  SnapshotPtr finish(SnapshotBuilder& builder) {
    Result<std::vector<std::uint8_t>> bytes = builder.finish(*executor_);
    EXPECT_TRUE(bytes.ok()) << bytes.error().message;
    Result<SnapshotPtr> snapshot = Snapshot::from_bytes(bytes.ok() ? *std::move(bytes) : std::vector<std::uint8_t>{}, *executor_);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().message;
    return snapshot.ok() ? *snapshot : nullptr;
  }
  static PlainInstance instance(const std::string& arn, std::vector<PlainOwn> own) {
    PlainInstance made;
    made.arn = arn;
    made.own = std::move(own);
    return made;
  }

  std::unique_ptr<Executor> executor_ = make_executor(ExecutorKind::kSerial, 1);
  SnapshotBuilder builder_;
};

TEST_F(OwnResourceTest, NamesKeepTheirRules) {
  for (const std::string name : {"disk", "LICENCES", "a", "net/mbit", "x.y-z_0:1", "GPU-memory", "CPUS"}) {
    EXPECT_TRUE(check_own_resource_name(name).ok()) << name;
  }
  EXPECT_TRUE(check_own_resource_name(std::string(128, 'x')).ok());
  EXPECT_EQ(check_own_resource_name("").error().message, "a resource's name has 1 to 128 characters; \"\" has 0");
  EXPECT_NE(check_own_resource_name(std::string(129, 'x')).error().message.find("has 129"), std::string::npos);
  for (const std::string name : {"disk=1", "two words", "d\xC3\xBCnn", "tab\t", "a,b"}) {
    EXPECT_NE(check_own_resource_name(name).error().message.find("letters, digits and - _ . / : only"), std::string::npos) << name;
  }
  for (const std::string name : {"CPU", "cpu", "Memory", "PORTS", "ports_udp", "gpu", "ENI", "Fargate"}) {
    EXPECT_NE(check_own_resource_name(name).error().message.find("is not the user's own"), std::string::npos) << name;
  }
}

TEST_F(OwnResourceTest, AnInventoryTakesEight) {
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(builder_.add_own_resource("resource-" + std::to_string(i)).ok());
  }
  EXPECT_TRUE(builder_.add_own_resource("resource-3").ok());
  const Outcome ninth = builder_.add_own_resource("ninth");
  EXPECT_EQ(ninth.error().code, StatusCode::kLimitExceeded);
  EXPECT_EQ(ninth.error().message, "resource \"ninth\" is one too many: an inventory holds at most 8 resources of the user's own");
  const SnapshotPtr snapshot = finish(builder_);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->own_resources().size(), 8U);
}

TEST_F(OwnResourceTest, RecordsNameOnlyResourcesThatHaveAColumn) {
  ASSERT_TRUE(builder_.add_own_resource("disk").ok());
  EXPECT_EQ(add(instance("i/1", {{"disc", 1, 1}}), builder_).error().message,
            "instance \"i/1\": resource \"disc\" has no column in this builder; use add_own_resource()");
  EXPECT_EQ(add(instance("i/1", {{"disk", -1, 1}}), builder_).error().message,
            "instance \"i/1\": -1 of resource \"disk\"; expected 0 or more");
  ASSERT_TRUE(add(instance("i/1", {{"disk", 5, 1}}), builder_).ok());
  PlainTask task;
  task.arn = "t/1";
  task.instance_arn = "i/1";
  task.own = {{"disk", -2}};
  EXPECT_EQ(add(task, builder_).error().message, "task \"t/1\": -2 of resource \"disk\"; expected 0 or more");
  task.own = {{"disc", 2}};
  EXPECT_EQ(add(task, builder_).error().code, StatusCode::kInvalidArgument);
  EXPECT_EQ(builder_.task_count(), 0U);
}

TEST_F(OwnResourceTest, ColumnsFollowTheInstancesAndTheNamesAreSorted) {
  ASSERT_TRUE(builder_.add_own_resource("licence").ok());
  ASSERT_TRUE(builder_.add_own_resource("disk").ok());
  ASSERT_TRUE(add(instance("i/b", {{"disk", 10, -4}}), builder_).ok());
  ASSERT_TRUE(add(instance("i/a", {}), builder_).ok());
  ASSERT_TRUE(add(instance("i/c", {{"licence", 2, 1}, {"disk", 7, 7}}), builder_).ok());
  const SnapshotPtr snapshot = finish(builder_);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->format_version(), 2U);
  EXPECT_EQ(snapshot->find_own_resource("disk"), 0U);
  EXPECT_EQ(snapshot->find_own_resource("licence"), 1U);
  EXPECT_EQ(snapshot->find_own_resource("DISK"), std::nullopt);
  const OwnResource& disk = snapshot->own_resources()[0];
  EXPECT_TRUE(std::ranges::equal(disk.registered, std::vector<std::int32_t>{0, 10, 7}));
  EXPECT_TRUE(std::ranges::equal(disk.remaining, std::vector<std::int32_t>{0, -4, 7}));
  EXPECT_TRUE(std::ranges::equal(snapshot->own_resources()[1].remaining, std::vector<std::int32_t>{0, 0, 1}));
}

TEST_F(OwnResourceTest, AReservationTakesItsAmounts) {
  ASSERT_TRUE(builder_.add_own_resource("disk").ok());
  ASSERT_TRUE(add(instance("i/1", {{"disk", 10, 6}}), builder_).ok());
  ASSERT_TRUE(add(instance("i/2", {}), builder_).ok());
  const OwnAmount four[] = {{"disk", 4}};
  SnapshotBuilder::Reservation reservation;
  reservation.own = four;
  EXPECT_TRUE(builder_.reserve("i/1", reservation).ok());
  EXPECT_TRUE(builder_.reserve("i/2", reservation).ok());
  const OwnAmount unknown[] = {{"disk", 1}, {"disc", 1}};
  reservation.own = unknown;
  EXPECT_EQ(builder_.reserve("i/1", reservation).error().code, StatusCode::kNotFound);
  const SnapshotPtr snapshot = finish(builder_);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_TRUE(std::ranges::equal(snapshot->own_resources()[0].remaining, std::vector<std::int32_t>{2, -4}));
  EXPECT_TRUE(std::ranges::equal(snapshot->own_resources()[0].registered, std::vector<std::int32_t>{10, 0}));
}

TEST_F(OwnResourceTest, TasksThatHoldTheSameAreOfOneShape) {
  ASSERT_TRUE(builder_.add_own_resource("disk").ok());
  ASSERT_TRUE(builder_.add_own_resource("licence").ok());
  ASSERT_TRUE(add(instance("i/1", {}), builder_).ok());
  PlainTask task;
  task.instance_arn = "i/1";
  const std::vector<std::vector<std::pair<std::string, std::int32_t>>> held = {
      {{"disk", 3}, {"licence", 0}}, {{"disk", 3}}, {{"licence", 3}}, {}, {{"licence", 0}}};
  for (std::size_t at = 0; at < held.size(); ++at) {
    task.arn = "t/" + std::to_string(at);
    task.own = held[at];
    ASSERT_TRUE(add(task, builder_).ok());
  }
  const SnapshotPtr snapshot = finish(builder_);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->task_shapes().size(), 3U);
  EXPECT_TRUE(std::ranges::equal(snapshot->own_held(snapshot->task_shape()[1]), std::vector<std::int32_t>{3, 0}));
  EXPECT_TRUE(std::ranges::equal(snapshot->own_held(snapshot->task_shape()[2]), std::vector<std::int32_t>{0, 3}));
  EXPECT_EQ(snapshot->task_shape()[3], snapshot->task_shape()[4]);
}

TEST_F(OwnResourceTest, AnInventoryWithoutAnyHoldsNothingOfThem) {
  ASSERT_TRUE(add(instance("i/1", {}), builder_).ok());
  const SnapshotPtr snapshot = finish(builder_);
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->format_version(), 1U);
  EXPECT_TRUE(snapshot->own_resources().empty());
}

}  // namespace
}  // namespace berth::testing
