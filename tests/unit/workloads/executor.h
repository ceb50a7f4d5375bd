// The executor that the tests of the workloads run on.
//
// Thread rule: one thread. Lifetime: the process.
#pragma once

#include <memory>

#include "engine/parallel/executor.h"

namespace berth::workloads {

inline Executor& serial_executor() {
  static const std::unique_ptr<Executor> serial = make_executor(ExecutorKind::kSerial, 1);
  return *serial;
}

}  // namespace berth::workloads
