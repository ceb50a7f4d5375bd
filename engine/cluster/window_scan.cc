// How a window is filled from the columns: where there is no index, or none that knows the parts, which come with the candidates when a
// level ranks by a wide attribute.

#include <bit>

#include "engine/cluster/window.h"

namespace berth::cluster {

void Window::scan(std::optional<std::uint32_t> only, WorkerSlot& self) {
  choose_parts_to_fill(only);
  reserve_parts();
  const Ledger& ledger = inventory_.ledger;
  static_assert(kBucketSlots == 64);
  for (std::uint32_t begin = 0; begin < ledger.slot_count(); begin += kBucketSlots) {
    std::uint64_t passing = 0;
    for (std::uint32_t at = 0; at < kBucketSlots; ++at) {
      if (checks_.may_pass(ledger.fit_word(begin + at), ledger.trait_word(begin + at))) {
        ledger.prefetch_record(begin + at);
        passing |= std::uint64_t{1} << at;
      }
    }
    for (; passing != 0; passing &= passing - 1) {
      take_record(begin + static_cast<std::uint32_t>(std::countr_zero(passing)), self);
    }
  }
  close(nullptr);
}

}  // namespace berth::cluster
