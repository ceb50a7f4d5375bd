// The parts of an Explanation, one function each; explain() calls them in turn. Their definitions: README.md, "Explanations".
//
// Thread rule: pure functions. Lifetime: results own what they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/bitset.h"
#include "engine/parallel/executor.h"
#include "engine/placement/decision.h"
#include "engine/placement/failure_sets.h"
#include "engine/placement/placing.h"

namespace berth::placement {

// The instances that fail one conjunct of one expression, among those examined.
struct ConjunctFailures {
  std::uint32_t member_of;  // Index in Request::member_of.
  std::uint32_t conjunct;
  Bitset failing;
};

std::vector<ConjunctFailures> conjunct_failures(const FailureSets& failures, Executor& executor);
// Conjuncts of all expressions, in the order of `conjuncts`.
std::vector<TermCount> count_conjuncts(const FailureSets& failures, const std::vector<ConjunctFailures>& conjuncts);
std::vector<TermCount> count_leaves(const FailureSets& failures, Executor& executor);

std::vector<Shortfall> count_shortfalls(const FailureSets& failures);
std::vector<AttributeCount> count_attributes(const FailureSets& failures);
std::optional<ClosestInstance> closest_instance(const FailureSets& failures);

// REQUIRES: a task was not placed, so that every examined instance fails some check.
std::vector<Relaxation> find_relaxations(const FailureSets& failures, const std::vector<ConjunctFailures>& conjuncts);

// For the first `task_count` placed tasks of `decision`.
std::vector<WhyHere> explain_choices(const Placing& placing, const Decision& decision, std::uint32_t task_count);

}  // namespace berth::placement
