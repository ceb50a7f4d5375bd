// Names and order of instances that come after the snapshot.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "engine/cluster/cluster.h"
#include "tests/unit/placement/model.h"

namespace berth::cluster::test {
namespace {

// Whoever lists instances while one leaves and comes again may meet both; each must be found again to be taken out.
TEST(Identities, OfOneArnHaveAnOrder) {
  const std::unique_ptr<Cluster> cluster =
      *Cluster::from_snapshot(placement::test::build({placement::test::make_instance("i1"), placement::test::make_instance("i3")}));
  Worker worker = *cluster->attach();
  const auto enter = [&](const std::string& arn) {
    return worker
        .register_instance({.arn = arn,
                            .ec2_instance_id = {},
                            .capacity_provider = {},
                            .agent_version = {},
                            .cpu_units = 1024,
                            .memory_mib = 1024,
                            .tcp_ports = {},
                            .udp_ports = {},
                            .gpu_ids = {},
                            .attributes = {}})
        .value();
  };
  std::vector<Orphan> orphans;
  // Of the snapshot at first, and none of it.
  for (const std::string& arn : {placement::test::arn_of("i1"), placement::test::arn_of("i2")}) {
    std::vector<std::uint32_t> identities;
    if (const auto first = cluster->find_instance(arn, worker); first.has_value()) {
      identities.push_back(first->identity);
      ASSERT_TRUE(worker.deregister(first->slot, true, orphans).ok());
    }
    for (int time = 0; time < 2; ++time) {
      const InstanceHandle handle = enter(arn);
      identities.push_back(handle.identity);
      ASSERT_TRUE(worker.deregister(handle.slot, true, orphans).ok());
    }
    const Inventory& inventory = cluster->inventory();
    for (const std::uint32_t a : identities) {
      for (const std::uint32_t b : identities) {
        // One of two comes first, and none before itself.
        EXPECT_EQ(inventory.precedes(a, b) || inventory.precedes(b, a), a != b);
        EXPECT_FALSE(inventory.precedes(a, b) && inventory.precedes(b, a));
      }
    }
  }
}

}  // namespace
}  // namespace berth::cluster::test
