// Windows that are filled from orders by amount over many instances of few sizes, where most stand level and tie keys decide, against a
// search through all instances.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/base/rng.h"
#include "engine/cluster/cluster.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

using placement::test::serial;

struct Demand {
  std::int64_t cpu_units;
  std::int64_t memory_mib;
};
constexpr std::array<Demand, 3> kDemands{{{4096, 1024}, {2048, 1}, {1000, 500}}};

// What remains on every instance of a snapshot, kept by itself.
class Plain {
 public:
  Plain(const Cluster& cluster, const Snapshot& snapshot) {
    for (std::uint32_t instance = 0; instance < snapshot.instance_count(); ++instance) {
      instances_.push_back({cluster.slot_of(instance), snapshot.tie_keys()[instance], snapshot.cpu_remaining()[instance],
                            snapshot.memory_remaining()[instance]});
    }
  }

  // The slot with the least memory that is enough, then of the least tie key.
  [[nodiscard]] std::optional<std::uint32_t> best(const Demand& demand) const {
    const Instance* best = nullptr;
    for (const Instance& one : instances_) {
      if (one.cpu >= demand.cpu_units && one.memory >= demand.memory_mib &&
          (best == nullptr || std::tie(one.memory, one.tie_key) < std::tie(best->memory, best->tie_key))) {
        best = &one;
      }
    }
    return best == nullptr ? std::nullopt : std::optional(best->slot);
  }
  void take(std::uint32_t slot, const Demand& demand, std::int64_t times) {
    for (Instance& one : instances_) {
      if (one.slot == slot) {
        one.cpu -= times * demand.cpu_units;
        one.memory -= times * demand.memory_mib;
      }
    }
  }

 private:
  struct Instance {
    std::uint32_t slot;
    std::uint64_t tie_key;
    std::int64_t cpu;
    std::int64_t memory;
  };
  std::vector<Instance> instances_;
};

placement::Request request_of(const Demand& demand) {
  placement::Request request = placement::test::make_request(1, {placement::test::binpack_memory()});
  request.demand.cpu_units = demand.cpu_units;
  request.demand.memory_mib = demand.memory_mib;
  return request;
}

RC_GTEST_PROP(Filling, FindsWhatAPlainSearchFinds, ()) {
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto size_count = *rc::gen::inRange<std::uint64_t>(1, 5);
  std::uint64_t draws = 0;
  const auto draw = [&](std::uint64_t bound) { return bounded(draw64(seed, draws++, 0), bound); };
  constexpr std::array<std::int32_t, 4> kSizes{4096, 4097, 8192, 16384};
  placement::test::Fleet fleet;
  for (std::uint64_t instance = 0, count = 500 + draw(1500); instance < count; ++instance) {
    fleet.push_back(placement::test::make_instance("i" + std::to_string(100'000 + instance), "a", 4096, kSizes.at(draw(size_count))));
  }
  ClusterOptions options;
  options.window_entries = *rc::gen::element<std::uint32_t>(1, 16, 64, 0);
  options.index_visits = *rc::gen::element<std::uint32_t>(3, 1024, 4096);
  options.instances_max = *rc::gen::element<std::uint32_t>(0, 1);  // 1: buckets without room, so that many are in the spill.
  const SnapshotPtr snapshot = placement::test::build(fleet);
  const std::unique_ptr<Cluster> cluster = *Cluster::from_snapshot(snapshot, options);
  Worker worker = *cluster->attach();
  std::vector<std::unique_ptr<RequestClass>> classes;
  for (const Demand& demand : kDemands) {
    classes.push_back(*cluster->prepare(request_of(demand), serial()));
  }
  Plain plain(*cluster, *snapshot);
  std::vector<std::pair<TaskHandle, std::size_t>> tasks;
  for (std::uint64_t step = 0; step < 400; ++step) {
    if (!tasks.empty() && draw(4) == 0) {
      std::pair<TaskHandle, std::size_t>& picked = tasks[static_cast<std::size_t>(draw(tasks.size()))];
      RC_ASSERT(worker.release(picked.first) == StatusCode::kOk);
      plain.take(picked.first.slot, kDemands.at(picked.second), -1);
      picked = tasks.back();
      tasks.pop_back();
      continue;
    }
    const std::size_t kind = draw(10) < 7 ? 0 : 1 + draw(2);
    Placed placed;
    std::uint32_t count = 0;
    RC_ASSERT(worker.place(*classes[kind], {.seed = 1, .id_base = step + 1, .first_task = 0}, {&placed, 1}, count).ok());
    const std::optional<std::uint32_t> best = plain.best(kDemands.at(kind));
    RC_ASSERT((count == 0 ? std::nullopt : std::optional(placed.task.slot)) == best);
    if (best.has_value()) {
      plain.take(*best, kDemands.at(kind), 1);
      tasks.emplace_back(placed.task, kind);
    }
  }
}

// More memory than the words of a slot can tell: records rank.
TEST(Filling, GoesOnAmongAmountsThatWordsCannotTell) {
  constexpr std::uint32_t kInstances = 600;
  placement::test::Fleet fleet;
  for (std::uint32_t instance = 0; instance < kInstances; ++instance) {
    fleet.push_back(placement::test::make_instance("i" + std::to_string(100'000 + instance), "a", 65536, 20'000'000));
  }
  const std::unique_ptr<Cluster> cluster = *Cluster::from_snapshot(placement::test::build(fleet));
  Worker worker = *cluster->attach();
  // Each instance takes one of them.
  const std::unique_ptr<RequestClass> request_class = *cluster->prepare(request_of({40'000, 1024}), serial());
  for (std::uint32_t task = 0; task < kInstances; ++task) {
    Placed placed;
    std::uint32_t count = 0;
    ASSERT_TRUE(worker.place(*request_class, {.seed = 1, .id_base = task + 1, .first_task = 0}, {&placed, 1}, count).ok());
    ASSERT_EQ(count, 1U) << "task " << task;
  }
}

}  // namespace
}  // namespace berth::cluster::test
