#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/unit/snapshot/plain_fleet.h"

namespace berth::testing {
namespace {

SnapshotPtr load(const PlainFleet& fleet) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  Result<SnapshotPtr> snapshot = Snapshot::from_bytes(bytes_of(fleet, *executor), *executor);
  EXPECT_TRUE(snapshot.ok()) << snapshot.error().message;
  return snapshot.ok() ? *snapshot : nullptr;
}

PlainFleet fleet_of(std::initializer_list<const char*> arns) {
  PlainFleet fleet;
  for (const char* arn : arns) {
    fleet.instances.emplace_back().arn = arn;
  }
  return fleet;
}

TEST(FindInstance, TakesArnsAndUnambiguousIds) {
  const SnapshotPtr snapshot = load(fleet_of({"c/one/0123456789abcdef0123456789abcdef", "c/two/0123456789abcdef0123456789abcdef",
                                              "c/one/00000000000000000000000000000000", "c/one/name", "whole", "c/i-0123456789abcdef0",
                                              "c/01234567-89ab-cdef-0123-456789abcdef", "d/"}));
  ASSERT_NE(snapshot, nullptr);
  const auto arn_of = [&](std::string_view wanted) {
    const auto at = snapshot->find_instance(wanted);
    return at ? snapshot->instance_arns().text(*at) : "none";
  };
  EXPECT_EQ(arn_of("c/two/0123456789abcdef0123456789abcdef"), "c/two/0123456789abcdef0123456789abcdef");
  EXPECT_EQ(arn_of("0123456789abcdef0123456789abcdef"), "none") << "two instances end so";
  EXPECT_EQ(arn_of("00000000000000000000000000000000"), "c/one/00000000000000000000000000000000");
  EXPECT_EQ(arn_of("name"), "c/one/name");
  EXPECT_EQ(arn_of("whole"), "whole");
  EXPECT_EQ(arn_of("i-0123456789abcdef0"), "c/i-0123456789abcdef0");
  EXPECT_EQ(arn_of("01234567-89ab-cdef-0123-456789abcdef"), "c/01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(arn_of("one/name"), "none");
  EXPECT_EQ(arn_of("ame"), "none");
  EXPECT_EQ(arn_of(""), "none");
}

RC_GTEST_PROP(FindInstance, AgreesWithALinearSearch, (std::uint64_t seed)) {
  const PlainFleet fleet = make_fleet(seed, 80, 0);
  const SnapshotPtr snapshot = load(fleet);
  RC_ASSERT(snapshot != nullptr);
  std::map<std::string, unsigned> by_id;
  for (const PlainInstance& instance : fleet.instances) {
    ++by_id[instance.arn.substr(instance.arn.rfind('/') + 1)];
  }
  for (std::uint32_t at = 0; at < snapshot->instance_count(); ++at) {
    const std::string arn = snapshot->instance_arns().text(at);
    RC_ASSERT(snapshot->find_instance(arn) == at);
    const std::string id = arn.substr(arn.rfind('/') + 1);
    if (by_id[id] == 1) {
      RC_ASSERT(snapshot->find_instance(id) == at);
    }
  }
}

RC_GTEST_PROP(Dictionaries, AreSortedWithoutDuplicates, (std::uint64_t seed)) {
  const SnapshotPtr snapshot = load(make_fleet(seed, 50, 3));
  RC_ASSERT(snapshot != nullptr);
  for (const StringTable* table : {&snapshot->attribute_names(), &snapshot->attribute_values(), &snapshot->groups(), &snapshot->texts()}) {
    for (std::uint32_t at = 0; at < table->size(); ++at) {
      RC_ASSERT((at == 0 || table->at(at - 1) < table->at(at)));
      RC_ASSERT(table->find(table->at(at)) == at);
    }
    RC_ASSERT(table->find("no such text") == std::nullopt);
  }
}

}  // namespace
}  // namespace berth::testing
