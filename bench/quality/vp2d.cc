#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "bench/quality/data_file.h"
#include "bench/quality/experiments.h"
#include "engine/service/replay.h"
#include "engine/snapshot/builder.h"
#include "tests/oracle/first_fit.h"

namespace berth::quality {
namespace {

using oracle::Item;

struct Packing {
  std::string name;
  Item capacity;
  std::vector<Item> items;
  bool has_negative = false;
};

// A line: name, capacities, number of items, items.
std::vector<Packing> read_packings(const std::string& text) {
  std::vector<Packing> packings;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    Packing packing;
    packing.capacity.resize(2);
    std::size_t count = 0;
    if (!(fields >> packing.name >> packing.capacity[0] >> packing.capacity[1] >> count)) {
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      Item item(2);
      fields >> item[0] >> item[1];
      packing.has_negative = packing.has_negative || std::min(item[0], item[1]) < 0;
      packing.items.push_back(item);
    }
    packings.push_back(packing);
  }
  return packings;
}

std::map<std::string, std::size_t> read_optima(const std::string& text) {
  std::map<std::string, std::size_t> optima;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name;
    std::size_t count = 0;
    std::size_t optimum = 0;
    if (fields >> name >> count >> optimum) {
      optima[name] = optimum;
    }
  }
  return optima;
}

// As many empty instances as there are items.
SnapshotPtr make_fleet(const Packing& packing, Executor& executor) {
  SnapshotBuilder builder;
  for (std::size_t i = 0; i < packing.items.size(); ++i) {
    const std::string arn = fmt::format("arn:aws:ecs:us-east-1:123456789012:container-instance/vp2d/{:032x}", i);
    InstanceRecord record;
    record.arn = arn;
    record.cpu_registered = record.cpu_remaining = static_cast<std::int32_t>(packing.capacity[0]);
    record.memory_registered = record.memory_remaining = static_cast<std::int32_t>(packing.capacity[1]);
    (void)builder.add_instance(record);
  }
  return *Snapshot::from_bytes(*builder.finish(executor), executor);
}

std::size_t instances_used(const SnapshotPtr& fleet, const std::vector<Item>& items, const std::vector<placement::Strategy>& strategies,
                           Executor& executor) {
  std::string csv = "arrival,cpu,memory\n";
  for (std::size_t i = 0; i < items.size(); ++i) {
    csv += fmt::format("{},{},{}\n", i, items[i][0], items[i][1]);
  }
  service::ReplayOptions options;
  options.strategies = strategies;
  const Result<service::Trace> trace = service::read_trace("vp2d", csv);
  const Result<service::Replay> replay = service::replay(fleet, *trace, options, executor);
  if (!replay.ok() || replay->total.refused != 0) {
    fmt::print(stderr, "berth_quality: vp2d: a task found no instance although there is one for each\n");
    std::exit(1);
  }
  return replay->total.instances_in_use;
}

struct Score {
  double sum = 0;  // Of used over optimum.
  double worst = 0;
  std::size_t optimal = 0;

  void add(std::size_t used, std::size_t optimum) {
    const double ratio = static_cast<double>(used) / static_cast<double>(optimum);
    sum += ratio;
    worst = std::max(worst, ratio);
    optimal += used == optimum ? 1U : 0U;
  }
};

}  // namespace

void print_vp2d() {
  const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kSerial, 1);
  const std::vector<Packing> packings = read_packings(read_data("binpacking/vp2d/triplet_instances.txt.zst"));
  const std::map<std::string, std::size_t> optima = read_optima(read_data("binpacking/vp2d/triplet_opt.tsv"));
  std::map<std::string, Score> given;
  std::map<std::string, Score> sorted;
  std::size_t packed = 0;
  std::size_t negative = 0;
  for (const Packing& packing : packings) {
    const auto optimum = optima.find(packing.name);
    negative += packing.has_negative ? 1U : 0U;
    if (packing.has_negative || optimum == optima.end()) {
      continue;
    }
    ++packed;
    const std::vector<Item> largest = oracle::largest_first(packing.items, packing.capacity);
    given["first fit"].add(oracle::first_fit(packing.items, packing.capacity), optimum->second);
    sorted["first fit"].add(oracle::first_fit(largest, packing.capacity), optimum->second);
    const SnapshotPtr fleet = make_fleet(packing, *executor);
    for (const NamedChain& chain : packing_chains()) {
      given[chain.name].add(instances_used(fleet, packing.items, chain.strategies, *executor), optimum->second);
      sorted[chain.name].add(instances_used(fleet, largest, chain.strategies, *executor), optimum->second);
    }
  }
  fmt::print("\nvp2d: instances used over the proven optimum, {} packings; {} with negative sizes are left out.\n\n", packed, negative);
  fmt::print("{:<24}{:>12}{:>8}{:>9}{:>20}{:>8}{:>9}\n", "RULE", "AS GIVEN", "WORST", "OPTIMAL", "LARGEST FIRST", "WORST", "OPTIMAL");
  for (const auto& [name, score] : given) {
    const Score& after = sorted[name];
    const auto count = static_cast<double>(packed);
    fmt::print("{:<24}{:>12.4f}{:>8.3f}{:>9}{:>20.4f}{:>8.3f}{:>9}\n", name, score.sum / count, score.worst, score.optimal,
               after.sum / count, after.worst, after.optimal);
  }
}

}  // namespace berth::quality
