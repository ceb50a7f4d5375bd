// Fork: a what-if over a live cluster: whoever holds one places, stops and drains on it, asks where tasks would go then, and throws it
// away; the cluster does not see any of it. Opening one copies nothing.
//
//   Fork fork(worker);
//   fork.set_status(slot, InstanceStatus::kDraining);
//   fork.place(**web, {.seed = 1}, placed, count);
//
// A fork sees the cluster as it is when a question is asked, but for the instances that it changed: those are its own from its first change
// of them on, whatever the cluster does with them, until they leave the cluster, which takes them from the fork as well. While nobody
// changes the cluster, that is the state at opening and the fork's changes, and every answer is what the cluster itself would have
// answered after the same changes. README.md, "Forks".
//
// Thread rule: one thread at a time, the worker's. Lifetime: ends before its worker; several forks may share one worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/cluster/cluster.h"
#include "engine/cluster/overlay.h"

namespace berth::cluster {

struct Choice;

class Fork {
 public:
  explicit Fork(Worker& worker);
  Fork(const Fork&) = delete;
  Fork& operator=(const Fork&) = delete;

  // As Worker::place(). A task's handle is this fork's: the cluster and other forks answer it with kNotFound, and so does this one after
  // discard(). Placed::position: where the cluster stood. Handles of the cluster's tasks work here as they do there.
  Outcome place(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count);
  // Where the next task would go, without placing it: the slot, or nullopt.
  std::optional<std::uint32_t> look_for(RequestClass& request_class, const PlaceOptions& options);
  // The position as of which the last refusal of place(), or the last answer of look_for(), holds.
  [[nodiscard]] std::uint64_t answered_at() const { return answered_at_; }
  // As Worker::start(), with a handle as place()'s; a refusal changes nothing.
  StatusCode start(RequestClass& request_class, std::uint32_t slot, Placed& placed, placement::Reason& reason);

  StatusCode stop(const TaskHandle& task);
  StatusCode release(const TaskHandle& task);

  StatusCode set_status(std::uint32_t slot, InstanceStatus status);
  StatusCode set_agent_connected(std::uint32_t slot, bool is_connected);
  // nullopt: a name without a value. A set of attributes that no instance has had is made known to the cluster, on no instance of it.
  StatusCode put_attribute(std::uint32_t slot, std::string_view name, std::optional<std::string_view> value);
  StatusCode remove_attribute(std::uint32_t slot, std::string_view name);

  // The instance in the slot as the fork has it: what remains, its tasks. nullptr: none is registered there. Good until the next call of
  // the fork or its worker.
  const Record* record(std::uint32_t slot);
  // As Worker::instance_in().
  std::optional<InstanceHandle> instance_in(std::uint32_t slot);
  StatusCode tasks_of(std::uint32_t slot, std::vector<TaskHandle>& tasks);

  // Forgets every change, and keeps the memory for the next ones.
  void discard();

  // Whether the instance in the slot is the fork's own.
  [[nodiscard]] bool is_changed(std::uint32_t slot) {
    drop_departed();
    return overlay_.hides(slot);
  }
  [[nodiscard]] std::size_t changed_count() {
    drop_departed();
    return overlay_.entries().size();
  }
  // What the fork has taken from the system beside itself.
  [[nodiscard]] std::size_t bytes() const { return overlay_.bytes(); }

 private:
  struct Edited {
    StatusCode status;
    bool is_changed;
  };

  void take_serial();
  // What left the cluster leaves the fork.
  void drop_departed();
  template <typename Edit>
  StatusCode change(std::uint32_t slot, const Edit& edit);
  StatusCode change_attribute(std::uint32_t slot, std::uint32_t name, std::uint32_t value);
  std::optional<std::size_t> find_task(const Overlay::Entry& entry, const TaskHandle& task) const;
  // One more task of the class on the instance. False: out of memory.
  bool add_task(Overlay::Entry& entry, const RequestClass& request_class, std::uint64_t position, Placed& placed);
  StatusCode place_one(RequestClass& request_class, Choice& choice, const PlaceOptions& options, std::uint32_t index, Placed& placed);
  Outcome place_all(RequestClass& request_class, const PlaceOptions& options, std::span<Placed> placed, std::uint32_t& count);
  void roll_back(std::span<const Placed> placed);
  std::optional<std::uint32_t> choose(const RequestClass& request_class, Choice& choice, std::uint64_t position,
                                      const PlaceOptions& options, std::uint32_t index);
  std::optional<std::uint32_t> choose_by_random(Window& window, std::uint64_t seed, std::uint32_t index);

  Worker& worker_;
  Inventory& inventory_;
  WorkerSlot& self_;
  Overlay overlay_;
  std::uint64_t departures_seen_ = 0;  // Comings and goings of the cluster's instances that the overlay knows of.
  std::uint32_t serial_ = 0;           // The generation of the fork's tasks: no other fork has it.
  std::uint64_t answered_at_ = 0;
  std::uint32_t next_task_ = 0;  // The fork's tasks have numbers that the cluster gives to none.
};

}  // namespace berth::cluster
