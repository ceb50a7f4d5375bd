#include "engine/ecs/request_arn.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kResource = ":container-instance/";
// Of identifiers that are no ARNs: hand-made inventories still get well-formed task ARNs.
constexpr std::string_view kNoHome = "arn:aws:ecs:us-east-1:000000000000:";
constexpr int kFieldsBeforeResource = 5;

}  // namespace

std::string_view cluster_of_instance_arn(std::string_view arn) {
  const std::size_t at = arn.find(kResource);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = arn.substr(at + kResource.size());
  const std::size_t slash = rest.find('/');
  return slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
}

std::string_view home_of_instance_arn(std::string_view arn) {
  const std::size_t at = arn.find(kResource);
  return at == std::string_view::npos || !arn.starts_with("arn:") ? std::string_view() : arn.substr(0, at);
}

std::string_view home_of_arn(std::string_view arn) {
  if (!arn.starts_with("arn:")) {
    return {};
  }
  std::size_t at = 0;
  for (int field = 0; field < kFieldsBeforeResource; ++field) {
    at = arn.find(':', at);
    if (at == std::string_view::npos) {
      return {};
    }
    ++at;
  }
  return arn.substr(0, at);
}

std::string ArnPlace::cluster_arn() const {
  return home + "cluster/" + (cluster.empty() ? "default" : cluster);
}

std::string ArnPlace::task_prefix() const {
  return home + "task/" + (cluster.empty() ? "" : cluster + "/");
}

ArnPlace place_of_instance(std::string_view arn, std::string_view cluster) {
  const std::string_view home = home_of_arn(arn);
  const std::string_view named = cluster_of_instance_arn(arn);
  return {std::string(home.empty() ? kNoHome : home), std::string(named.empty() ? cluster : named)};
}

}  // namespace berth::ecs
