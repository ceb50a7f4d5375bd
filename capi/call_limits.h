// CallLimits: how long a call may take, and the flag that ends it: berth_call_options, read at the beginning of the call.
//
// Thread rule: the call's; the flag may be set by any thread. Lifetime: the call's; the caller's flag outlives it.
#pragma once

#include <cstdint>

#include "berth/berth.h"
#include "engine/base/result.h"
#include "engine/base/stop_signal.h"

namespace berth::capi {

class CallLimits final : public StopSignal {
 public:
  // `options` may be NULL: no limits. Errors: kInvalidArgument, kUnsupported.
  static Result<CallLimits> begin(const berth_call_options* options);

  // Whether poll() can ever answer anything but kOk.
  [[nodiscard]] bool is_limited() const { return end_ns_ != 0 || cancel_ != nullptr; }
  [[nodiscard]] StatusCode poll() const override;
  // poll() as the error of a call that has done nothing.
  [[nodiscard]] Outcome check() const;

 private:
  std::uint64_t end_ns_ = 0;  // Of the steady clock; 0: none.
  const berth_cancel* cancel_ = nullptr;
};

// What a call says that ended for this reason.
Error stopped(StatusCode why);

}  // namespace berth::capi
