// EventFeed::Batch: what one call of EventFeed::apply_events() has at hand; for the files that implement EventFeed.
//
// Thread rule: one thread. Lifetime: the call.
#pragma once

#include "engine/ecs/event_feed.h"
#include "engine/ecs/import_report.h"

namespace berth::ecs {

struct EventFeed::Batch {
  TextPool pool;        // Names and values of attributes.
  ImportReport unused;  // The readers of an import tell what they leave out; events leave out the same (README.md).
  EventReport report;
};

// Of two versions: what the event is by them, unless it is newer.
inline std::optional<EventReport::Event> outdated(std::uint64_t known, std::uint64_t version) {
  if (version > known) {
    return std::nullopt;
  }
  return EventReport::Event{version == known ? EventFate::kDuplicate : EventFate::kOlder, ""};
}

}  // namespace berth::ecs
