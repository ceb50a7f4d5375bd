// Own resources: named integer amounts of the user's own, such as disk, licences or bandwidth, beside those that ECS knows. A snapshot has
// none unless whoever made it asked for some.
//
// Thread rule: plain values, pure functions. Lifetime: an OwnResource looks into its snapshot.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/result.h"

namespace berth {

struct OwnResource {
  std::string_view name;
  std::span<const std::int32_t> registered;  // By instance; 0 where it has none, never negative.
  std::span<const std::int32_t> remaining;   // By instance; may be negative.
};

// 1 to 128 of letters, digits, '-', '_', '.', '/' and ':', and not one that ECS or Berth uses for a resource of its own, in any letter
// case. Errors: kInvalidArgument, naming the rule.
Outcome check_own_resource_name(std::string_view name);

}  // namespace berth
