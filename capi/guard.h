// guard(): the one frame around the body of every entry point. A body returns an Outcome and writes its outputs as its last, non-throwing
// step; whatever else leaves it becomes a status and, where the caller asked for one, an error object.
//
// Thread rule: pure but for what the body does. Lifetime: keeps nothing.
#pragma once

#include <exception>
#include <new>
#include <utility>

#include "berth/berth.h"
#include "capi/error.h"
#include "engine/base/result.h"

namespace berth::capi {

template <typename Body>
berth_status guard(berth_error** error, Body&& body) noexcept {
  try {
    Outcome outcome = std::forward<Body>(body)();
    return outcome.ok() ? BERTH_OK : report(error, outcome.error());
  } catch (const std::bad_alloc&) {
    return report_out_of_memory(error);
  } catch (const std::exception& exception) {
    return report_internal(error, exception.what());
  } catch (...) {
    return report_internal(error, "an exception of unknown type");
  }
}

}  // namespace berth::capi
