// Rows of changes, checked before any is carried out, and how a whole call of them goes on.
//
// Thread rule: the call's. Lifetime: the call's.
#pragma once

#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string_view>

#include "berth/berth.h"
#include "capi/arguments.h"
#include "capi/call_limits.h"
#include "capi/cluster.h"
#include "engine/base/result.h"

namespace berth::capi {

inline constexpr std::uint64_t kNoPosition = std::numeric_limits<std::uint64_t>::max();

struct ChangeRows {
  std::span<const berth_change_row> rows;
  std::string_view blob;
  berth_change_result* results;  // One for each row.

  [[nodiscard]] std::string_view text(const berth_text_range& range) const { return blob.substr(range.offset, range.length); }
};

// Everything that can be wrong without looking at instances and tasks. Errors: kInvalidArgument, kNotFound (class), kLimitExceeded;
// `on_fork`: kUnsupported for what a fork has not.
Outcome check_change_rows(const berth_cluster& cluster, const berth_change_row* rows, std::uint32_t row_count, const char* blob,
                          std::size_t blob_bytes, const berth_change_result* results, bool on_fork);

// Carries out row after row by `change` (row, result) -> StatusCode. An error only if no row was attempted; results are as they were then.
template <typename Change>
Outcome change_rows(const ChangeRows& work, const CallLimits& limits, const Change& change) {
  std::size_t row = 0;
  StatusCode stop = StatusCode::kOk;
  for (; row < work.rows.size(); ++row) {
    stop = limits.poll();
    if (stop != StatusCode::kOk) {
      break;
    }
    berth_change_result& result = work.results[row];
    result = {};
    result.is_attempted = 1;
    result.position = kNoPosition;
    try {
      result.status = static_cast<berth_status>(change(work.rows[row], result));
    } catch (const std::bad_alloc&) {
      result.status = BERTH_OUT_OF_MEMORY;
    }
  }
  if (row == 0 && stop != StatusCode::kOk) {
    return stopped(stop);
  }
  for (; row < work.rows.size(); ++row) {
    work.results[row] = {};
    work.results[row].status = static_cast<berth_status>(stop);
    work.results[row].position = kNoPosition;
  }
  return {};
}

}  // namespace berth::capi
