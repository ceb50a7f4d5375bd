#include "engine/snapshot/states.h"
#include "engine/snapshot/validation.h"

namespace berth {
namespace {

constexpr auto kTaskStatusLast = static_cast<std::uint8_t>(TaskStatus::kDeleted);
constexpr auto kHealthLast = static_cast<std::uint8_t>(HealthStatus::kUnhealthy);

Outcome validate_task_lengths(const wire::Snapshot& root) {
  struct Column {
    std::string_view name;
    std::size_t length;
  };
  const Column columns[] = {
      {"task_shape", span_of(root.task_shape()).size()},
      {"task_last_status", span_of(root.task_last_status()).size()},
      {"task_desired_status", span_of(root.task_desired_status()).size()},
      {"task_health", span_of(root.task_health()).size()},
      {"task_started_at_ms", span_of(root.task_started_at_ms()).size()},
      {"task_version", span_of(root.task_version()).size()},
  };
  for (const Column& column : columns) {
    if (Outcome length = check_length(column.name, column.length, root.task_count()); !length) {
      return length;
    }
  }
  return {};
}

// REQUIRES: task_begin and task_arns are valid by themselves.
Outcome validate_task_order(const Validation& validation) {
  const IdColumn arns = id_column_of(validation.root.task_arns());
  const std::span<const std::uint32_t> begin = span_of(validation.root.task_begin());
  // The first task of the instance that is out of order, or whose ARN is empty; its end when there is none.
  const auto fault_in = [&](std::size_t instance) {
    std::uint32_t task = begin[instance];
    const std::uint32_t end = begin[instance + 1];
    if (task == end || (arns.format(task) == IdFormat::kText && arns.text(task).empty())) {
      return task;
    }
    for (++task; task < end && arns.compare(task - 1, task) < 0; ++task) {
    }
    return task;
  };
  const auto fault = find_bad(validation.executor, validation.root.instance_count(),
                              [&](std::size_t instance) { return fault_in(instance) != begin[instance + 1]; });
  if (fault) {
    return inconsistent_at("task_arns", fault_in(*fault),
                           "the ARN is empty or does not come after the one before it; the tasks of an instance are sorted, each once");
  }
  return {};
}

Outcome validate_protected_tasks(const wire::Snapshot& root) {
  const std::span<const ProtectedTask> rows = span_of(root.protected_tasks());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (rows[at].task >= root.task_count() || rows[at].padding != 0 || (at > 0 && rows[at - 1].task >= rows[at].task)) {
      return inconsistent_at("protected_tasks", at,
                             "task " + std::to_string(rows[at].task) + " is no task, out of order, or padded with other than 0");
    }
  }
  return {};
}

// REQUIRES: task_begin and the columns of GPUs are valid.
Outcome validate_task_gpus(const wire::Snapshot& root) {
  const std::span<const Snapshot::TaskGpu> rows = span_of(root.task_gpus());
  const std::span<const std::uint32_t> task_begin = span_of(root.task_begin());
  const std::span<const std::uint32_t> instances = span_of(root.gpu_instances());
  const std::span<const std::uint32_t> gpu_begin = span_of(root.gpu_begin());
  std::size_t place = 0;  // In gpu_instances: the first whose tasks do not end before the row's task.
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const Snapshot::TaskGpu& row = rows[at];
    if (row.task >= root.task_count() ||
        (at > 0 && (rows[at - 1].task > row.task || (rows[at - 1].task == row.task && rows[at - 1].slot >= row.slot)))) {
      return inconsistent_at("task_gpus", at, "task " + std::to_string(row.task) + " is no task or out of order");
    }
    while (place < instances.size() && task_begin[instances[place] + 1] <= row.task) {
      ++place;
    }
    if (place == instances.size() || task_begin[instances[place]] > row.task || row.slot < gpu_begin[place] ||
        row.slot >= gpu_begin[place + 1]) {
      return inconsistent_at("task_gpus", at, "slot " + std::to_string(row.slot) + " is no GPU of the task's instance");
    }
  }
  return {};
}

Outcome validate_gpu_slots(const Validation& validation, std::span<const std::uint32_t> begin) {
  const wire::StringTable* const table = validation.root.gpu_ids();
  if (table != nullptr) {
    if (Outcome offsets = check_offsets(validation, "gpu_ids.offsets", span_of(table->offsets()), span_of(table->bytes()).size());
        !offsets) {
      return offsets;
    }
  }
  const StringTable ids = string_table_of(table);
  if (Outcome length = check_length("gpu_free", span_of(validation.root.gpu_free()).size(), ids.size()); !length) {
    return length;
  }
  if (Outcome offsets = check_offsets(validation, "gpu_begin", begin, ids.size()); !offsets) {
    return offsets;
  }
  std::vector<std::string_view> own;
  for (std::size_t place = 0; place + 1 < begin.size(); ++place) {
    own.clear();
    for (std::uint32_t slot = begin[place]; slot < begin[place + 1]; ++slot) {
      own.push_back(ids.at(slot));
    }
    std::ranges::sort(own);
    if (own.empty() || std::ranges::adjacent_find(own) != own.end()) {
      return inconsistent_at("gpu_begin", place, "the instance has no GPU, or two of the same id");
    }
  }
  return check_bytes(validation, "gpu_free", span_of(validation.root.gpu_free()), 0, 1, "neither 0 nor 1");
}

}  // namespace

Outcome validate_gpus(const Validation& validation) {
  const std::span<const std::uint32_t> instances = span_of(validation.root.gpu_instances());
  const std::span<const std::uint32_t> begin = span_of(validation.root.gpu_begin());
  if (Outcome length = check_length("gpu_begin", begin.size(), instances.empty() ? 0 : instances.size() + 1); !length) {
    return length;
  }
  for (std::size_t at = 0; at < instances.size(); ++at) {
    if (instances[at] >= validation.root.instance_count() || (at > 0 && instances[at - 1] >= instances[at])) {
      return inconsistent_at("gpu_instances", at, std::to_string(instances[at]) + " is no instance or out of order");
    }
  }
  return validate_gpu_slots(validation, begin);
}

Outcome validate_tasks(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  const std::size_t count = root.task_count();
  const std::span<const std::uint32_t> begin = span_of(root.task_begin());
  if (Outcome length = check_length("task_begin", begin.size(), std::size_t{root.instance_count()} + 1); !length) {
    return length;
  }
  if (Outcome offsets = check_offsets(validation, "task_begin", begin, count); !offsets) {
    return offsets;
  }
  if (Outcome lengths = validate_task_lengths(root); !lengths) {
    return lengths;
  }
  if (Outcome ids = validate_id_column(validation, "task_arns", root.task_arns(), count); !ids) {
    return ids;
  }
  if (Outcome order = validate_task_order(validation); !order) {
    return order;
  }
#ifndef BERTH_PLANTED_BUG_SNAPSHOT
  if (Outcome shapes =
          check_below(validation, "task_shape", span_of(root.task_shape()), span_of(root.task_shapes()).size(), kNoSpecial, "task_shapes");
      !shapes) {
    return shapes;
  }
#endif
  struct States {
    const char* name;
    std::span<const std::uint8_t> values;
    std::uint8_t last;
    const char* meaning;
  };
  for (const States& states : {States{"task_last_status", span_of(root.task_last_status()), kTaskStatusLast, "no task status"},
                               States{"task_desired_status", span_of(root.task_desired_status()), kTaskStatusLast, "no task status"},
                               States{"task_health", span_of(root.task_health()), kHealthLast, "no health status"}}) {
    if (Outcome known = check_bytes(validation, states.name, states.values, 1, states.last, states.meaning); !known) {
      return known;
    }
  }
  if (Outcome rows = validate_protected_tasks(root); !rows) {
    return rows;
  }
  return validate_task_gpus(root);
}

}  // namespace berth
