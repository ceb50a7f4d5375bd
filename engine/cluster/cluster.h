// Cluster: a live inventory. Any number of threads place, start, stop and change instances at once, each through its own Worker;
// nobody waits for anybody, nothing is over-committed, and every decision is the exact best at the moment at which it is committed.
//
//   auto cluster = Cluster::from_snapshot(snapshot);
//   auto worker = (*cluster)->attach();
//   auto web = (*cluster)->prepare(request, executor);
//   std::array<Placed, 1> placed;
//   worker->place(**web, {.seed = 1}, placed);
//
// How it works and why: README.md.
// Thread rule: Cluster: any thread. Worker: one thread at a time. RequestClass: any thread. Lifetime: workers and classes end before
// their cluster; a Worker gives its place back when it is destroyed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/stop_signal.h"
#include "engine/cluster/inventory.h"
#include "engine/cluster/registration.h"
#include "engine/cluster/request_class.h"
#include "engine/cluster/told_state.h"
#include "engine/parallel/executor.h"
#include "engine/placement/reason.h"
#include "engine/placement/request.h"
#include "engine/snapshot/snapshot.h"

namespace berth::cluster {

struct Choice;
class Roster;

using ClusterOptions = InventoryOptions;

// One task that was placed.
struct Placed {
  TaskHandle task;
  std::uint64_t gpu_mask = 0;      // GPU slots of the instance.
  std::uint64_t position = 0;      // Of the commit in the log: all commits of a cluster are numbered from 0 in their one order.
  std::uint32_t identity = kNoId;  // Of the instance: an InstanceHandle's.
};

struct PlaceOptions {
  std::uint64_t seed = 0;        // Of random draws.
  std::uint64_t id_base = 0;     // Task k of the request has the id draw64(id_base, k, 0), draw64(id_base, k, 1) in hexadecimal.
  std::uint32_t first_task = 0;  // Number of the first task in the request.
  bool all_or_nothing = false;   // Every task is placed or none stays (README.md, "All or nothing").
};

class Worker {
 public:
  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  // Places up to placed.size() tasks of the class one after another, each at its best at its own commit. Returns how many were placed:
  // fewer than asked when nothing fitted any more. Allocates nothing and takes no lock once the class's window is filled.
  // Errors: kOutOfMemory, kLimitExceeded (tasks); what was committed before is in `placed`, and `count` says how much.
  Outcome place(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count);
  // Where the next task would go, without placing it: the slot, or nullopt.
  std::optional<std::uint32_t> look_for(RequestClass& request_class, const PlaceOptions& options);
  // The position as of which the last refusal of place(), or the last answer of look_for(), holds.
  [[nodiscard]] std::uint64_t answered_at() const { return answered_at_; }

  // Marks the task as desired STOPPED: it counts no more for its group, and keeps its resources. kNotFound: no such task (any more).
  // Stopping a stopped task changes nothing and is no error.
  StatusCode stop(const TaskHandle& task, const Expected& expected = {});
  // The task is STOPPED: its resources are free and it is gone.
  StatusCode release(const TaskHandle& task, const Expected& expected = {});
  struct TaskState {
    std::optional<TaskStatus> last_status;
    std::optional<TaskStatus> desired_status;
    std::optional<HealthStatus> health;
    std::optional<std::int64_t> started_at_ms;
    std::optional<bool> is_protected;
    std::optional<std::uint64_t> protected_until_ms;
    // Of make_shape(), and of the task's own group: what it holds from here on.
    std::optional<std::uint32_t> shape = {};
    // ECS's version of this state: nothing happens unless it is newer than the task's, and a task that is to stop stays one that is.
    std::optional<std::uint32_t> version = {};
  };
  StatusCode set_task_state(const TaskHandle& task, const TaskState& state, const Expected& expected = {});

  // --- Tasks on a named instance. ---
  // StartTask: one task of the class on this instance if it passes the checks that StartTask makes (LiveChecks::first_failure), which
  // `reason` tells; no constraints, no strategies. kNotFound: no such instance; kConflict; kLimitExceeded, kOutOfMemory.
  StatusCode start(RequestClass& request_class, std::uint32_t slot, const PlaceOptions& options, Placed& placed, placement::Reason& reason,
                   const Expected& expected = {});
  // A task that somebody else has started: it is there whatever remains, so amounts may go below nothing. `shape`: of make_shape().
  // kInvalidArgument: what remains would be no 32-bit amount.
  StatusCode start_elsewhere(std::uint32_t slot, std::uint32_t shape, const StartedTask& task, Placed& placed,
                             const Expected& expected = {});

  // --- Instances. Changes name the slot, and by `expected` the instance that is meant to be in it: others take its place some day. ---
  // An instance comes, without tasks. May allocate, and waits for others that register at the same moment; nobody else is held up.
  // Errors: kInvalidArgument, kAlreadyExists (the ARN is registered), kLimitExceeded (InventoryOptions::instances_max), kOutOfMemory.
  Result<InstanceHandle> register_instance(const Registration& registration);
  // The instance leaves; its slot and, later, its ARN may be taken again. Tasks that are not STOPPED keep it, unless by force: then they
  // leave with it and are told in `orphans`. Errors: kNotFound, kConflict (expected.version), kInvalidArgument (it has tasks).
  Outcome deregister(std::uint32_t slot, bool by_force, std::vector<Orphan>& orphans, const Expected& expected = {});

  StatusCode set_status(std::uint32_t slot, InstanceStatus status, const Expected& expected = {});
  StatusCode set_agent_connected(std::uint32_t slot, bool is_connected, const Expected& expected = {});
  StatusCode set_agent_version(std::uint32_t slot, std::string_view version, const Expected& expected = {});
  // nullopt: a name without a value.
  StatusCode put_attribute(std::uint32_t slot, std::string_view name, std::optional<std::string_view> value, const Expected& expected = {});
  StatusCode remove_attribute(std::uint32_t slot, std::string_view name, const Expected& expected = {});
  // Empty: none.
  StatusCode set_capacity_provider(std::uint32_t slot, std::string_view name, const Expected& expected = {});
  // What the instance has in all. What remains moves by the difference, and may go below nothing.
  // kInvalidArgument: less than nothing, or what remains is no 32-bit amount.
  struct Resources {
    std::optional<std::int32_t> cpu_units;
    std::optional<std::int32_t> memory_mib;
    std::optional<std::uint16_t> eni_limit;
  };
  StatusCode set_resources(std::uint32_t slot, const Resources& resources, const Expected& expected = {});
  // All of that in one change. kInvalidArgument: as for set_resources().
  StatusCode set_instance_state(std::uint32_t slot, const InstanceState& state, const Expected& expected = {});

  // The position in the log of what the last call committed; nullopt when it committed nothing. Of place(): of the last task.
  [[nodiscard]] std::optional<std::uint64_t> committed_at() const { return committed_at_; }

  // The instance in the slot; nullopt: none is registered there.
  [[nodiscard]] std::optional<InstanceHandle> instance_in(std::uint32_t slot);

  // The version of the instance for which the last change was refused with kConflict.
  [[nodiscard]] std::uint64_t version_found() const { return version_found_; }

  // Why instances do not take a task of the class: of those that RunTask examines, how many fail first at each check, by Reason; under
  // kNone, how many would take it. A pass over all instances, each as of the moment at which it is looked at.
  using FailureCounts = std::array<std::uint64_t, placement::kReasonCount>;
  FailureCounts count_failures(const RequestClass& request_class);
  // The same, which ends early when `stop` says so, and returns what it says.
  StatusCode count_failures(const RequestClass& request_class, FailureCounts& lost, const StopSignal& stop);
  // The same, and which instances they are: the first `most` in the order of ARNs.
  struct Failure {
    std::uint32_t identity;
    placement::Reason reason;
  };
  StatusCode list_failures(const RequestClass& request_class, std::size_t most, FailureCounts& lost, std::vector<Failure>& failures,
                           const StopSignal& stop);

  // What is registered, and how many tasks are on it; each instance as of the moment at which it is looked at.
  struct Population {
    std::uint64_t instances = 0;
    std::uint64_t tasks = 0;
  };
  Population count_population();

  // Appends the instances that would take a task of the class, in ascending order of slots, each as of the moment at which it is looked at.
  // Ends early when `stop` says so, and returns what it says.
  StatusCode select(const RequestClass& request_class, std::vector<InstanceHandle>& instances, const StopSignal& stop);

  // The text of an attribute: nullopt when the instance has left or lacks it, "" when it has no value. Good as long as the cluster.
  std::optional<std::string_view> attribute_text(const InstanceHandle& instance, std::string_view name);
  // A task as it is now.
  struct TaskFacts {
    LiveTask state;
    Shape shape;
    std::uint32_t identity;  // Of its instance.
    std::string arn;
    std::uint64_t gpu_mask;
  };
  std::optional<TaskFacts> task_facts(const TaskHandle& task);

  // The task of that ARN, or of that id where the ids of the cluster's tasks are 32 hexadecimal digits, wherever it is. A pass over the
  // names of all tasks.
  std::optional<KnownTask> find_task(std::string_view arn);
  // The task of that ARN on the instance. A task that came after the snapshot is known by the 32 hexadecimal digits at the end alone.
  std::optional<KnownTask> find_task(std::uint32_t slot, std::string_view arn);
  // Handles of the tasks on an instance, in the order in which they came; with an identity, of that one alone.
  StatusCode tasks_of(std::uint32_t slot, std::vector<TaskHandle>& tasks, std::uint32_t identity = kNoId);

 private:
  friend class Cluster;
  friend class Fork;
  Worker(Inventory& inventory, WorkerSlot& self, std::unique_ptr<Roster> roster);

  template <typename Build>
  StatusCode change(std::uint32_t slot, const Expected& expected, const Build& build);
  Record* first_record(const Registration& registration, std::uint32_t slot, std::uint32_t identity, const Record* current,
                       std::span<const AttributePair> attributes, std::uint32_t set);
  StatusCode enter(const Registration& registration, std::uint32_t slot, std::uint32_t identity);
  template <typename Edit>
  StatusCode change_instance(std::uint32_t slot, const Expected& expected, const Edit& edit);
  template <typename Edit>
  StatusCode change_task(const TaskHandle& task, const Expected& expected, const Edit& edit);
  StatusCode change_attribute(std::uint32_t slot, std::uint32_t name, std::uint32_t value, const Expected& expected);
  StatusCode place_one(RequestClass& request_class, Choice& choice, const PlaceOptions& options, std::uint32_t index, Placed& placed);
  Record* with_task(const Record& current, const LiveTask& task, std::uint64_t gpu_mask);
  // Writes down who has the number now; returns its generation.
  std::uint32_t name_task(std::uint32_t number, IdTail id, std::uint32_t group);
  // The next record of a slot, without its tasks: as `current`, of an effect that every window looks at. nullptr: out of memory.
  Record* successor(const Record& current, std::size_t task_count);
  // The same with all tasks.
  Record* copy(const Record& current);
  void finish(Record& next, const Record& current);
  void reshape(Record& record, LiveTask& task, std::uint32_t shape) const;
  // Memory ran out somewhere in a question: what it may have left half done of the class's window, the index and the roster is made anew
  // by the next one.
  void forget(RequestClass& request_class);
  Outcome place_all(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count);
  // Gives back what place() has placed.
  void roll_back(std::span<const Placed> placed);
  std::uint32_t take_task_number();
  template <typename Check>
  StatusCode add_task(std::uint32_t slot, LiveTask state, IdTail id, std::optional<std::uint64_t> gpus, Placed& placed,
                      const Expected& expected, const Check& check);
  [[nodiscard]] std::optional<std::size_t> find_task(const Record& record, const TaskHandle& task);

  Inventory* inventory_;
  WorkerSlot* self_;
  std::unique_ptr<Roster> roster_;
  std::optional<std::uint64_t> committed_at_;
  std::uint64_t version_found_ = 0;
  std::uint64_t answered_at_ = 0;
};

class Cluster {
 public:
  // Errors: kLimitExceeded.
  static Result<std::unique_ptr<Cluster>> from_snapshot(const SnapshotPtr& snapshot, const ClusterOptions& options = {});

  // Errors: kLimitExceeded when kWorkersMax workers are attached.
  Result<Worker> attach();
  // Makes a request ready. Errors: those of decide() about the request.
  Result<std::unique_ptr<RequestClass>> prepare(const placement::Request& request, Executor& executor);

  // The number of a shape that tasks have, the same for the same shape. Errors: kInvalidArgument.
  Result<std::uint32_t> make_shape(const TaskDescription& description);

  // The slot of an instance of the snapshot that the cluster began with.
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t instance) const { return inventory_->slot_of_base(instance); }
  // The instance that is registered under an ARN.
  [[nodiscard]] std::optional<InstanceHandle> find_instance(std::string_view arn, Worker& worker) const;
  // Of InstanceHandle::identity, registered or not.
  [[nodiscard]] std::string arn_of(std::uint32_t identity) const { return inventory_->arn(identity); }
  [[nodiscard]] std::string instance_arn(std::uint32_t slot, Worker& worker) const;

  // The cluster as it is at one position of the log, as a snapshot, while others go on changing it. Errors: kConflict (the log went
  // round several times meanwhile), kOutOfMemory, those of SnapshotBuilder::finish; what `stop` (may be null) said, with an empty message.
  Result<SnapshotPtr> to_snapshot(Worker& worker, Executor& executor, const StopSignal* stop = nullptr) const;

  [[nodiscard]] Inventory& inventory() { return *inventory_; }

 private:
  explicit Cluster(std::unique_ptr<Inventory> inventory) : inventory_(std::move(inventory)) {}
  std::unique_ptr<Inventory> inventory_;
};

}  // namespace berth::cluster
