#include "engine/placement/placing.h"

#include <algorithm>
#include <optional>

#include "engine/base/limits.h"
#include "engine/base/rng.h"
#include "engine/placement/chain.h"
#include "engine/placement/filter.h"
#include "engine/placement/random_pool.h"
#include "engine/placement/selector.h"
#include "engine/placement/short_list.h"

namespace berth::placement {
namespace {

// Tasks ahead of which memory is fetched: the checks of an instance after a task read columns that are far apart.
constexpr std::size_t kFetchedAhead = 8;

// Draws until an instance is tied; nullopt after kRandomMissesMax misses.
template <typename IsTied>
std::optional<std::uint32_t> draw_instance(std::uint64_t seed, std::uint64_t task, std::uint32_t instance_count, const IsTied& is_tied) {
  for (std::uint32_t draw = 0; draw < kRandomMissesMax; ++draw) {
    const auto instance = static_cast<std::uint32_t>(bounded(draw64(seed, task, draw), instance_count));
    if (is_tied(instance)) {
      return instance;
    }
  }
  return std::nullopt;
}

std::uint64_t draw_rank(std::uint64_t seed, std::uint64_t task, std::uint64_t tied_count) {
  return bounded(draw64(seed, task, kRandomMissesMax), tied_count);
}

bool needs_counts(const Request& request) {
  return request.distinct_instance || std::any_of(request.strategies.begin(), request.strategies.end(), [](const Strategy& strategy) {
           return strategy.kind == Strategy::Kind::kSpreadInstance || strategy.kind == Strategy::Kind::kSpreadAttribute;
         });
}

}  // namespace

void add_placed(const Snapshot& snapshot, const Demand& demand, std::uint32_t instance, std::uint32_t added, Decision& decision) {
  PlacedTask& task = decision.placed.emplace_back();
  task.instance = instance;
  if (demand.gpu_count == 0) {
    return;
  }
  const Snapshot::GpuRange range = snapshot.gpus(instance);
  std::uint64_t taken = std::uint64_t{demand.gpu_count} * added;  // By the earlier tasks of the request.
  for (std::uint32_t slot = range.begin; slot < range.begin + range.count && task.gpu_slots.size() < demand.gpu_count; ++slot) {
    if (snapshot.gpu_free()[slot] == 0) {
      continue;
    }
    if (taken > 0) {
      --taken;
    } else {
      task.gpu_slots.push_back(slot);
    }
  }
}

Placing::Placing(const SnapshotPtr& snapshot, const Request& request, Executor& executor, const DecideOptions& options)
    : snapshot_(snapshot),
      request_(&request),
      executor_(&executor),
      options_(options),
      counts_(needs_counts(request) ? GroupCounts(*snapshot, request.group, cluster_instances(*snapshot, request, executor), executor)
                                    : GroupCounts()),
      checks_(snapshot, request, counts_, executor),
      examined_(examined_instances(*snapshot, request, executor)),
      candidates_(filter(*snapshot, checks_, examined_, executor, options.progress)),
      added_(snapshot->instance_count()) {
  decision_.requested = request.count;
  decision_.placed.reserve(request.count);
  decision_.examined = static_cast<std::uint32_t>(examined_.count());
}

void Placing::run() {
  if (options_.progress != nullptr) {
    options_.progress->begin(Phase::kPlacing, request_->count);
  }
  const bool random_alone = !request_->strategies.empty() && request_->strategies.front().kind == Strategy::Kind::kRandom;
  if (random_alone) {
    place_by_random();
  } else {
    place_by_order();
  }
  if (decision_.placed.size() < request_->count) {
    list_failures();
  }
}

bool Placing::book(std::uint32_t instance) {
  std::uint32_t& added = added_[instance];
  add_placed(*snapshot_, request_->demand, instance, added, decision_);
  ++added;
  if (options_.progress != nullptr) {
    options_.progress->advance();
  }
  return checks_.first_failure(instance, added) == Reason::kNone;
}

void Placing::place_by_random() {
  RandomPool pool(candidates_);
  for (std::uint32_t task = 0; task < request_->count && pool.count() > 0; ++task) {
    const auto is_tied = [&](std::uint32_t instance) { return pool.contains(instance); };
    std::optional<std::uint32_t> instance = draw_instance(request_->seed, task, snapshot_->instance_count(), is_tied);
    if (!instance.has_value()) {
      instance = pool.at_rank(draw_rank(request_->seed, task, pool.count()));
    }
    if (!book(*instance)) {
      pool.remove(*instance);
    }
  }
}

void Placing::place_by_order() {
  Chain chain(*snapshot_, *request_, counts_);
  const Combos combos(*snapshot_, chain, candidates_);
  if (ShortList::suits(chain, combos)) {
    ShortList list(*snapshot_, chain, combos, candidates_, request_->count, *executor_);
    for (std::uint32_t task = 0; task < request_->count && !list.empty(); ++task) {
      if (const std::optional<std::uint32_t> soon = list.upcoming(kFetchedAhead); soon.has_value()) {
        checks_.prefetch(*soon);
        __builtin_prefetch(&added_[*soon]);
      }
      const std::uint32_t instance = list.best();
      const bool remains = book(instance);
      list.place(added_[instance], remains);
    }
    return;
  }
  Selector selector(*snapshot_, chain, combos, candidates_, *executor_);
  if (chain.ends_in_random()) {
    return place_by_draws_among_best(selector);
  }
  for (std::uint32_t task = 0; task < request_->count && !selector.empty(); ++task) {
    const std::uint32_t instance = selector.best();
    const bool remains = book(instance);
    selector.place(instance, added_[instance], remains);
  }
}

void Placing::place_by_draws_among_best(Selector& selector) {
  Bitset open = candidates_;  // Candidates as of the task in hand.
  std::vector<std::uint32_t> tied;
  for (std::uint32_t task = 0; task < request_->count && !selector.empty(); ++task) {
    std::uint32_t instance = selector.best();
    const auto is_tied = [&](std::uint32_t drawn) { return open.test(drawn) && selector.is_tied(drawn); };
    const std::optional<std::uint32_t> drawn = draw_instance(request_->seed, task, snapshot_->instance_count(), is_tied);
    if (drawn.has_value()) {
      instance = *drawn;
    } else {
      selector.collect_tied(tied);
      const auto ranked = tied.begin() + static_cast<std::ptrdiff_t>(draw_rank(request_->seed, task, tied.size()));
      std::nth_element(tied.begin(), ranked, tied.end());
      instance = *ranked;
    }
    const bool remains = book(instance);
    if (!remains) {
      open.reset(instance);
    }
    selector.place(instance, added_[instance], remains);
  }
}

std::vector<std::uint32_t> Placing::touched() const {
  std::vector<std::uint32_t> instances;
  instances.reserve(decision_.placed.size());
  for (const PlacedTask& task : decision_.placed) {
    instances.push_back(task.instance);
  }
  std::sort(instances.begin(), instances.end());
  instances.erase(std::unique(instances.begin(), instances.end()), instances.end());
  return instances;
}

void Placing::list_failures() {
  std::vector<Reason> reasons = first_failures(*snapshot_, checks_, examined_, *executor_);
  for (const std::uint32_t instance : touched()) {
    reasons[instance] = checks_.first_failure(instance, added_[instance]);
  }
  examined_.for_each([&](std::size_t instance) {
    const Reason reason = reasons[instance];
    ++decision_.lost[static_cast<std::size_t>(reason)];
    if (decision_.failure_count++ < options_.failures_max) {
      decision_.failures.push_back({static_cast<std::uint32_t>(instance), reason});
    }
  });
}

}  // namespace berth::placement
