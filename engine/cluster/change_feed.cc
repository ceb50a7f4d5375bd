#include "engine/cluster/change_feed.h"

namespace berth::cluster {

void ChangeFeed::catch_up(const Ledger& ledger, std::uint64_t position) {
  const std::uint64_t capacity = mask_ + 1;
  if (!is_started_ || position - end_ > capacity) {
    begin_ = end_ = position;
    is_started_ = true;
    return;
  }
  const std::uint64_t first = end_;
  for (; end_ < position; ++end_) {
    const Ledger::Change change = ledger.change(end_);
    const std::uint64_t at = end_ & mask_;
    fit_[at] = change.fit_word;
    trait_[at] = change.trait_word;
    touch_[at] = change.touch_word;
  }
  if (!ledger.reaches_back_to(first)) {
    begin_ = position;
  } else if (end_ - begin_ > capacity) {
    begin_ = end_ - capacity;
  }
}

}  // namespace berth::cluster
