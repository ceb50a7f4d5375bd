// validate: what a verified buffer says makes sense: columns have one length, dictionaries are sorted and without duplicates, every
// index is in range, every enumerator is known, instances are in strictly ascending order, and so on. What passes may be read by every
// accessor of Snapshot without a further check.
//
// Thread rule: one caller; large columns are looked at by blocks on the executor. Lifetime: keeps nothing.
#pragma once

#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot_generated.h"

namespace berth {

// REQUIRES: `root` passed verify(). Errors: kInconsistent, naming the column, the index and what is wrong there; of several faults the
// one that is named is the same on every executor.
Outcome validate(const wire::Snapshot& root, Executor& executor);

}  // namespace berth
