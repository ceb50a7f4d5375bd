// EventReport: what became of a batch of events.
//
// Thread rule: plain value. Lifetime: owns its texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/cluster/registration.h"

namespace berth::ecs {

enum class EventFate : std::uint8_t {
  kApplied = 0,
  kWaiting = 1,    // A task whose instance has not been told of yet: applied with the instance.
  kOlder = 2,      // Something newer was known of the task or instance.
  kDuplicate = 3,  // This version of it was known.
  kIgnored = 4,    // Nothing that concerns the cluster; `reason` says why.
  kRefused = 5,    // Wrong, or more than the cluster holds; `reason` names the member at fault, or the limit.
};
inline constexpr std::size_t kEventFateCount = 6;

std::string_view to_text(EventFate fate);  // "applied", "waiting", ...

struct EventReport {
  struct Event {
    EventFate fate = EventFate::kApplied;
    std::string reason;  // Of ignored and refused ones; of an applied one what of it was lost.
  };
  std::vector<Event> events;             // One for each, in the order given.
  std::optional<Error> broken;           // Text that is no JSON; also the last event, as refused.
  std::vector<cluster::Orphan> orphans;  // Tasks that left with an instance that has become INACTIVE.

  [[nodiscard]] std::size_t count(EventFate fate) const;
  // {"applied": n, ..., "ignored": [{"position": n, "reason": "..."}], "refused": [...], "orphans": [{"taskArn": ...}]}
  [[nodiscard]] std::string to_json() const;
};

}  // namespace berth::ecs
