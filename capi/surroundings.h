// The two things that the engine must not take by itself: the time and fresh entropy. This is the only place of the library that reads
// either.
//
// Thread rule: any thread. Lifetime: plain values.
#pragma once

#include <cstdint>

namespace berth::capi {

// The system's clock in Unix milliseconds.
std::int64_t system_now_ms();
// A clock that only goes forward, in nanoseconds from some moment: for deadlines.
std::uint64_t steady_now_ns();

// Fresh seeds stay below 2^53, so that every JSON reader keeps them exact when it passes one on.
inline constexpr unsigned kFreshSeedBits = 53;
// Throws std::system_error where the kernel gives no entropy.
std::uint64_t fresh_seed();

}  // namespace berth::capi
