// Which cluster a request names, and whether the inventory holds it.

#include <algorithm>
#include <compare>
#include <set>
#include <string>
#include <vector>

#include "engine/ecs/request.h"
#include "engine/ecs/request_arn.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kClusterResource = ":cluster/";

// What one ARN tells of its instance's cluster; either part may be empty.
struct Place {
  std::string home;  // Partition, region and account: "arn:aws:ecs:us-east-1:123456789012".
  std::string cluster;

  friend auto operator<=>(const Place&, const Place&) = default;
};

using Places = std::set<Place>;

Place place_of(std::string_view arn) {
  return {std::string(home_of_instance_arn(arn)), std::string(cluster_of_instance_arn(arn))};
}

// What the inventory's ARNs tell. Prefixes of the ARN column tell nearly all; other ARNs are read one by one.
Places told_places(const Snapshot& snapshot) {
  Places places;
  const IdColumn& arns = snapshot.instance_arns();
  std::vector<bool> is_told(arns.prefixes().size(), false);
  for (std::uint32_t p = 0; p < arns.prefixes().size(); ++p) {
    // A tail of digits holds no slash, so that its prefix tells all.
    if (Place place = place_of(arns.prefixes().at(p)); !place.cluster.empty() || arns.format_of_prefix(p) != IdFormat::kText) {
      places.insert(std::move(place));
      is_told[p] = true;
    }
  }
  if (std::find(is_told.begin(), is_told.end(), false) == is_told.end()) {
    return places;
  }
  std::string arn;
  for (std::uint32_t i = 0; i < arns.size(); ++i) {
    if (!is_told[arns.prefix(i)]) {
      arn.clear();
      arns.append_to(i, arn);
      places.insert(place_of(arn));
    }
  }
  return places;
}

// Whether some instance may be of the cluster. Where ARNs name clusters, one of them must be it; those that name none do not count then.
bool holds(const Places& places, const Place& wanted) {
  bool is_silent = true;
  bool is_named = false;
  bool has_home = places.empty();
  for (const Place& place : places) {
    if (!wanted.home.empty() && !place.home.empty() && place.home != wanted.home) {
      continue;
    }
    has_home = true;
    is_silent = is_silent && place.cluster.empty();
    is_named = is_named || place.cluster == wanted.cluster;
  }
  return has_home && (is_silent || is_named);
}

// The clusters of the inventory as the request names its own: by ARN or by name.
std::string text_of_places(const Places& places, bool as_arns) {
  std::set<std::string> texts;
  for (const Place& place : places) {
    const std::string name = place.cluster.empty() ? "(no name)" : place.cluster;
    texts.insert(as_arns && !place.home.empty() ? place.home + std::string(kClusterResource) + name : name);
  }
  std::string text;
  for (const std::string& each : texts) {
    text += (text.empty() ? "" : ", ") + each;
  }
  return text;
}

}  // namespace

std::vector<std::string> clusters_of(const Snapshot& snapshot) {
  std::set<std::string> names;
  std::set<std::string> arns;
  for (const Place& place : told_places(snapshot)) {
    if (!place.cluster.empty()) {
      names.insert(place.cluster);
      arns.insert(place.home + std::string(kClusterResource) + place.cluster);
    }
  }
  const std::set<std::string>& shown = names.size() == arns.size() ? names : arns;
  return {shown.begin(), shown.end()};
}

bool may_be_of_cluster(std::string_view instance_arn, const placement::Request& placement) {
  const std::string_view cluster = cluster_of_instance_arn(instance_arn);
  const std::string_view home = home_of_instance_arn(instance_arn);
  const bool is_other_home = !placement.cluster_home.empty() && !home.empty() && home != placement.cluster_home;
  return !placement.cluster.has_value() || (!is_other_home && (cluster.empty() || cluster == *placement.cluster));
}

Outcome read_cluster(const JsonValue& root, const Snapshot& snapshot, placement::Request& placement) {
  const auto member = root.member("cluster");
  if (!member.has_value()) {
    return {};
  }
  const std::string_view given = *member->string();
  Place wanted{"", std::string(given)};
  if (given.starts_with("arn:")) {
    const std::size_t at = given.find(kClusterResource);
    if (at == std::string_view::npos) {
      return member->error(
          "Invalid identifier: Unexpected resource type; expected the ARN of a cluster, found \"" + std::string(given) + "\"",
          "InvalidParameterException");
    }
    wanted = {std::string(given.substr(0, at)), std::string(given.substr(at + kClusterResource.size()))};
  }
  if (wanted.cluster.empty()) {
    return member->error("a cluster's name is not empty; leave the member out to take the whole inventory", "InvalidParameterException");
  }
  if (const Places places = told_places(snapshot); !holds(places, wanted)) {
    Error error = member->error(
        "Cluster not found. (\"" + std::string(given) + "\"; the inventory holds " + text_of_places(places, !wanted.home.empty()) + ")",
        "ClusterNotFoundException");
    error.code = StatusCode::kNotFound;
    return error;
  }
  placement.cluster = std::move(wanted.cluster);
  placement.cluster_home = std::move(wanted.home);
  return {};
}

}  // namespace berth::ecs
