#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"

namespace berth::capi {
namespace {

static_assert(sizeof(berth_engine_options) == BERTH_ENGINE_OPTIONS_SIZE_V1);

constexpr std::uint32_t kWorkersMax = 4096;

static_assert(BERTH_EXECUTOR_TBB == static_cast<std::uint32_t>(ExecutorKind::kTbb));
static_assert(BERTH_EXECUTOR_THREADS == static_cast<std::uint32_t>(ExecutorKind::kThreads));
static_assert(BERTH_EXECUTOR_SERIAL == static_cast<std::uint32_t>(ExecutorKind::kSerial));
static_assert(BERTH_PHASE_IDLE == static_cast<std::uint32_t>(Phase::kIdle));
static_assert(BERTH_PHASE_EXPLAINING == static_cast<std::uint32_t>(Phase::kExplaining));
static_assert(BERTH_PHASE_REPLAYING == static_cast<std::uint32_t>(Phase::kReplaying));

berth_engine_options default_options() {
  return {.struct_size = sizeof(berth_engine_options), .executor = BERTH_EXECUTOR_TBB, .worker_count_max = 0, .reserved = 0};
}

Result<berth_engine_options> read_engine_options(const berth_engine_options* options) {
  const Result<berth_engine_options> given =
      read_options(options, default_options(), BERTH_ENGINE_OPTIONS_SIZE_V1, "fill the options with berth_engine_options_init()");
  if (!given.ok()) {
    return given.error();
  }
  const berth_engine_options& read = *given;
  Outcome checked =
      Arguments()
          .require(read.executor >= BERTH_EXECUTOR_TBB && read.executor <= BERTH_EXECUTOR_SERIAL,
                   "options.executor: " + std::to_string(read.executor) +
                       " is no executor; pass BERTH_EXECUTOR_TBB (1), BERTH_EXECUTOR_THREADS (2) or BERTH_EXECUTOR_SERIAL (3)")
          .require(read.reserved == 0, "options.reserved: is not 0; fill the options with berth_engine_options_init()")
          .require(read.worker_count_max <= kWorkersMax,
                   "options.worker_count_max: " + std::to_string(read.worker_count_max) + " is more than " + std::to_string(kWorkersMax) +
                       "; pass 0 for the processors that this process may use",
                   StatusCode::kLimitExceeded)
          .outcome();
  if (!checked.ok()) {
    return std::move(checked).error();
  }
  return read;
}

}  // namespace
}  // namespace berth::capi

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_engine_options_init(berth_engine_options* options, uint32_t struct_size) noexcept {
  return guard(nullptr, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .output(options, "options")
                                 .require(struct_size >= BERTH_ENGINE_OPTIONS_SIZE_V1 && struct_size <= kOptionsBytesMax,
                                          "struct_size: pass sizeof(berth_engine_options)")
                                 .outcome();
    if (checked.ok()) {
      std::memset(options, 0, struct_size);
      *options = default_options();
      options->struct_size = struct_size;
    }
    return checked;
  });
}

berth_status berth_engine_new(const berth_engine_options* options, berth_engine** engine, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    if (berth::Outcome checked = Arguments().output(engine, "engine").outcome(); !checked.ok()) {
      return checked;
    }
    const berth::Result<berth_engine_options> read = read_engine_options(options);
    if (!read.ok()) {
      return read.error();
    }
    auto made = std::make_unique<berth_engine>();
    made->executor = berth::make_executor(static_cast<berth::ExecutorKind>(read->executor), read->worker_count_max);
    *engine = made.release();
    return {};
  });
}

void berth_engine_free(berth_engine* engine) noexcept {
  delete engine;
}

berth_status berth_engine_progress(const berth_engine* engine, berth_progress* progress) noexcept {
  return guard(nullptr, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().handle(engine, "engine").output(progress, "progress").outcome();
    if (checked.ok()) {
      *progress = {.phase = engine->progress.phase.load(std::memory_order_relaxed),
                   .reserved = 0,
                   .done = engine->progress.done.load(std::memory_order_relaxed),
                   .total = engine->progress.total.load(std::memory_order_relaxed)};
    }
    return checked;
  });
}
