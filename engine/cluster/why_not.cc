// Why a class finds no instance: every instance's first failing check, counted.

#include "engine/cluster/cluster.h"
#include "engine/cluster/live_checks.h"

namespace berth::cluster {

std::array<std::uint64_t, placement::kReasonCount> Worker::count_failures(const RequestClass& request_class) {
  std::array<std::uint64_t, placement::kReasonCount> lost{};
  LiveChecks checks(*inventory_, request_class);
  for (std::uint32_t slot = 0; slot < inventory_->ledger.slot_count(); ++slot) {
    const Record* record = inventory_->look(slot, *self_);
    if (record != nullptr && checks.is_examined(*record)) {
      ++lost.at(static_cast<std::size_t>(checks.first_failure(*record)));
    }
  }
  return lost;
}

}  // namespace berth::cluster
