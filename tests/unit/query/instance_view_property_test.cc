#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/query/instance_view.h"
#include "engine/query/program.h"
#include "tests/unit/query/fixture.h"
#include "tests/unit/query/random_expression.h"
#include "tests/unit/query/snapshot_view.h"

namespace berth::query {
namespace {

ProgramPtr draw_program(const Policy& policy) {
  const std::string text = test::draw_text(test::draw_expression(3), policy);
  RC_LOG() << text << "\n";
  const auto program = Program::compile(text, policy);
  if (!program) {
    RC_FAIL(text + "\n" + program.error().message);
  }
  return *program;
}

// A view that shows only some of the attributes.
class NarrowView : public test::SnapshotView {
 public:
  NarrowView(const Snapshot& snapshot, test::FactSources from, std::span<const std::string_view> shown)
      : SnapshotView(snapshot, from), shown_(shown) {}

  [[nodiscard]] Attribute attribute(std::string_view name) const override {
    return std::find(shown_.begin(), shown_.end(), name) == shown_.end() ? Attribute() : SnapshotView::attribute(name);
  }

 private:
  std::span<const std::string_view> shown_;
};

RC_GTEST_PROP(InstanceViewProperty, AViewOfAnInstanceIsSelectedAsTheInstanceIs, ()) {
  const Policy policy = test::draw_policy();
  const ProgramPtr program = draw_program(policy);
  const SnapshotPtr snapshot = test::make_snapshot(test::draw_fleet(100));
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const Binding binding(program, snapshot, *executor);
  const Bitset selected = binding.evaluate(*executor);
  std::vector<Bitset> by_conjunct;
  by_conjunct.reserve(program->conjunct_count());
  for (std::uint32_t c = 0; c < program->conjunct_count(); ++c) {
    by_conjunct.push_back(binding.evaluate_conjunct(c, *executor));
  }
  for (std::uint32_t i = 0; i < snapshot->instance_count(); ++i) {
    const test::SnapshotView view(*snapshot, i);
    RC_ASSERT(program->matches(view) == selected.test(i));
    for (std::uint32_t c = 0; c < program->conjunct_count(); ++c) {
      RC_ASSERT(program->conjunct_matches(c, view) == by_conjunct[c].test(i));
    }
  }
}

RC_GTEST_PROP(InstanceViewProperty, FactsThatAConjunctDoesNotDependOnDoNotChangeItsAnswer, ()) {
  const Policy policy = test::draw_policy();
  const ProgramPtr program = draw_program(policy);
  const SnapshotPtr snapshot = test::make_snapshot(test::draw_fleet(40));
  for (std::uint32_t c = 0; c < program->conjunct_count(); ++c) {
    const std::uint8_t depends = program->conjunct_dependencies(c);
    for (std::uint32_t i = 0; i < snapshot->instance_count(); ++i) {
      const std::uint32_t other = (i * 7 + 3) % snapshot->instance_count();
      const auto source = [&](Program::Dependency kind) { return (depends & kind) != 0 ? i : other; };
      const NarrowView changed(
          *snapshot, {source(Program::kOnAttributes), source(Program::kOnIdentity), source(Program::kOnAgent), source(Program::kOnTasks)},
          program->conjunct_attributes(c));
      RC_ASSERT(program->conjunct_matches(c, changed) == program->conjunct_matches(c, test::SnapshotView(*snapshot, i)));
    }
  }
}

}  // namespace
}  // namespace berth::query
