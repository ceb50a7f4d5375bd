#include <algorithm>
#include <string>
#include <tuple>

#include "engine/placement/explain_parts.h"

namespace berth::placement {
namespace {

constexpr bool is_resource(Reason check) {
  return (check >= Reason::kCpu && check <= Reason::kEni) || is_own(check);
}

// Of `selected`, the examined instances that are not in it.
Bitset failing_of(Bitset selected, const Bitset& examined) {
  selected.flip();
  selected &= examined;
  return selected;
}

TermCount make_term(const MemberOf& member_of, query::Piece piece, const FailureSets& failures, const Bitset& failing) {
  TermCount term;
  term.origin = member_of.origin;
  term.text = member_of.program->text().substr(piece.offset, piece.length);
  term.piece = piece;
  term.failed = failing.count();
  term.selected = failures.placing().examined().count() - term.failed;
  return term;
}

bool is_about_tasks(const query::Program::LeafSubject& subject) {
  return subject.subject == "task:group" || subject.subject == "runningTasksCount";
}

}  // namespace

std::vector<ConjunctFailures> conjunct_failures(const FailureSets& failures, Executor& executor) {
  const Placing& placing = failures.placing();
  const Checks& checks = placing.checks();
  std::vector<ConjunctFailures> result;
  for (std::uint32_t index = 0; index < checks.bindings().size(); ++index) {
    const query::Binding& binding = checks.bindings()[index];
    for (std::uint32_t conjunct = 0; conjunct < binding.program().conjunct_count(); ++conjunct) {
      Bitset selected = binding.evaluate_conjunct(conjunct, executor);
      if (binding.program().depends_on_tasks()) {
        for (const std::uint32_t instance : failures.touched()) {
          selected.assign(instance, binding.conjunct_matches(conjunct, instance, checks.facts(placing.added()[instance])));
        }
      }
      result.push_back({index, conjunct, failing_of(std::move(selected), placing.examined())});
    }
  }
  return result;
}

std::vector<TermCount> count_conjuncts(const FailureSets& failures, const std::vector<ConjunctFailures>& conjuncts) {
  std::vector<TermCount> result;
  for (const ConjunctFailures& conjunct : conjuncts) {
    const MemberOf& member_of = failures.placing().request().member_of[conjunct.member_of];
    result.push_back(make_term(member_of, member_of.program->conjunct(conjunct.conjunct), failures, conjunct.failing));
  }
  return result;
}

std::vector<TermCount> count_leaves(const FailureSets& failures, Executor& executor) {
  const Placing& placing = failures.placing();
  std::vector<TermCount> result;
  for (std::size_t index = 0; index < placing.checks().bindings().size(); ++index) {
    const query::Binding& binding = placing.checks().bindings()[index];
    const query::Program& program = binding.program();
    for (std::uint32_t leaf = 0; leaf < program.leaf_count(); ++leaf) {
      Bitset selected = binding.evaluate_leaf(leaf, executor);
      const query::Piece piece = program.leaf(leaf);
      if (!failures.touched().empty() && is_about_tasks(program.leaf_subject(leaf))) {
        // A leaf is an expression of its own; as such it can be asked about instances that took tasks.
        if (auto alone = query::Program::compile(program.text().substr(piece.offset, piece.length), program.policy()); alone.ok()) {
          const query::Binding bound(*alone, placing.snapshot(), executor);
          for (const std::uint32_t instance : failures.touched()) {
            selected.assign(instance, bound.matches(instance, placing.checks().facts(placing.added()[instance])));
          }
        }
      }
      result.push_back(make_term(placing.request().member_of[index], piece, failures, failing_of(std::move(selected), placing.examined())));
    }
  }
  return result;
}

std::vector<Shortfall> count_shortfalls(const FailureSets& failures) {
  std::vector<Shortfall> result;
  for (const auto& [resource, failing] : failures.all()) {
    if (!is_resource(resource)) {
      continue;
    }
    Shortfall shortfall;
    shortfall.resource = resource;
    failing.for_each([&, check = resource](std::size_t instance) {
      const std::int64_t lack = failures.lack(check, static_cast<std::uint32_t>(instance));
      shortfall.least = shortfall.instances == 0 ? lack : std::min(shortfall.least, lack);
      shortfall.most = std::max(shortfall.most, lack);
      ++shortfall.instances;
    });
    if (shortfall.instances > 0) {
      result.push_back(shortfall);
    }
  }
  return result;
}

std::vector<AttributeCount> count_attributes(const FailureSets& failures) {
  const Placing& placing = failures.placing();
  const std::span<const AttributeCondition> conditions = placing.checks().requirements();
  std::vector<AttributeCount> result;
  for (std::size_t index = 0; index < conditions.size(); ++index) {
    const AttributeRequirement& requirement = placing.request().demand.attributes[index];
    AttributeCount count{requirement.name, requirement.value.value_or(""), 0};
    placing.examined().for_each(
        [&](std::size_t instance) { count.failed += conditions[index].holds(static_cast<std::uint32_t>(instance)) ? 0U : 1U; });
    result.push_back(std::move(count));
  }
  return result;
}

std::optional<ClosestInstance> closest_instance(const FailureSets& failures) {
  const Placing& placing = failures.placing();
  const auto check_count = static_cast<std::uint32_t>(kFixedCheckCount + placing.request().demand.own.size());
  std::vector<std::uint8_t> failed(placing.snapshot()->instance_count());
  for (const FailureSets::Failing& failing : failures.all()) {
    failing.instances.for_each([&](std::size_t instance) { ++failed[instance]; });
  }
  const auto rank = [&](std::uint32_t instance) {
    const std::uint32_t added = placing.added()[instance];
    return std::tuple(std::int64_t{failed[instance]}, -placing.checks().cpu_remaining(instance, added),
                      -placing.checks().memory_remaining(instance, added));
  };
  std::optional<ClosestInstance> closest;
  auto best = std::tuple(std::int64_t{0}, std::int64_t{0}, std::int64_t{0});
  placing.examined().for_each([&](std::size_t index) {
    const auto instance = static_cast<std::uint32_t>(index);
    if (closest.has_value() && failed[instance] > std::get<0>(best)) {
      return;
    }
    const auto mine = rank(instance);
    if (!closest.has_value() || mine < best) {
      best = mine;
      closest = ClosestInstance{instance, Reason::kNone, check_count - failed[instance]};
    }
  });
  if (closest.has_value()) {
    closest->reason = placing.checks().first_failure(closest->instance, placing.added()[closest->instance]);
  }
  return closest;
}

}  // namespace berth::placement
