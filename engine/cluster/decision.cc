#include "engine/cluster/decision.h"

#include <algorithm>

#include "engine/base/rng.h"

namespace berth::cluster {
namespace {

// Draws whose instances are fetched together.
constexpr std::uint32_t kDrawsTogether = 8;

}  // namespace

std::optional<std::uint32_t> Decision::at(std::uint64_t position, std::uint64_t seed, std::uint32_t index) {
  const bool has_levels = !class_.is_random_alone;
  bool holds = false;
  if (is_made_) {
    choice_.index.read_log(position);
    holds = !has_levels || choice_.window.holds(choice_.index.feed(), position_, best_, worker_);
    if (class_.ends_in_random && holds) {
      forget_changed_draws();
    }
  }
  is_made_ = true;
  position_ = position;
  if (!holds) {
    forget_draws();
  }
  if (!holds || class_.ends_in_random) {
    choice_.catch_up(position, worker_);
  }
  if (!holds && has_levels) {
    best_ = choice_.window.best(worker_, choice_.index);
  }
  return class_.ends_in_random && (!has_levels || best_.has_value()) ? draw(seed, index) : best_;
}

// A draw stays a miss while its instance stays what it is.
void Decision::forget_changed_draws() {
  const ChangeFeed& feed = choice_.index.feed();
  if (position_ < feed.begin()) {
    forget_draws();
    return;
  }
  for (std::uint64_t at = position_; at < feed.end() && missed_ > 0; ++at) {
    const std::uint32_t slot = feed.change(at).touch().slot;
    missed_ = static_cast<std::uint32_t>(std::find(drawn_.begin(), drawn_.begin() + missed_, slot) - drawn_.begin());
  }
}

bool Decision::is_tied(std::uint32_t slot) {
  if (!choice_.window.checks().may_pass(inventory_.ledger.fit_word(slot), inventory_.ledger.trait_word(slot))) {
    return false;
  }
  const Record* record = inventory_.look(slot, worker_);
  return record != nullptr && choice_.window.is_tied(*record);
}

std::optional<std::uint32_t> Decision::draw(std::uint64_t seed, std::uint32_t index) {
  roster_.catch_up(inventory_, worker_);
  // Comings and goings give other ranks to the same instances.
  if (roster_changes_ != roster_.changes()) {
    roster_changes_ = roster_.changes();
    forget_draws();
  }
  const std::uint32_t count = roster_.size();
  // Some draws at a time, so that what they look at is on its way together; a class that most instances suit needs but one.
  while (missed_ < kRandomMissesMax && count > 0) {
    const std::uint32_t end = std::min(missed_ == 0 ? 1 : missed_ + kDrawsTogether, kRandomMissesMax);
    for (std::uint32_t at = missed_; at < end; ++at) {
      drawn_[at] = static_cast<std::uint32_t>(bounded(draw64(seed, index, at), count));
      roster_.prefetch(inventory_, drawn_[at]);
    }
    for (std::uint32_t at = missed_; at < end; ++at) {
      drawn_[at] = roster_.slot_at(inventory_, drawn_[at]);
      inventory_.ledger.prefetch(drawn_[at]);
    }
    for (std::uint32_t at = missed_; at < end && end - missed_ > 1; ++at) {
      inventory_.ledger.prefetch_record(drawn_[at]);
    }
    for (; missed_ < end; ++missed_) {
      if (is_tied(drawn_[missed_])) {
        return drawn_[missed_];
      }
    }
  }
  return choice_.window.pick_tied(draw64(seed, index, kRandomMissesMax), worker_);
}

}  // namespace berth::cluster
