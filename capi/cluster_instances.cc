#include <algorithm>
#include <cstring>
#include <string>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/cluster.h"
#include "capi/guard.h"
#include "capi/place_rows.h"

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_cluster_find_instances(berth_cluster* cluster, const berth_text_range* arns, uint32_t arn_count, const char* blob,
                                          size_t blob_bytes, berth_instance* instances, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(cluster, "cluster")
                                 .rows(arns, arn_count, kRowsMax, "arns")
                                 .text(blob, blob_bytes, "blob")
                                 .output(instances, "instances")
                                 .outcome();
    for (uint32_t i = 0; i < arn_count && checked.ok(); ++i) {
      checked = Arguments().range(arns[i].offset, arns[i].length, blob_bytes, "arns", i, "text").outcome();
    }
    if (!checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    // Looked up apart, because looking up may ask for memory.
    std::vector<berth::cluster::InstanceHandle>& found = (*lease)->instances;
    found.assign(arn_count, {});
    for (uint32_t i = 0; i < arn_count; ++i) {
      found[i] = cluster->live->find_instance(view(blob, blob_bytes).substr(arns[i].offset, arns[i].length), lease->worker())
                     .value_or(berth::cluster::InstanceHandle{});
    }
    for (uint32_t i = 0; i < arn_count; ++i) {
      instances[i] = {.slot = found[i].slot, .identity = found[i].identity};
    }
    return {};
  });
}

berth_status berth_cluster_instance_arns(berth_cluster* cluster, const berth_instance* instances, uint32_t instance_count, char* texts,
                                         size_t text_capacity, size_t* text_bytes, berth_text_range* ranges, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments()
                                 .handle(cluster, "cluster")
                                 .rows(instances, instance_count, kRowsMax, "instances")
                                 .text(texts, text_capacity, "texts")
                                 .output(text_bytes, "text_bytes")
                                 .output(ranges, "ranges")
                                 .outcome();
    if (!checked.ok()) {
      return checked;
    }
    const berth::cluster::Inventory& inventory = cluster->live->inventory();
    std::string all;
    std::vector<berth_text_range> places;
    places.reserve(instance_count);
    for (uint32_t i = 0; i < instance_count; ++i) {
      const berth_instance& instance = instances[i];
      if (instance.identity >= inventory.identity_count() || inventory.slot_of(instance.identity) != instance.slot) {
        return refusal("instances[" + std::to_string(i) + "]: slot " + std::to_string(instance.slot) + " never held instance " +
                           std::to_string(instance.identity) + "; pass a handle that a call on this cluster gave",
                       berth::StatusCode::kNotFound);
      }
      const std::string arn = cluster->live->arn_of(instance.identity);
      places.push_back({.offset = all.size(), .length = arn.size()});
      all += arn;
    }
    if (all.size() <= text_capacity) {
      std::copy(places.begin(), places.end(), ranges);
      std::copy(all.begin(), all.end(), texts);
    }
    *text_bytes = all.size();
    return {};
  });
}

berth_status berth_cluster_tasks(berth_cluster* cluster, const berth_instance* instance, berth_task* tasks, uint32_t task_capacity,
                                 uint32_t* task_count, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked =
        Arguments()
            .handle(cluster, "cluster")
            .output(instance, "instance")
            .require(tasks != nullptr || task_capacity == 0, "task_capacity: is not 0 while tasks is NULL; pass both or neither")
            .output(task_count, "task_count")
            .outcome();
    if (!checked.ok()) {
      return checked;
    }
    berth::Result<WorkerLease> lease = WorkerLease::take(cluster->workers, *cluster->live);
    if (!lease.ok()) {
      return lease.error();
    }
    std::vector<berth::cluster::TaskHandle>& found = (*lease)->tasks;
    const berth::StatusCode status = instance->identity == BERTH_NO_INSTANCE
                                         ? berth::StatusCode::kNotFound
                                         : lease->worker().tasks_of(instance->slot, found, instance->identity);
    if (status != berth::StatusCode::kOk) {
      return refusal("instance: is not registered (any more); look it up with berth_cluster_find_instances()", status);
    }
    const std::size_t given = std::min<std::size_t>(found.size(), task_capacity);
    std::transform(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(given), tasks, task_row);
    *task_count = static_cast<uint32_t>(found.size());
    return {};
  });
}
