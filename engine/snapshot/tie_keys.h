// The tie keys of a column of ARNs: hash_bytes(seed, text) of every entry, without writing the texts out.
//
// Thread rule: pure function; blocks run on the executor.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/parallel/executor.h"
#include "engine/snapshot/id_column.h"

namespace berth {

std::vector<std::uint64_t> make_tie_keys(const IdColumn& ids, std::uint64_t seed, Executor& executor);

}  // namespace berth
