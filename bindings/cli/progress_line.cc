#include "bindings/cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "bindings/cli/files.h"

namespace berth::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kShownAfter{1};
constexpr std::chrono::milliseconds kRedrawnEvery{200};
constexpr std::string_view kErase = "\r\033[K";

// By berth_phase.
constexpr std::array<const char*, 9> kPhases = {
    "",           "reading documents",  "building the snapshot", "writing", "loading", "filtering", "placing tasks",
    "explaining", "replaying the trace"};

}  // namespace

ProgressLine::ProgressLine(const berth_engine* engine) : engine_(engine) {
  if (isatty(STDERR_FILENO) == 1) {
    watcher_ = std::thread([this] { watch(); });
  }
}

void ProgressLine::finish() {
  if (!watcher_.joinable()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
  }
  finished_.notify_all();
  watcher_.join();
}

void ProgressLine::watch() {
  const Clock::time_point begin = Clock::now();
  std::unique_lock lock(mutex_);
  if (finished_.wait_for(lock, kShownAfter, [this] { return is_finished_; })) {
    return;
  }
  do {
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begin);
    write_standard_error(std::string(kErase) + line(elapsed));
  } while (!finished_.wait_for(lock, kRedrawnEvery, [this] { return is_finished_; }));
  write_standard_error(kErase);
}

std::string ProgressLine::line(std::chrono::seconds elapsed) const {
  berth_progress progress = {};
  if (engine_ != nullptr) {
    berth_engine_progress(engine_, &progress);
  }
  const bool is_engine_busy = progress.phase != BERTH_PHASE_IDLE && progress.phase < kPhases.size();
  const char* what = is_engine_busy ? kPhases.at(progress.phase) : step_.load(std::memory_order_relaxed);
  if (is_engine_busy && progress.total != 0) {
    const double share = static_cast<double>(std::min(progress.done, progress.total)) / static_cast<double>(progress.total);
    return fmt::format("berth: {}, {:.0f} %, {} s", what, share * 100, elapsed.count());
  }
  return fmt::format("berth: {}, {} s", what, elapsed.count());
}

}  // namespace berth::cli
