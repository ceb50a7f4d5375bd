#include "engine/placement/failure_sets.h"

#include <algorithm>

#include "engine/placement/blocks.h"

namespace berth::placement {

Bitset in_exactly_one(std::span<const Bitset* const> sets) {
  Bitset once(sets.front()->size());
  Bitset twice(sets.front()->size());
  const std::span<std::uint64_t> once_words = once.words();
  const std::span<std::uint64_t> twice_words = twice.words();
  for (const Bitset* set : sets) {
    const std::span<const std::uint64_t> words = set->words();
    for (std::size_t word = 0; word < words.size(); ++word) {
      twice_words[word] |= once_words[word] & words[word];
      once_words[word] |= words[word];
    }
  }
  twice.flip();
  once &= twice;
  return once;
}

FailureSets::FailureSets(const Placing& placing, Executor& executor) : placing_(&placing), touched_(placing.touched()) {
  const Snapshot& snapshot = *placing.snapshot();
  const Checks& checks = placing.checks();
  for (const Reason check : checks.active()) {
    all_.push_back({check, Bitset(snapshot.instance_count())});
  }
  for_each_block(snapshot.instance_count(), executor, [&](std::size_t, BlockRange range) {
    const std::uint64_t* examined = placing.examined().words().data() + range.begin / 64;
    for (Failing& failing : all_) {
      checks.failing(failing.check, range, examined, failing.instances.words().data() + range.begin / 64);
    }
  });
  for (Failing& failing : all_) {
    for (const std::uint32_t instance : touched_) {
      failing.instances.assign(instance, checks.fails(failing.check, instance, placing.added()[instance]));
    }
  }
  std::vector<const Bitset*> sets;
  sets.reserve(all_.size());
  for (const Failing& failing : all_) {
    sets.push_back(&failing.instances);
  }
  exactly_one_ = in_exactly_one(sets);
  if (checks.ports().needs_any()) {
    port_verdicts_.resize(snapshot.port_set_count());
    for_each_block(snapshot.port_set_count(), executor, [&](std::size_t, BlockRange range) {
      for (std::uint32_t set = range.begin; set < range.end; ++set) {
        port_verdicts_[set] = checks.ports().verdict(set);
      }
    });
  }
}

const Bitset* FailureSets::find(Reason check) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [check](const Failing& failing) { return failing.check == check; });
  return found == all_.end() ? nullptr : &found->instances;
}

Bitset FailureSets::only(Reason check) const {
  const Bitset* failing = find(check);
  if (failing == nullptr) {
    return Bitset();
  }
  Bitset result = *failing;
  result &= exactly_one_;
  return result;
}

PortVerdict FailureSets::port_verdict(std::uint32_t instance) const {
  if (placing_->added()[instance] > 0) {
    // The earlier task of the request holds every port that the next one needs.
    return {placing_->checks().ports().needed(), 0, 0};
  }
  return port_verdicts_[placing_->snapshot()->ports_used()[instance]];
}

std::int64_t FailureSets::lack(Reason resource, std::uint32_t instance) const {
  const Demand& demand = placing_->request().demand;
  const Checks& checks = placing_->checks();
  const std::uint32_t added = placing_->added()[instance];
  switch (resource) {
    case Reason::kCpu:
      return demand.cpu_units - checks.cpu_remaining(instance, added);
    case Reason::kMemory:
      return demand.memory_mib - checks.memory_remaining(instance, added);
    case Reason::kPorts: {
      const PortVerdict verdict = port_verdict(instance);
      return verdict.conflicts > 0 ? verdict.conflicts : verdict.beyond_limit;
    }
    case Reason::kGpu:
      return demand.gpu_count - checks.gpus_free(instance, added);
    case Reason::kEni: {
      const Snapshot& snapshot = *placing_->snapshot();
      return std::int64_t{snapshot.eni_used()[instance]} + added + 1 - snapshot.eni_limit()[instance];
    }
    default:
      break;
  }
  if (is_own(resource)) {
    const std::size_t own = own_index(resource);
    return demand.own[own].amount - checks.own_remaining(own, instance, added);
  }
  return 0;
}

}  // namespace berth::placement
