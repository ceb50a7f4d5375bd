// SnapshotReader makes a Snapshot out of bytes: verify, validate, point the columns at them, index.
//
// Thread rule: one caller; large columns are looked at on the executor. Lifetime: keeps nothing.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/snapshot.h"
#include "engine/snapshot/storage.h"

namespace berth {

class SnapshotReader {
 public:
  // REQUIRES: storage->bytes is set.
  static Result<std::shared_ptr<const Snapshot>> read(std::unique_ptr<Snapshot::Storage> storage, Executor& executor);

  // The storage of each way in; `bytes` is set.
  static std::unique_ptr<Snapshot::Storage> hold(std::vector<std::uint8_t> bytes);
  static std::unique_ptr<Snapshot::Storage> hold(std::unique_ptr<std::uint8_t[]> block, std::size_t size);
  static std::unique_ptr<Snapshot::Storage> hold(Mapping mapping);
};

}  // namespace berth
