// The history check: what several threads have committed, replayed in the order of the log by one thread.
//
// Thread rule: one thread. Lifetime: pure functions.
#pragma once

#include <vector>

#include "tests/concurrency/racing.h"

namespace berth::cluster::test {

// Replays `events`, which come in the order of their positions, one after another on a cluster of its own; now and then on decide() as
// well. Fails the test where a position is missing, or where one thread would have decided otherwise.
void replay(const SnapshotPtr& snapshot, const std::vector<Event>& events);

// Lets the actors run, each on a thread of its own, until all have ended.
void race(const std::vector<std::unique_ptr<Actor>>& actors);

// Races on a cluster of its own, and replays what came of it. Adds to `tally`.
void race_and_replay(const Setting& setting, Tally& tally);

}  // namespace berth::cluster::test
