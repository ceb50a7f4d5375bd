// FigureReporter: Google Benchmark's console lines, on standard error, and of every run the counters whose names are flat keys.
//
// Thread rule: one thread. Lifetime: refers to the figures that it fills.
#pragma once

#include <benchmark/benchmark.h>

#include <iostream>
#include <string>
#include <vector>

#include "bench/report/figures.h"

namespace berth::bench {

class FigureReporter : public benchmark::ConsoleReporter {
 public:
  explicit FigureReporter(Figures& figures) : ConsoleReporter(OO_None), figures_(figures) {
    SetOutputStream(&std::cerr);
    SetErrorStream(&std::cerr);
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      has_failed_ = has_failed_ || run.error_occurred;
      // Aggregates repeat what single runs said.
      for (const auto& [name, counter] : run.counters) {
        if (run.run_type == Run::RT_Iteration && name.find('.') != std::string::npos) {
          figures_.add(name, counter.value);
        }
      }
    }
    ConsoleReporter::ReportRuns(runs);
  }

  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  Figures& figures_;
  bool has_failed_ = false;
};

}  // namespace berth::bench
