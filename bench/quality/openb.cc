#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/quality/data_file.h"
#include "bench/quality/experiments.h"
#include "bench/quality/openb_inputs.h"
#include "engine/service/replay.h"

namespace berth::quality {
namespace {

constexpr int kSeeds = 10;
constexpr std::array<int, 4> kLoads = {100, 110, 120, 130};  // Percent of the GPUs demanded.
constexpr auto kGpu = static_cast<std::size_t>(service::Resource::kGpu);

[[noreturn]] void fail(const Error& error) {
  fmt::print(stderr, "berth_quality: {}\n", error.message);
  std::exit(1);
}

struct Row {
  std::array<double, kLoads.size()> used{};
  double fragmented = 0;  // At the highest load.
  double cpu_refusals = 0;
  double gpu_refusals = 0;
};

// Means over the seeds.
Row inflate(const SnapshotPtr& fleet, const service::Trace& trace, const std::vector<placement::Strategy>& strategies, Executor& executor) {
  Row row;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    service::ReplayOptions options;
    options.strategies = strategies;
    options.seed = static_cast<std::uint64_t>(seed);
    options.inflate_permille = static_cast<std::uint32_t>(kLoads.back()) * 10;
    const Result<service::Replay> replay = service::replay(fleet, trace, options, executor);
    if (!replay.ok()) {
      fail(replay.error());
    }
    for (std::size_t load = 0; load < kLoads.size(); ++load) {
      for (const service::Step& step : replay->steps) {
        if (step.demanded_percent >= kLoads.at(load)) {
          row.used.at(load) += step.shares.used.at(kGpu) / kSeeds;
          break;
        }
      }
    }
    row.fragmented += replay->total.shares.fragmented.at(kGpu) / kSeeds;
    row.cpu_refusals += static_cast<double>(replay->total.refusals.at(static_cast<std::size_t>(placement::Reason::kCpu))) / kSeeds;
    row.gpu_refusals += static_cast<double>(replay->total.refusals.at(static_cast<std::size_t>(placement::Reason::kGpu))) / kSeeds;
  }
  return row;
}

void print_published(const OpenbInputs& inputs) {
  fmt::print("\nPublished (Weng and others, ATC 2023), where GPUs are shared: compare the order of the policies, not the figures.\n\n");
  fmt::print("{:<24}{:>9}{:>9}{:>9}{:>9}\n", "POLICY", "100 %", "110 %", "120 %", "130 %");
  for (const auto& [policy, by_load] : inputs.published) {
    fmt::print("{:<24}", policy);
    for (const int load : kLoads) {
      const auto mean = by_load.find(std::to_string(load));
      fmt::print("{:>9.1f}", mean == by_load.end() ? 0.0 : mean->second);
    }
    fmt::print("\n");
  }
}

}  // namespace

void print_openb() {
  const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kSerial, 1);
  const OpenbInputs inputs = read_openb(*executor);
  using Kind = placement::Strategy::Kind;
  std::vector<NamedChain> chains = {{"random", {{Kind::kRandom, {}}}},
                                    {"spread instanceId", {{Kind::kSpreadInstance, {}}}},
                                    {"spread gpu.model", {{Kind::kSpreadAttribute, "gpu.model"}}},
                                    {"spread gpu.model, binpack cpu", {{Kind::kSpreadAttribute, "gpu.model"}, {Kind::kBinpackCpu, {}}}}};
  chains.insert(chains.end(), packing_chains().begin(), packing_chains().end());
  fmt::print("openb: {} GPU nodes, tasks of the default list arrive until they demand 130 % of the GPUs; means over {} seeds.\n",
             inputs.fleet->instance_count(), kSeeds);
  fmt::print("Percent of the GPUs in use at each load; whole GPUs: {} of {} tasks ask for a share and take one.\n\n",
             inputs.trace.gpu_shares, inputs.trace.tasks.size());
  fmt::print("{:<32}{:>9}{:>9}{:>9}{:>9}{:>12}{:>15}{:>15}\n", "CHAIN", "100 %", "110 %", "120 %", "130 %", "FRAGMENTED", "REFUSED BY CPU",
             "REFUSED BY GPU");
  for (const NamedChain& chain : chains) {
    const Row row = inflate(inputs.fleet, inputs.trace, chain.strategies, *executor);
    fmt::print("{:<32}{:>9.1f}{:>9.1f}{:>9.1f}{:>9.1f}{:>12.1f}{:>15.0f}{:>15.0f}\n", chain.name, row.used[0], row.used[1], row.used[2],
               row.used[3], row.fragmented, row.cpu_refusals, row.gpu_refusals);
  }
  print_published(inputs);
}

}  // namespace berth::quality
