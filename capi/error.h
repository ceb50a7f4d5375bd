// Making error objects. None of these functions fails: where an error object cannot be allocated, the static out-of-memory error takes
// its place and the status says so too, so that a status and its error never disagree.
//
// Thread rule: any thread. Lifetime: the object given belongs to the caller of the C function; `error` may be NULL (nothing is made).
#pragma once

#include "berth/berth.h"
#include "engine/base/result.h"

namespace berth::capi {

berth_status report(berth_error** error, const Error& what) noexcept;
berth_status report_out_of_memory(berth_error** error) noexcept;
// A defect of Berth; `text` says what was thrown.
berth_status report_internal(berth_error** error, const char* text) noexcept;

}  // namespace berth::capi
