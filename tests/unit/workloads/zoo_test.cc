// Z(200) and Z(5000) have the shares of their definition, exactly, and their classes can be placed on the fleet.
#include "bench/workloads/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "bench/workloads/fleet.h"
#include "bench/workloads/task_sizes.h"
#include "engine/placement/decision.h"
#include "engine/placement/request_rules.h"
#include "tests/unit/workloads/executor.h"

namespace berth::workloads {
namespace {

using placement::Request;
using placement::Strategy;

const SnapshotPtr& sample() {
  static const SnapshotPtr snapshot = fleet(5000, 1, serial_executor());
  return snapshot;
}

const std::vector<Request>& classes(std::uint32_t count) {
  static std::map<std::uint32_t, std::vector<Request>> zoos;
  const auto found = zoos.find(count);
  return found != zoos.end() ? found->second : zoos.emplace(count, zoo(count, 1, *sample())).first->second;
}

std::string chain_of(const Request& request) {
  std::string text;
  for (const Strategy& strategy : request.strategies) {
    constexpr const char* kNames[] = {"", "random", "spread instance", "spread ", "binpack cpu", "binpack memory"};
    text += text.empty() ? "" : ", ";
    text += kNames[static_cast<std::size_t>(strategy.kind)] + strategy.attribute;
  }
  return text;
}

bool is_about_tasks(const Request& request) {
  return !request.member_of.empty() && request.member_of[0].program->depends_on_tasks();
}

bool has_port(const Request& request) {
  return request.demand.tcp_ports.size() + request.demand.udp_ports.size() == 1;
}

template <typename Predicate>
long count_if(const std::vector<Request>& zoo, Predicate predicate) {
  return std::count_if(zoo.begin(), zoo.end(), predicate);
}

class Zoo : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, Zoo, testing::Values(200U, 5000U), [](const auto& sizes) { return std::to_string(sizes.param); });

TEST_P(Zoo, ChainsHaveTheirShares) {
  const long per_mille = GetParam();
  std::map<std::string, long> chains;
  for (const Request& request : classes(GetParam())) {
    ++chains[chain_of(request)];
  }
  const std::map<std::string, long> expected = {
      {"spread ecs.availability-zone, spread instance", per_mille * 400 / 1000},
      {"spread ecs.availability-zone, binpack memory", per_mille * 300 / 1000},
      {"binpack cpu", per_mille * 75 / 1000},
      {"binpack memory", per_mille * 75 / 1000},
      {"random", per_mille * 100 / 1000},
      {"spread pool", per_mille * 25 / 1000},
      {"spread stack", per_mille * 25 / 1000},
  };
  EXPECT_EQ(chains, expected);
}

TEST_P(Zoo, OtherPropertiesHaveTheirShares) {
  const long size = GetParam();
  const std::vector<Request>& zoo = classes(GetParam());
  EXPECT_EQ(count_if(zoo, [](const Request& r) { return r.distinct_instance; }), size / 10);
  EXPECT_EQ(count_if(zoo, has_port), size / 10);
  EXPECT_EQ(count_if(zoo, [](const Request& r) { return r.demand.uses_eni; }), size / 10);
  EXPECT_EQ(count_if(zoo, [](const Request& r) { return r.demand.uses_eni && has_port(r); }), 0);
  EXPECT_EQ(count_if(zoo, [](const Request& r) { return r.demand.gpu_count == 1; }), size * 4 / 100);
  EXPECT_EQ(count_if(zoo, [](const Request& r) { return r.demand.gpu_count == 2; }), size / 100);
  EXPECT_EQ(count_if(zoo, [](const Request& r) { return r.member_of.size() == 1; }), size / 2);
  EXPECT_EQ(count_if(zoo, is_about_tasks), size / 20);
  std::map<std::uint32_t, long> terms;
  for (const Request& request : zoo) {
    if (!request.member_of.empty()) {
      ++terms[request.member_of[0].program->leaf_count()];
    }
  }
  ASSERT_EQ(terms.size(), 3U);
  EXPECT_EQ(terms.begin()->first, 1U);
  for (const auto& [leaves, count] : terms) {
    EXPECT_NEAR(static_cast<double>(count), static_cast<double>(size) / 6, 1.0) << leaves << " terms";
  }
}

TEST_P(Zoo, SizesAreThoseOfRealDefinitions) {
  std::map<std::pair<std::int64_t, std::int64_t>, double> sizes;
  for (const Request& request : classes(GetParam())) {
    sizes[{request.demand.cpu_units, request.demand.memory_mib}] += 1;
  }
  std::uint32_t definitions = 0;
  for (const TaskSize& size : task_sizes()) {
    definitions += size.definitions;
  }
  for (const TaskSize& size : task_sizes()) {
    const double expected = static_cast<double>(GetParam()) * size.definitions / definitions;
    EXPECT_LT(std::abs(sizes[{size.cpu_units, size.memory_mib}] - expected), 1.0) << size.cpu_units << " " << size.memory_mib;
  }
  EXPECT_EQ(sizes.size(), task_sizes().size());
}

TEST_P(Zoo, EveryClassHasItsOwnGroupAndIsSound) {
  std::set<std::string> groups;
  std::set<std::uint64_t> seeds;
  for (const Request& request : classes(GetParam())) {
    EXPECT_TRUE(request.group.starts_with("service:")) << request.group;
    groups.insert(request.group);
    seeds.insert(request.seed);
    EXPECT_EQ(request.count, 1U);
    const Outcome sound = placement::check_request(request);
    EXPECT_TRUE(sound.ok()) << (sound.ok() ? "" : sound.error().message);
  }
  EXPECT_EQ(groups.size(), GetParam());
  EXPECT_EQ(seeds.size(), GetParam());
}

// No share leans on another: pairs of properties meet as often as chance has it.
TEST(Zoos, SharesAreIndependent) {
  const std::vector<Request>& zoo = classes(5000);
  using Property = bool (*)(const Request&);
  const std::vector<std::pair<const char*, Property>> properties = {
      {"spreads over instances", [](const Request& r) { return chain_of(r).ends_with("spread instance"); }},
      {"binpacks", [](const Request& r) { return chain_of(r).find("binpack") != std::string::npos; }},
      {"has a memberOf", [](const Request& r) { return !r.member_of.empty(); }},
      {"is distinct", [](const Request& r) { return r.distinct_instance; }},
      {"has a port", [](const Request& r) { return has_port(r); }},
      {"has an ENI", [](const Request& r) { return r.demand.uses_eni; }},
      {"has GPUs", [](const Request& r) { return r.demand.gpu_count > 0; }},
      {"is large", [](const Request& r) { return r.demand.memory_mib >= 1024; }},
  };
  const auto excludes = [](const std::string& a, const std::string& b) {
    return (a == "has a port" && b == "has an ENI") || (a == "spreads over instances" && b == "binpacks");
  };
  for (std::size_t a = 0; a < properties.size(); ++a) {
    for (std::size_t b = a + 1; b < properties.size(); ++b) {
      if (excludes(properties[a].first, properties[b].first)) {
        continue;
      }
      const auto size = static_cast<double>(zoo.size());
      const double p = static_cast<double>(count_if(zoo, properties[a].second)) / size;
      const double q = static_cast<double>(count_if(zoo, properties[b].second)) / size;
      const auto both =
          static_cast<double>(count_if(zoo, [&](const Request& r) { return properties[a].second(r) && properties[b].second(r); }));
      // The hypergeometric distribution's deviation; five of them.
      const double deviation = std::sqrt(size * p * q * (1 - p) * (1 - q));
      EXPECT_NEAR(both, size * p * q, 5 * deviation) << properties[a].first << " and " << properties[b].first;
    }
  }
}

std::string text_of(const Request& r) {
  std::string text = r.group + "|" + chain_of(r) + "|" + std::to_string(r.demand.cpu_units) + "|" + std::to_string(r.demand.memory_mib);
  text += "|" + std::to_string(r.demand.gpu_count) + "|" + std::to_string(r.demand.uses_eni) + std::to_string(r.distinct_instance);
  for (const std::uint16_t port : r.demand.tcp_ports) {
    text += "|" + std::to_string(port);
  }
  return text + "|" + std::to_string(r.seed) + "|" + (r.member_of.empty() ? "" : r.member_of[0].program->text());
}

TEST(Zoos, FollowFromTheirSeed) {
  const std::vector<Request> again = zoo(200, 1, *sample());
  const std::vector<Request> other = zoo(200, 2, *sample());
  std::size_t same = 0;
  for (std::size_t k = 0; k < again.size(); ++k) {
    EXPECT_EQ(text_of(again[k]), text_of(classes(200)[k]));
    same += text_of(other[k]) == text_of(again[k]) ? 1U : 0U;
  }
  EXPECT_EQ(same, 0U);
}

TEST(Zoos, ExpressionsAreVariedAndSelectSomething) {
  std::map<std::string, int> subjects;
  std::set<std::string> texts;
  int all = 0;
  int total = 0;
  for (const Request& request : classes(200)) {
    for (const placement::MemberOf& member_of : request.member_of) {
      const query::Program& program = *member_of.program;
      const auto selected = query::Binding(member_of.program, sample(), serial_executor()).evaluate(serial_executor()).count();
      EXPECT_GT(selected, 0U) << program.text();
      all += selected == sample()->instance_count() ? 1 : 0;
      ++total;
      texts.insert(program.text());
      for (std::uint32_t leaf = 0; leaf < program.leaf_count(); ++leaf) {
        ++subjects[std::string(program.leaf_subject(leaf).subject) + std::string(program.leaf_subject(leaf).attribute_name)];
      }
    }
  }
  EXPECT_LT(all * 10, total) << "most expressions leave something out";
  EXPECT_GT(texts.size() * 10, static_cast<std::size_t>(total) * 7);
  for (const char* subject : {"attributeecs.instance-type", "attributeecs.availability-zone", "attributestack", "attributepool",
                              "agentVersion", "registeredAt", "task:group"}) {
    EXPECT_GE(subjects[subject], 5) << subject;
  }
}

// Expressions are drawn about instances that take the task, so all can be placed where the fleet has room for their size at all. Of large
// zoos every k-th class is asked, for speed.
TEST_P(Zoo, ClassesArePlacedOnTheFleet) {
  constexpr std::uint32_t kAskedMost = 200;
  const std::uint32_t step = GetParam() / kAskedMost;
  std::uint32_t asked = 0;
  std::uint32_t placed = 0;
  for (std::uint32_t k = 0; k < GetParam(); k += step) {
    const Request& request = classes(GetParam())[k];
    const auto decision = placement::decide(sample(), request, serial_executor());
    ASSERT_TRUE(decision.ok()) << decision.error().message;
    ++asked;
    placed += decision->placed.size() == 1 ? 1U : 0U;
    if (decision->placed.empty()) {
      std::printf("not placed: %s\n", text_of(request).c_str());
    }
  }
  std::printf("%u of %u classes are placed on F(5000)\n", placed, asked);
  EXPECT_EQ(asked, kAskedMost);
  EXPECT_GE(placed * 100, asked * 98);
}

TEST(Zoos, SmallFleetsAndZoosWork) {
  const SnapshotPtr single = fleet(1, 1, serial_executor());
  for (const std::uint32_t count : {0U, 1U, 7U}) {
    const std::vector<Request> zoo_of_few = zoo(count, 4, *single);
    EXPECT_EQ(zoo_of_few.size(), count);
    for (const Request& request : zoo_of_few) {
      EXPECT_TRUE(placement::check_request(request).ok());
      for (const placement::MemberOf& member_of : request.member_of) {
        EXPECT_NE(member_of.program, nullptr);
      }
    }
  }
}

}  // namespace
}  // namespace berth::workloads
