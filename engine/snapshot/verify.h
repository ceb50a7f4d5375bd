// verify: the bytes are a FlatBuffers buffer of the snapshot schema whose every offset stays inside, whose columns are aligned for
// their types, and whose format version this library reads. It says nothing about what the columns mean; that is validate's part.
//
// Thread rule: pure function. Lifetime: the result points into the bytes.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/result.h"
#include "engine/snapshot/snapshot_generated.h"

namespace berth {

// Errors: kMalformed; kLimitExceeded (2 GiB or more); kUnsupported (a newer format version, named).
Result<const wire::Snapshot*> verify(std::span<const std::uint8_t> bytes);

}  // namespace berth
