// kExecutorKinds: the back ends that must do and answer alike, for suites that go through all of them.
//
// Thread rule: a constant. Lifetime: the process.
#pragma once

#include <array>

#include "engine/parallel/executor.h"

// How gcc and clang each say that ThreadSanitizer is on.
#if defined(__SANITIZE_THREAD__)
#define BERTH_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BERTH_THREAD_SANITIZER 1
#endif
#endif

namespace berth {

// oneTBB's library is not built with ThreadSanitizer, which therefore misses how its scheduler orders the work and reports races that
// are none. The plain threads run the same bodies, so nothing of the engine goes unwatched without TBB.
#if defined(BERTH_THREAD_SANITIZER)
inline constexpr std::array kExecutorKinds = {ExecutorKind::kSerial, ExecutorKind::kThreads};
#else
inline constexpr std::array kExecutorKinds = {ExecutorKind::kSerial, ExecutorKind::kThreads, ExecutorKind::kTbb};
#endif

}  // namespace berth
