#include <memory>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/guard.h"
#include "capi/handles.h"

using namespace berth::capi;  // The bodies of the entry points stand outside of any namespace.

berth_status berth_cancel_new(berth_cancel** cancel, berth_error** error) noexcept {
  return guard(error, [&]() -> berth::Outcome {
    berth::Outcome checked = Arguments().output(cancel, "cancel").outcome();
    if (checked.ok()) {
      *cancel = std::make_unique<berth_cancel>().release();
    }
    return checked;
  });
}

// Relaxed: the flag says nothing about other memory, only that calls shall end.
void berth_cancel_set(berth_cancel* cancel) noexcept {
  if (cancel != nullptr) {
    cancel->is_set.store(true, std::memory_order_relaxed);
  }
}

void berth_cancel_clear(berth_cancel* cancel) noexcept {
  if (cancel != nullptr) {
    cancel->is_set.store(false, std::memory_order_relaxed);
  }
}

void berth_cancel_free(berth_cancel* cancel) noexcept {
  delete cancel;
}
