#include "bench/workloads/zoo.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "bench/workloads/deal.h"
#include "bench/workloads/task_sizes.h"
#include "bench/workloads/zoo_expression.h"
#include "engine/ecs/requirements.h"

namespace berth::workloads {
namespace {

using placement::Request;
using placement::Strategy;

constexpr std::string_view kZone = "ecs.availability-zone";
enum Chain : std::uint32_t { kServiceDefault, kSpreadZoneBinpackMemory, kBinpackCpu, kBinpackMemory, kRandom, kSpreadPool, kSpreadStack };
constexpr std::array<std::uint32_t, 7> kChainPerMille = {400, 300, 75, 75, 100, 25, 25};
enum Network : std::uint32_t { kBridge, kStaticPort, kAwsvpc };
constexpr std::array<std::uint32_t, 3> kNetworkPercent = {80, 10, 10};
// Host ports of the real definitions, as often as they have them; one in thirteen is 8125/udp, the port of statsd.
constexpr std::array<std::uint16_t, 13> kPorts = {80, 80, 80, 80, 80, 8080, 8080, 5000, 8443, 9990, 4317, 11212, 8125};
constexpr std::uint16_t kUdpPort = 8125;

std::vector<Strategy> strategies_of(std::uint32_t chain) {
  using Kind = Strategy::Kind;
  const auto spread = [](std::string_view name) { return Strategy{Kind::kSpreadAttribute, std::string(name)}; };
  switch (chain) {
    case kSpreadZoneBinpackMemory:
      return {spread(kZone), {Kind::kBinpackMemory, {}}};
    case kBinpackCpu:
      return {{Kind::kBinpackCpu, {}}};
    case kBinpackMemory:
      return {{Kind::kBinpackMemory, {}}};
    case kRandom:
      return {{Kind::kRandom, {}}};
    case kSpreadPool:
      return {spread("pool")};
    case kSpreadStack:
      return {spread("stack")};
    default:
      return placement::default_strategies(true);
  }
}

// Names of services, the ones with the most tasks in the fleet first.
std::vector<std::string> service_groups(const Snapshot& fleet, std::uint32_t count) {
  constexpr std::string_view kPrefix = "service:";
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sizes(fleet.groups().size());  // Tasks, group.
  for (std::uint32_t group = 0; group < sizes.size(); ++group) {
    sizes[group].second = group;
  }
  const std::span<const TaskShape> shapes = fleet.task_shapes();
  for (const std::uint32_t shape : fleet.task_shape()) {
    if (shapes[shape].group != kNoId) {
      ++sizes[shapes[shape].group].first;
    }
  }
  std::erase_if(sizes, [&](const auto& size) { return !fleet.groups().at(size.second).starts_with(kPrefix); });
  std::sort(sizes.begin(), sizes.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<std::string> names;
  names.reserve(count);
  for (std::uint32_t k = 0; k < count; ++k) {
    names.push_back(k < sizes.size() ? std::string(fleet.groups().at(sizes[k].second)) : "service:zoo-" + std::to_string(k));
  }
  return names;
}

std::vector<std::string> zones_of(const Snapshot& fleet) {
  std::set<std::string, std::less<>> zones;
  const std::optional<std::uint32_t> name = fleet.attribute_names().find(kZone);
  for (std::uint32_t set = 0; name.has_value() && set < fleet.attribute_set_count(); ++set) {
    for (const AttributePair& pair : fleet.attribute_set_pairs(set)) {
      if (pair.name == *name && pair.value != kAttributeNameOnly) {
        zones.emplace(fleet.attribute_values().at(pair.value));
      }
    }
  }
  return {zones.begin(), zones.end()};
}

// What ECS derives for an image in ECR, logs to CloudWatch with options, an execution role, on Linux.
std::vector<placement::AttributeRequirement> required_attributes(bool uses_eni) {
  std::vector<placement::AttributeRequirement> required;
  for (const std::string_view name :
       {"com.amazonaws.ecs.capability.docker-remote-api.1.18", "com.amazonaws.ecs.capability.docker-remote-api.1.19",
        "com.amazonaws.ecs.capability.ecr-auth", "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "ecs.capability.execution-role-awslogs", "ecs.capability.execution-role-ecr-pull"}) {
    required.push_back(ecs::attribute_requirement(name, std::nullopt));
  }
  if (uses_eni) {
    required.push_back(ecs::attribute_requirement("ecs.capability.task-eni", std::nullopt));
  }
  required.push_back(ecs::attribute_requirement("ecs.os-type", "linux"));
  return required;
}

// Streams of their own keep the shares independent: a change of one leaves the others as they were.
enum Purpose : std::uint64_t {
  kGroups,
  kSizes,
  kChains,
  kMemberOf,
  kTerms,
  kAboutTasks,
  kNeighbours,
  kDistinct,
  kNetworks,
  kPortDraws,
  kGpus,
  kExpressions,
  kSeeds
};

class ZooMaker {
 public:
  ZooMaker(std::uint32_t classes, std::uint64_t seed, const Snapshot& fleet) : seed_(seed), fleet_(fleet), zoo_(classes) {}

  std::vector<Request> make() {
    groups_ = service_groups(fleet_, size());
    Stream stream = stream_for(kGroups);
    shuffle(std::span(groups_), stream);
    for (std::uint32_t k = 0; k < size(); ++k) {
      zoo_[k].group = groups_[k];
      zoo_[k].seed = draw64(seed_, k, kSeeds);
    }
    deal_sizes();
    deal_chains();
    deal_networks();
    deal_gpus();
    Stream distinct = stream_for(kDistinct);
    const std::vector<std::uint32_t> dealt = deal(std::array{90U, 10U}, size(), distinct);
    for (std::uint32_t k = 0; k < size(); ++k) {
      zoo_[k].distinct_instance = dealt[k] == 1;
    }
    deal_member_of();
    return std::move(zoo_);
  }

 private:
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(zoo_.size()); }
  [[nodiscard]] Stream stream_for(Purpose purpose) const { return Stream(draw64(seed_, ~std::uint64_t{0}, purpose)); }

  void deal_sizes() {
    std::vector<std::uint32_t> shares;
    for (const TaskSize& size : task_sizes()) {
      shares.push_back(size.definitions);
    }
    Stream stream = stream_for(kSizes);
    const std::vector<std::uint32_t> dealt = deal(shares, size(), stream);
    for (std::uint32_t k = 0; k < size(); ++k) {
      zoo_[k].demand.cpu_units = task_sizes()[dealt[k]].cpu_units;
      zoo_[k].demand.memory_mib = task_sizes()[dealt[k]].memory_mib;
    }
  }

  void deal_chains() {
    Stream stream = stream_for(kChains);
    const std::vector<std::uint32_t> dealt = deal(kChainPerMille, size(), stream);
    for (std::uint32_t k = 0; k < size(); ++k) {
      zoo_[k].strategies = strategies_of(dealt[k]);
    }
  }

  void deal_networks() {
    Stream stream = stream_for(kNetworks);
    Stream ports = stream_for(kPortDraws);
    const std::vector<std::uint32_t> dealt = deal(kNetworkPercent, size(), stream);
    const std::vector<std::string> zones = zones_of(fleet_);
    for (std::uint32_t k = 0; k < size(); ++k) {
      placement::Demand& demand = zoo_[k].demand;
      demand.uses_eni = dealt[k] == kAwsvpc;
      demand.attributes = required_attributes(demand.uses_eni);
      if (demand.uses_eni) {
        zoo_[k].zones = zones;
      }
      if (dealt[k] == kStaticPort) {
        const std::uint16_t port = kPorts[ports.below(kPorts.size())];
        (port == kUdpPort ? demand.udp_ports : demand.tcp_ports).push_back(port);
      }
    }
  }

  void deal_gpus() {
    Stream stream = stream_for(kGpus);
    const std::vector<std::uint32_t> dealt = deal(std::array{95U, 4U, 1U}, size(), stream);
    for (std::uint32_t k = 0; k < size(); ++k) {
      zoo_[k].demand.gpu_count = dealt[k];
    }
  }

  // Last, for an expression is drawn about an instance that takes the rest of the request.
  void deal_member_of() {
    constexpr std::array<std::uint32_t, 2> kHalf = {1, 1};
    constexpr std::array<std::uint32_t, 3> kThirds = {1, 1, 1};
    constexpr std::array<std::uint32_t, 2> kTenth = {9, 1};
    constexpr std::array<std::uint32_t, 2> kNeighbour = {3, 1};  // Most expressions about groups keep tasks apart.
    Stream has = stream_for(kMemberOf);
    Stream terms = stream_for(kTerms);
    Stream about = stream_for(kAboutTasks);
    Stream neighbours = stream_for(kNeighbours);
    Stream stream = stream_for(kExpressions);
    const std::vector<std::uint32_t> dealt = deal(kHalf, size(), has);
    const auto constrained = static_cast<std::uint32_t>(std::count(dealt.begin(), dealt.end(), 1U));
    const std::vector<std::uint32_t> dealt_terms = deal(kThirds, constrained, terms);
    const std::vector<std::uint32_t> dealt_about = deal(kTenth, constrained, about);
    const auto about_tasks = static_cast<std::uint32_t>(std::count(dealt_about.begin(), dealt_about.end(), 1U));
    const std::vector<std::uint32_t> dealt_neighbours = deal(kNeighbour, about_tasks, neighbours);
    ExpressionMaker maker(fleet_, groups_);
    std::size_t at = 0;
    std::size_t at_group = 0;
    for (std::uint32_t k = 0; k < size(); ++k) {
      if (dealt[k] == 0) {
        continue;
      }
      ExpressionMaker::Wish wish;
      wish.terms = dealt_terms[at] + 1;
      wish.is_about_tasks = dealt_about[at] == 1;
      wish.wants_neighbour = wish.is_about_tasks && dealt_neighbours[at_group++] == 1;
      ++at;
      zoo_[k].member_of.push_back({maker.make(wish, zoo_[k], stream), "placementConstraints[0]"});
    }
  }

  std::uint64_t seed_;
  const Snapshot& fleet_;
  std::vector<Request> zoo_;
  std::vector<std::string> groups_;
};

}  // namespace

std::vector<Request> zoo(std::uint32_t classes, std::uint64_t seed, const Snapshot& fleet) {
  return ZooMaker(classes, seed, fleet).make();
}

}  // namespace berth::workloads
