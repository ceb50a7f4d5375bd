// ChangeFeed: one worker's own copy of the newest changes of the log, in plain columns, so that the windows of many classes test them many
// at a time without another look at shared memory.
//
// Thread rule: one thread at a time. Lifetime: owns its columns.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/cluster/huge_pages.h"
#include "engine/cluster/ledger.h"

namespace berth::cluster {

class ChangeFeed {
 public:
  // So many changes from the beginning of any run on may be read, whatever they are.
  static constexpr std::uint32_t kPadding = 64;

  // capacity: a power of two, at most that of the log.
  explicit ChangeFeed(std::uint32_t capacity)
      : mask_(capacity - 1), fit_(std::size_t{capacity} + kPadding), trait_(capacity), touch_(std::size_t{capacity} + kPadding) {}

  // Reads on to `position`, where the ledger is settled. What the log has lost meanwhile is not here either.
  void catch_up(const Ledger& ledger, std::uint64_t position);

  // The changes from begin() on to before end() are here.
  [[nodiscard]] std::uint64_t begin() const { return begin_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] Ledger::Change change(std::uint64_t position) const {
    const std::uint64_t at = position & mask_;
    return {fit_[at], trait_[at], touch_[at]};
  }

  // Changes one after another in memory, from `position` on.
  struct Run {
    const std::uint64_t* fit;
    const std::uint64_t* touch;
    std::uint32_t count;
  };
  // REQUIRES: position in [begin(), end()).
  [[nodiscard]] Run run(std::uint64_t position) const {
    const std::uint64_t at = position & mask_;
    return {fit_.data() + at, touch_.data() + at, static_cast<std::uint32_t>(std::min(end_ - position, mask_ + 1 - at))};
  }

 private:
  std::uint64_t mask_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  bool is_started_ = false;
  HugeVector<std::uint64_t> fit_;
  HugeVector<std::uint64_t> trait_;
  HugeVector<std::uint64_t> touch_;
};

}  // namespace berth::cluster
