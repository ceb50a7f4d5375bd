// StopSignal: how whoever asked for a long piece of work says that it shall end before it is done. The engine has no clock, so that time
// comes in by this too.
//
// Thread rule: polled by the thread that works. Lifetime: outlives the work.
#pragma once

#include "engine/base/result.h"

namespace berth {

class StopSignal {
 public:
  virtual ~StopSignal() = default;
  // kOk: go on. Else why not: kDeadlineExceeded or kCancelled. Cheap enough to be asked every few microseconds.
  [[nodiscard]] virtual StatusCode poll() const = 0;
};

}  // namespace berth
