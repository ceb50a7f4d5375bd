#include "engine/placement/request.h"

namespace berth::placement {

std::vector<Strategy> default_strategies(bool is_service) {
  if (is_service) {
    return {{Strategy::Kind::kSpreadAttribute, "ecs.availability-zone"}, {Strategy::Kind::kSpreadInstance, ""}};
  }
  return {{Strategy::Kind::kRandom, ""}};
}

std::string reason_text(Reason reason, const Demand& demand) {
  return is_own(reason) ? "RESOURCE:" + demand.own[own_index(reason)].name : std::string(to_text(reason));
}

}  // namespace berth::placement
