#include "engine/cluster/columns.h"

#include <bit>

namespace berth::cluster {

void set_words(Record& record) {
  record.fit_word = pack_fit(record.cpu_remaining, record.memory_remaining, record.changes);
  record.trait_word = pack_traits({record.attribute_set, static_cast<std::uint32_t>(std::popcount(record.gpu_free)),
                                   record.status == InstanceStatus::kActive && record.agent_connected && !record.is_gone,
                                   has_spare_eni(record.eni_used, record.eni_limit)},
                                  record.changes);
}

}  // namespace berth::cluster
