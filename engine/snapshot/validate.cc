#include "engine/snapshot/validate.h"

#include "engine/base/limits.h"
#include "engine/snapshot/states.h"
#include "engine/snapshot/validation.h"

namespace berth {
namespace {

constexpr auto kStatusLast = static_cast<std::uint8_t>(InstanceStatus::kInactive);

Outcome validate_counts(const wire::Snapshot& root) {
  if (root.instance_count() > kInstancesMax) {
    return inconsistent("instance_count " + std::to_string(root.instance_count()) + " is more than " + std::to_string(kInstancesMax));
  }
  if (root.task_count() > kTasksMax) {
    return inconsistent("task_count " + std::to_string(root.task_count()) + " is more than " + std::to_string(kTasksMax));
  }
  if (root.has_tasks() > 1) {
    return inconsistent("has_tasks is " + std::to_string(root.has_tasks()) + ", neither 0 nor 1");
  }
  return {};
}

Outcome validate_instance_lengths(const wire::Snapshot& root) {
  struct Column {
    std::string_view name;
    std::size_t length;
  };
  const Column columns[] = {
      {"attribute_set", span_of(root.attribute_set()).size()},
      {"cpu_registered", span_of(root.cpu_registered()).size()},
      {"cpu_remaining", span_of(root.cpu_remaining()).size()},
      {"memory_registered", span_of(root.memory_registered()).size()},
      {"memory_remaining", span_of(root.memory_remaining()).size()},
      {"ports_registered", span_of(root.ports_registered()).size()},
      {"ports_used", span_of(root.ports_used()).size()},
      {"eni_limit", span_of(root.eni_limit()).size()},
      {"eni_used", span_of(root.eni_used()).size()},
      {"status", span_of(root.status()).size()},
      {"agent_connected", span_of(root.agent_connected()).size()},
      {"agent_version", span_of(root.agent_version()).size()},
      {"capacity_provider", span_of(root.capacity_provider()).size()},
      {"registered_at_ms", span_of(root.registered_at_ms()).size()},
      {"version", span_of(root.version()).size()},
      {"running_tasks_count", span_of(root.running_tasks_count()).size()},
      {"pending_tasks_count", span_of(root.pending_tasks_count()).size()},
  };
  for (const Column& column : columns) {
    if (Outcome length = check_length(column.name, column.length, root.instance_count()); !length) {
      return length;
    }
  }
  return {};
}

// Runs checks one after another and keeps the first error.
template <typename... Checks>
Outcome first_error(Checks&&... checks) {
  Outcome outcome;
  (void)((outcome = checks(), outcome.ok()) && ...);
  return outcome;
}

Outcome validate_instance_order(const Validation& validation) {
  const IdColumn arns = id_column_of(validation.root.instance_arns());
  const std::uint32_t count = arns.size();
  if (count > 0 && arns.text(0).empty()) {
    return inconsistent_at("instance_arns", 0, "the ARN is empty");
  }
  const auto fault = find_bad(validation.executor, count, [&](std::size_t at) {
    return at > 0 && arns.compare(static_cast<std::uint32_t>(at - 1), static_cast<std::uint32_t>(at)) >= 0;
  });
  if (fault) {
    return inconsistent_at("instance_arns", *fault, "the ARN does not come after the one before it; instances are sorted, each once");
  }
  return {};
}

}  // namespace

Outcome check_below(const Validation& validation, std::string_view column, std::span<const std::uint32_t> values, std::size_t limit,
                    std::uint64_t none, std::string_view dictionary) {
  // One comparison for limit <= value < none: below `limit` the difference wraps around.
  const std::uint64_t gap = none - limit;
  const auto fault = find_bad(validation.executor, values.size(), [&](std::size_t at) { return values[at] - std::uint64_t{limit} < gap; });
  if (fault) {
    return inconsistent_at(column, *fault,
                           std::to_string(values[*fault]) + " is no index into " + std::string(dictionary) + ", which has " +
                               std::to_string(limit) + " entries");
  }
  return {};
}

Outcome check_bytes(const Validation& validation, std::string_view column, std::span<const std::uint8_t> values, std::uint8_t first,
                    std::uint8_t last, std::string_view meaning) {
  const int range = last - first;
  const auto fault =
      find_bad(validation.executor, values.size(), [&](std::size_t at) { return static_cast<std::uint8_t>(values[at] - first) > range; });
  if (fault) {
    return inconsistent_at(column, *fault, std::to_string(values[*fault]) + " is " + std::string(meaning));
  }
  return {};
}

Outcome check_offsets(const Validation& validation, std::string_view column, std::span<const std::uint32_t> offsets, std::size_t end) {
  if (offsets.empty()) {
    return end == 0 ? Outcome{}
                    : inconsistent("column " + std::string(column) + " is empty, but " + std::to_string(end) + " entries follow it");
  }
  if (offsets.front() != 0) {
    return inconsistent_at(column, 0, std::to_string(offsets.front()) + " is not 0, where the first entry begins");
  }
  const auto fault = find_bad(validation.executor, offsets.size() - 1, [&](std::size_t at) { return offsets[at] > offsets[at + 1]; });
  if (fault) {
    return inconsistent_at(column, *fault + 1,
                           std::to_string(offsets[*fault + 1]) + " is below the offset before it, " + std::to_string(offsets[*fault]));
  }
  if (offsets.back() != end) {
    return inconsistent_at(column, offsets.size() - 1,
                           std::to_string(offsets.back()) + " is not " + std::to_string(end) + ", where the entries end");
  }
  return {};
}

Outcome validate_instances(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  const std::size_t count = root.instance_count();
  const std::size_t text_count = string_table_of(root.texts()).size();
  const std::size_t port_set_count = span_of(root.port_set_tcp_begin()).size() - 1;
  const std::size_t set_begins = span_of(root.attribute_set_begin()).size();
  return first_error(
      [&] { return validate_instance_lengths(root); },
      [&] { return validate_id_column(validation, "instance_arns", root.instance_arns(), count); },
      [&] { return validate_id_column(validation, "ec2_instance_ids", root.ec2_instance_ids(), count); },
      [&] { return validate_instance_order(validation); },
      [&] {
        return check_below(validation, "attribute_set", span_of(root.attribute_set()), set_begins == 0 ? 0 : set_begins - 1, kNoSpecial,
                           "the attribute sets");
      },
      [&] {
        return check_below(validation, "ports_registered", span_of(root.ports_registered()), port_set_count, kNoSpecial, "the port sets");
      },
      [&] { return check_below(validation, "ports_used", span_of(root.ports_used()), port_set_count, kNoSpecial, "the port sets"); },
      [&] { return check_bytes(validation, "status", span_of(root.status()), 1, kStatusLast, "no instance status"); },
      [&] { return check_bytes(validation, "agent_connected", span_of(root.agent_connected()), 0, 1, "neither 0 nor 1"); },
      [&] { return check_below(validation, "agent_version", span_of(root.agent_version()), text_count, kNoId, "texts"); },
      [&] { return check_below(validation, "capacity_provider", span_of(root.capacity_provider()), text_count, kNoId, "texts"); });
}

Outcome validate(const wire::Snapshot& root, Executor& executor) {
  const Validation validation{root, executor};
  return first_error([&] { return validate_counts(root); }, [&] { return validate_dictionaries(validation); },
                     [&] { return validate_sets(validation); }, [&] { return validate_instances(validation); },
                     [&] { return validate_gpus(validation); }, [&] { return validate_tasks(validation); },
                     [&] { return validate_own(validation); });
}

}  // namespace berth
