// Program: one expression of the cluster query language, compiled; Binding: a program applied to one snapshot.
//
//   auto program = query::Program::compile("attribute:ecs.instance-type =~ t2.* and runningTasksCount < 5");
//   query::Binding binding(*program, snapshot, executor);
//   Bitset selected = binding.evaluate(executor);
//
// Thread rule: both are immutable once made; any number of threads. Lifetime: a Binding keeps its program and snapshot alive.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/query/policy.h"
#include "engine/snapshot/snapshot.h"

namespace berth::query {

class InstanceView;

// A piece of an expression's text, in bytes.
struct Piece {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

class Program {
 public:
  // Errors: kInvalidArgument with the offset and length of the offending piece and what was expected there; kLimitExceeded for a text
  // or a nesting that is too long; kUnsupported for a pattern that Java reads and RE2 does not.
  static Result<std::shared_ptr<const Program>> compile(std::string_view text, const Policy& policy = {});

  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Policy& policy() const;

  // The conjuncts: the operands of the outermost chain of `and` (the whole expression where there is none). All must hold.
  [[nodiscard]] std::uint32_t conjunct_count() const;
  [[nodiscard]] Piece conjunct(std::uint32_t index) const;
  // The leaves: every single comparison, in the order of the text.
  [[nodiscard]] std::uint32_t leaf_count() const;
  [[nodiscard]] Piece leaf(std::uint32_t index) const;
  // What a leaf is about, for advice to users: "attribute:NAME" has subject "attribute" and attribute name NAME.
  struct LeafSubject {
    std::string_view subject;         // "attribute", "task:group", "agentVersion", ...
    std::string_view attribute_name;  // Empty unless subject is "attribute".
  };
  [[nodiscard]] LeafSubject leaf_subject(std::uint32_t index) const;

  // Whether the answer can change when tasks come or go: a leaf is about task:group or runningTasksCount.
  [[nodiscard]] bool depends_on_tasks() const;
  // What the answer of a conjunct depends on: a union of these, never empty.
  enum Dependency : std::uint8_t {
    kOnAttributes = 1,  // Of conjunct_attributes() alone.
    kOnIdentity = 2,    // ec2InstanceId, registeredAt: what an instance keeps while it is registered.
    kOnAgent = 4,       // agentVersion, agentConnected.
    kOnTasks = 8,       // task:group, runningTasksCount.
  };
  [[nodiscard]] std::uint8_t conjunct_dependencies(std::uint32_t index) const;
  // The names of the attributes that a conjunct mentions, ascending by bytes, each once.
  [[nodiscard]] std::span<const std::string_view> conjunct_attributes(std::uint32_t index) const;

  // Whether the expression, or one of its conjuncts, selects the instance: what a Binding to a snapshot with the same facts answers.
  // Allocates nothing and takes no lock; a pattern costs the automaton's time.
  [[nodiscard]] bool matches(const InstanceView& instance) const;
  [[nodiscard]] bool conjunct_matches(std::uint32_t index, const InstanceView& instance) const;

 private:
  friend class Binding;
  Program();
  struct State;
  std::unique_ptr<State> state_;
};

using ProgramPtr = std::shared_ptr<const Program>;

// What has changed on an instance since the snapshot, as far as expressions can see it.
struct LiveFacts {
  // Tasks added since the snapshot; all are desired RUNNING and of group `added_group`.
  std::uint32_t added_tasks = 0;
  std::string_view added_group;
};

class Binding {
 public:
  // Binds names to column and value ids. A pattern is matched here, once per distinct value, and never again.
  Binding(ProgramPtr program, SnapshotPtr snapshot, Executor& executor);
  Binding(Binding&&) noexcept;
  Binding& operator=(Binding&&) noexcept;
  ~Binding();

  [[nodiscard]] const Program& program() const;

  // The instances that the expression, one of its conjuncts, or one of its leaves selects, on the snapshot as it is. By blocks.
  [[nodiscard]] Bitset evaluate(Executor& executor) const;
  [[nodiscard]] Bitset evaluate_conjunct(std::uint32_t index, Executor& executor) const;
  [[nodiscard]] Bitset evaluate_leaf(std::uint32_t index, Executor& executor) const;

  // The same for one instance after tasks were added to it. Allocates nothing.
  [[nodiscard]] bool matches(std::uint32_t instance, const LiveFacts& facts) const;
  [[nodiscard]] bool conjunct_matches(std::uint32_t index, std::uint32_t instance, const LiveFacts& facts) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::query
