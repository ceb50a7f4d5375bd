#include "bench/workloads/zoo_expression.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "bench/workloads/deal.h"
#include "engine/ecs/timestamp.h"

namespace berth::workloads {
namespace {

constexpr std::string_view kType = "ecs.instance-type";
constexpr std::string_view kZone = "ecs.availability-zone";

bool holds_any(std::span<const std::uint16_t> used, const std::vector<std::uint16_t>& wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](std::uint16_t port) { return std::binary_search(used.begin(), used.end(), port); });
}

bool has_attributes(const Snapshot& fleet, std::uint32_t instance, const placement::Demand& demand) {
  return std::all_of(demand.attributes.begin(), demand.attributes.end(), [&](const placement::AttributeRequirement& required) {
    const std::optional<std::string_view> text = fleet.attribute_text(instance, required.name);
    if (!text.has_value()) {
      return required.absent_reads_as.has_value() && (!required.value.has_value() || *required.absent_reads_as == *required.value);
    }
    return !required.value.has_value() || *text == *required.value;
  });
}

bool has_free_gpus(const Snapshot& fleet, std::uint32_t instance, std::uint32_t wanted) {
  if (wanted == 0) {
    return true;
  }
  const Snapshot::GpuRange range = fleet.gpus(instance);
  return std::ranges::count(fleet.gpu_free().subspan(range.begin, range.count), 1) >= static_cast<std::ptrdiff_t>(wanted);
}

// "m5" of "m5.large".
std::string_view family_of(std::string_view type) {
  return type.substr(0, type.find('.'));
}

}  // namespace

bool takes(const Snapshot& fleet, std::uint32_t instance, const placement::Request& request) {
  const placement::Demand& demand = request.demand;
  if (fleet.status()[instance] != static_cast<std::uint8_t>(InstanceStatus::kActive) || fleet.agent_connected()[instance] == 0 ||
      fleet.cpu_remaining()[instance] < demand.cpu_units || fleet.memory_remaining()[instance] < demand.memory_mib) {
    return false;
  }
  if (demand.uses_eni && fleet.eni_used()[instance] >= fleet.eni_limit()[instance]) {
    return false;
  }
  const PortSet used = fleet.port_set(fleet.ports_used()[instance]);
  return !holds_any(used.tcp, demand.tcp_ports) && !holds_any(used.udp, demand.udp_ports) &&
         has_free_gpus(fleet, instance, demand.gpu_count) && has_attributes(fleet, instance, demand);
}

ExpressionMaker::ExpressionMaker(const Snapshot& fleet, const std::vector<std::string>& groups)
    : fleet_(fleet), groups_(groups), is_zoo_group_(fleet.groups().size(), false) {
  for (const std::string& group : groups) {
    if (const std::optional<std::uint32_t> id = fleet.groups().find(group); id.has_value()) {
      is_zoo_group_[*id] = true;
    }
  }
}

query::ProgramPtr ExpressionMaker::make(const Wish& wish, const placement::Request& request, Stream& stream) {
  const std::uint32_t anchor = draw_anchor(wish, request, stream);
  std::string text;
  std::uint32_t plain = wish.terms;
  if (wish.is_about_tasks) {
    text = group_term(wish, anchor, request.group, stream);
    --plain;
  }
  if (plain > 0) {
    const std::string rest = plain_terms(plain, anchor, stream);
    text.append(text.empty() ? "" : " and ").append(rest);
  }
  return compile(text);
}

std::uint32_t ExpressionMaker::draw_anchor(const Wish& wish, const placement::Request& request, Stream& stream) const {
  const std::uint32_t count = fleet_.instance_count();
  const auto from = static_cast<std::uint32_t>(stream.below(count));
  std::uint32_t second_best = from;
  bool has_second_best = false;
  // Instances stand in the order of random ids, so the first one after a random place is a random one.
  for (std::uint32_t step = 0; step < count; ++step) {
    const auto instance = static_cast<std::uint32_t>((std::uint64_t{from} + step) % count);
    if (!takes(fleet_, instance, request) || (request.distinct_instance && hosts(instance, request.group))) {
      continue;
    }
    if (!wish.wants_neighbour || neighbour_on(instance, request.group).has_value()) {
      return instance;
    }
    second_best = has_second_best ? second_best : instance;
    has_second_best = true;
  }
  return second_best;
}

std::optional<std::string_view> ExpressionMaker::neighbour_on(std::uint32_t instance, std::string_view own) const {
  const Snapshot::TaskRange tasks = fleet_.tasks_of(instance);
  for (std::uint32_t task = tasks.begin; task < tasks.end; ++task) {
    const std::uint32_t group = fleet_.task_shapes()[fleet_.task_shape()[task]].group;
    const bool is_running = fleet_.task_desired_status()[task] == static_cast<std::uint8_t>(TaskStatus::kRunning);
    if (is_running && group != kNoId && is_zoo_group_[group] && fleet_.groups().at(group) != own) {
      return fleet_.groups().at(group);
    }
  }
  return std::nullopt;
}

bool ExpressionMaker::hosts(std::uint32_t instance, std::string_view group) const {
  const std::optional<std::uint32_t> id = fleet_.groups().find(group);
  const Snapshot::TaskRange tasks = fleet_.tasks_of(instance);
  for (std::uint32_t task = tasks.begin; id.has_value() && task < tasks.end; ++task) {
    if (fleet_.task_shapes()[fleet_.task_shape()[task]].group == *id) {
      return true;
    }
  }
  return false;
}

std::string ExpressionMaker::group_term(const Wish& wish, std::uint32_t anchor, std::string_view own, Stream& stream) const {
  if (wish.wants_neighbour) {
    if (const std::optional<std::string_view> neighbour = neighbour_on(anchor, own); neighbour.has_value()) {
      return "task:group == " + std::string(*neighbour);
    }
  }
  // Each draw finds a group that is not on the anchor but for the few that are.
  constexpr int kDrawsMax = 64;
  const std::string* avoided = &groups_[stream.below(groups_.size())];
  for (int draw = 0; draw < kDrawsMax && (*avoided == own || hosts(anchor, *avoided)); ++draw) {
    avoided = &groups_[stream.below(groups_.size())];
  }
  return "not(task:group == " + *avoided + ")";
}

std::string ExpressionMaker::plain_terms(std::uint32_t count, std::uint32_t anchor, Stream& stream) {
  std::array<Subject, 7> subjects = {Subject::kType,         Subject::kZone,         Subject::kStack,       Subject::kPool,
                                     Subject::kAgentVersion, Subject::kRegisteredAt, Subject::kArchitecture};
  shuffle(std::span(subjects), stream);
  std::vector<std::string> terms;
  const bool ends_in_or = count >= 2 && stream.below(4) == 0;
  for (const Subject subject : subjects) {
    if (terms.size() == count) {
      break;
    }
    const bool is_free = ends_in_or && terms.size() + 1 == count;
    const std::uint32_t about = is_free ? static_cast<std::uint32_t>(stream.below(fleet_.instance_count())) : anchor;
    if (std::string text = term(subject, about, stream); !text.empty()) {
      terms.push_back(std::move(text));
    }
  }
  // A fleet that lacks most subjects still gets its terms.
  terms.resize(count, "agentConnected == true");
  std::string text;
  for (std::size_t at = 0; at < terms.size(); ++at) {
    if (at > 0) {
      text += at + 1 == terms.size() && ends_in_or ? " or " : " and ";
    }
    text += at + 2 == terms.size() && ends_in_or ? "(" : "";
    text += terms[at];
  }
  return ends_in_or ? text + ")" : text;
}

std::string ExpressionMaker::term(Subject subject, std::uint32_t instance, Stream& stream) {
  const auto equals = [&](std::string_view name) {
    const std::string_view value = text_of(instance, name);
    return value.empty() ? std::string() : "attribute:" + std::string(name) + " == " + std::string(value);
  };
  std::string text;
  switch (subject) {
    case Subject::kType:
      text = type_term(instance, stream);
      break;
    case Subject::kZone: {
      text = equals(kZone);
      const std::string_view other = text_of(static_cast<std::uint32_t>(stream.below(fleet_.instance_count())), kZone);
      if (!text.empty() && !other.empty() && stream.below(2) == 0) {
        text = "attribute:" + std::string(kZone) + " in [" + std::string(text_of(instance, kZone)) + ", " + std::string(other) + "]";
      }
      break;
    }
    case Subject::kStack:
      text = equals("stack");
      break;
    case Subject::kPool: {
      text = equals("pool");
      const std::string_view other = text_of(static_cast<std::uint32_t>(stream.below(fleet_.instance_count())), "pool");
      if (!text.empty() && !other.empty() && other != text_of(instance, "pool")) {
        text = "attribute:pool != " + std::string(other);
      }
      break;
    }
    case Subject::kAgentVersion:
      if (const std::uint32_t version = fleet_.agent_version()[instance]; version != kNoId) {
        text = "agentVersion >= " + std::string(fleet_.texts().at(version));
      }
      break;
    case Subject::kRegisteredAt:
      if (const std::int64_t at_ms = fleet_.registered_at_ms()[instance]; at_ms > 0) {
        constexpr std::int64_t kDayMs = 86'400'000;
        constexpr std::uint64_t kDaysMost = 60;
        const std::int64_t before_ms = at_ms - static_cast<std::int64_t>(1 + stream.below(kDaysMost)) * kDayMs;
        constexpr std::size_t kDateLength = 10;
        text = "registeredAt > " + ecs::to_iso8601(before_ms).substr(0, kDateLength);
      }
      break;
    case Subject::kArchitecture:
      text = equals("ecs.cpu-architecture");
      break;
  }
  return text.empty() || compile(text) == nullptr ? std::string() : text;
}

// A family by pattern, a list of types, or any but another family.
std::string ExpressionMaker::type_term(std::uint32_t instance, Stream& stream) const {
  const std::string_view type = text_of(instance, kType);
  if (type.empty()) {
    return {};
  }
  const auto other = [&] { return text_of(static_cast<std::uint32_t>(stream.below(fleet_.instance_count())), kType); };
  const std::string subject = "attribute:" + std::string(kType);
  const std::uint64_t form = stream.below(4);
  if (form == 0) {
    constexpr int kListed = 4;
    std::vector<std::string_view> types = {type};
    for (int draw = 1; draw < kListed; ++draw) {
      types.push_back(other());
    }
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    std::string list;
    for (const std::string_view listed : types) {
      list.append(list.empty() || listed.empty() ? "" : ", ").append(listed);
    }
    return subject + " in [" + list + "]";
  }
  if (form == 1) {
    const std::string_view family = family_of(other());
    // "m5.*" matches "m5.large" and "m5d.large" alike.
    if (!family.empty() && !type.starts_with(family)) {
      return subject + " !~ " + std::string(family) + ".*";
    }
  }
  return subject + " =~ " + std::string(family_of(type)) + ".*";
}

std::string_view ExpressionMaker::text_of(std::uint32_t instance, std::string_view attribute) const {
  return fleet_.attribute_text(instance, attribute).value_or(std::string_view());
}

query::ProgramPtr ExpressionMaker::compile(const std::string& text) {
  const auto [found, is_new] = programs_.try_emplace(text);
  if (is_new) {
    Result<query::ProgramPtr> program = query::Program::compile(text);
    found->second = program.ok() ? std::move(program).value() : nullptr;
  }
  return found->second;
}

}  // namespace berth::workloads
