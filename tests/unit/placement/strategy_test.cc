// The chain: T77 to T85, ties, and what spread counts.
#include <gtest/gtest.h>

#include <sstream>

#include "engine/base/hash.h"
#include "tests/unit/executor_kinds.h"
#include "tests/unit/placement/model.h"
#include "tests/unit/placement/reference.h"

namespace berth::placement::test {
namespace {

using Ids = std::vector<std::string>;

// The ids ordered by tie key.
Ids in_tie_order(Ids ids, std::uint64_t tie_seed = kDefaultTieSeed) {
  std::sort(ids.begin(), ids.end(),
            [&](const std::string& a, const std::string& b) { return hash_bytes(tie_seed, arn_of(a)) < hash_bytes(tie_seed, arn_of(b)); });
  return ids;
}

Ids place(const Fleet& fleet, const Request& request) {
  const SnapshotPtr snapshot = build(fleet);
  return placed_ids(snapshot, decide_on(snapshot, request));
}

ModelInstance with_tasks(ModelInstance instance, std::size_t count, const std::string& group = "service:web") {
  instance.tasks = tasks_of(group, count);
  return instance;
}

TEST(Binpack, TakesTheLeastMemoryThatStillFits) {  // T77
  Request request = make_request(1, {binpack_memory()});
  request.demand.memory_mib = 200;
  EXPECT_EQ(place({make_instance("A", "z", 4096, 500), make_instance("B", "z", 4096, 300), make_instance("C", "z", 4096, 100)}, request),
            Ids{"B"});
}

TEST(Binpack, FillsAnInstanceBeforeTheNext) {
  EXPECT_EQ(place({make_instance("A", "z", 300, 8192), make_instance("B", "z", 256, 8192)}, make_request(9, {binpack_cpu()})),
            (Ids{"B", "B", "A", "A"}));
}

TEST(Binpack, PassesOverNegativeRemainders) {
  Request request = make_request(2, {binpack_memory()});
  request.demand.memory_mib = 0;
  EXPECT_EQ(place({make_instance("A", "z", 1024, 0), make_instance("B", "z", 1024, -5)}, request), (Ids{"A", "A"}));
}

TEST(Spread, LooksAtZonesWithCandidatesOnly) {  // T79
  const Fleet fleet = {with_tasks(make_instance("a", "za"), 2), with_tasks(make_instance("b", "zb", 0), 1),
                       with_tasks(make_instance("c", "zc"), 1)};
  EXPECT_EQ(place(fleet, make_request(1, {spread(kZone)})), Ids{"c"});
}

TEST(Spread, CountsTheRequestsGroupOnly) {  // T83
  const Fleet fleet = {with_tasks(make_instance("a", "za"), 9, "family:heavy"), with_tasks(make_instance("b", "zb"), 1)};
  EXPECT_EQ(place(fleet, make_request(1, {spread(kZone)})), Ids{"a"});
}

TEST(Spread, AFullZoneLeavesItsShareToTheOthers) {  // T85
  const Fleet fleet = {make_instance("a", "za", 0), make_instance("b", "zb"), make_instance("c", "zc")};
  const Ids ids = place(fleet, make_request(4, {spread(kZone)}));
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "a"), 0);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "b"), 2);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "c"), 2);
}

TEST(Spread, CountsTasksOnInstancesThatAreNoCandidatesOrNotExamined) {
  ModelInstance draining = with_tasks(make_instance("a1", "za"), 2);
  draining.status = InstanceStatus::kDraining;
  ModelInstance offline = with_tasks(make_instance("b1", "zb"), 1);
  offline.agent_connected = false;
  const Fleet fleet = {draining, make_instance("a2", "za"), offline, make_instance("b2", "zb")};
  EXPECT_EQ(place(fleet, make_request(3, {spread(kZone)})).front(), "b2");
  // za has 2 and zb 1: b2 first, then both zones are level, then the one that lost is next.
  Ids ids = place(fleet, make_request(3, {spread(kZone)}));
  std::sort(ids.begin() + 1, ids.end());
  EXPECT_EQ(ids, (Ids{"b2", "a2", "b2"}));
}

TEST(Spread, PendingTasksCountAndStoppingOnesDoNot) {
  ModelInstance pending = make_instance("pending", "za");
  pending.tasks = {{"service:web", TaskStatus::kRunning, TaskStatus::kPending}};
  ModelInstance stopping = make_instance("stopping", "zb");
  stopping.tasks = {{"service:web", TaskStatus::kStopped, TaskStatus::kRunning},
                    {"service:web", TaskStatus::kStopped, TaskStatus::kRunning}};
  EXPECT_EQ(place({pending, stopping}, make_request(1, {spread(kZone)})), Ids{"stopping"});
  EXPECT_EQ(place({pending, stopping}, make_request(1, {spread_instance()})), Ids{"stopping"});
}

TEST(Spread, MissingNameOnlyAndEmptyValuesAreOneGroup) {
  ModelInstance missing = make_instance("missing");
  ModelInstance name_only = with_tasks(make_instance("nameonly"), 1);
  name_only.attributes["rack"] = std::nullopt;
  ModelInstance empty = make_instance("vacant");
  empty.attributes["rack"] = "";
  ModelInstance named = make_instance("named");
  named.attributes["rack"] = "r1";
  // The group "" has one task already, r1 none: r1 takes the first, then the group "" the second, by tie order.
  const Ids ids = place({missing, name_only, empty, named}, make_request(3, {spread("rack"), spread_instance()}));
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], "named");
  const Ids level = in_tie_order({"missing", "vacant", "named"});
  // Counts are 1 and 1: instances without a task of the group come before "named" and "nameonly", in any group.
  EXPECT_EQ(ids[1], in_tie_order({"missing", "vacant"}).front());
  EXPECT_EQ(ids[2], "named");
}

TEST(Spread, UnknownAttributeLeavesTheChoiceToTheNextLevel) {
  EXPECT_EQ(place({make_instance("a", "z", 900), make_instance("b", "z", 800)}, make_request(1, {spread("nothing"), binpack_cpu()})),
            Ids{"b"});
}

TEST(Chain, TiesOfGroupsGoToTheNextLevelAcrossGroups) {
  // Zones za and zb are level; the instance with the least memory of both wins, wherever it is.
  const Fleet fleet = {make_instance("a1", "za", 4096, 4000), make_instance("a2", "za", 4096, 900), make_instance("b1", "zb", 4096, 700),
                       with_tasks(make_instance("c1", "zc", 4096, 300), 1)};
  EXPECT_EQ(place(fleet, make_request(4, {spread(kZone), binpack_memory()})), (Ids{"b1", "a2", "c1", "b1"}));
}

TEST(Chain, OwnKeyBeforeGroupLevel) {
  // a1 and b1 have the least CPU; of their zones zb has fewer tasks.
  const Fleet fleet = {make_instance("a1", "za", 500), make_instance("b1", "zb", 500), with_tasks(make_instance("a2", "za", 900), 1)};
  EXPECT_EQ(place(fleet, make_request(1, {binpack_cpu(), spread(kZone)})), Ids{"b1"});
}

TEST(Chain, TwoGroupLevelsCountOverAllInstancesOfAValue) {
  ModelInstance a1 = make_instance("a1", "za");
  ModelInstance a2 = make_instance("a2", "za");
  ModelInstance b1 = make_instance("b1", "zb");
  a1.attributes["rack"] = "r1";
  a2.attributes["rack"] = "r2";
  b1.attributes["rack"] = "r1";
  b1.tasks = tasks_of("service:web", 2);
  // za has none; within za r1 has 2 (all of them in zb) and r2 none.
  EXPECT_EQ(place({a1, a2, b1}, make_request(1, {spread(kZone), spread("rack")})), Ids{"a2"});
  // By rack first: r2 has none.
  EXPECT_EQ(place({a1, a2, b1}, make_request(2, {spread("rack"), spread(kZone)})), (Ids{"a2", "a2"}));
}

TEST(Chain, ServiceDefaultFillsZonesThenInstancesEvenly) {
  const Fleet fleet = {make_instance("a1", "za"), make_instance("a2", "za"), make_instance("b1", "zb"), make_instance("b2", "zb")};
  Ids ids = place(fleet, make_request(4, default_strategies(true)));
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (Ids{"a1", "a2", "b1", "b2"}));
}

TEST(Chain, WithoutStrategiesTheTieOrderDecides) {
  const Fleet fleet = {make_instance("a", "z", 256), make_instance("b", "z", 256), make_instance("c", "z", 256)};
  const Ids order = in_tie_order({"a", "b", "c"});
  EXPECT_EQ(place(fleet, make_request(6)), (Ids{order[0], order[0], order[1], order[1], order[2], order[2]}));
}

TEST(Chain, TieSeedBelongsToTheSnapshot) {
  Fleet fleet;
  Ids names;
  for (char id = 'a'; id <= 'p'; ++id) {
    names.emplace_back(1, id);
    fleet.push_back(make_instance(names.back()));
  }
  std::set<std::string> winners;
  for (std::uint64_t tie_seed = 1; tie_seed <= 8; ++tie_seed) {
    const SnapshotPtr snapshot = build(fleet, tie_seed);
    const Ids ids = placed_ids(snapshot, decide_on(snapshot, make_request(1)));
    EXPECT_EQ(ids.front(), in_tie_order(names, tie_seed).front());
    winners.insert(ids.front());
  }
  EXPECT_GT(winners.size(), 1U);
}

TEST(Chain, RepeatedLevelsChangeNothing) {
  const Fleet fleet = {make_instance("a", "za", 700), make_instance("b", "zb", 600), make_instance("c", "zb", 500)};
  EXPECT_EQ(place(fleet, make_request(5, {spread(kZone), binpack_cpu(), spread(kZone), binpack_cpu()})),
            place(fleet, make_request(5, {spread(kZone), binpack_cpu()})));
}

// Enough instances for several blocks, so that blocks and slices have edges to get wrong.
Fleet large_fleet(std::uint32_t count) {
  Fleet fleet;
  for (std::uint32_t index = 0; index < count; ++index) {
    ModelInstance instance =
        make_instance(std::to_string(100'000 + index), "z" + std::to_string(index % 3),
                      static_cast<std::int32_t>(128 + index * 7919 % 1024), static_cast<std::int32_t>(256 + index * 104'729 % 4096));
    instance.attributes["rack"] = "r" + std::to_string(index % 50);
    instance.agent_connected = index % 97 != 0;
    if (index % 1000 == 1) {
      instance.tasks = tasks_of("service:web", index % 4);
    }
    fleet.push_back(std::move(instance));
  }
  return fleet;
}

TEST(ManyBlocks, DecideAsDefinedAndAlikeOnEveryExecutor) {
  const Fleet fleet = large_fleet(2 * kBlockInstances + 777);
  const SnapshotPtr snapshot = build(fleet);
  const std::vector<std::vector<Strategy>> chains = {default_strategies(true),        {spread(kZone), binpack_memory()},
                                                     {spread("rack"), spread(kZone)}, {binpack_cpu(), random_choice()},
                                                     default_strategies(false),       {}};
  for (std::size_t index = 0; index < chains.size(); ++index) {
    Request request = make_request(6, chains[index]);
    if (index % 2 == 1) {
      request.member_of = {member_of("attribute:rack in [r1, r2, r3] and runningTasksCount < 2")};
    }
    const std::vector<Predicate> predicates(request.member_of.size(), [](const ModelInstance& i, std::uint32_t added, const std::string&) {
      const std::string rack = *i.attributes.at("rack");
      return (rack == "r1" || rack == "r2" || rack == "r3") && i.tasks.size() + added < 2;
    });
    const ReferenceDecision want = decide_by_definition(fleet, request, predicates, kDefaultTieSeed);
    for (const ExecutorKind kind : kExecutorKinds) {
      const std::unique_ptr<Executor> executor = make_executor(kind, 4);
      const Result<Decision> got = decide(snapshot, request, *executor);
      ASSERT_TRUE(got.ok());
      ASSERT_EQ(got->placed.size(), want.placed.size()) << index;
      for (std::size_t task = 0; task < want.placed.size(); ++task) {
        EXPECT_EQ(got->placed[task].instance, want.placed[task].instance) << "chain " << index << " task " << task;
      }
    }
  }
}

TEST(ManyBlocks, ExecutorsAgreeOnFailuresToo) {
  const SnapshotPtr snapshot = build(large_fleet(kBlockInstances + 333));
  Request request = make_request(100'000, default_strategies(true));
  request.distinct_instance = true;
  request.demand.cpu_units = 700;
  const Decision want = decide_on(snapshot, request);
  ASSERT_GT(want.placed.size(), 1000U);
  ASSERT_GT(want.failures.size(), 1000U);
  for (const ExecutorKind kind : kExecutorKinds) {
    const std::unique_ptr<Executor> executor = make_executor(kind, 3);
    const Result<Decision> got = decide(snapshot, request, *executor);
    ASSERT_TRUE(got.ok());
    ASSERT_EQ(got->placed.size(), want.placed.size());
    for (std::size_t task = 0; task < want.placed.size(); ++task) {
      ASSERT_EQ(got->placed[task].instance, want.placed[task].instance);
    }
    EXPECT_EQ(got->lost, want.lost);
    ASSERT_EQ(got->failures.size(), want.failures.size());
    for (std::size_t index = 0; index < want.failures.size(); ++index) {
      ASSERT_EQ(got->failures[index].instance, want.failures[index].instance);
      ASSERT_EQ(got->failures[index].reason, want.failures[index].reason);
    }
  }
}

// Every number and name of an explanation, so that two are alike exactly when their texts are.
std::string text_of(const Explanation& explanation) {
  std::ostringstream text;
  for (const std::uint64_t fails : explanation.fails_at_all) {
    text << fails << ' ';
  }
  for (const Shortfall& lack : explanation.shortfalls) {
    text << "\nlacks " << static_cast<int>(lack.resource) << ' ' << lack.instances << ' ' << lack.least << ' ' << lack.most;
  }
  for (const std::vector<TermCount>* terms : {&explanation.conjuncts, &explanation.leaves}) {
    for (const TermCount& term : *terms) {
      text << "\nterm " << term.text << ' ' << term.selected << ' ' << term.failed;
    }
  }
  for (const Relaxation& change : explanation.relaxations) {
    text << "\nchange " << static_cast<int>(change.kind) << ' ' << change.what << ' ' << change.amount << ' ' << change.instances;
  }
  if (explanation.closest) {
    text << "\nclosest " << explanation.closest->instance << ' ' << explanation.closest->checks_passed;
  }
  for (const WhyHere& why : explanation.why_here) {
    text << "\nplaced on " << why.instance << " of " << why.candidates << ", then " << why.runner_up.value_or(UINT32_MAX);
    for (const KeyLevel& level : why.levels) {
      text << "; " << level.strategy << ' ' << level.winner << ' ' << level.runner_up << ' ' << level.remaining;
    }
  }
  return text.str();
}

TEST(ManyBlocks, ExplanationsAreAlikeOnEveryExecutor) {
  const SnapshotPtr snapshot = build(large_fleet(kBlockInstances + 333));
  Request fits = make_request(3, default_strategies(true));
  fits.member_of = {member_of("attribute:rack in [r1, r2] and runningTasksCount < 2")};
  Request fails = fits;
  fails.demand.cpu_units = 1200;
  const Explanation placed = explain_on(snapshot, fits);
  const Explanation lost = explain_on(snapshot, fails);
  ASSERT_FALSE(placed.why_here.empty());
  ASSERT_FALSE(lost.shortfalls.empty());
  ASSERT_FALSE(lost.relaxations.empty());
  for (const ExecutorKind kind : kExecutorKinds) {
    const std::unique_ptr<Executor> executor = make_executor(kind, 3);
    EXPECT_EQ(text_of(*explain(snapshot, fits, *executor)), text_of(placed));
    EXPECT_EQ(text_of(*explain(snapshot, fails, *executor)), text_of(lost));
  }
}

}  // namespace
}  // namespace berth::placement::test
