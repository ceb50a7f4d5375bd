// A live cluster after any history of placements, stops and changes decides as decide() does on the snapshot of that moment.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/cluster/history.h"

namespace berth::cluster::test {

// Tasks that each take a whole instance, until none is left: among instances alike the order of tie keys decides, and every filling goes
// on where the one before it stopped, in the middle of an amount.
TEST(ClusterHistory, FillsInstancesThatAreAlikeOneAfterAnother) {
  constexpr std::uint32_t kInstances = 700;
  Fleet fleet;
  for (std::uint32_t index = 0; index < kInstances; ++index) {
    fleet.push_back(placement::test::make_instance("i" + std::to_string(1000 + index), index % 3 == 0 ? "a" : "b", 1024, 2048));
  }
  const SnapshotPtr snapshot = placement::test::build(fleet);
  const std::vector<std::vector<placement::Strategy>> chains = {
      {},
      {placement::test::binpack_memory()},
      {placement::test::binpack_cpu()},
      {placement::test::spread(placement::test::kZone), placement::test::binpack_cpu()},
      {placement::test::spread_instance(), placement::test::binpack_memory()}};
  for (const std::vector<placement::Strategy>& chain : chains) {
    for (const std::uint32_t visits : {3U, 300U}) {
      placement::Request request = placement::test::make_request(kInstances + 1, chain);
      request.demand.cpu_units = 1024;
      request.demand.memory_mib = 2048;
      const Result<placement::Decision> expected = placement::decide(snapshot, request, serial());
      ASSERT_TRUE(expected.ok());
      ASSERT_EQ(expected->placed.size(), kInstances);
      ClusterOptions options;
      options.window_entries = 5;
      options.index_visits = visits;
      options.instances_max = 1;
      const std::unique_ptr<Cluster> cluster = *Cluster::from_snapshot(snapshot, options);
      Worker worker = *cluster->attach();
      const std::unique_ptr<RequestClass> request_class = *cluster->prepare(request, serial());
      std::vector<Placed> placed(request.count);
      std::uint32_t count = 0;
      ASSERT_TRUE(worker.place(*request_class, {.seed = 1, .id_base = 1, .first_task = 0}, placed, count).ok());
      ASSERT_EQ(count, kInstances);
      for (std::uint32_t task = 0; task < count; ++task) {
        ASSERT_EQ(cluster->instance_arn(placed[task].task.slot, worker), snapshot->instance_arns().text(expected->placed[task].instance))
            << task;
      }
    }
  }
}

RC_GTEST_PROP(ClusterHistory, DecidesAsTheSnapshotOfTheMoment, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto instances = *rc::gen::inRange<std::size_t>(1, 40);
  const auto steps = *rc::gen::inRange<std::size_t>(1, 120);
  // Small windows and logs, so that windows run dry, sleep too long and are filled again; slots far apart or side by side.
  ClusterOptions options;
  options.window_entries = *rc::gen::element<std::uint32_t>(1, 2, 5, 20, 2048);
  options.log_capacity = *rc::gen::element<std::uint32_t>(4, 64, 1024, 1024);
  options.index_visits = *rc::gen::element<std::uint32_t>(0, 3, 1024);
  options.instances_max = *rc::gen::element<std::uint32_t>(0, 1);
  std::size_t placed = 0;
  std::size_t refused = 0;
  // Several of a kind: a history is cheap beside what has to go wrong together for a window to err.
  for (std::uint64_t number = 0; number < 10; ++number) {
    History history(seed + number, instances, options);
    history.run(steps, 2);
    placed += history.placed();
    refused += history.refused();
  }
  RC_CLASSIFY(placed > 0, "places");
  RC_CLASSIFY(refused > 0, "refuses");
}

// Instances come and go as often as anything else happens: slots and ARNs are taken again, and draws rank what is there.
RC_GTEST_PROP(ClusterHistory, DecidesAsTheSnapshotOfTheMomentWhileInstancesMove, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto instances = *rc::gen::inRange<std::size_t>(1, 30);
  const auto odds = *rc::gen::element<std::size_t>(1, 3, 10);
  ClusterOptions options;
  options.window_entries = *rc::gen::element<std::uint32_t>(1, 5, 2048);
  options.log_capacity = *rc::gen::element<std::uint32_t>(4, 64, 1024);
  options.index_visits = *rc::gen::element<std::uint32_t>(0, 3, 1024);
  options.instances_max = 1;
  std::size_t placed = 0;
  for (std::uint64_t number = 0; number < 4; ++number) {
    History history(seed + number, instances, options);
    history.let_instances_move(odds);
    history.run(150, 3);
    placed += history.placed();
  }
  RC_CLASSIFY(placed > 0, "places");
}

// So much happens between two placements that a window reads the log in many pieces.
RC_GTEST_PROP(ClusterHistory, DecidesAsTheSnapshotOfTheMomentAfterALongRest, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto instances = *rc::gen::inRange<std::size_t>(20, 80);
  ClusterOptions options;
  options.window_entries = *rc::gen::element<std::uint32_t>(5, 2048);
  History history(seed, instances, options);
  history.run(2000, 150);
  RC_CLASSIFY(history.placed() > 0, "places");
}

// So many instances that no visit meets them all at once: windows are filled up to where a visit stopped, and on from there.
RC_GTEST_PROP(ClusterHistory, DecidesAsTheSnapshotOfTheMomentOnManyInstances, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto instances = *rc::gen::inRange<std::size_t>(200, 700);
  ClusterOptions options;
  options.window_entries = *rc::gen::element<std::uint32_t>(1, 5, 20, 0);
  options.index_visits = *rc::gen::element<std::uint32_t>(3, 100, 1024);
  options.instances_max = *rc::gen::element<std::uint32_t>(0, 1);
  History history(seed, instances, options);
  history.run(150, 1);
  RC_CLASSIFY(history.placed() > 0, "places");
}

}  // namespace berth::cluster::test
