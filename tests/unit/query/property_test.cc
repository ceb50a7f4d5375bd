#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/query/program.h"
#include "tests/unit/executor_kinds.h"
#include "tests/unit/query/fixture.h"
#include "tests/unit/query/interpreter.h"
#include "tests/unit/query/random_expression.h"

namespace berth::query {
namespace {

ProgramPtr compiled(const std::string& text, const Policy& policy) {
  const auto program = Program::compile(text, policy);
  if (!program) {
    RC_FAIL(text + "\n" + program.error().message);
  }
  return *program;
}

std::string text_of(const Program& program, Piece piece) {
  return program.text().substr(piece.offset, piece.length);
}

Bitset interpreted(const test::PlainExpression& expression, const std::vector<test::PlainInstance>& fleet, const Policy& policy) {
  Bitset selected(fleet.size());
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    selected.assign(i, test::interpret(expression, fleet[i], policy));
  }
  return selected;
}

RC_GTEST_PROP(Property, EveryExecutorSelectsWhatAPlainInterpreterSelects, ()) {
  const Policy policy = test::draw_policy();
  const auto expression = test::draw_expression(3);
  const std::string text = test::draw_text(expression, policy);
  const auto fleet = test::draw_fleet(150);
  RC_LOG() << text << "\n";
  const ProgramPtr program = compiled(text, policy);
  const SnapshotPtr snapshot = test::make_snapshot(fleet);
  const Bitset expected = interpreted(expression, fleet, policy);
  for (const ExecutorKind kind : kExecutorKinds) {
    const auto executor = make_executor(kind, 2);
    const Binding binding(program, snapshot, *executor);
    RC_ASSERT(binding.evaluate(*executor) == expected);
    for (std::uint32_t i = 0; i < fleet.size(); ++i) {
      RC_ASSERT(binding.matches(i, {}) == expected.test(i));
    }
  }
}

RC_GTEST_PROP(Property, ConjunctsAndLeavesMeanWhatTheirPiecesMean, ()) {
  const Policy policy = test::draw_policy();
  const std::string text = test::draw_text(test::draw_expression(3), policy);
  const auto fleet = test::draw_fleet(80);
  RC_LOG() << text << "\n";
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const ProgramPtr program = compiled(text, policy);
  const SnapshotPtr snapshot = test::make_snapshot(fleet);
  const Binding binding(program, snapshot, *executor);
  Bitset all(fleet.size(), true);
  for (std::uint32_t c = 0; c < program->conjunct_count(); ++c) {
    const Bitset selected = binding.evaluate_conjunct(c, *executor);
    const ProgramPtr alone = compiled(text_of(*program, program->conjunct(c)), policy);
    RC_ASSERT(Binding(alone, snapshot, *executor).evaluate(*executor) == selected);
    for (std::uint32_t i = 0; i < fleet.size(); ++i) {
      RC_ASSERT(binding.conjunct_matches(c, i, {}) == selected.test(i));
    }
    all &= selected;
  }
  RC_ASSERT(all == binding.evaluate(*executor));
  std::uint32_t end = 0;
  for (std::uint32_t l = 0; l < program->leaf_count(); ++l) {
    RC_ASSERT(program->leaf(l).offset >= end);
    end = program->leaf(l).offset + program->leaf(l).length;
    const ProgramPtr alone = compiled(text_of(*program, program->leaf(l)), policy);
    RC_ASSERT(alone->leaf_count() == 1U);
    RC_ASSERT(Binding(alone, snapshot, *executor).evaluate(*executor) == binding.evaluate_leaf(l, *executor));
  }
}

RC_GTEST_PROP(Property, LiveFactsAgreeWithTheSameTasksReallyAdded, ()) {
  const Policy policy = test::draw_policy();
  const auto expression = test::draw_expression(2);
  const std::string text = test::draw_text(expression, policy);
  auto fleet = test::draw_fleet(12);
  RC_PRE(!fleet.empty());
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  const ProgramPtr program = compiled(text, policy);
  const Binding before(program, test::make_snapshot(fleet), *executor);
  const std::string group = test::draw_group();
  const auto added = *rc::gen::inRange<std::uint32_t>(0, 4);
  RC_LOG() << text << " with " << added << " of '" << group << "'\n";
  auto after_fleet = fleet;
  for (test::PlainInstance& instance : after_fleet) {
    for (std::uint32_t i = 0; i < added; ++i) {
      instance.tasks.push_back({group, TaskStatus::kPending, TaskStatus::kRunning});
    }
  }
  const Binding after(program, test::make_snapshot(after_fleet), *executor);
  const Bitset selected = after.evaluate(*executor);
  RC_ASSERT(selected == interpreted(expression, after_fleet, policy));
  for (std::uint32_t i = 0; i < fleet.size(); ++i) {
    RC_ASSERT(before.matches(i, {added, group}) == selected.test(i));
    for (std::uint32_t c = 0; c < program->conjunct_count(); ++c) {
      RC_ASSERT(before.conjunct_matches(c, i, {added, group}) == after.conjunct_matches(c, i, {}));
    }
  }
}

RC_GTEST_PROP(Property, AnyDamageToAnExpressionCompilesOrNamesAPlaceInside, ()) {
  const Policy policy = test::draw_policy();
  std::string text = test::draw_text(test::draw_expression(2), policy);
  for (auto damages = *rc::gen::inRange(1, 4); damages > 0 && !text.empty(); --damages) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 4));
        break;
      case 1:
        text.insert(at, 1, *rc::gen::elementOf(std::string(" '\"()[],!=~<>&|\\a.*{}\n\xff\0", 24)));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  RC_LOG() << text << "\n";
  const auto program = Program::compile(text, policy);
  if (!program) {
    const Error& error = program.error();
    RC_ASSERT(error.offset <= text.size());
    RC_ASSERT(error.length <= text.size() - error.offset);
    RC_ASSERT(error.message.find('\n') == std::string::npos);
    RC_ASSERT(!error.message.empty());
  }
}

}  // namespace
}  // namespace berth::query
