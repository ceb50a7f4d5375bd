#include <utility>

#include "engine/placement/decision.h"
#include "engine/placement/explain_parts.h"
#include "engine/placement/failure_sets.h"
#include "engine/placement/placing.h"
#include "engine/placement/request_rules.h"

namespace berth::placement {

Result<Explanation> explain(const SnapshotPtr& snapshot, const Request& request, Executor& executor, const ExplainOptions& options) {
  if (Outcome outcome = check_request(request); !outcome) {
    return std::move(outcome).error();
  }
  Placing placing(snapshot, request, executor, options.decide);
  if (Outcome outcome = check_inventory(*snapshot, request, placing.examined().count(), executor); !outcome) {
    return std::move(outcome).error();
  }
  placing.run();
  if (options.decide.progress != nullptr) {
    options.decide.progress->begin(Phase::kExplaining, 0);
  }

  Explanation explanation;
  const FailureSets failures(placing, executor);
  for (const FailureSets::Failing& failing : failures.all()) {
    explanation.fails_at_all[static_cast<std::size_t>(failing.check)] = failing.instances.count();
    explanation.fails_alone[static_cast<std::size_t>(failing.check)] = failures.only(failing.check).count();
  }
  const std::vector<ConjunctFailures> conjuncts = conjunct_failures(failures, executor);
  explanation.shortfalls = count_shortfalls(failures);
  explanation.conjuncts = count_conjuncts(failures, conjuncts);
  explanation.leaves = count_leaves(failures, executor);
  explanation.attributes = count_attributes(failures);
  if (placing.decision().placed.size() < request.count) {
    explanation.closest = closest_instance(failures);
    explanation.relaxations = find_relaxations(failures, conjuncts);
  }
  explanation.why_here = explain_choices(placing, placing.decision(), options.why_here_max);
  explanation.decision = std::move(placing.decision());
  return explanation;
}

}  // namespace berth::placement
