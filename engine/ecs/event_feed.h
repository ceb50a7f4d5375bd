// EventFeed: keeps a live cluster as ECS says that it is. Takes EventBridge's events "ECS Task State Change" and "ECS Container Instance
// State Change" in any order and any number of times: what is told of a task or an instance counts if its `version` is newer than what is
// known, so that the cluster ends as the newest versions tell (README.md, "Events").
//
//   EventFeed feed(*cluster, cluster->attach().value());
//   const EventReport report = feed.apply_events("events", json);
//
// Thread rule: one thread at a time, and one feed for the events of one instance; others place and change meanwhile, each with a Worker.
// Lifetime: ends before its cluster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/cluster/cluster.h"
#include "engine/ecs/ended_versions.h"
#include "engine/ecs/event_report.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/json.h"

namespace berth::ecs {

struct EventFeedOptions {
  std::string cluster = {};  // A name or an ARN; events of others are ignored. Empty: every event is taken.
  // Whether the versions of the snapshot's instances are ECS's, as an import leaves them. In a snapshot that a live cluster wrote they have
  // moved on with its own changes, so that events would be taken for older than they are: then say false, and the first event counts.
  bool trusts_versions = true;
  std::size_t waiting_max = std::size_t{1} << 16U;  // Tasks that wait for their instance.
  std::size_t ended_max = std::size_t{1} << 18U;    // STOPPED tasks, and INACTIVE instances, that are remembered.
};

class EventFeed {
 public:
  EventFeed(cluster::Cluster& cluster, cluster::Worker worker, EventFeedOptions options = {});

  // One event, an array of events, or several of either one after another. An event is EventBridge's, or its `detail` alone. One that is
  // refused does not stop those behind it; text that is no JSON does. `source` names the text in reasons.
  EventReport apply_events(std::string_view source, std::string_view json);

  [[nodiscard]] std::size_t waiting() const { return waiting_count_; }

 private:
  using Told = EventReport::Event;
  struct Batch;  // What one call of apply_events() has at hand.

  Told apply_event(const JsonValue& event, Batch& batch);
  Told apply_detail(const JsonValue& detail, Batch& batch);

  // --- Instances. ---
  Told apply_instance(const JsonValue& detail, Batch& batch);
  Told enter(const ImportedInstance& instance, Batch& batch);
  Told tell(const cluster::InstanceHandle& handle, const ImportedInstance& instance, const JsonValue& detail, Batch& batch);
  Told leave(const cluster::InstanceHandle& handle, const ImportedInstance& instance, Batch& batch);
  std::string place_waiting(const std::string& instance_arn);
  // The newest version that events have told of the instance.
  [[nodiscard]] std::optional<std::uint64_t> known_version(std::string_view arn) const;
  void remember(std::uint32_t identity, std::uint64_t version);

  // --- Tasks. ---
  Told apply_task(const JsonValue& detail, Batch& batch);
  Told place(ImportedTask task);
  Told start(const cluster::InstanceHandle& handle, const ImportedTask& task);
  Told change(const cluster::InstanceHandle& handle, const cluster::KnownTask& known, const ImportedTask& task);
  Told end(const ImportedTask& task);
  Told wait(ImportedTask task);
  // Nothing that is told of the task later counts.
  void forget(std::string_view task_arn, std::uint64_t version);
  // Of a task that is known: what it holds by the event, and what the event does not tell as it was.
  Result<std::uint32_t> shape_of(const ImportedTask& task, const cluster::Shape* known);
  [[nodiscard]] std::uint64_t gpu_mask_of(std::uint32_t identity, const std::vector<std::string>& gpu_ids) const;

  [[nodiscard]] bool is_other_cluster(std::string_view cluster_arn) const;

  cluster::Cluster& cluster_;
  cluster::Worker worker_;
  EventFeedOptions options_;
  OwnNames own_names_;
  std::vector<std::uint64_t> versions_;                                 // One more, by identity; 0: nothing is known.
  EndedVersions stopped_;                                               // Tasks, and those that left with their instance.
  EndedVersions inactive_;                                              // Instances that never were registered here.
  std::unordered_map<std::string, std::vector<ImportedTask>> waiting_;  // By the ARN of their instance.
  std::size_t waiting_count_ = 0;
};

}  // namespace berth::ecs
