#include "engine/ecs/network.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/limits.h"
#include "engine/ecs/request_members.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kInvalidParameter = "InvalidParameterException";

// The instances that have an attribute with a value, found by their attribute sets: one test per instance.
class Holders {
 public:
  Holders(const Snapshot& snapshot, std::string_view name, std::string_view value) : snapshot_(snapshot) {
    const auto name_id = snapshot.attribute_names().find(name);
    const auto value_id = snapshot.attribute_values().find(value);
    if (!name_id.has_value() || !value_id.has_value()) {
      return;
    }
    value_ = *value_id;
    holds_.assign(snapshot.attribute_set_count(), false);
    for (std::uint32_t set = 0; set < snapshot.attribute_set_count(); ++set) {
      const auto pairs = snapshot.attribute_set_pairs(set);
      holds_[set] = std::any_of(pairs.begin(), pairs.end(),
                                [&](const AttributePair& pair) { return pair.name == *name_id && pair.value == *value_id; });
    }
    const auto wide = std::find_if(snapshot.wide_attributes().begin(), snapshot.wide_attributes().end(),
                                   [&](const WideAttribute& column) { return column.name == *name_id; });
    if (wide != snapshot.wide_attributes().end()) {
      wide_ = &*wide;
    }
  }

  // Visits holders in id order until a visit returns false.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    if (holds_.empty()) {
      return;
    }
    for (std::uint32_t i = 0; i < snapshot_.instance_count(); ++i) {
      if ((holds_[snapshot_.attribute_set()[i]] || (wide_ != nullptr && wide_->values[i] == value_)) && !visit(i)) {
        return;
      }
    }
  }

 private:
  const Snapshot& snapshot_;
  std::uint32_t value_ = 0;
  std::vector<bool> holds_;
  const WideAttribute* wide_ = nullptr;
};

Result<Subnet> place_subnet(const JsonValue& value, const SubnetPlaces& told, const Snapshot& snapshot) {
  const std::string_view id = *value.string();
  Subnet subnet{std::string(id), {}, {}};
  if (const auto found = told.find(id); found != told.end()) {
    subnet = found->second;
  }
  if (subnet.zone.empty() || subnet.vpc.empty()) {
    Subnet learnt = learn_subnet(snapshot, id);
    subnet.zone = subnet.zone.empty() ? std::move(learnt.zone) : subnet.zone;
    subnet.vpc = subnet.vpc.empty() ? std::move(learnt.vpc) : subnet.vpc;
  }
  if (subnet.zone.empty()) {
    return value.error("the zone of subnet '" + std::string(id) +
                           "' is not known: no instance of the inventory has attribute ecs.subnet-id with it and ecs.availability-zone; "
                           "give it: --subnets " +
                           std::string(id) + "=ZONE on the command line, \"berth\": {\"subnets\": {\"" + std::string(id) +
                           "\": {\"zone\": ZONE}}} in a request",
                       kInvalidParameter);
  }
  return subnet;
}

Outcome read_subnets(const JsonValue& list, const SubnetPlaces& told, const Snapshot& snapshot, Network& network) {
  Outcome read = list.for_each([&](const JsonValue& item) -> Outcome {
    if (network.subnets.size() == kSubnetsMax) {
      return list.error("subnets can have at most " + std::to_string(kSubnetsMax) + " items.", kInvalidParameter);
    }
    Result<Subnet> subnet = place_subnet(item, told, snapshot);
    if (!subnet.ok()) {
      return std::move(subnet).error();
    }
    const std::string vpc = network.vpc();
    if (!vpc.empty() && !subnet->vpc.empty() && subnet->vpc != vpc) {
      return item.error("subnet '" + subnet->id + "' is in VPC '" + subnet->vpc + "', others of this task are in '" + vpc +
                            "'; the subnets of a task belong to one VPC",
                        kInvalidParameter);
    }
    network.subnets.push_back(*std::move(subnet));
    return {};
  });
  if (read.ok() && network.subnets.empty()) {
    return list.error("subnets can not be empty.", kInvalidParameter);
  }
  return read;
}

}  // namespace

std::vector<std::string> Network::zones() const {
  std::vector<std::string> zones;
  for (const Subnet& subnet : subnets) {
    if (std::find(zones.begin(), zones.end(), subnet.zone) == zones.end()) {
      zones.push_back(subnet.zone);
    }
  }
  return zones;
}

std::string Network::vpc() const {
  const auto known = std::find_if(subnets.begin(), subnets.end(), [](const Subnet& subnet) { return !subnet.vpc.empty(); });
  return known == subnets.end() ? std::string() : known->vpc;
}

Subnet learn_subnet(const Snapshot& snapshot, std::string_view id) {
  Subnet subnet{std::string(id), {}, {}};
  Holders(snapshot, "ecs.subnet-id", id).for_each([&](std::uint32_t instance) {
    if (subnet.zone.empty()) {
      subnet.zone = snapshot.attribute_text(instance, "ecs.availability-zone").value_or("");
    }
    if (subnet.vpc.empty()) {
      subnet.vpc = snapshot.attribute_text(instance, "ecs.vpc-id").value_or("");
    }
    return subnet.zone.empty() || subnet.vpc.empty();
  });
  return subnet;
}

Result<Network> read_network(const JsonValue& request, const TaskDefinition& definition, bool is_fargate, const SubnetPlaces& told,
                             const Snapshot& snapshot) {
  const bool needs_eni = definition.network_mode == NetworkMode::kAwsvpc;
  const auto configuration = request.member("networkConfiguration");
  const auto awsvpc = configuration.has_value() ? configuration->member("awsvpcConfiguration") : std::nullopt;
  Network network;
  if (!awsvpc.has_value()) {
    if (needs_eni) {
      return request.error("Network Configuration must be provided when networkMode 'awsvpc' is specified.", kInvalidParameter);
    }
    return network;
  }
  if (!needs_eni) {
    return configuration->error("Network Configuration is not valid for the given networkMode of this task definition.", kInvalidParameter);
  }
  if (text_of(*awsvpc, "assignPublicIp") == "ENABLED") {
    if (!is_fargate) {
      return awsvpc->error("Assign public IP is not supported for this launch type.", kInvalidParameter);
    }
    network.has_public_ip = true;
  }
  for_each_item(*awsvpc, "securityGroups", [&](const JsonValue& item) { network.security_groups.emplace_back(*item.string()); });
  if (network.security_groups.size() > kSecurityGroupsMax) {
    return awsvpc->member("securityGroups")
        ->error("security groups can have at most " + std::to_string(kSecurityGroupsMax) + " items.", kInvalidParameter);
  }
  if (Outcome read = read_subnets(*awsvpc->member("subnets"), told, snapshot, network); !read.ok()) {
    return std::move(read).error();
  }
  return network;
}

}  // namespace berth::ecs
