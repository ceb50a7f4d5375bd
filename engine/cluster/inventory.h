// Inventory: everything that a live cluster knows: the snapshot that it began with, what came later, the ledger and the tables that both
// share. Other files of this floor add what is done with it.
//
// Slots. An instance lives in a slot. Slots stand in buckets of 64 by the high bits of the tie key, so that buckets in ascending order
// hold ascending tie keys; what finds its bucket full goes to the spill, which comes before them.
//
// Thread rule: any number of workers; tables grow as StableVector says. Lifetime: the cluster's; keeps the snapshot alive.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/cluster/group_tasks.h"
#include "engine/cluster/huge_pages.h"
#include "engine/cluster/ledger.h"
#include "engine/cluster/live_index.h"
#include "engine/cluster/live_strings.h"
#include "engine/cluster/record.h"
#include "engine/cluster/stable_vector.h"
#include "engine/cluster/tasks.h"
#include "engine/snapshot/builder.h"
#include "engine/snapshot/snapshot.h"

namespace berth::cluster {

inline constexpr std::uint32_t kBucketSlots = 64;

// What the tasks of one shape have in common.
struct Shape {
  std::uint32_t group = 0;                // Of groups.
  std::uint32_t task_definition = kNoId;  // Of texts, as the next two.
  std::uint32_t started_by = kNoId;
  std::uint32_t capacity_provider = kNoId;
  std::int32_t cpu_units = 0;
  std::int32_t memory_mib = 0;
  std::uint32_t gpu_count = 0;
  bool uses_eni = false;
  LaunchType launch_type = LaunchType::kEc2;
  std::vector<std::uint16_t> tcp_ports, udp_ports;  // Static host ports, ascending.
  bool has_snapshot_gpus = false;                   // Some task of the snapshot that has the shape holds GPUs.
  std::vector<std::int32_t> own;                    // Of each of the snapshot's own resources; empty: none of any.

  friend bool operator==(const Shape&, const Shape&) = default;
};

// What stays true of an instance for as long as it is registered, for those that came after the snapshot.
struct LaterIdentity {
  std::string arn;
  std::string ec2_instance_id;
  std::int64_t registered_at_ms = 0;
  std::uint64_t tie_key = 0;
  std::uint32_t slot = 0;
  std::uint32_t base_rank = 0;  // How many instances of the snapshot have smaller ARNs.
  std::vector<std::string> gpu_ids;
  std::vector<std::uint16_t> tcp_registered, udp_registered;
  std::vector<std::int32_t> own_registered;  // Of each of the snapshot's own resources.
};

struct InventoryOptions {
  std::uint32_t instances_max = 0;  // 0: a quarter more than the snapshot has, and 4,096.
  std::uint32_t tasks_max = 1U << 26U;
  // A power of two: twice as many changes as a window may sleep through before it is filled anew. 0: by the number of instances, 131,072 to
  // 1,048,576.
  std::uint32_t log_capacity = 0;
  std::uint32_t window_entries = 0;  // Candidates that one filling of a window collects; 0: by what that costs.
  // What filling a class's window from an index may visit before it stops with what it has: instances. 0: no indexes, which take some 80
  // bytes per instance for each thread that places at the same time; windows are filled by passes over all instances then.
  std::uint32_t index_visits = 4096;
  StepHook* hook = nullptr;
};

class IndexPool;

class Inventory {
 public:
  ~Inventory();
  Inventory(const Inventory&) = delete;
  Inventory& operator=(const Inventory&) = delete;

  // Errors: kLimitExceeded (more than the words of columns can tell apart).
  static Result<std::unique_ptr<Inventory>> from_snapshot(const SnapshotPtr& snapshot, const InventoryOptions& options);

  // What records take, those that the cluster began with included.
  [[nodiscard]] std::size_t record_bytes() const { return base_records_.bytes() + ledger.record_bytes(); }

  // The current record of a slot, protected as Hazard::kLook until the next look. nullptr: no instance was ever in the slot.
  const Record* look(std::uint32_t slot, WorkerSlot& self);

  [[nodiscard]] std::uint32_t bucket_count() const { return bucket_count_; }
  [[nodiscard]] std::uint32_t bucket_of(std::uint64_t tie_key) const;
  // The least tie key of a bucket. REQUIRES: bucket < bucket_count().
  [[nodiscard]] std::uint64_t first_tie_key(std::uint32_t bucket) const;
  // Slots below are the spill, and belong to no bucket; bucket b holds the kBucketSlots slots from bucket_begin(b) on.
  [[nodiscard]] std::uint32_t spill_end() const { return spill_end_; }
  [[nodiscard]] std::uint32_t bucket_begin(std::uint32_t bucket) const { return spill_end_ + bucket * kBucketSlots; }
  // Of an instance of the snapshot.
  [[nodiscard]] std::uint32_t slot_of_base(std::uint32_t instance) const { return slot_of_base_[instance]; }

  // --- Identities: below base().instance_count() an instance of the snapshot, else one of later_identities. ---
  [[nodiscard]] bool is_base(std::uint32_t identity) const { return identity < base_count_; }
  [[nodiscard]] const LaterIdentity& later(std::uint32_t identity) const { return later_identities.at(identity - base_count_); }
  // All that there ever were are below this.
  [[nodiscard]] std::uint32_t identity_count() const { return base_count_ + later_identities.size(); }
  // Where the instance is for as long as it is registered.
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t identity) const {
    return is_base(identity) ? slot_of_base_[identity] : later(identity).slot;
  }
  // The order of ARNs. A list may hold two instances of one ARN for a while, one that has left and one that came: some order is kept among
  // them too, so that each of them is found.
  [[nodiscard]] bool precedes(std::uint32_t a, std::uint32_t b) const;
  // The instance that came last under this ARN, whether or not it is still registered; kNoId: none ever.
  [[nodiscard]] std::uint32_t find_identity(std::string_view arn) const;
  [[nodiscard]] bool has_record(std::uint32_t identity) const {
    return ledger.record(slot_of(identity)).load(std::memory_order_relaxed) != nullptr;
  }
  [[nodiscard]] std::uint64_t tie_key_of(std::string_view arn) const;
  // Makes a new instance known that is to come into a free slot. REQUIRES: registering_mutex held; tie_key, base_rank are filled in here.
  std::uint32_t add_identity(LaterIdentity identity);
  // A slot that holds no instance, in the tie key's bucket or else in the spill; kNoId: all are taken. REQUIRES: registering_mutex held.
  std::uint32_t find_free_slot(std::uint64_t tie_key, WorkerSlot& self);
  // One instance registers at a time; nobody else takes part.
  std::mutex registering_mutex;
  [[nodiscard]] std::uint64_t tie_key(std::uint32_t identity) const;
  [[nodiscard]] std::uint64_t tie_key_of_slot(std::uint32_t slot) const { return ledger.tie_key(slot); }
  // The instance of the snapshot that began in the slot, or kNoId.
  [[nodiscard]] std::uint32_t base_identity(std::uint32_t slot) const { return base_of_slot_[slot]; }
  void prefetch_slot_of_base(std::uint32_t instance) const { __builtin_prefetch(&slot_of_base_[instance]); }
  [[nodiscard]] std::string arn(std::uint32_t identity) const;
  [[nodiscard]] std::string ec2_instance_id(std::uint32_t identity) const;
  // Of the GPU whose bit is `gpu`. REQUIRES: gpu < gpu_slots(identity).
  [[nodiscard]] std::string_view gpu_id(std::uint32_t identity, std::uint32_t gpu) const;
  [[nodiscard]] std::uint32_t gpu_slots(std::uint32_t identity) const;

  // --- Attributes. ---
  // Of a record, by name id: a value id, kAttributeNameOnly or kAttributeAbsent.
  [[nodiscard]] std::uint32_t attribute(const Record& record, std::uint32_t name) const;
  [[nodiscard]] std::uint32_t attribute_in_set(std::uint32_t set, std::uint32_t name) const;
  // Among the snapshot's wide attributes, whose values every record holds itself.
  [[nodiscard]] std::optional<std::uint32_t> wide_index(std::uint32_t name) const;

  // --- Tasks. ---
  [[nodiscard]] std::uint64_t gpu_mask(const Record& record, const LiveTask& task);
  // Host ports in use on the record, tcp then udp (| kUdpBit), each once, ascending; into a buffer that is kept.
  void ports_in_use(const Record& record, std::vector<std::uint32_t>& ports) const;
  static constexpr std::uint32_t kUdpBit = 0x10000U;
  // Tasks of the group that count on the record.
  static std::uint32_t count_of(const Record& record, std::uint32_t group) {
    std::uint32_t count = 0;
    for (const LiveTask& task : record.tasks()) {
      count += task.group == group && task.counts() ? 1U : 0U;
    }
    return count;
  }

  [[nodiscard]] const GroupTasks& group_tasks() const { return group_tasks_; }
  [[nodiscard]] const Snapshot& base() const { return *base_; }
  [[nodiscard]] const SnapshotPtr& base_ptr() const { return base_; }
  [[nodiscard]] std::uint32_t base_count() const { return base_count_; }
  [[nodiscard]] std::size_t wide_count() const { return base_->wide_attributes().size(); }
  // Words behind a record: Record::wide_count.
  [[nodiscard]] std::size_t word_count() const { return wide_count() + base_->own_resources().size(); }

  // --- Own resources: those of the snapshot, by their index there. ---
  // kNoId as `own`: a resource that the snapshot does not know, of which every instance has 0.
  [[nodiscard]] std::int32_t own_remaining(const Record& record, std::uint32_t own) const {
    return own == kNoId ? 0 : static_cast<std::int32_t>(record.wide_values()[wide_count() + own]);
  }
  // Amounts in the order of the snapshot's own resources; of what `given` does not name 0. Errors: kInvalidArgument, naming the resource
  // that the snapshot does not know or of which less than nothing is given.
  [[nodiscard]] Result<std::vector<std::int32_t>> own_amounts(std::span<const OwnAmount> given) const;
  // Adds the amounts of a shape to what remains, or takes them.
  void give_own(Record& record, const Shape& shape) const { move_own(record, shape, 1); }
  void take_own(Record& record, const Shape& shape) const { move_own(record, shape, -1); }

  // Of InventoryOptions.
  [[nodiscard]] std::uint32_t window_entries() const { return window_entries_; }
  [[nodiscard]] std::uint32_t index_visits() const { return index_visits_; }

  LiveStrings names, values, groups, texts;
  StableVector<std::vector<AttributePair>> attribute_sets;  // Each ascending by name id.
  StableVector<Shape> shapes;
  StableVector<LaterIdentity> later_identities;
  TaskTable tasks;
  Ledger ledger;
  // Requests for all or nothing.
  struct Gangs {
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> ended{0};
  };
  Gangs gangs;
  const std::unique_ptr<IndexPool> indexes;
  // How often something was made that later decisions find made: an index, an order or a group of one, a class's part in it or its window,
  // a window's first scan, a pool of draws. In the steady state it stands still.
  std::atomic<std::uint64_t> cold_work{0};
  void note_cold_work() { cold_work.fetch_add(1, std::memory_order_relaxed); }
  // Guards appending to the tables above: cold work only.
  std::mutex tables_mutex;
  // REQUIRES: pairs ascending by name id.
  Result<std::uint32_t> intern_set(std::vector<AttributePair> pairs);
  std::uint32_t intern_shape(Shape shape);

 private:
  void move_own(Record& record, const Shape& shape, std::int64_t sign) const {
    for (std::uint32_t own = 0; own < shape.own.size(); ++own) {
      const std::int64_t moved = own_remaining(record, own) + sign * shape.own[own];
      constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
      constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
      record.wide_values()[wide_count() + own] = static_cast<std::uint32_t>(static_cast<std::int32_t>(std::clamp(moved, kLeast, kMost)));
    }
  }
  Inventory(const SnapshotPtr& snapshot, const InventoryOptions& options, std::uint32_t bucket_count, std::uint32_t slot_count);
  void take_tables();
  void take_slots();
  bool take_records();
  void fill_in(std::uint32_t slot, std::uint32_t instance, Record& record) const;
  void append_base_ports(const Record& record, std::vector<std::uint32_t>& ports) const;

  RecordPool base_records_;  // Those that the cluster began with; workers' pools take them in as they are replaced.
  SnapshotPtr base_;
  GroupTasks group_tasks_;
  std::uint32_t base_count_;
  std::uint32_t bucket_count_;
  std::uint32_t spill_end_;
  std::uint32_t window_entries_;
  std::uint32_t index_visits_;
  HugeVector<std::uint32_t> slot_of_base_;
  HugeVector<std::uint32_t> base_of_slot_;  // kNoId: none.
  LiveIndex set_ids_;                       // Of attribute_sets.
  LiveIndex identity_ids_;                  // Of later_identities, by ARN.
  LiveIndex shape_ids_;                     // Of the shapes that came later.
  std::uint32_t spill_next_ = 0;            // Where the search for a free slot goes on.
};

}  // namespace berth::cluster
