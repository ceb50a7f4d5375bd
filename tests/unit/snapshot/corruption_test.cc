// Damaged bytes: an error, or a snapshot that can be read from end to end (under AddressSanitizer without a stray access).

#include <gtest/gtest.h>

#include "engine/base/rng.h"
#include "tests/unit/snapshot/plain_fleet.h"

namespace berth::testing {
namespace {

// Reads everything; true when the bytes made a snapshot.
bool survives(std::vector<std::uint8_t> bytes, Executor& executor) {
  const Result<SnapshotPtr> snapshot = Snapshot::from_bytes(std::move(bytes), executor);
  if (!snapshot.ok()) {
    EXPECT_FALSE(snapshot.error().message.empty());
    return false;
  }
  const Description before = describe(**snapshot);
  const Result<std::vector<std::uint8_t>> again = SnapshotBuilder::from(**snapshot)->finish(executor);
  EXPECT_TRUE(again.ok()) << again.error().message;
  const Result<SnapshotPtr> copy = Snapshot::from_bytes(again.ok() ? *again : std::vector<std::uint8_t>{}, executor);
  EXPECT_TRUE(copy.ok()) << copy.error().message;
  if (copy.ok()) {
    EXPECT_EQ(describe(**copy).lines, before.lines);
  }
  return true;
}

TEST(Corruption, AnyChangedByteIsAnErrorOrAReadableSnapshot) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const std::vector<std::uint8_t> whole = bytes_of(make_fleet(21, 6, 2), *executor);
  Stream random(1);
  unsigned refused = 0;
  unsigned accepted = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::vector<std::uint8_t> bytes = whole;
    bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U + random.below(255)));
    (survives(std::move(bytes), *executor) ? accepted : refused) += 1;
    if (HasFailure()) {
      FAIL() << "byte " << at;
    }
  }
  // Both must occur: offsets and indexes are refused, plain numbers are as good as others.
  EXPECT_GT(refused, whole.size() / 20);
  EXPECT_GT(accepted, whole.size() / 20);
}

TEST(Corruption, SeveralChangedBytesAreAnErrorOrAReadableSnapshot) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  Stream random(2);
  for (unsigned round = 0; round < 1500; ++round) {
    std::vector<std::uint8_t> bytes = bytes_of(make_fleet(round % 7, 4, 2), *executor);
    for (std::uint64_t left = 1 + random.below(4); left > 0; --left) {
      bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random.below(3) == 0 ? 0xFF : random.below(8));
    }
    survives(std::move(bytes), *executor);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST(Corruption, ACutOffFileIsAnError) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const std::vector<std::uint8_t> whole = bytes_of(make_fleet(22, 6, 2), *executor);
  for (std::size_t size = 0; size + 32 < whole.size(); size += 7) {
    EXPECT_FALSE(survives({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, *executor)) << size;
  }
}

}  // namespace
}  // namespace berth::testing
