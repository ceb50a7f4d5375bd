// operator new of the executable, which throws on demand, and the loop that lets every allocation of a call fail.
//
// Thread rule: one thread at a time sets what fails. Lifetime: the process.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>

#include "berth/berth.h"

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
extern std::atomic<std::int64_t> allocations_left;  // Until one fails.
extern std::atomic<bool> keeps_failing;             // Whether all that follow fail too.

// One attempt of a call; says whether its outputs are as they were.
struct Attempt {
  berth_status status = BERTH_OK;
  bool is_untouched = true;
};
using Call = std::function<Attempt(berth_error** error)>;

// Fails the first allocation of a call, then the second, ... until the call succeeds. Later ones are tried in growing steps, so that a
// call with thousands of allocations stays quick. Returns how many attempts failed.
int fail_at_each_allocation(const Call& call, bool is_persistent);
