// write_snapshot: turns rows and a plan into the bytes of a snapshot file.
//
// Thread rule: one caller; columns are filled on the executor. Lifetime: the result is the caller's.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/builder_rows.h"
#include "engine/snapshot/plan.h"

namespace berth {

// Errors: kLimitExceeded, before anything is allocated, when the file would not end below 2 GiB.
Result<std::vector<std::uint8_t>> write_snapshot(const BuilderRows& rows, const WritePlan& plan, Executor& executor, Progress* progress);

}  // namespace berth
