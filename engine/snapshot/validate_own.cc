#include "engine/snapshot/own_resource.h"
#include "engine/snapshot/validation.h"

namespace berth {
namespace {

Outcome validate_names(const StringTable& names) {
  if (names.size() > kOwnResourcesMax) {
    return inconsistent("own_names has " + std::to_string(names.size()) + " entries, more than " + std::to_string(kOwnResourcesMax));
  }
  for (std::uint32_t own = 0; own < names.size(); ++own) {
    if (const Outcome named = check_own_resource_name(names.at(own)); !named) {
      return inconsistent_at("own_names", own, named.error().message);
    }
    if (own > 0 && names.at(own - 1) >= names.at(own)) {
      return inconsistent_at("own_names", own, "the name does not come after the one before it; names are sorted, each once");
    }
  }
  return {};
}

Outcome check_not_negative(const Validation& validation, const std::string& column, std::span<const std::int32_t> values) {
  const auto fault = find_bad(validation.executor, values.size(), [&](std::size_t at) { return values[at] < 0; });
  if (fault) {
    return inconsistent_at(column, *fault, std::to_string(values[*fault]) + " is below 0");
  }
  return {};
}

Outcome validate_column(const Validation& validation, std::uint32_t own, const wire::OwnColumn& column) {
  const std::string name = "own_columns[" + std::to_string(own) + "].";
  const std::size_t count = validation.root.instance_count();
  if (Outcome length = check_length(name + "registered", span_of(column.registered()).size(), count); !length) {
    return length;
  }
  if (Outcome length = check_length(name + "remaining", span_of(column.remaining()).size(), count); !length) {
    return length;
  }
  return check_not_negative(validation, name + "registered", span_of(column.registered()));
}

}  // namespace

Outcome validate_own(const Validation& validation) {
  const wire::Snapshot& root = validation.root;
  const wire::StringTable* const table = root.own_names();
  if (table != nullptr) {
    if (Outcome offsets = check_offsets(validation, "own_names.offsets", span_of(table->offsets()), span_of(table->bytes()).size());
        !offsets) {
      return offsets;
    }
  }
  const StringTable names = string_table_of(table);
  if (Outcome valid = validate_names(names); !valid) {
    return valid;
  }
  if (names.size() > 0 && root.format_version() == kFormatWithoutOwnResources) {
    return inconsistent("format version 1 has no own resources, but own_names has " + std::to_string(names.size()) + " entries");
  }
  if (Outcome length = check_length("own_columns", root.own_columns() == nullptr ? 0 : root.own_columns()->size(), names.size()); !length) {
    return length;
  }
  for (std::uint32_t own = 0; own < names.size(); ++own) {
    if (Outcome valid = validate_column(validation, own, *root.own_columns()->Get(own)); !valid) {
      return valid;
    }
  }
  const std::span<const std::int32_t> held = span_of(root.own_held());
  if (Outcome length = check_length("own_held", held.size(), span_of(root.task_shapes()).size() * names.size()); !length) {
    return length;
  }
  return check_not_negative(validation, "own_held", held);
}

}  // namespace berth
