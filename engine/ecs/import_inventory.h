// ImportInventory merges the records of an import, whatever their order, and builds the snapshot: the newer version of a record wins,
// tasks are tied to their instances, and what the API does not print is derived (remaining amounts, ports in use, free GPUs, ENIs).
// The rules are those of engine/ecs/README.md.
//
// Thread rule: one thread. Lifetime: build() may be called once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/progress.h"
#include "engine/base/result.h"
#include "engine/ecs/import_records.h"
#include "engine/ecs/import_report.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/builder.h"

namespace berth::ecs {

class ImportInventory {
 public:
  // `cluster` is a name or an ARN; empty: every cluster is taken. Own resources are those of `own_names`, which are valid and distinct.
  ImportInventory(std::string cluster, OwnNames own_names, ImportReport& report)
      : cluster_(std::move(cluster)), own_names_(std::move(own_names)), report_(report) {}

  [[nodiscard]] bool has_instances() const { return !instances_.empty(); }
  void add(ImportedInstance instance);
  void add(ImportedTask task);
  void add(ImportedProtection protection);
  [[nodiscard]] TextPool& pool() { return pool_; }
  [[nodiscard]] const OwnNames& own_names() const { return own_names_; }

  Result<SnapshotPtr> build(std::uint64_t tie_seed, Executor& executor, Progress* progress);

 private:
  // What the tasks of one instance take together.
  struct Usage {
    std::int64_t cpu_units = 0;
    std::int64_t memory_mib = 0;
    Ports tcp;
    Ports udp;
    std::uint32_t eni = 0;
    std::uint32_t desired_running = 0;
    std::vector<std::int64_t> own;  // By index in own_names().
  };

  [[nodiscard]] bool is_other_cluster(std::string_view cluster_arn) const;
  void tie_tasks();
  [[nodiscard]] Usage usage_of(std::size_t instance) const;
  void warn_about_counts(const ImportedInstance& instance, const Usage& usage);
  void warn_about_remaining(const ImportedInstance& instance);
  Outcome add_to(SnapshotBuilder& builder, std::size_t instance);
  Outcome add_tasks_to(SnapshotBuilder& builder, std::size_t instance, const Ports& tcp_used, const Ports& udp_used,
                       std::span<const GpuRecord> gpus);
  std::vector<GpuRecord> gpus_of(std::size_t instance);
  std::uint16_t eni_limit_of(const ImportedInstance& instance);
  void intern_attributes(SnapshotBuilder& builder, std::size_t index, std::vector<InternedAttribute>& attributes);

  void note_own(const ImportedInstance& instance);
  [[nodiscard]] std::vector<OwnRecord> own_of(const ImportedInstance& instance, const Usage& usage) const;

  std::string cluster_;
  OwnNames own_names_;
  ImportReport& report_;
  TextPool pool_;
  std::vector<ImportedInstance> instances_;
  std::vector<ImportedTask> tasks_;
  std::unordered_map<std::string, std::size_t> instance_index_;
  std::unordered_map<std::string, std::size_t> task_index_;
  std::unordered_map<std::string, ImportedProtection> protections_;

  // The tasks of instance i are tied_[tied_begin_[i]] up to tied_[tied_begin_[i + 1]].
  std::vector<std::size_t> tied_begin_;
  std::vector<std::size_t> tied_;
  std::set<std::string, std::less<>> clusters_with_tasks_;  // ARNs; "" for instances whose ARN names none.
  // Pool ids to the builder's ids.
  std::vector<std::uint32_t> names_;
  std::vector<std::uint32_t> values_;
  std::vector<bool> own_seen_;             // By index in own_names(): some instance registered it.
  std::vector<std::size_t> name_seen_on_;  // By pool id: the instance on which the name of an attribute was last seen.
};

}  // namespace berth::ecs
