// Instances that come after the snapshot: their names, their order, their slots.

#include "engine/base/hash.h"
#include "engine/cluster/inventory.h"

namespace berth::cluster {
namespace {

constexpr std::uint64_t kArnSeed = 0x61726E73ULL;

}  // namespace

bool Inventory::precedes(std::uint32_t a, std::uint32_t b) const {
  if (is_base(a) && is_base(b)) {
    return a < b;
  }
  if (is_base(a)) {
    return a < later(b).base_rank;
  }
  if (is_base(b)) {
    return later(a).base_rank <= b;
  }
  if (later(a).base_rank != later(b).base_rank) {
    return later(a).base_rank < later(b).base_rank;
  }
  const int order = later(a).arn.compare(later(b).arn);
  return order != 0 ? order < 0 : a < b;
}

std::uint32_t Inventory::find_identity(std::string_view arn) const {
  const auto is_named = [&](std::uint32_t identity) { return later(identity).arn == arn; };
  if (const auto found = identity_ids_.find(hash_bytes(kArnSeed, arn), is_named); found.has_value()) {
    return *found;
  }
  const std::uint32_t rank = base_->instance_arns().lower_bound(arn);
  return rank < base_count_ && base_->instance_arns().text(rank) == arn ? rank : kNoId;
}

std::uint64_t Inventory::tie_key_of(std::string_view arn) const {
  return hash_bytes(base_->tie_seed(), arn);
}

std::uint32_t Inventory::add_identity(LaterIdentity identity) {
  identity.tie_key = tie_key_of(identity.arn);
  identity.base_rank = base_->instance_arns().lower_bound(identity.arn);
  const std::uint32_t slot = identity.slot;
  ledger.set_tie_key(slot, identity.tie_key);
  const std::uint32_t number = base_count_ + later_identities.append(std::move(identity));
  const std::string& arn = later(number).arn;
  identity_ids_.put(hash_bytes(kArnSeed, arn), number, [&](std::uint32_t other) { return later(other).arn == arn; });
  return number;
}

std::uint32_t Inventory::find_free_slot(std::uint64_t tie_key, WorkerSlot& self) {
  const auto is_free = [&](std::uint32_t slot) {
    const Record* record = self.protect(Hazard::kLook, ledger.record(slot));
    return record != nullptr ? record->is_gone : base_of_slot_[slot] == kNoId;
  };
  const std::uint32_t begin = bucket_begin(bucket_of(tie_key));
  for (std::uint32_t slot = begin; slot < begin + kBucketSlots; ++slot) {
    if (is_free(slot)) {
      return slot;
    }
  }
  for (std::uint32_t tried = 0; tried < spill_end_; ++tried) {
    const std::uint32_t slot = spill_next_;
    spill_next_ = spill_next_ + 1 == spill_end_ ? 0 : spill_next_ + 1;
    if (is_free(slot)) {
      return slot;
    }
  }
  return kNoId;
}

std::uint32_t Inventory::intern_shape(Shape shape) {
  std::uint64_t hash = hash_bytes(shape.group, {});
  const auto fold = [&](std::uint64_t part) { hash = mix64(hash ^ mix64(part)); };
  fold(std::uint64_t{shape.task_definition} << 32U | shape.started_by);
  fold(std::uint64_t{shape.capacity_provider} << 32U | shape.gpu_count);
  fold(std::uint64_t{static_cast<std::uint32_t>(shape.cpu_units)} << 32U | static_cast<std::uint32_t>(shape.memory_mib));
  fold(std::uint64_t{shape.uses_eni} << 8U | static_cast<std::uint64_t>(shape.launch_type));
  for (const std::uint16_t port : shape.tcp_ports) {
    fold(port);
  }
  for (const std::uint16_t port : shape.udp_ports) {
    fold(port | kUdpBit);
  }
  const auto is_same = [&](std::uint32_t number) { return shapes.at(number) == shape; };
  if (const auto found = shape_ids_.find(hash, is_same); found.has_value()) {
    return *found;
  }
  const std::lock_guard lock(tables_mutex);
  if (const auto found = shape_ids_.find(hash, is_same); found.has_value()) {
    return *found;
  }
  const std::uint32_t number = shapes.append(shape);
  shape_ids_.put(hash, number, is_same);
  return number;
}

}  // namespace berth::cluster
