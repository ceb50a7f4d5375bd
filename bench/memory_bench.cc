// What the machine's memory does, for figures to be held against: a chain of dependent misses, eight such chains at once, and a pass.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "bench/registrations.h"
#include "engine/base/rng.h"

namespace berth::bench {
namespace {

// Far more than any cache, in lines of 64 bytes.
constexpr std::size_t kLineWords = 8;
constexpr std::size_t kLines = std::size_t{256} * 1024 * 1024 / 64;

// Each line holds the index of the next; one cycle through all of them in random order (Sattolo's shuffle).
const std::vector<std::uint64_t>& cycle() {
  static const std::vector<std::uint64_t> words = [] {
    std::vector<std::uint64_t> next(kLines * kLineWords);
    for (std::size_t line = 0; line < kLines; ++line) {
      next[line * kLineWords] = line;
    }
    Stream stream(1);
    for (std::size_t line = kLines - 1; line > 0; --line) {
      std::swap(next[line * kLineWords], next[stream.below(line) * kLineWords]);
    }
    return next;
  }();
  return words;
}

template <std::size_t kChains>
void chase(benchmark::State& state, const char* key) {
  constexpr int kSteps = 100'000;
  const std::vector<std::uint64_t>& next = cycle();
  std::array<std::uint64_t, kChains> at{};
  for (std::size_t chain = 0; chain < kChains; ++chain) {
    at[chain] = chain * (kLines / kChains);
  }
  for (auto _ : state) {
    for (int step = 0; step < kSteps; ++step) {
      for (std::uint64_t& line : at) {
        line = next[line * kLineWords];
      }
    }
    benchmark::DoNotOptimize(at);
  }
  state.counters[key] = benchmark::Counter(static_cast<double>(state.iterations()) * kSteps * kChains * 1e-9,
                                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void pass(benchmark::State& state) {
  const std::vector<std::uint64_t>& words = cycle();
  for (auto _ : state) {
    benchmark::DoNotOptimize(std::accumulate(words.begin(), words.end(), std::uint64_t{0}));
  }
  state.counters["memory.streaming_gib_per_second"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(words.size() * sizeof(std::uint64_t)) / (1 << 30),
                         benchmark::Counter::kIsRate);
}

}  // namespace

void register_memory() {
  benchmark::RegisterBenchmark("memory/chase", chase<1>, "memory.chase_ns")->Unit(benchmark::kMillisecond)->UseRealTime();
  benchmark::RegisterBenchmark("memory/chase_of_8", chase<8>, "memory.chase_of_8_ns")->Unit(benchmark::kMillisecond)->UseRealTime();
  benchmark::RegisterBenchmark("memory/pass", pass)->Unit(benchmark::kMillisecond)->UseRealTime();
}

}  // namespace berth::bench
