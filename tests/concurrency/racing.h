// Threads that race for everything that a commit must hold: a small fleet, requests with constraints of every kind, and actors that place,
// stop and change what they find.
//
// Thread rule: an Actor belongs to one thread at a time. Lifetime: actors end before the cluster and the classes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cluster/cluster.h"
#include "tests/unit/placement/random_cases.h"

namespace berth::cluster::test {

enum class Act : std::uint8_t {
  kPlace,
  kStop,
  kRelease,
  kStatus,
  kAgent,
  kAttribute,
  kResources,
  kElsewhere,
  kStart,
  kRegister,
  kDeregister,
  kState,
  kGang
};
inline constexpr std::size_t kActCount = 13;

// What one thread did, as far as it was committed.
struct Event {
  std::uint64_t position = 0;
  Act act = Act::kPlace;
  std::uint32_t request_class = 0;
  std::uint64_t seed = 0;
  TaskHandle task;
  std::uint64_t gpu_mask = 0;
  std::string arn;          // Of the instance.
  std::uint32_t value = 0;  // Of status, agent and attribute; for kDeregister how many tasks left with the instance.
};

inline constexpr std::array<std::string_view, 3> kZones = {"a", "b", "c"};

struct Setting {
  std::uint64_t seed = 0;
  std::size_t instances = 0;
  std::size_t threads = 0;
  std::size_t operations = 0;  // Of each thread.
  bool moves = false;          // Instances come and go.
  ClusterOptions options;
  // Only what checks all rules: no StartTask, no tasks started elsewhere, no resources taken away. Then they all hold at the end.
  bool is_strict = false;
  bool gangs = false;  // Requests for all or nothing. What one takes back has positions that it does not tell, so no replay.
};

placement::test::Fleet fleet_of(const Setting& setting);

// Requests that race for everything that a commit must hold.
std::vector<placement::Request> requests_of();
// Those of requests_of() that have the rule.
inline constexpr std::uint32_t kDistinctClass = 2;
inline constexpr std::uint32_t kPortClass = 4;
inline constexpr std::uint32_t kGpuClass = 5;
inline constexpr std::uint32_t kEniClass = 6;
inline constexpr std::uint32_t kRunningCountClass = 7;
inline constexpr std::uint32_t kTaskGroupClass = 8;
inline constexpr std::uint32_t kZoneClass = 9;
inline constexpr std::uint32_t kOwnClass = 10;
inline constexpr std::size_t kClassCount = 11;

// A new instance, the same whenever it comes.
Result<InstanceHandle> enter(Worker& worker, const std::string& arn);
Worker::Resources resources(std::uint32_t cpu_units);
StartedTask started(std::uint64_t id);
Worker::TaskState runs(std::uint32_t value);

struct Live {
  std::unique_ptr<Cluster> cluster;
  std::vector<std::unique_ptr<RequestClass>> classes;
};
Live live_of(const SnapshotPtr& snapshot, const ClusterOptions& options);

// What was committed, and what found no place.
struct Tally {
  std::array<std::uint64_t, kActCount> acts{};
  std::array<std::uint64_t, kClassCount> placed{};
  std::array<std::uint64_t, kClassCount> refused{};
  std::uint64_t gangs_refused = 0;

  Tally& operator+=(const Tally& other);
  [[nodiscard]] std::uint64_t count(Act act) const { return acts[static_cast<std::size_t>(act)]; }
};

// Fails the test unless every kind of act and every rule of `setting` was raced.
void expect_all_raced(const Tally& tally, const Setting& setting);

class Actor {
 public:
  Actor(Cluster& cluster, std::vector<std::unique_ptr<RequestClass>>& classes, const Setting& setting, std::size_t number);

  // Setting::operations of them.
  void run();

  std::vector<Event> events;  // Of all runs, if keeps_events.
  bool keeps_events = true;
  Tally tally;

 private:
  void note(Event event);
  void place();
  void place_gang();
  void end_task(bool only_stop);
  struct Picked {
    std::uint32_t slot;
    Expected same;  // The instance, and no successor of it.
  };
  std::optional<Picked> pick(Event& event);
  void change_instance(std::uint32_t draw);
  void change_task();
  void tell(std::uint32_t draw);
  void move();

  Cluster& cluster_;
  Worker worker_;
  std::vector<std::unique_ptr<RequestClass>>& classes_;
  placement::test::Dice dice_;
  Setting setting_;
  std::uint64_t ids_;              // Of the tasks that it placed last.
  std::vector<std::string> arns_;  // Of all instances that may be there.
  std::vector<std::string> own_;   // Those that this thread lets come and go.
  std::vector<TaskHandle> tasks_;
};

}  // namespace berth::cluster::test
