// What stands behind the handles of the C ABI.
//
// Thread rule: an engine, a snapshot, a program and a cancel may be used by any number of threads; a document and an error are immutable.
// Lifetime: engine, document, error and cancel have one owner; snapshot and program count theirs and hold nothing of an engine, so handles
// may be let go in any order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "berth/berth.h"
#include "engine/base/progress.h"
#include "engine/parallel/executor.h"
#include "engine/query/program.h"
#include "engine/snapshot/snapshot.h"

struct berth_engine {
  std::unique_ptr<berth::Executor> executor;
  berth::Progress progress;
  std::atomic<std::uint32_t> running_calls{0};
};

struct berth_snapshot {
  explicit berth_snapshot(berth::SnapshotPtr held) : snapshot(std::move(held)) {}

  std::atomic<std::uint32_t> owners{1};
  berth::SnapshotPtr snapshot;
};

struct berth_program {
  explicit berth_program(std::vector<berth::query::ProgramPtr> compiled) : expressions(std::move(compiled)) {}

  std::atomic<std::uint32_t> owners{1};
  std::vector<berth::query::ProgramPtr> expressions;
};

struct berth_document {
  explicit berth_document(std::string answered) : text(std::move(answered)) {}

  std::string text;
};

// Trivially destructible, so that the one static error (out of memory) needs no handler at exit. Every text is followed by a NUL.
struct berth_error {
  berth_status status;
  std::string_view message;
  std::string_view exception;
  std::string_view source;
  std::uint32_t offset;  // berth::kNoOffset: no place.
  std::uint32_t length;
};

struct berth_cancel {
  std::atomic<bool> is_set{false};
};

namespace berth::capi {

// Counts one more owner. Relaxed: whoever retains holds the object already.
template <typename Handle>
Handle* retain(Handle* handle) noexcept {
  if (handle != nullptr) {
    handle->owners.fetch_add(1, std::memory_order_relaxed);
  }
  return handle;
}

// The decrement releases what this owner did and acquires what the others did, for the one that deletes.
template <typename Handle>
void release(Handle* handle) noexcept {
  if (handle != nullptr && handle->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete handle;
  }
}

// Marks an engine as busy for one call; progress falls back to idle when the last of several calls ends.
class RunningCall {
 public:
  explicit RunningCall(berth_engine& engine) : engine_(engine) { engine_.running_calls.fetch_add(1, std::memory_order_relaxed); }
  RunningCall(const RunningCall&) = delete;
  RunningCall& operator=(const RunningCall&) = delete;
  ~RunningCall() {
    if (engine_.running_calls.fetch_sub(1, std::memory_order_relaxed) == 1) {
      engine_.progress.begin(Phase::kIdle, 0);
    }
  }

 private:
  berth_engine& engine_;
};

}  // namespace berth::capi
