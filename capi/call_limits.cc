#include "capi/call_limits.h"

#include <limits>

#include "capi/arguments.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "capi/surroundings.h"

namespace berth::capi {
namespace {

static_assert(sizeof(void*) != 8 || sizeof(berth_call_options) == BERTH_CALL_OPTIONS_SIZE_V1);

}  // namespace

Result<CallLimits> CallLimits::begin(const berth_call_options* options) {
  const berth_call_options defaults{.struct_size = sizeof(berth_call_options), .reserved = 0, .timeout_ns = 0, .cancel = nullptr};
  const Result<berth_call_options> read =
      read_options(options, defaults, sizeof(berth_call_options), "set it to sizeof(berth_call_options)");
  if (!read.ok()) {
    return read.error();
  }
  if (read->reserved != 0) {
    return refusal("options.reserved: is not 0; set all of the options to zero before their members");
  }
  CallLimits limits;
  limits.cancel_ = read->cancel;
  if (read->timeout_ns != 0) {
    const std::uint64_t now = steady_now_ns();
    // More than the clock can tell is no limit.
    limits.end_ns_ = now > std::numeric_limits<std::uint64_t>::max() - read->timeout_ns ? 0 : now + read->timeout_ns;
  }
  return limits;
}

StatusCode CallLimits::poll() const {
  if (cancel_ != nullptr && cancel_->is_set.load(std::memory_order_relaxed)) {
    return StatusCode::kCancelled;
  }
  return end_ns_ != 0 && steady_now_ns() >= end_ns_ ? StatusCode::kDeadlineExceeded : StatusCode::kOk;
}

Outcome CallLimits::check() const {
  const StatusCode why = poll();
  return why == StatusCode::kOk ? Outcome() : Outcome(stopped(why));
}

Error stopped(StatusCode why) {
  return why == StatusCode::kCancelled
             ? refusal("the call was cancelled; clear the flag before the next one with berth_cancel_clear()", why)
             : refusal("the call took longer than options.timeout_ns; give it more time, or 0 for no limit", why);
}

}  // namespace berth::capi
