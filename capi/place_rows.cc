#include "capi/place_rows.h"

#include <limits>
#include <string>

#include "capi/arguments.h"

namespace berth::capi {
namespace {

static_assert(sizeof(berth_place_row) == 64 && sizeof(berth_decision_row) == 64);

Outcome check_row(const berth_cluster& cluster, const berth_place_row& row, std::uint32_t index) {
  // Texts are made for rows that are wrong alone.
  const auto refuse = [&](const char* member, const std::string& what, StatusCode code = StatusCode::kInvalidArgument) {
    return refusal("rows[" + std::to_string(index) + "]." + member + ": " + what, code);
  };
  constexpr std::uint32_t kFlags = BERTH_PLACE_ALL_OR_NOTHING | BERTH_PLACE_DRY_RUN;
  if (row.count == 0 || row.count > kTasksPerRowMax) {
    return refuse("count", "is " + std::to_string(row.count) + "; ask for 1 to 1,048,576 tasks");
  }
  if ((row.flags & ~kFlags) != 0) {
    return refuse("flags", "has a bit that this version does not know; pass BERTH_PLACE_ALL_OR_NOTHING (1), BERTH_PLACE_DRY_RUN (2) or 0");
  }
  if ((row.flags & BERTH_PLACE_DRY_RUN) != 0 && row.count != 1) {
    return refuse("count", "is " + std::to_string(row.count) + " of a dry run, which looks for one task; pass 1");
  }
  for (const std::uint32_t reserved : row.reserved) {
    if (reserved != 0) {
      return refuse("reserved", "is not 0; set all of a row to zero before its members");
    }
  }
  if (row.request_class >= cluster.classes.size()) {
    return refuse("request_class",
                  std::to_string(row.request_class) + " is no class of this cluster; pass a number that berth_cluster_prepare() gave",
                  StatusCode::kNotFound);
  }
  return {};
}

}  // namespace

Outcome check_place_rows(const berth_cluster& cluster, const berth_place_row* rows, std::uint32_t row_count,
                         const berth_decision_row* decisions, std::uint32_t decision_capacity) {
  if (Outcome checked = Arguments().rows(rows, row_count, kRowsMax, "rows").output(decisions, "decisions").outcome(); !checked) {
    return checked;
  }
  std::uint64_t tasks = 0;
  for (std::uint32_t row = 0; row < row_count; ++row) {
    if (Outcome checked = check_row(cluster, rows[row], row); !checked) {
      return checked;
    }
    tasks += rows[row].count;
  }
  if (tasks > decision_capacity) {
    return refusal("decision_capacity: is " + std::to_string(decision_capacity) + " while the rows ask for " + std::to_string(tasks) +
                   " tasks; pass room for one decision for each task");
  }
  return {};
}

}  // namespace berth::capi
