// Events in the shapes that EventBridge delivers, and a live cluster that takes them. Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cluster/cluster.h"
#include "engine/ecs/event_feed.h"
#include "tests/unit/ecs/import_fixture.h"

namespace berth::ecs {

inline const std::string kOne = instance_arn("11111111111111111111111111111111");
inline const std::string kTwo = instance_arn("22222222222222222222222222222222");

// Two digits that name a task.
inline std::string task_of(std::string_view digits) {
  return task_arn(std::string(30, '0') + std::string(digits));
}

inline std::string event_json(std::string_view type, std::string_view detail) {
  return R"({"version": "0", "id": "9bcdac79-b31f-4d3d-9410-fbd727c29fab", "detail-type": ")" + std::string(type) +
         R"(", "source": "aws.ecs", "account": "123456789012", "time": "2016-12-06T16:41:06Z", "region": "us-east-1", "resources": [],)" +
         R"("detail": )" + std::string(detail) + "}";
}
inline std::string instance_event(std::string_view detail) {
  return event_json("ECS Container Instance State Change", detail);
}
inline std::string task_event(std::string_view detail) {
  return event_json("ECS Task State Change", detail);
}

// A cluster of what the documents hold, a feed for it, and a look at it.
class FedCluster {
 public:
  explicit FedCluster(const std::vector<std::string>& texts, EventFeedOptions options = {}, std::string_view import_options = "") {
    const Result<Imported> imported = import_texts(texts, import_options);
    EXPECT_TRUE(imported.ok());
    cluster_ = *cluster::Cluster::from_snapshot(imported->snapshot, {});
    worker_.emplace(*cluster_->attach());
    feed_ = std::make_unique<EventFeed>(*cluster_, *cluster_->attach(), std::move(options));
  }

  EventReport apply(std::string_view json) { return feed_->apply_events("events", json); }
  // Of a single event.
  EventReport::Event told(std::string_view json) {
    const EventReport report = apply(json);
    EXPECT_EQ(report.events.size(), 1U);
    return report.events.front();
  }
  EventFate fate(std::string_view json) { return told(json).fate; }

  SnapshotPtr now() {
    Result<SnapshotPtr> snapshot = cluster_->to_snapshot(*worker_, serial_executor());
    EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().message);
    return *std::move(snapshot);
  }

  cluster::Cluster& cluster() { return *cluster_; }
  cluster::Worker& worker() { return *worker_; }
  EventFeed& feed() { return *feed_; }

 private:
  std::unique_ptr<cluster::Cluster> cluster_;
  std::optional<cluster::Worker> worker_;
  std::unique_ptr<EventFeed> feed_;
};

}  // namespace berth::ecs
