#include "bench/streaming.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "engine/base/limits.h"

namespace berth::bench {
namespace {

// `column` has `per_block` entries for each block, or fewer in the last.
template <typename Value>
std::uint64_t sum_block(std::span<const Value> column, std::size_t block, std::size_t per_block) {
  const std::size_t begin = std::min(column.size(), block * per_block);
  const std::span<const Value> part = column.subspan(begin, std::min(per_block, column.size() - begin));
  return std::accumulate(part.begin(), part.end(), std::uint64_t{0},
                         [](std::uint64_t sum, Value value) { return sum + static_cast<std::uint64_t>(value); });
}

bool is_spread(const placement::Strategy& strategy) {
  return strategy.kind == placement::Strategy::Kind::kSpreadAttribute || strategy.kind == placement::Strategy::Kind::kSpreadInstance;
}

}  // namespace

std::uint64_t stream_columns(const Snapshot& snapshot, const placement::Request& request, Executor& executor) {
  const placement::Demand& demand = request.demand;
  const bool has_ports = !demand.tcp_ports.empty() || !demand.udp_ports.empty();
  const bool spreads = std::any_of(request.strategies.begin(), request.strategies.end(), is_spread);
  const bool counts_tasks = (spreads || request.distinct_instance) && snapshot.groups().find(request.group).has_value();
  const std::size_t blocks = (std::size_t{snapshot.instance_count()} + kBlockInstances - 1) / kBlockInstances;
  const std::size_t tasks_per_block = (std::size_t{snapshot.task_count()} + blocks - 1) / std::max<std::size_t>(blocks, 1);
  std::atomic<std::uint64_t> total{0};
  executor.run(blocks, [&](std::size_t block) {
    const auto sum = [&](const auto& column) { return sum_block(column, block, kBlockInstances); };
    std::uint64_t here = sum(snapshot.status()) + sum(snapshot.agent_connected()) + sum(snapshot.attribute_set()) +
                         sum(snapshot.cpu_remaining()) + sum(snapshot.memory_remaining());
    here += has_ports ? sum(snapshot.ports_used()) : 0;
    here += demand.uses_eni ? sum(snapshot.eni_limit()) + sum(snapshot.eni_used()) : 0;
    here += spreads ? sum(snapshot.tie_keys()) : 0;
    here += counts_tasks ? sum_block(snapshot.task_shape(), block, tasks_per_block) +
                               sum_block(snapshot.task_desired_status(), block, tasks_per_block)
                         : 0;
    total.fetch_add(here, std::memory_order_relaxed);
  });
  return total.load(std::memory_order_relaxed);
}

}  // namespace berth::bench
