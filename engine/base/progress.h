// How far a long call has come, for a watcher on another thread. The engine has no callbacks: it writes here, whoever cares reads.
//
// Thread rule: any; relaxed counters, each right by itself. Lifetime: the caller's, at least as long as the call that fills it.
#pragma once

#include <atomic>
#include <cstdint>

namespace berth {

enum class Phase : std::uint32_t {
  kIdle = 0,
  kReading = 1,
  kBuilding = 2,
  kWriting = 3,
  kLoading = 4,
  kFiltering = 5,
  kPlacing = 6,
  kExplaining = 7,
  kReplaying = 8
};

struct Progress {
  std::atomic<std::uint32_t> phase{0};
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> total{0};  // 0 when not known.

  void begin(Phase what, std::uint64_t of) {
    done.store(0, std::memory_order_relaxed);
    total.store(of, std::memory_order_relaxed);
    phase.store(static_cast<std::uint32_t>(what), std::memory_order_relaxed);
  }
  void advance(std::uint64_t by = 1) { done.fetch_add(by, std::memory_order_relaxed); }
};

}  // namespace berth
