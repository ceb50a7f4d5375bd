// Property: any bytes, under any policy, either compile, or fail with one line of message and an error whose [offset, offset + length)
// lies inside the text. Of a compiled program: conjuncts and leaves lie inside the text, in order; compiling its text again gives the
// same structure; each conjunct compiles alone; on a fixed fleet, evaluation gives the answer of matches() for every instance, and of
// the conjuncts together; and RE2 and the automaton that stands in for it where nothing may be allocated agree on the group of a task
// that was added. No pattern takes exponential time: libFuzzer's time limit for one input would show it.
//
// Input: two bytes that choose the policy, then the expression.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/query/program.h"
#include "engine/snapshot/builder.h"

namespace {

using berth::Bitset;
using berth::Executor;
using berth::query::Binding;
using berth::query::Piece;
using berth::query::Policy;
using berth::query::Program;

constexpr std::uint32_t kInstances = 150;  // More than two words, and enough for an attribute outside the shared sets.
constexpr std::string_view kNewGroup = "service:new-1";

void require(bool holds, const char* what) {
  if (!holds) {
    std::cerr << "broken property: " << what << "\n";
    std::abort();
  }
}

template <typename T>
T value_of(berth::Result<T> result) {
  require(result.ok(), "the fixed fleet can be built");
  return std::move(result).value();
}

Policy policy_from(std::uint8_t low, std::uint8_t high) {
  Policy policy;
  policy.anchoring = static_cast<Policy::Anchoring>(low & 1U);
  policy.precedence = static_cast<Policy::Precedence>((low >> 1U) & 1U);
  policy.keyword_case = static_cast<Policy::KeywordCase>((low >> 2U) & 1U);
  policy.double_quotes = static_cast<Policy::DoubleQuotes>((low >> 3U) & 1U);
  policy.attribute_order = static_cast<Policy::AttributeOrder>((low >> 4U) & 1U);
  policy.name_only = static_cast<Policy::NameOnly>((low >> 5U) & 1U);
  policy.group_absent = static_cast<Policy::GroupAbsent>((low >> 6U) & 1U);
  policy.group_tasks = static_cast<Policy::GroupTasks>((low >> 7U) & 1U);
  policy.version_suffix = static_cast<Policy::VersionSuffix>(high & 1U);
  return policy;
}

// `added` tasks of kNewGroup more on every instance.
berth::SnapshotPtr make_fleet(Executor& executor, std::uint32_t added) {
  constexpr std::string_view kTypes[] = {"t2.small", "t2.medium", "g2.2xlarge", "m5.large"};
  constexpr std::string_view kGroups[] = {"family:web", "service:production", "database", "databases"};
  constexpr std::string_view kVersions[] = {"1.14.4", "1.14.5", "1.9.0", "1.70.2-rc1", "", "latest"};
  berth::SnapshotBuilder builder;
  std::uint32_t task_count = 0;
  for (std::uint32_t i = 0; i < kInstances; ++i) {
    const std::string digits = std::to_string(1000 + i);
    const std::string arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/web/0123456789abcdef0123456789ab" + digits;
    const std::string id = "i-0123456789abc" + digits;
    std::vector<berth::InternedAttribute> attributes = {{builder.intern_name("ecs.instance-type"), builder.intern_value(kTypes[i % 4])},
                                                        {builder.intern_name("host"), builder.intern_value("host-" + digits)}};
    if (i % 3 != 0) {
      attributes.push_back(
          {builder.intern_name("stack"), i % 5 == 0 ? berth::kAttributeNameOnly : builder.intern_value(i % 2 == 0 ? "9" : "10")});
    }
    berth::InstanceRecord record;
    record.arn = arn;
    record.ec2_instance_id = i % 7 == 0 ? std::string_view() : std::string_view(id);
    record.agent_version = kVersions[i % 6];
    record.agent_connected = i % 8 != 0;
    record.registered_at_ms = i % 9 == 0 ? 0 : 1518480000000 + i;
    record.running_tasks_count = i % 3 + added;
    record.attributes = attributes;
    require(builder.add_instance(record).ok(), "the fixed fleet can be built");
    for (std::uint32_t task_index = 0; task_index < i % 3 + added; ++task_index) {
      const std::string task_arn = "arn:aws:ecs:us-east-1:123456789012:task/web/" + std::to_string(task_count++);
      berth::TaskRecord task;
      task.arn = task_arn;
      task.instance_arn = arn;
      task.group = task_index < i % 3 ? kGroups[(i + task_index) % 4] : kNewGroup;
      task.last_status = task_index < i % 3 ? berth::TaskStatus::kRunning : berth::TaskStatus::kPending;
      require(builder.add_task(task).ok(), "the fixed fleet can be built");
    }
  }
  return value_of(berth::Snapshot::from_bytes(value_of(builder.finish(executor)), executor));
}

struct World {
  std::unique_ptr<Executor> executor = berth::make_executor(berth::ExecutorKind::kSerial, 1);
  berth::SnapshotPtr before = make_fleet(*executor, 0);
  berth::SnapshotPtr after = make_fleet(*executor, 1);
};

void check_error(const berth::Error& error, std::string_view text) {
  require(error.offset <= text.size() && error.length <= text.size() - error.offset, "an error lies inside the text");
  require(!error.message.empty() && error.message.find('\n') == std::string::npos, "an error is one line");
}

bool is_inside(Piece piece, std::string_view text) {
  return piece.length > 0 && piece.offset <= text.size() && piece.length <= text.size() - piece.offset;
}

void check_structure(const Program& program, const Policy& policy) {
  const std::string& text = program.text();
  const auto again = Program::compile(text, policy);
  require(again.ok(), "the text of a program compiles");
  require((*again)->conjunct_count() == program.conjunct_count() && (*again)->leaf_count() == program.leaf_count(),
          "compiling again gives the same structure");
  std::uint32_t end = 0;
  for (std::uint32_t i = 0; i < program.conjunct_count(); ++i) {
    const Piece piece = program.conjunct(i);
    require(is_inside(piece, text) && piece.offset >= end, "conjuncts lie inside the text, in order");
    require((*again)->conjunct(i).offset == piece.offset && (*again)->conjunct(i).length == piece.length, "the same conjuncts again");
    require(Program::compile(text.substr(piece.offset, piece.length), policy).ok(), "a conjunct compiles alone");
    end = piece.offset + piece.length;
  }
  end = 0;
  for (std::uint32_t i = 0; i < program.leaf_count(); ++i) {
    const Piece piece = program.leaf(i);
    require(is_inside(piece, text) && piece.offset >= end, "leaves lie inside the text, in order");
    require((*again)->leaf(i).offset == piece.offset && (*again)->leaf(i).length == piece.length, "the same leaves again");
    end = piece.offset + piece.length;
  }
}

void check_evaluation(const berth::query::ProgramPtr& program, const World& world) {
  Executor& executor = *world.executor;
  const Binding binding(program, world.before, executor);
  const Bitset selected = binding.evaluate(executor);
  Bitset all(kInstances, true);
  for (std::uint32_t i = 0; i < program->conjunct_count(); ++i) {
    all &= binding.evaluate_conjunct(i, executor);
  }
  require(all == selected, "the conjuncts together are the expression");
  const Bitset selected_after = Binding(program, world.after, executor).evaluate(executor);
  for (std::uint32_t i = 0; i < kInstances; ++i) {
    require(binding.matches(i, {}) == selected.test(i), "evaluate() agrees with matches()");
    require(binding.matches(i, {1, kNewGroup}) == selected_after.test(i), "matches() foresees a task that is added");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  if (size < 2) {
    return 0;
  }
  const Policy policy = policy_from(data[0], data[1]);
  const std::string text(data + 2, data + size);
  const auto program = Program::compile(text, policy);
  if (!program) {
    check_error(program.error(), text);
    return 0;
  }
  check_structure(**program, policy);
  check_evaluation(*program, world);
  return 0;
}
