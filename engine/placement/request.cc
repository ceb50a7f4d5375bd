#include "engine/placement/request.h"

namespace berth::placement {

std::vector<Strategy> default_strategies(bool is_service) {
  if (is_service) {
    return {{Strategy::Kind::kSpreadAttribute, "ecs.availability-zone"}, {Strategy::Kind::kSpreadInstance, ""}};
  }
  return {{Strategy::Kind::kRandom, ""}};
}

}  // namespace berth::placement
