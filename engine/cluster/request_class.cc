#include "engine/cluster/request_class.h"

#include <algorithm>

#include "engine/cluster/window.h"
#include "engine/placement/filter.h"
#include "engine/placement/request_rules.h"

namespace berth::cluster {
namespace {

constexpr std::string_view kExternalAttribute = "ecs.capability.external";
constexpr std::string_view kZoneAttribute = "ecs.availability-zone";

LiveRequirement about(Inventory& inventory, std::string_view name) {
  LiveRequirement requirement{};
  requirement.name = inventory.names.intern(name);
  requirement.wide = inventory.wide_index(requirement.name);
  return requirement;
}

std::vector<RequestClass::OwnNeed> own_needs_of(const Snapshot& base, const placement::Demand& demand) {
  std::vector<RequestClass::OwnNeed> needs;
  needs.reserve(demand.own.size());
  for (const placement::OwnDemand& own : demand.own) {
    needs.push_back({base.find_own_resource(own.name).value_or(kNoId), own.amount});
  }
  return needs;
}

// What a task holds by the snapshot's own resources. An amount that no instance can have is never taken.
std::vector<std::int32_t> own_of(const Snapshot& base, const placement::Demand& demand) {
  std::vector<std::int32_t> held(demand.own.empty() ? 0 : base.own_resources().size());
  for (const RequestClass::OwnNeed& need : own_needs_of(base, demand)) {
    if (need.own != kNoId) {
      held[need.own] = static_cast<std::int32_t>(need.amount);
    }
  }
  return held;
}

std::uint32_t shape_of(Inventory& inventory, const placement::Request& request, std::uint32_t group) {
  return inventory.intern_shape(Shape{.group = group,
                                      .task_definition = kNoId,
                                      .started_by = kNoId,
                                      .capacity_provider = kNoId,
                                      .cpu_units = static_cast<std::int32_t>(request.demand.cpu_units),
                                      .memory_mib = static_cast<std::int32_t>(request.demand.memory_mib),
                                      .gpu_count = request.demand.gpu_count,
                                      .uses_eni = request.demand.uses_eni,
                                      .launch_type = request.launch_type,
                                      .tcp_ports = request.demand.tcp_ports,
                                      .udp_ports = request.demand.udp_ports,
                                      .own = own_of(inventory.base(), request.demand)});
}

}  // namespace

bool LiveRequirement::holds(std::uint32_t value) const {
  if (value == kAttributeAbsent) {
    return absent_holds;
  }
  if (value == kAttributeNameOnly) {
    return name_only_holds;
  }
  return any_value || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

RequestClass::RequestClass() = default;
RequestClass::~RequestClass() = default;

Result<std::unique_ptr<RequestClass>> RequestClass::make(Inventory& inventory, placement::Request request, Executor& executor) {
  if (Outcome outcome = placement::check_request(request); !outcome) {
    return std::move(outcome).error();
  }
  std::unique_ptr<RequestClass> made(new RequestClass());
  made->request = std::move(request);
  const placement::Request& asked = made->request;
  made->group = inventory.groups.intern(asked.group);
  made->shape = shape_of(inventory, asked, made->group);
  made->own_needs = own_needs_of(inventory.base(), asked.demand);
  made->need = FitAmounts::of(asked.demand.cpu_units, asked.demand.memory_mib);
  if (asked.cluster.has_value()) {
    Bitset members = placement::cluster_instances(inventory.base(), asked, executor);
    if (members.count() != members.size()) {
      made->cluster_members = std::move(members);
    }
  }
  made->bind_rules(inventory);
  made->bind_expressions(inventory);
  made->bind_chain(inventory);
  return made;
}

void RequestClass::bind_rules(Inventory& inventory) {
  external = about(inventory, kExternalAttribute);
  has_wide_rules = external.wide.has_value();
  for (const placement::AttributeRequirement& asked : request.demand.attributes) {
    LiveRequirement requirement = about(inventory, asked.name);
    if (asked.value.has_value()) {
      requirement.wanted.push_back(inventory.values.intern(*asked.value));
    } else {
      requirement.any_value = true;
    }
    requirement.name_only_holds = requirement.any_value || asked.value->empty();
    requirement.absent_holds = asked.absent_reads_as.has_value() && (requirement.any_value || *asked.absent_reads_as == *asked.value);
    has_wide_rules = has_wide_rules || requirement.wide.has_value();
    requirements.push_back(std::move(requirement));
  }
  if (!request.zones.empty()) {
    LiveRequirement requirement = about(inventory, kZoneAttribute);
    for (const std::string& zone : request.zones) {
      requirement.wanted.push_back(inventory.values.intern(zone));
      requirement.name_only_holds = requirement.name_only_holds || zone.empty();
    }
    has_wide_rules = has_wide_rules || requirement.wide.has_value();
    zones = std::move(requirement);
  }
  if (request.capacity_provider.has_value()) {
    capacity_provider = inventory.texts.intern(*request.capacity_provider);
  }
}

void RequestClass::bind_expressions(const Inventory& inventory) {
  for (const placement::MemberOf& member_of : request.member_of) {
    const query::Program& program = *member_of.program;
    for (std::uint32_t index = 0; index < program.conjunct_count(); ++index) {
      const auto names = program.conjunct_attributes(index);
      const bool is_wide = std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        const auto id = inventory.names.find(name);
        return id.has_value() && inventory.wide_index(*id).has_value();
      });
      const bool by_set = program.conjunct_dependencies(index) == query::Program::kOnAttributes && !is_wide;
      asks_for_tasks = asks_for_tasks || (program.conjunct_dependencies(index) & query::Program::kOnTasks) != 0;
      const bool by_agent = program.conjunct_dependencies(index) == query::Program::kOnAgent;
      (by_set ? set_conjuncts : (by_agent ? agent_conjuncts : live_conjuncts)).push_back({&program, index});
    }
  }
}

void RequestClass::bind_chain(Inventory& inventory) {
  using Kind = placement::Strategy::Kind;
  empty_value = inventory.values.intern("");
  for (const placement::Strategy& strategy : request.strategies) {
    if (strategy.kind == Kind::kRandom) {
      ends_in_random = true;
      break;
    }
    if (strategy.kind == Kind::kSpreadAttribute) {
      LiveRequirement level = about(inventory, strategy.attribute);
      const bool repeated =
          std::any_of(group_levels.begin(), group_levels.end(), [&](const auto& earlier) { return earlier.name == level.name; });
      if (!repeated) {
        levels.push_back({strategy.kind, static_cast<std::uint32_t>(group_levels.size())});
        group_levels.push_back(std::move(level));
      }
    } else if (std::find(own_levels.begin(), own_levels.end(), strategy.kind) == own_levels.end()) {
      levels.push_back({strategy.kind, static_cast<std::uint32_t>(own_levels.size())});
      own_levels.push_back(strategy.kind);
    }
  }
  is_random_alone = ends_in_random && levels.empty();
  const bool spreads = std::any_of(levels.begin(), levels.end(), [](const Level& level) {
    return level.kind == Kind::kSpreadInstance || level.kind == Kind::kSpreadAttribute;
  });
  counts_group = spreads || request.distinct_instance;
}

Window& RequestClass::window(Inventory& inventory, const WorkerSlot& worker) {
  std::unique_ptr<Window>& window = windows_[worker.number];
  if (window == nullptr) {
    inventory.note_cold_work();
    window = std::make_unique<Window>(inventory, *this);
  }
  return *window;
}

void RequestClass::drop_window(const WorkerSlot& worker) {
  windows_[worker.number].reset();
}

std::uint64_t RequestClass::sum(std::uint64_t (Window::*count)() const) const {
  std::uint64_t total = 0;
  for (const auto& window : windows_) {
    total += window == nullptr ? 0 : (*window.*count)();
  }
  return total;
}

std::uint64_t RequestClass::scans() const {
  return sum(&Window::scans);
}

std::uint64_t RequestClass::fills() const {
  return sum(&Window::fills);
}

}  // namespace berth::cluster
