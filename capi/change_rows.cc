#include "capi/change_rows.h"

#include <array>
#include <optional>
#include <string>

#include "capi/place_rows.h"
#include "capi/utf8.h"
#include "engine/ecs/import_records.h"
#include "engine/snapshot/states.h"

namespace berth::capi {
namespace {

static_assert(sizeof(berth_change_row) == 128 && sizeof(berth_change_result) == 64);
static_assert(BERTH_INSTANCE_ACTIVE == static_cast<std::uint32_t>(InstanceStatus::kActive));
static_assert(BERTH_INSTANCE_INACTIVE == static_cast<std::uint32_t>(InstanceStatus::kInactive));
static_assert(BERTH_TASK_PROVISIONING == static_cast<std::uint32_t>(TaskStatus::kProvisioning));
static_assert(BERTH_TASK_STOPPED == static_cast<std::uint32_t>(TaskStatus::kStopped));
static_assert(BERTH_TASK_DELETED == static_cast<std::uint32_t>(TaskStatus::kDeleted));
static_assert(BERTH_HEALTH_UNKNOWN == static_cast<std::uint32_t>(HealthStatus::kUnknown));
static_assert(BERTH_HEALTH_UNHEALTHY == static_cast<std::uint32_t>(HealthStatus::kUnhealthy));

// Members of a row that a kind may name.
enum Member : std::uint32_t {
  kTask = 1,
  kInstance = 2,
  kValue = 4,
  kClass = 8,
  kName = 16,
  kText = 32,
  kAmounts = 64,
  kStates = 128,
  kUntil = 256,
  kIdBase = 512,
};

struct Kind {
  berth_change_kind kind;
  std::uint32_t members;
  std::uint32_t value_most;  // Of kValue.
  bool on_fork;
};

constexpr std::array kKinds = {
    Kind{BERTH_CHANGE_STOP, kTask, 0, true},
    Kind{BERTH_CHANGE_RELEASE, kTask, 0, true},
    Kind{BERTH_CHANGE_TASK_STATE, kTask | kStates, 0, false},
    Kind{BERTH_CHANGE_PROTECT, kTask | kValue | kUntil, 1, false},
    Kind{BERTH_CHANGE_STATUS, kInstance | kValue, BERTH_INSTANCE_INACTIVE, true},
    Kind{BERTH_CHANGE_AGENT_CONNECTED, kInstance | kValue, 1, true},
    Kind{BERTH_CHANGE_AGENT_VERSION, kInstance | kText, 0, false},
    Kind{BERTH_CHANGE_PUT_ATTRIBUTE, kInstance | kName | kText | kValue, 1, true},
    Kind{BERTH_CHANGE_REMOVE_ATTRIBUTE, kInstance | kName, 0, true},
    Kind{BERTH_CHANGE_CAPACITY_PROVIDER, kInstance | kText, 0, false},
    Kind{BERTH_CHANGE_RESOURCES, kInstance | kAmounts, 0, false},
    Kind{BERTH_CHANGE_DEREGISTER, kInstance | kValue, 1, false},
    Kind{BERTH_CHANGE_START, kInstance | kClass | kIdBase, 0, true},
};

const Kind* find_kind(berth_change_kind kind) {
  for (const Kind& known : kKinds) {
    if (known.kind == kind) {
      return &known;
    }
  }
  return nullptr;
}

// The checks of one row; the first that fails is kept. Texts are made for rows that are wrong alone.
class RowCheck {
 public:
  RowCheck(const berth_cluster& cluster, const berth_change_row& row, std::size_t index, std::string_view blob)
      : cluster_(cluster), row_(row), index_(index), blob_(blob) {}

  Outcome check(bool on_fork) {
    const Kind* kind = find_kind(row_.kind);
    if (kind == nullptr) {
      return refuse("kind", std::to_string(row_.kind) + " is no change that this version knows; pass one of BERTH_CHANGE_*");
    }
    if (on_fork && !kind->on_fork) {
      return refuse("kind", "a fork has no change " + std::to_string(row_.kind) + "; make it on a cluster of its own",
                    StatusCode::kUnsupported);
    }
    if ((row_.flags & ~std::uint32_t{BERTH_CHANGE_IF_VERSION}) != 0) {
      return refuse("flags", "has a bit that this version does not know; pass BERTH_CHANGE_IF_VERSION (1) or 0");
    }
    if (on_fork && row_.flags != 0) {
      return refuse("flags", "a fork's instances have versions of their own; pass 0", StatusCode::kUnsupported);
    }
    if (const char* stray = stray_member(kind->members); stray != nullptr) {
      return refuse(stray, "is not 0, and this change does not use it; set all of a row to zero before its members");
    }
    return check_members(*kind);
  }

 private:
  Error refuse(const char* member, const std::string& what, StatusCode code = StatusCode::kInvalidArgument) const {
    return refusal("rows[" + std::to_string(index_) + "]." + member + ": " + what, code);
  }

  [[nodiscard]] const char* stray_member(std::uint32_t members) const {
    const auto names = [&](Member member) { return (members & member) != 0; };
    const auto is_set = [](const berth_text_range& range) { return range.offset != 0 || range.length != 0; };
    if (!names(kTask) && (row_.task.slot != 0 || row_.task.number != 0 || row_.task.generation != 0)) {
      return "task";
    }
    if (row_.task.reserved != 0) {
      return "task.reserved";
    }
    if (!names(kInstance) && (row_.instance.slot != 0 || row_.instance.identity != 0)) {
      return "instance";
    }
    if (row_.flags == 0 && row_.version != 0) {
      return "version";
    }
    if (!names(kValue) && row_.value != 0) {
      return "value";
    }
    if (!names(kClass) && row_.request_class != 0) {
      return "request_class";
    }
    if (!names(kName) && is_set(row_.name)) {
      return "name";
    }
    if (!names(kText) && is_set(row_.text)) {
      return "text";
    }
    if (!names(kAmounts) && (row_.cpu_units != 0 || row_.memory_mib != 0)) {
      return row_.cpu_units != 0 ? "cpu_units" : "memory_mib";
    }
    if (!names(kStates) && (row_.last_status != 0 || row_.desired_status != 0 || row_.health != 0)) {
      return row_.last_status != 0 ? "last_status" : (row_.desired_status != 0 ? "desired_status" : "health");
    }
    if (!names(kUntil) && row_.until_ms != 0) {
      return "until_ms";
    }
    if (!names(kIdBase) && row_.id_base != 0) {
      return "id_base";
    }
    return row_.reserved[0] != 0 || row_.reserved[1] != 0 || row_.reserved[2] != 0 ? "reserved" : nullptr;
  }

  Outcome check_members(const Kind& kind) const {
    if ((kind.members & kValue) != 0 && row_.value > kind.value_most) {
      return refuse("value", std::to_string(row_.value) + " is more than " + std::to_string(kind.value_most));
    }
    switch (kind.kind) {
      case BERTH_CHANGE_STATUS:
        if (row_.value == 0) {
          return refuse("value", "is 0; pass one of BERTH_INSTANCE_*");
        }
        break;
      case BERTH_CHANGE_PROTECT:
        if (row_.value == 0 && row_.until_ms != 0) {
          return refuse("until_ms", "is not 0 of a task that is not to be protected; pass 0");
        }
        break;
      case BERTH_CHANGE_TASK_STATE:
        return check_states();
      case BERTH_CHANGE_PUT_ATTRIBUTE:
      case BERTH_CHANGE_REMOVE_ATTRIBUTE:
        if (row_.name.length == 0 || row_.name.length > ecs::kAttributeNameBytesMax) {
          return refuse("name", "has " + std::to_string(row_.name.length) + " bytes; an attribute's name has 1 to 128");
        }
        if (row_.value == 1 && row_.text.length != 0) {
          return refuse("text", "is not empty while value says that the name has none; pass one of the two");
        }
        break;
      case BERTH_CHANGE_RESOURCES:
        if (row_.cpu_units < 0 || row_.memory_mib < 0) {
          return refuse(row_.cpu_units < 0 ? "cpu_units" : "memory_mib", "is less than nothing; give what the instance has in all");
        }
        break;
      case BERTH_CHANGE_START:
        if (row_.request_class >= cluster_.classes.size()) {
          return refuse(
              "request_class",
              std::to_string(row_.request_class) + " is no class of this cluster; pass a number that berth_cluster_prepare() gave",
              StatusCode::kNotFound);
        }
        break;
      default:
        break;
    }
    if (Outcome checked = check_text(row_.name, "name"); !checked) {
      return checked;
    }
    return check_text(row_.text, "text");
  }

  Outcome check_states() const {
    if (row_.last_status == 0 && row_.desired_status == 0 && row_.health == 0) {
      return refuse("last_status", "nothing is to change; set last_status, desired_status or health");
    }
    if (row_.last_status >= BERTH_TASK_STOPPED && row_.last_status <= BERTH_TASK_DELETED) {
      return refuse("last_status", "a task that is STOPPED leaves its instance; pass BERTH_CHANGE_RELEASE (2) as the kind");
    }
    if (row_.last_status > BERTH_TASK_DELETED) {
      return refuse("last_status", std::to_string(row_.last_status) + " is none of BERTH_TASK_*");
    }
    if (row_.desired_status != 0 && row_.desired_status != BERTH_TASK_PENDING && row_.desired_status != BERTH_TASK_RUNNING &&
        row_.desired_status != BERTH_TASK_STOPPED) {
      return refuse("desired_status", std::to_string(row_.desired_status) +
                                          " is desired of no task; pass BERTH_TASK_PENDING (2), RUNNING (4) or STOPPED (8)");
    }
    if (row_.health > BERTH_HEALTH_UNHEALTHY) {
      return refuse("health", std::to_string(row_.health) + " is none of BERTH_HEALTH_*");
    }
    return {};
  }

  Outcome check_text(const berth_text_range& range, const char* member) const {
    if (range.length == 0 && range.offset == 0) {
      return {};
    }
    if (Outcome within = Arguments().range(range.offset, range.length, blob_.size(), "rows", index_, member).outcome(); !within) {
      return within;
    }
    const std::string_view text = blob_.substr(range.offset, range.length);
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos) {
      return refuse(member, "is no UTF-8 text, or has a NUL byte inside; pass the text in UTF-8 without a terminator");
    }
    return {};
  }

  const berth_cluster& cluster_;
  const berth_change_row& row_;
  std::size_t index_;
  std::string_view blob_;
};

}  // namespace

Outcome check_change_rows(const berth_cluster& cluster, const berth_change_row* rows, std::uint32_t row_count, const char* blob,
                          std::size_t blob_bytes, const berth_change_result* results, bool on_fork) {
  Outcome checked = Arguments().rows(rows, row_count, kRowsMax, "rows").text(blob, blob_bytes, "blob").output(results, "results").outcome();
  for (std::size_t row = 0; row < row_count && checked.ok(); ++row) {
    checked = RowCheck(cluster, rows[row], row, view(blob, blob_bytes)).check(on_fork);
  }
  return checked;
}

}  // namespace berth::capi
