// Files: written whole or not at all, read back alike by reading and by mapping, and the golden file of format 1.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/snapshot/snapshot_generated.h"
#include "tests/unit/snapshot/plain_fleet.h"

namespace berth::testing {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::path(::testing::TempDir()) / (std::string("berth-") + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                                                   "-" + std::to_string(::getpid()));
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  [[nodiscard]] std::size_t file_count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
  std::unique_ptr<Executor> executor_ = make_executor(ExecutorKind::kSerial, 1);
};

TEST_F(FileTest, ReadingAndMappingGiveWhatWasWritten) {
  const PlainFleet fleet = make_fleet(11, 50, 3);
  const std::string path = directory_ / "fleet.berth";
  const std::vector<std::uint8_t> bytes = bytes_of(fleet, *executor_);
  ASSERT_TRUE(write_file_atomically(path, bytes).ok());
  EXPECT_EQ(fs::file_size(path), bytes.size());
  EXPECT_EQ(file_count(), 1U);
  for (const auto& way : {Snapshot::read_file, Snapshot::map_file}) {
    const Result<SnapshotPtr> snapshot = way(path, *executor_);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
    EXPECT_EQ(describe(**snapshot).lines, describe(fleet).lines);
    EXPECT_TRUE(std::ranges::equal((*snapshot)->bytes(), bytes));
  }
}

TEST_F(FileTest, WritingReplacesAndPassesOverWhatACrashLeft) {
  const std::string path = directory_ / "fleet.berth";
  std::ofstream(path + ".new0") << "left over";
  for (const std::uint64_t seed : {1U, 2U}) {
    const PlainFleet fleet = make_fleet(seed, 5, 1);
    ASSERT_TRUE(write_file_atomically(path, bytes_of(fleet, *executor_)).ok());
    const Result<SnapshotPtr> snapshot = Snapshot::read_file(path, *executor_);
    ASSERT_TRUE(snapshot.ok());
    EXPECT_EQ(describe(**snapshot).lines, describe(fleet).lines);
  }
  EXPECT_EQ(file_count(), 2U);
}

TEST_F(FileTest, AFailedWriteLeavesTheOldFileAndNothingBeside) {
  const std::uint8_t bytes[] = {1, 2, 3};
  // A directory that is not empty cannot be replaced by a file.
  const fs::path path = directory_ / "taken";
  fs::create_directories(path / "inside");
  const Outcome written = write_file_atomically(path, bytes);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, StatusCode::kIoError);
  EXPECT_NE(written.error().message.find(path), std::string::npos);
  EXPECT_TRUE(fs::exists(path / "inside"));
  EXPECT_EQ(file_count(), 1U);
  EXPECT_EQ(write_file_atomically(directory_ / "no such" / "file", bytes).error().code, StatusCode::kIoError);
}

TEST_F(FileTest, ErrorsNameThePath) {
  const std::string missing = directory_ / "missing";
  const std::string garbage = directory_ / "garbage";
  const std::string empty = directory_ / "empty";
  std::ofstream(garbage) << "this is no snapshot, but long enough to be looked at";
  std::ofstream{empty};
  for (const auto& way : {Snapshot::read_file, Snapshot::map_file}) {
    EXPECT_EQ(way(missing, *executor_).error().code, StatusCode::kIoError);
    EXPECT_EQ(way(missing, *executor_).error().source, missing);
    EXPECT_EQ(way(garbage, *executor_).error().code, StatusCode::kMalformed);
    EXPECT_EQ(way(garbage, *executor_).error().source, garbage);
    EXPECT_EQ(way(empty, *executor_).error().code, StatusCode::kMalformed);
    EXPECT_EQ(way(directory_, *executor_).error().code, StatusCode::kIoError);
  }
}

TEST_F(FileTest, TheGoldenFileOfFormat1StillLoads) {
  const Result<SnapshotPtr> snapshot = Snapshot::read_file(BERTH_GOLDEN_SNAPSHOT, *executor_);
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
  EXPECT_EQ((*snapshot)->format_version(), 1U);
  EXPECT_EQ((*snapshot)->generation(), 1U);
  EXPECT_EQ((*snapshot)->instance_count(), 72U);
  EXPECT_EQ((*snapshot)->wide_attributes().size(), 1U);
  EXPECT_EQ(describe(**snapshot).lines, describe(make_golden_fleet()).lines);
}

TEST_F(FileTest, ANewerFormatIsRefusedByItsNumber) {
  std::vector<std::uint8_t> bytes = bytes_of(make_fleet(1, 3, 1), *executor_);
  ASSERT_TRUE(wire::GetMutableSnapshot(bytes.data())->mutate_format_version(2));
  const Result<SnapshotPtr> snapshot = Snapshot::from_bytes(bytes, *executor_);
  ASSERT_FALSE(snapshot.ok());
  EXPECT_EQ(snapshot.error().code, StatusCode::kUnsupported);
  EXPECT_EQ(snapshot.error().message, "format version 2 is newer than this library reads (1)");
}

}  // namespace
}  // namespace berth::testing
