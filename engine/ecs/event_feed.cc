#include "engine/ecs/event_feed.h"

#include <utility>

#include "engine/ecs/arn.h"
#include "engine/ecs/event_batch.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kTaskEvent = "ECS Task State Change";
constexpr std::string_view kInstanceEvent = "ECS Container Instance State Change";

}  // namespace

EventFeed::EventFeed(cluster::Cluster& cluster, cluster::Worker worker, EventFeedOptions options)
    : cluster_(cluster),
      worker_(std::move(worker)),
      options_(std::move(options)),
      stopped_(options_.ended_max),
      inactive_(options_.ended_max) {
  const Snapshot& base = cluster_.inventory().base();
  for (const OwnResource& own : base.own_resources()) {
    own_names_.emplace_back(own.name);
  }
  if (options_.trusts_versions) {
    for (std::uint32_t instance = 0; instance < base.instance_count(); ++instance) {
      remember(instance, base.version()[instance]);
    }
  }
}

EventReport EventFeed::apply_events(std::string_view source, std::string_view json) {
  Batch batch;
  const auto apply = [&](const JsonValue& event) -> Outcome {
    batch.report.events.push_back(apply_event(event, batch));
    return {};
  };
  Outcome outcome =
      JsonDocument::parse_each(source, json, [&](const JsonValue& root) { return root.is_array() ? root.for_each(apply) : apply(root); });
  if (!outcome) {
    batch.report.events.push_back({EventFate::kRefused, outcome.error().message});
    batch.report.broken = std::move(outcome).error();
  }
  return std::move(batch.report);
}

EventFeed::Told EventFeed::apply_event(const JsonValue& event, Batch& batch) {
  if (Outcome shape = event.expect(JsonValue::Type::kObject); !shape) {
    return {EventFate::kRefused, shape.error().message};
  }
  const std::optional<JsonValue> type = event.member("detail-type");
  if (!type) {
    return apply_detail(event, batch);
  }
  const Result<std::string_view> text = type->string();
  if (!text) {
    return {EventFate::kRefused, text.error().message};
  }
  if (*text != kTaskEvent && *text != kInstanceEvent) {
    return {EventFate::kIgnored, "detail-type \"" + std::string(*text) + "\" tells nothing of a task's or an instance's state"};
  }
  const std::optional<JsonValue> detail = event.member("detail");
  if (!detail) {
    return {EventFate::kRefused, event.error("an event needs detail").message};
  }
  if (Outcome shape = detail->expect(JsonValue::Type::kObject); !shape) {
    return {EventFate::kRefused, shape.error().message};
  }
  return apply_detail(*detail, batch);
}

EventFeed::Told EventFeed::apply_detail(const JsonValue& detail, Batch& batch) {
  if (!detail.member("taskArn") && !detail.member("containerInstanceArn")) {
    return {EventFate::kRefused,
            detail.error("an event's detail needs taskArn or containerInstanceArn; give what EventBridge delivers").message};
  }
  if (!detail.member("version")) {
    return {EventFate::kRefused, detail.error("an event's detail needs version, which orders events").message};
  }
  return detail.member("taskArn") ? apply_task(detail, batch) : apply_instance(detail, batch);
}

bool EventFeed::is_other_cluster(std::string_view cluster_arn) const {
  return !options_.cluster.empty() && !cluster_arn.empty() && !is_cluster(cluster_arn, options_.cluster);
}

}  // namespace berth::ecs
