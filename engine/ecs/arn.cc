#include "engine/ecs/arn.h"

namespace berth::ecs {

std::string cluster_arn_of(std::string_view arn) {
  for (const std::string_view kind : {std::string_view(":container-instance/"), std::string_view(":task/")}) {
    const std::size_t at = arn.find(kind);
    if (at == std::string_view::npos) {
      continue;
    }
    const std::string_view rest = arn.substr(at + kind.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0) {
      return {};
    }
    return std::string(arn.substr(0, at)).append(":cluster/").append(rest.substr(0, slash));
  }
  return {};
}

std::string_view cluster_name_of(std::string_view cluster) {
  constexpr std::string_view kKind = ":cluster/";
  const std::size_t at = cluster.find(kKind);
  return at == std::string_view::npos ? cluster : cluster.substr(at + kKind.size());
}

bool is_cluster(std::string_view cluster_arn, std::string_view wanted) {
  return wanted.starts_with("arn:") ? cluster_arn == wanted : cluster_name_of(cluster_arn) == wanted;
}

std::string_view family_of(std::string_view task_definition) {
  constexpr std::string_view kKind = ":task-definition/";
  const std::size_t at = task_definition.find(kKind);
  const std::string_view name = at == std::string_view::npos ? task_definition : task_definition.substr(at + kKind.size());
  return name.substr(0, name.rfind(':'));
}

std::string_view id_of(std::string_view arn) {
  const std::size_t slash = arn.rfind('/');
  return slash == std::string_view::npos ? arn : arn.substr(slash + 1);
}

}  // namespace berth::ecs
