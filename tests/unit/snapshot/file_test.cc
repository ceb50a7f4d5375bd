// Files: written whole or not at all, read back alike by reading and by mapping, and the golden file of format 1.

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

#include "engine/snapshot/snapshot_generated.h"
#include "tests/unit/snapshot/plain_fleet.h"

namespace {

// What syncing a directory answers: the errno of its failure, or 0 to sync it.
int directory_sync_failure = 0;
int failed_directory_syncs = 0;

}  // namespace

// Stands before the C library's, so that a test can let the sync of a directory fail.
extern "C" int fsync(int file) {
  struct stat status{};
  if (directory_sync_failure != 0 && ::fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
    ++failed_directory_syncs;
    errno = directory_sync_failure;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace berth::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kBytes[] = {1, 2, 3};

// No file grows beyond `bytes` while this lives; a write fails instead of ending the process.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit = {.rlim_cur = bytes, .rlim_max = old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_action_);
  }

 private:
  rlimit old_{};
  void (*old_action_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

// The superuser may read every directory; while this lives the process is nobody instead. Other users stay who they are.
class WithoutPrivilege {
 public:
  WithoutPrivilege() {
    constexpr uid_t kNobody = 65534;
    is_changed_ = ::geteuid() == 0 && ::seteuid(kNobody) == 0;
  }
  WithoutPrivilege(const WithoutPrivilege&) = delete;
  WithoutPrivilege& operator=(const WithoutPrivilege&) = delete;
  ~WithoutPrivilege() {
    if (is_changed_) {
      EXPECT_EQ(::seteuid(0), 0);
      // A change of user clears this, and the leak checker needs it.
      ::prctl(PR_SET_DUMPABLE, 1);
    }
  }

 private:
  bool is_changed_ = false;
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::path(::testing::TempDir()) / (std::string("berth-") + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                                                   "-" + std::to_string(::getpid()));
    fs::create_directories(directory_);
  }
  void TearDown() override {
    directory_sync_failure = 0;
    failed_directory_syncs = 0;
    fs::remove_all(directory_);
  }

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
  const std::string path = directory_ / "fleet.berth";
  std::ofstream(path) << "old";
  std::optional<Outcome> written;
  {
    const FileSizeLimit limit(2);
    written = write_file_atomically(path, kBytes);
  }
  ASSERT_FALSE(written->ok());
  EXPECT_EQ(written->error().code, StatusCode::kIoError);
  EXPECT_NE(written->error().message.find(path), std::string::npos);
  EXPECT_EQ(fs::file_size(path), 3U);
  EXPECT_EQ(std::ifstream(path).get(), 'o');
  EXPECT_EQ(file_count(), 1U);
  EXPECT_EQ(write_file_atomically(directory_ / "no such" / "file", kBytes).error().code, StatusCode::kIoError);
}

TEST_F(FileTest, WhatIsNoRegularFileIsLeftAlone) {
  const fs::path fifo = directory_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const fs::path folder = directory_ / "folder";
  fs::create_directory(folder);
  const fs::path link = directory_ / "link";
  fs::create_symlink("fifo", link);
  const fs::path dangling = directory_ / "dangling";
  fs::create_symlink("nothing", dangling);
  for (const fs::path& path : {fifo, folder, link, dangling}) {
    const Outcome written = write_file_atomically(path, kBytes);
    ASSERT_FALSE(written.ok()) << path;
    EXPECT_EQ(written.error().code, StatusCode::kIoError);
    EXPECT_NE(written.error().message.find(path), std::string::npos) << written.error().message;
  }
  EXPECT_TRUE(fs::is_fifo(fs::symlink_status(fifo)));
  EXPECT_TRUE(fs::is_directory(folder));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_TRUE(fs::is_symlink(dangling));
  EXPECT_EQ(file_count(), 4U);
}

TEST_F(FileTest, ALinkStaysAndItsTargetIsReplaced) {
  const fs::path target = directory_ / "elsewhere" / "fleet.berth";
  fs::create_directory(target.parent_path());
  std::ofstream(target) << "the old file";
  fs::create_symlink("elsewhere/fleet.berth", directory_ / "second");
  fs::create_symlink("second", directory_ / "first");
  ASSERT_TRUE(write_file_atomically(directory_ / "first", kBytes).ok());
  EXPECT_EQ(fs::read_symlink(directory_ / "first"), "second");
  EXPECT_EQ(fs::read_symlink(directory_ / "second"), "elsewhere/fleet.berth");
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(target)));
  EXPECT_EQ(fs::file_size(target), std::size(kBytes));
  EXPECT_EQ(file_count(), 3U);
}

TEST_F(FileTest, AReplacedFileHandsDownItsModeAndOwner) {
  const std::string path = directory_ / "fleet.berth";
  std::ofstream(path) << "old";
  constexpr uid_t kOwner = 4321;
  const bool may_give_away = ::geteuid() == 0 && ::chown(path.c_str(), kOwner, kOwner) == 0;
  // 0666 is more than the usual umask leaves, 0400 less than writing needs.
  for (const mode_t mode : {0600U, 0666U, 0400U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    ASSERT_TRUE(write_file_atomically(path, kBytes).ok());
    EXPECT_EQ(mode_of(path), mode);
    EXPECT_EQ(fs::file_size(path), std::size(kBytes));
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, may_give_away ? kOwner : ::geteuid());
  }
}

TEST_F(FileTest, ADirectoryThatCannotBeSyncedIsNoError) {
  const std::string path = directory_ / "fleet.berth";
  for (const int cause : {EINVAL, EACCES}) {
    directory_sync_failure = cause;
    EXPECT_TRUE(write_file_atomically(path, kBytes).ok()) << cause;
  }
  EXPECT_EQ(failed_directory_syncs, 2);
  EXPECT_EQ(fs::file_size(path), std::size(kBytes));
}

TEST_F(FileTest, ADirectoryThatMayNotBeReadIsWrittenTo) {
  // Written to and searched, but not read.
  ASSERT_EQ(::chmod(directory_.c_str(), 0333), 0);
  const std::string path = directory_ / "fleet.berth";
  std::optional<Outcome> written;
  {
    const WithoutPrivilege nobody;
    written = write_file_atomically(path, kBytes);
  }
  ASSERT_EQ(::chmod(directory_.c_str(), 0700), 0);
  ASSERT_TRUE(written->ok()) << written->error().message;
  EXPECT_EQ(fs::file_size(path), std::size(kBytes));
  EXPECT_EQ(file_count(), 1U);
}

TEST_F(FileTest, ADeviceThatFailsAfterTheReplacementIsToldWithTheFileInPlace) {
  const std::string path = directory_ / "fleet.berth";
  std::ofstream(path) << "the old file";
  directory_sync_failure = EIO;
  const Outcome written = write_file_atomically(path, kBytes);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, StatusCode::kIoError);
  EXPECT_NE(written.error().message.find("the new file is in place, but may not survive a crash"), std::string::npos);
  EXPECT_EQ(fs::file_size(path), std::size(kBytes));
  EXPECT_EQ(file_count(), 1U);
}

TEST_F(FileTest, ErrorsNameThePath) {
  const std::string missing = directory_ / "missing";
  const std::string garbage = directory_ / "garbage";
  const std::string empty = directory_ / "empty";
  std::ofstream(garbage) << "this is no snapshot, but long enough to be looked at";
  std::ofstream(empty).close();
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
  EXPECT_TRUE((*snapshot)->own_resources().empty());
}

TEST_F(FileTest, AFleetWithoutOwnResourcesIsWrittenAsInFormat1ToTheByte) {
  const Result<SnapshotPtr> golden = Snapshot::read_file(BERTH_GOLDEN_SNAPSHOT, *executor_);
  ASSERT_TRUE(golden.ok()) << golden.error().message;
  EXPECT_TRUE(std::ranges::equal(bytes_of(make_golden_fleet(), *executor_), (*golden)->bytes()));
}

TEST_F(FileTest, TheGoldenFileOfFormat2StillLoads) {
  const Result<SnapshotPtr> snapshot = Snapshot::read_file(BERTH_GOLDEN_SNAPSHOT_2, *executor_);
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().message;
  EXPECT_EQ((*snapshot)->format_version(), 2U);
  ASSERT_EQ((*snapshot)->own_resources().size(), 2U);
  EXPECT_EQ((*snapshot)->own_resources()[0].name, "disk");
  EXPECT_EQ(describe(**snapshot).lines, describe(make_golden_fleet_with_own()).lines);
}

TEST_F(FileTest, ANewerFormatIsRefusedByItsNumber) {
  std::vector<std::uint8_t> bytes = bytes_of(make_fleet(1, 3, 1), *executor_);
  ASSERT_TRUE(wire::GetMutableSnapshot(bytes.data())->mutate_format_version(3));
  const Result<SnapshotPtr> snapshot = Snapshot::from_bytes(bytes, *executor_);
  ASSERT_FALSE(snapshot.ok());
  EXPECT_EQ(snapshot.error().code, StatusCode::kUnsupported);
  EXPECT_EQ(snapshot.error().message, "format version 3 is newer than this library reads (2)");
}

}  // namespace
}  // namespace berth::testing
