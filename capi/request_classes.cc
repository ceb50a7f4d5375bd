#include "capi/request_classes.h"

#include <optional>
#include <string_view>
#include <utility>

#include "capi/arguments.h"

namespace berth::capi {
namespace {

// Everything that a class is made of, written so that two requests give the same text only if all of it is the same.
class Key {
 public:
  Key& number(std::uint64_t value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Key& text(std::string_view value) {
    number(value.size());
    text_.append(value);
    return *this;
  }
  Key& maybe(const std::optional<std::string>& value) { return value.has_value() ? number(1).text(*value) : number(0); }
  template <typename Items, typename Add>
  Key& list(const Items& items, const Add& add) {
    number(items.size());
    for (const auto& item : items) {
      add(item);
    }
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string key_of(const placement::Request& request) {
  const placement::Demand& demand = request.demand;
  Key key;
  key.number(static_cast<std::uint64_t>(demand.cpu_units)).number(static_cast<std::uint64_t>(demand.memory_mib));
  key.number(demand.gpu_count).number(demand.uses_eni ? 1 : 0);
  const auto add_number = [&](std::uint16_t port) { key.number(port); };
  key.list(demand.tcp_ports, add_number).list(demand.udp_ports, add_number);
  key.list(demand.attributes,
           [&](const placement::AttributeRequirement& asked) { key.text(asked.name).maybe(asked.value).maybe(asked.absent_reads_as); });
  key.list(demand.own, [&](const placement::OwnDemand& own) { key.text(own.name).number(static_cast<std::uint64_t>(own.amount)); });
  key.text(request.group).number(request.distinct_instance ? 1 : 0);
  // All are compiled under the default policy.
  key.list(request.member_of, [&](const placement::MemberOf& member_of) { key.text(member_of.program->text()); });
  key.list(request.strategies,
           [&](const placement::Strategy& strategy) { key.number(static_cast<std::uint64_t>(strategy.kind)).text(strategy.attribute); });
  key.number(static_cast<std::uint64_t>(request.launch_type)).maybe(request.capacity_provider).maybe(request.cluster);
  key.text(request.cluster_home);
  key.list(request.zones, [&](const std::string& zone) { key.text(zone); });
  return key.take();
}

}  // namespace

Result<std::uint32_t> RequestClasses::prepare(cluster::Cluster& cluster, const placement::Request& request, Executor& executor) {
  std::string key = key_of(request);
  const std::lock_guard lock(mutex_);
  if (const auto known = numbers_.find(key); known != numbers_.end()) {
    return known->second;
  }
  if (classes_.size() >= kRequestClassesMax) {
    return refusal(
        "the cluster has 1,048,576 different requests ready; begin a new one with berth_cluster_snapshot() and berth_cluster_new()",
        StatusCode::kLimitExceeded);
  }
  Result<std::unique_ptr<cluster::RequestClass>> made = cluster.prepare(request, executor);
  if (!made.ok()) {
    return std::move(made).error();
  }
  const std::uint32_t number = classes_.size();
  const auto entry = numbers_.emplace(std::move(key), number).first;
  try {
    classes_.append(*std::move(made));
  } catch (...) {
    numbers_.erase(entry);
    throw;
  }
  return number;
}

}  // namespace berth::capi
