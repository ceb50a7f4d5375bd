#include "engine/placement/checks.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace berth::placement {
namespace {

constexpr std::string_view kExternalAttribute = "ecs.capability.external";
constexpr std::string_view kZoneAttribute = "ecs.availability-zone";

}  // namespace

AttributeCondition::AttributeCondition(const Snapshot& snapshot, const AttributeRequirement& requirement)
    : column_(snapshot, requirement.name) {
  if (requirement.value.has_value()) {
    if (const auto id = snapshot.attribute_values().find(*requirement.value); id.has_value()) {
      wanted_.push_back(*id);
    }
  } else {
    any_value_ = true;
  }
  name_only_holds_ = any_value_ || requirement.value->empty();
  absent_holds_ = requirement.absent_reads_as.has_value() && (any_value_ || *requirement.absent_reads_as == *requirement.value);
}

AttributeCondition::AttributeCondition(const Snapshot& snapshot, std::string_view name, std::span<const std::string> values)
    : column_(snapshot, name) {
  for (const std::string& value : values) {
    if (const auto id = snapshot.attribute_values().find(value); id.has_value()) {
      wanted_.push_back(*id);
    }
    name_only_holds_ = name_only_holds_ || value.empty();
  }
}

bool AttributeCondition::holds_for(std::uint32_t value) const {
  if (value == kAttributeAbsent) {
    return absent_holds_;
  }
  if (value == kAttributeNameOnly) {
    return name_only_holds_;
  }
  return any_value_ || std::find(wanted_.begin(), wanted_.end(), value) != wanted_.end();
}

Checks::Checks(const SnapshotPtr& snapshot, const Request& request, const GroupCounts& counts, Executor& executor)
    : snapshot_(snapshot), request_(&request), counts_(&counts), ports_(*snapshot, request.demand) {
  bind_attributes();
  bind_own();
  list_active(false);
  list_besides_sets();
  ports_.prepare_sets(executor);
  prepare_gpus();
  bind_expressions(executor);
}

Checks::Checks(const SnapshotPtr& snapshot, const Request& request)
    : snapshot_(snapshot), request_(&request), ports_(*snapshot, request.demand) {
  bind_attributes();
  bind_own();
  list_active(true);
}

void Checks::list_active(bool is_start) {
  const Demand& demand = request_->demand;
  const auto add = [this](Reason check, bool can_fail) {
    if (can_fail) {
      active_.push_back(check);
    }
  };
  add(Reason::kInactive, is_start);
  add(Reason::kAgent, true);
  add(Reason::kLaunchType, true);
  add(Reason::kCapacityProvider, request_->capacity_provider.has_value());
  // Also without a need: an instance with less than nothing left takes no task (rule D3).
  add(Reason::kCpu, true);
  add(Reason::kMemory, true);
  add(Reason::kPorts, ports_.needs_any());
  add(Reason::kGpu, demand.gpu_count > 0);
  add(Reason::kEni, demand.uses_eni);
  for (std::size_t own = 0; own < demand.own.size(); ++own) {
    add(own_reason(own), true);
  }
  add(Reason::kAttribute, !demand.attributes.empty());
  add(Reason::kLocation, !request_->zones.empty());
  add(Reason::kMemberOf, !is_start && !request_->member_of.empty());
  add(Reason::kDistinctInstance, !is_start && request_->distinct_instance);
}

void Checks::list_besides_sets() {
  const auto is_by_set = [this](Reason check) {
    return (check == Reason::kLaunchType && !wide_external_.has_value()) || (check == Reason::kAttribute && wide_requirements_.empty()) ||
           (check == Reason::kLocation && !wide_zones_.has_value());
  };
  std::copy_if(active_.begin(), active_.end(), std::back_inserter(besides_sets_), [&](Reason check) { return !is_by_set(check); });
  any_set_fails_ = std::any_of(set_failures_.begin(), set_failures_.end(), [](std::uint8_t failures) { return failures != 0; });
}

template <typename Fails>
void Checks::fold_into_sets(const AttributeColumn& column, std::uint8_t bit, const Fails& fails) {
  const std::span<const std::uint32_t> values = column.by_set();
  for (std::size_t set = 0; set < values.size(); ++set) {
    if (fails(values[set])) {
      set_failures_[set] |= bit;
    }
  }
}

void Checks::bind_attributes() {
  set_failures_.assign(snapshot_->attribute_set_count(), 0);

  const bool wants_external = request_->launch_type == LaunchType::kExternal;
  AttributeColumn external(*snapshot_, kExternalAttribute);
  if (external.is_wide()) {
    wide_external_ = std::move(external);
  } else {
    fold_into_sets(external, kLaunchTypeBit, [&](std::uint32_t value) { return (value != kAttributeAbsent) != wants_external; });
  }

  requirements_.reserve(request_->demand.attributes.size());
  for (const AttributeRequirement& requirement : request_->demand.attributes) {
    const AttributeCondition& condition = requirements_.emplace_back(*snapshot_, requirement);
    if (condition.column().is_wide()) {
      wide_requirements_.push_back(static_cast<std::uint32_t>(requirements_.size() - 1));
    } else {
      fold_into_sets(condition.column(), kAttributeBit, [&](std::uint32_t value) { return !condition.holds_for(value); });
    }
  }

  if (!request_->zones.empty()) {
    AttributeCondition zones(*snapshot_, kZoneAttribute, request_->zones);
    if (zones.column().is_wide()) {
      wide_zones_ = std::move(zones);
    } else {
      fold_into_sets(zones.column(), kLocationBit, [&](std::uint32_t value) { return !zones.holds_for(value); });
    }
  }

  if (request_->capacity_provider.has_value()) {
    capacity_provider_ = snapshot_->texts().find(*request_->capacity_provider).value_or(kNoId);
  }
}

void Checks::bind_own() {
  for (const OwnDemand& own : request_->demand.own) {
    const std::optional<std::uint32_t> held = snapshot_->find_own_resource(own.name);
    own_columns_.push_back(held.has_value() ? snapshot_->own_resources()[*held].remaining : std::span<const std::int32_t>());
  }
}

void Checks::bind_expressions(Executor& executor) {
  if (request_->member_of.empty()) {
    return;
  }
  Bitset selected(snapshot_->instance_count(), true);
  bindings_.reserve(request_->member_of.size());
  for (const MemberOf& member_of : request_->member_of) {
    if (member_of.program->depends_on_tasks()) {
      live_bindings_.push_back(static_cast<std::uint32_t>(bindings_.size()));
    }
    const query::Binding& binding = bindings_.emplace_back(member_of.program, snapshot_, executor);
    selected &= binding.evaluate(executor);
  }
  selected.flip();
  member_of_failures_ = std::move(selected);
}

void Checks::prepare_gpus() {
  if (request_->demand.gpu_count == 0) {
    return;
  }
  gpu_failures_.emplace(snapshot_->instance_count(), true);
  for (const std::uint32_t instance : snapshot_->gpu_instances()) {
    if (gpus_free(instance, 0) >= request_->demand.gpu_count) {
      gpu_failures_->reset(instance);
    }
  }
}

std::int64_t Checks::gpus_free(std::uint32_t instance, std::uint32_t added) const {
  const Snapshot::GpuRange range = snapshot_->gpus(instance);
  const auto slots = snapshot_->gpu_free().subspan(range.begin, range.count);
  const std::int64_t free = std::count_if(slots.begin(), slots.end(), [](std::uint8_t is_free) { return is_free != 0; });
  return free - std::int64_t{request_->demand.gpu_count} * added;
}

bool Checks::launch_type_fails(std::uint32_t instance) const {
  if (wide_external_.has_value()) {
    return (wide_external_->value(instance) != kAttributeAbsent) != (request_->launch_type == LaunchType::kExternal);
  }
  return set_fails(instance, kLaunchTypeBit);
}

bool Checks::attribute_fails(std::uint32_t instance) const {
  return set_fails(instance, kAttributeBit) || std::any_of(wide_requirements_.begin(), wide_requirements_.end(),
                                                           [&](std::uint32_t index) { return !requirements_[index].holds(instance); });
}

bool Checks::location_fails(std::uint32_t instance) const {
  return wide_zones_.has_value() ? !wide_zones_->holds(instance) : set_fails(instance, kLocationBit);
}

bool Checks::member_of_fails(std::uint32_t instance, std::uint32_t added) const {
  if (added == 0) {
    return member_of_failures_.test(instance);
  }
  return std::any_of(live_bindings_.begin(), live_bindings_.end(),
                     [&](std::uint32_t index) { return !bindings_[index].matches(instance, facts(added)); });
}

bool Checks::fails(Reason check, std::uint32_t instance, std::uint32_t added) const {
  switch (check) {
    case Reason::kNone:
      return false;
    case Reason::kInactive:
      return snapshot_->status()[instance] != static_cast<std::uint8_t>(InstanceStatus::kActive);
    case Reason::kAgent:
      return snapshot_->agent_connected()[instance] == 0;
    case Reason::kLaunchType:
      return launch_type_fails(instance);
    case Reason::kCapacityProvider:
      return capacity_provider_ == kNoId || snapshot_->capacity_provider()[instance] != capacity_provider_;
    case Reason::kCpu:
      return cpu_fails(instance, added);
    case Reason::kMemory:
      return memory_fails(instance, added);
    case Reason::kPorts:
      return added > 0 || ports_.fails(instance);
    case Reason::kGpu:
      return gpus_free(instance, added) < request_->demand.gpu_count;
    case Reason::kEni:
      return eni_fails(instance, added);
    case Reason::kAttribute:
      return attribute_fails(instance);
    case Reason::kLocation:
      return location_fails(instance);
    case Reason::kMemberOf:
      return member_of_fails(instance, added);
    case Reason::kDistinctInstance:
      return added > 0 || counts_->of(instance) > 0;
    case Reason::kOwnFirst:
    case Reason::kOwnLast:
      break;
  }
  return is_own(check) && own_fails(own_index(check), instance, added);
}

Reason Checks::first_failure(std::uint32_t instance, std::uint32_t added) const {
  for (const Reason check : active_) {
    if (fails(check, instance, added)) {
      return check;
    }
  }
  return Reason::kNone;
}

bool Checks::failing_by_set(BlockRange range, const std::uint64_t* within, std::uint64_t* words) const {
  if (any_set_fails_) {
    pack_words(range, within, words, [sets = snapshot_->attribute_set(), failures = std::span(set_failures_)](std::uint32_t i) {
      return failures[sets[i]] != 0;
    });
  }
  return any_set_fails_;
}

void Checks::failing(Reason check, BlockRange range, const std::uint64_t* within, std::uint64_t* words) const {
  const auto pack = [&](const auto& predicate) { pack_words(range, within, words, predicate); };
  const auto copy = [&](const Bitset& failures) {
    const std::span<const std::uint64_t> from = failures.words().subspan(range.begin / 64);
    for (std::size_t word = 0; word < (std::size_t{range.end} - range.begin + 63) / 64; ++word) {
      words[word] = from[word] & within[word];
    }
  };
  // In 32 bits, so that many are compared at once; what needs more than 32 bits have nobody has.
  const auto pack_below = [&](std::span<const std::int32_t> remaining, std::int64_t need) {
    if (need > std::numeric_limits<std::int32_t>::max()) {
      return pack([](std::uint32_t) { return true; });
    }
    const auto least = static_cast<std::int32_t>(std::max<std::int64_t>(need, std::numeric_limits<std::int32_t>::min()));
    pack([remaining, least](std::uint32_t i) { return remaining[i] < least; });
  };
  if (is_own(check)) {
    const std::span<const std::int32_t> remaining = own_columns_[own_index(check)];
    const std::int64_t need = request_->demand.own[own_index(check)].amount;
    return remaining.empty() ? pack([need](std::uint32_t) { return need > 0; }) : pack_below(remaining, need);
  }
  // The frequent checks are spelled out so that their loops hold no switch.
  switch (check) {
    case Reason::kAgent:
      return pack([connected = snapshot_->agent_connected()](std::uint32_t i) { return connected[i] == 0; });
    case Reason::kLaunchType:
      return pack([this](std::uint32_t i) { return launch_type_fails(i); });
    case Reason::kCpu:
      return pack_below(snapshot_->cpu_remaining(), request_->demand.cpu_units);
    case Reason::kMemory:
      return pack_below(snapshot_->memory_remaining(), request_->demand.memory_mib);
    case Reason::kPorts:
      return pack([this](std::uint32_t i) { return ports_.fails_by_set(i); });
    case Reason::kGpu:
      return copy(*gpu_failures_);
    case Reason::kEni:
      return pack([this](std::uint32_t i) { return eni_fails(i, 0); });
    case Reason::kAttribute:
      return pack([this](std::uint32_t i) { return attribute_fails(i); });
    case Reason::kLocation:
      return pack([this](std::uint32_t i) { return location_fails(i); });
    case Reason::kMemberOf:
      return copy(member_of_failures_);
    default:
      return pack([this, check](std::uint32_t i) { return fails(check, i, 0); });
  }
}

}  // namespace berth::placement
