// ProgressLine: one line on the terminal that says how far a long call has come, rewritten in place and erased at the end. Nothing is
// shown when standard error is no terminal, nor for what ends within a second.
//
// Thread rule: made, told and finished by one thread; a thread of its own draws. Lifetime: shorter than the engine's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "berth/berth.h"

namespace berth::cli {

class ProgressLine {
 public:
  // `engine` may be NULL: then only what step() says is shown.
  explicit ProgressLine(const berth_engine* engine);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { finish(); }

  // What the command itself does while the engine is idle; a literal.
  void step(const char* what) { step_.store(what, std::memory_order_relaxed); }
  // Erases the line; before anything else is written.
  void finish();

 private:
  void watch();
  [[nodiscard]] std::string line(std::chrono::seconds elapsed) const;

  const berth_engine* engine_;
  std::atomic<const char*> step_{"working"};
  std::mutex mutex_;
  std::condition_variable finished_;
  bool is_finished_ = false;
  std::thread watcher_;
};

}  // namespace berth::cli
