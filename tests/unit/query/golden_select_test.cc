#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/query/program.h"
#include "tests/unit/executor_kinds.h"
#include "tests/unit/query/fixture.h"
#include "tests/unit/query/golden_table.h"

namespace berth::query {
namespace {

std::string names_of(const Bitset& selected, const std::vector<test::PlainInstance>& instances) {
  std::string names;
  selected.for_each([&](std::size_t i) { names += (names.empty() ? "" : " ") + instances[i].name; });
  return names.empty() ? "-" : names;
}

TEST(Select, GoldenCasesOnEveryExecutor) {
  const auto q = test::fixture_q();
  const auto r = test::fixture_r();
  const SnapshotPtr snapshot_q = test::make_snapshot(q);
  const SnapshotPtr snapshot_r = test::make_snapshot(r);
  const auto rows = test::read_golden("select.tsv");
  ASSERT_GT(rows.size(), 200U);
  for (const ExecutorKind kind : kExecutorKinds) {
    const auto executor = make_executor(kind, 2);
    for (const auto& row : rows) {
      ASSERT_EQ(row.size(), 4U);
      SCOPED_TRACE(row[1] + ": " + row[2]);
      const bool is_q = row[0] == "Q";
      const auto program = Program::compile(row[2]);
      ASSERT_TRUE(program) << program.error().message;
      const Binding binding(*program, is_q ? snapshot_q : snapshot_r, *executor);
      const Bitset selected = binding.evaluate(*executor);
      EXPECT_EQ(names_of(selected, is_q ? q : r), row[3]);
      for (std::uint32_t i = 0; i < selected.size(); ++i) {
        EXPECT_EQ(binding.matches(i, {}), selected.test(i));
      }
    }
  }
}

TEST(Select, EmptySnapshotSelectsNothing) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const SnapshotPtr snapshot = test::make_snapshot({});
  for (const char* text : {"attribute:a !exists", "not(task:group == x)", "ec2InstanceId != i-1", "agentVersion < 1", "attribute:a =~ b"}) {
    const auto program = Program::compile(text);
    ASSERT_TRUE(program);
    EXPECT_EQ(Binding(*program, snapshot, *executor).evaluate(*executor), Bitset(0)) << text;
  }
}

TEST(Select, ABindingKeepsItsProgramAndSnapshotAlive) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  std::unique_ptr<Binding> binding;
  {
    auto program = Program::compile("agentVersion < 1.14.5 and attribute:stack == prod");
    ASSERT_TRUE(program);
    binding = std::make_unique<Binding>(*std::move(program), test::make_snapshot(test::fixture_q()), *executor);
  }
  Binding moved = std::move(*binding);
  EXPECT_EQ(moved.evaluate(*executor).count(), 1U);
  EXPECT_EQ(moved.program().leaf_count(), 2U);
}

}  // namespace
}  // namespace berth::query
