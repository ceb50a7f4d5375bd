// Which cluster a request names, and whether the inventory holds it.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/ecs/request.h"
#include "engine/ecs/request_arn.h"
#include "engine/ecs/request_members.h"

namespace berth::ecs {
namespace {

// The clusters that the inventory's ARNs name. Prefixes of the ARN column tell nearly all; other ARNs are read one by one.
std::set<std::string, std::less<>> named_clusters(const Snapshot& snapshot) {
  std::set<std::string, std::less<>> names;
  const IdColumn& arns = snapshot.instance_arns();
  std::vector<bool> is_told(arns.prefixes().size(), false);
  for (std::uint32_t p = 0; p < arns.prefixes().size(); ++p) {
    if (const std::string_view cluster = cluster_of_instance_arn(arns.prefixes().at(p)); !cluster.empty()) {
      names.emplace(cluster);
      is_told[p] = true;
    }
  }
  if (std::find(is_told.begin(), is_told.end(), false) == is_told.end()) {
    return names;
  }
  std::string arn;
  for (std::uint32_t i = 0; i < arns.size(); ++i) {
    if (is_told[arns.prefix(i)]) {
      continue;
    }
    arn.clear();
    arns.append_to(i, arn);
    if (const std::string_view cluster = cluster_of_instance_arn(arn); !cluster.empty() && names.find(cluster) == names.end()) {
      names.emplace(cluster);
    }
  }
  return names;
}

}  // namespace

Result<std::optional<std::string>> read_cluster(const JsonValue& root, const Snapshot& snapshot) {
  const auto member = root.member("cluster");
  if (!member.has_value()) {
    return std::optional<std::string>();
  }
  std::string_view name = *member->string();
  if (name.starts_with("arn:")) {
    const std::size_t at = name.find(":cluster/");
    if (at == std::string_view::npos) {
      return member->error(
          "Invalid identifier: Unexpected resource type; expected the ARN of a cluster, found \"" + std::string(name) + "\"",
          "InvalidParameterException");
    }
    name.remove_prefix(at + std::string_view(":cluster/").size());
  }
  if (name.empty()) {
    return member->error("a cluster's name is not empty; leave the member out to place on the whole inventory",
                         "InvalidParameterException");
  }
  const auto clusters = named_clusters(snapshot);
  if (!clusters.empty() && clusters.find(name) == clusters.end()) {
    std::string known;
    for (const std::string& cluster : clusters) {
      known += (known.empty() ? "" : ", ") + cluster;
    }
    Error error =
        member->error("Cluster not found. (\"" + std::string(name) + "\"; the inventory holds " + known + ")", "ClusterNotFoundException");
    error.code = StatusCode::kNotFound;
    return error;
  }
  return std::optional<std::string>(name);
}

}  // namespace berth::ecs
