#include "engine/ecs/event_report.h"

#include <algorithm>

#include "engine/ecs/json_writer.h"

namespace berth::ecs {
namespace {

void write_told(const EventReport& report, EventFate fate, JsonWriter& writer) {
  writer.key(to_text(fate)).begin_array();
  for (std::size_t position = 0; position < report.events.size(); ++position) {
    if (report.events[position].fate == fate) {
      writer.begin_object().key("position").unsigned_integer(position).member("reason", report.events[position].reason).end_object();
    }
  }
  writer.end_array();
}

}  // namespace

std::string_view to_text(EventFate fate) {
  switch (fate) {
    case EventFate::kApplied:
      return "applied";
    case EventFate::kWaiting:
      return "waiting";
    case EventFate::kOlder:
      return "older";
    case EventFate::kDuplicate:
      return "duplicates";
    case EventFate::kIgnored:
      return "ignored";
    case EventFate::kRefused:
      return "refused";
  }
  return "";
}

std::size_t EventReport::count(EventFate fate) const {
  return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const Event& event) { return event.fate == fate; }));
}

std::string EventReport::to_json() const {
  JsonWriter writer;
  writer.begin_object();
  for (const EventFate fate : {EventFate::kApplied, EventFate::kWaiting, EventFate::kOlder, EventFate::kDuplicate}) {
    writer.key(to_text(fate)).unsigned_integer(count(fate));
  }
  write_told(*this, EventFate::kIgnored, writer);
  write_told(*this, EventFate::kRefused, writer);
  writer.key("orphans").begin_array();
  for (const cluster::Orphan& orphan : orphans) {
    writer.begin_object().member("taskArn", orphan.arn).member("group", orphan.group);
    writer.member("lastStatus", to_text(orphan.last_status)).member("desiredStatus", to_text(orphan.desired_status)).end_object();
  }
  writer.end_array();
  writer.end_object();
  return writer.take();
}

}  // namespace berth::ecs
