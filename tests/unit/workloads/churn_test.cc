// The streams of W2 and W6: exact shares, the same from one seed, and what is taken is given back.
#include "bench/workloads/churn.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace berth::workloads {
namespace {

using Kind = OperationKind;

TEST(Churn, PlacesAndStopsAlternateOverAllClasses) {
  constexpr std::uint32_t kClasses = 200;
  std::map<std::uint32_t, int> classes;
  for (std::uint64_t index = 0; index < 40'000; ++index) {
    const Operation operation = churn_operation(7, index, kClasses);
    ASSERT_EQ(operation.kind, index % 2 == 0 ? Kind::kPlace : Kind::kStop);
    ASSERT_LT(operation.class_index, kClasses);
    if (operation.kind == Kind::kPlace) {
      ++classes[operation.class_index];
    }
  }
  EXPECT_EQ(classes.size(), kClasses);
  for (const auto& [index, count] : classes) {
    EXPECT_NEAR(count, 100, 60) << index;
  }
}

TEST(Churn, OperationsFollowFromSeedAndIndex) {
  const Operation one = churn_operation(7, 12, 200);
  const Operation again = churn_operation(7, 12, 200);
  EXPECT_EQ(one.pick, again.pick);
  EXPECT_EQ(one.draw, again.draw);
  EXPECT_NE(one.pick, churn_operation(8, 12, 200).pick);
  EXPECT_NE(one.pick, churn_operation(7, 14, 200).pick);
}

// Which line of W6's definition a kind belongs to.
std::string line_of(Kind kind) {
  switch (kind) {
    case Kind::kTaskRunning:
    case Kind::kTaskStopping:
    case Kind::kTaskStopped:
      return "task states";
    case Kind::kStopElsewhere:
    case Kind::kStartElsewhere:
      return "elsewhere";
    case Kind::kAgentLost:
    case Kind::kAgentConnected:
    case Kind::kAgentVersion:
    case Kind::kDrain:
    case Kind::kActivate:
      return "agent and status";
    case Kind::kAttributePut:
    case Kind::kAttributeRemove:
      return "attributes";
    case Kind::kRegister:
    case Kind::kDeregister:
      return "registration";
    default:
      return "none of W6";
  }
}

TEST(Deltas, EveryBlockHoldsTheSharesInAnOrderOfItsOwn) {
  DeltaStream stream(3, 5000, 200);
  std::set<std::vector<Kind>> orders;
  for (int block = 0; block < 50; ++block) {
    std::map<std::string, int> lines;
    std::map<Kind, int> kinds;
    std::vector<Kind> order;
    for (std::uint32_t at = 0; at < kDeltaBlock; ++at) {
      const Operation operation = stream.next();
      ++lines[line_of(operation.kind)];
      ++kinds[operation.kind];
      order.push_back(operation.kind);
      ASSERT_LT(operation.class_index, 200U);
    }
    const std::map<std::string, int> expected = {
        {"task states", 16}, {"elsewhere", 12}, {"agent and status", 6}, {"attributes", 4}, {"registration", 2}};
    EXPECT_EQ(lines, expected);
    EXPECT_EQ(kinds[Kind::kStopElsewhere], kinds[Kind::kStartElsewhere]);
    EXPECT_EQ(kinds[Kind::kTaskRunning], kinds[Kind::kStartElsewhere]);
    EXPECT_EQ(kinds[Kind::kTaskStopped], kinds[Kind::kStopElsewhere]);
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 50U);
}

TEST(Deltas, WhatIsTakenIsGivenBackOneLagLater) {
  constexpr std::uint32_t kInstances = 3000;
  DeltaStream stream(11, kInstances, 10);
  ASSERT_EQ(stream.lag_blocks(), kInstances / 300);
  const std::map<Kind, Kind> undo = {{Kind::kAgentConnected, Kind::kAgentLost},
                                     {Kind::kActivate, Kind::kDrain},
                                     {Kind::kRegister, Kind::kDeregister},
                                     {Kind::kAttributeRemove, Kind::kAttributePut}};
  std::map<Kind, std::map<std::uint64_t, std::uint64_t>> taken;  // Pick to block.
  std::map<Kind, std::map<std::uint64_t, AttributeChange>> changes;
  int given_back = 0;
  for (std::uint64_t block = 0; block < 100; ++block) {
    for (std::uint32_t at = 0; at < kDeltaBlock; ++at) {
      const Operation operation = stream.next();
      taken[operation.kind][operation.pick] = block;
      changes[operation.kind][operation.pick] = attribute_of(operation);
      const auto found = undo.find(operation.kind);
      if (found == undo.end() || block < stream.lag_blocks()) {
        continue;
      }
      ASSERT_TRUE(taken[found->second].contains(operation.pick)) << to_text(operation.kind);
      EXPECT_EQ(taken[found->second][operation.pick] + stream.lag_blocks(), block);
      const AttributeChange& put = changes[found->second][operation.pick];
      EXPECT_EQ(attribute_of(operation).name, put.name);
      EXPECT_EQ(attribute_of(operation).name == "deploy-ring", operation.kind == Kind::kAttributeRemove);
      ++given_back;
    }
  }
  EXPECT_EQ(given_back, 4 * 90);
}

TEST(Deltas, ValuesAreTheFleets) {
  DeltaStream stream(5, 100, 1);
  std::map<std::string_view, int> versions;
  std::map<std::string, int> attributes;
  for (int at = 0; at < 40'000; ++at) {
    const Operation operation = stream.next();
    if (operation.kind == Kind::kAgentVersion) {
      ++versions[agent_version_of(operation)];
    } else if (operation.kind == Kind::kAttributePut) {
      ++attributes[std::string(attribute_of(operation).name) + "=" + std::string(attribute_of(operation).value)];
    }
  }
  EXPECT_EQ(versions.size(), 4U);
  EXPECT_NEAR(versions["1.95.0"], 1000, 120);
  EXPECT_EQ(attributes.size(), 7U) << "three stacks and four rings";
  EXPECT_NEAR(attributes["stack=prod"], 1400, 120);
  EXPECT_NEAR(attributes["deploy-ring=canary"], 250, 80);
}

TEST(Deltas, EveryKindHasAName) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(Kind::kRegister); ++kind) {
    names.insert(to_text(static_cast<Kind>(kind)));
  }
  EXPECT_EQ(names.size(), 16U);
  EXPECT_EQ(to_text(Kind::kRegister), "register");
}

}  // namespace
}  // namespace berth::workloads
