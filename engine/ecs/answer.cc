#include "engine/ecs/answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/rng.h"
#include "engine/ecs/table.h"

namespace berth::ecs {
namespace {

void append_hex(std::uint64_t word, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) {
    out.push_back(kDigits[(word >> static_cast<unsigned>(shift)) & 15U]);
  }
}

}  // namespace

std::uint64_t task_id_base(std::uint64_t seed, std::string_view request_text, std::uint64_t generation) {
  return mix64(hash_bytes(seed, request_text) + kGoldenGamma * (generation + 1));
}

std::string task_id(std::uint64_t id_base, std::uint32_t index) {
  std::string id;
  id.reserve(32);
  append_hex(draw64(id_base, index, 0), id);
  append_hex(draw64(id_base, index, 1), id);
  return id;
}

Answer Answer::of_snapshot(const TaskRequest& request, const Snapshot& snapshot) {
  Answer answer;
  answer.request = &request;
  answer.facts = std::make_shared<SnapshotFacts>(snapshot);
  answer.snapshot = &snapshot;
  return answer;
}

TaskNames::TaskNames(const Answer& answer) : answer_(answer), cluster_(answer.request->placement.cluster.value_or("")) {
  // Where tasks without an instance live: with the inventory, or with the definition.
  const std::string some_arn = answer.facts->some_arn();
  if (!some_arn.empty()) {
    place_ = place_of_instance(some_arn, cluster_);
  } else {
    place_ = place_of_instance(answer.request->definition->arn, cluster_);
  }
  if (!answer.request->placement.cluster_home.empty()) {
    place_.home = answer.request->placement.cluster_home + ":";
  }
  if (place_.cluster.empty() && some_arn.empty()) {
    place_.cluster = "default";
  }
}

const ArnPlace& TaskNames::place(std::uint32_t index) {
  const AnsweredTask& task = answer_.tasks[index];
  if (task.instance.has_value()) {
    place_ = place_of_instance(answer_.facts->arn(*task.instance), cluster_);
  } else if (!cluster_.empty()) {
    place_.cluster = cluster_;
  }
  return place_;
}

std::string TaskNames::task_arn(std::uint32_t index) {
  return place(index).task_prefix() + task_id(answer_.id_base, index);
}

std::string TaskNames::definition_arn(std::uint32_t index) {
  const TaskDefinition& definition = *answer_.request->definition;
  if (!definition.arn.empty()) {
    return std::string(definition.arn);
  }
  return place(index).home + "task-definition/" + std::string(definition.family) + ":" + std::to_string(definition.revision.value_or(1));
}

SubnetDealer::SubnetDealer(const Answer& answer) : answer_(answer), taken_(answer.request->network.subnets.size(), 0) {
  for (const AnsweredTask& earlier : answer.tasks) {
    if (earlier.subnet.has_value()) {
      ++taken_[*earlier.subnet];
    }
  }
}

std::optional<std::uint32_t> SubnetDealer::deal(std::uint32_t instance) {
  std::optional<std::uint32_t> dealt;
  if (taken_.empty()) {
    return dealt;
  }
  const std::vector<Subnet>& subnets = answer_.request->network.subnets;
  const auto zone = answer_.facts->attribute(instance, "ecs.availability-zone");
  for (std::uint32_t s = 0; s < subnets.size(); ++s) {
    if (zone == subnets[s].zone && (!dealt.has_value() || taken_[s] < taken_[*dealt])) {
      dealt = s;
    }
  }
  if (dealt.has_value()) {
    ++taken_[*dealt];
  }
  return dealt;
}

void add_placed_tasks(Answer& answer, std::span<const placement::PlacedTask> placed) {
  SubnetDealer subnets(answer);
  answer.tasks.reserve(answer.tasks.size() + placed.size());
  for (const placement::PlacedTask& place : placed) {
    AnsweredTask task;
    task.instance = place.instance;
    task.gpu_slots = std::span(place.gpu_slots.data(), place.gpu_slots.size());
    task.capacity_provider = answer.request->capacity_provider;
    task.launch_type = answer.request->launch_type;
    task.subnet = subnets.deal(place.instance);
    answer.tasks.push_back(task);
  }
}

void write_value(JsonWriter& writer, simdjson::dom::element value) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::ARRAY:
      writer.begin_array();
      for (const simdjson::dom::element item : simdjson::dom::array(value)) {
        write_value(writer, item);
      }
      writer.end_array();
      return;
    case Type::OBJECT:
      writer.begin_object();
      for (const auto member : simdjson::dom::object(value)) {
        writer.key(member.key);
        write_value(writer, member.value);
      }
      writer.end_object();
      return;
    case Type::INT64:
      writer.integer(std::int64_t(value));
      return;
    case Type::UINT64:
      writer.unsigned_integer(std::uint64_t(value));
      return;
    case Type::DOUBLE:
      writer.number(double(value));
      return;
    case Type::STRING:
      writer.string(std::string_view(value));
      return;
    case Type::BOOL:
      writer.boolean(bool(value));
      return;
    case Type::NULL_VALUE:
      break;
  }
  writer.null();
}

std::string cpu_text(std::int64_t units) {
  return grouped_digits(units) + (units == 1 ? " CPU unit" : " CPU units");
}

std::string memory_text(std::int64_t mib) {
  return grouped_digits(mib) + " MiB";
}

}  // namespace berth::ecs
