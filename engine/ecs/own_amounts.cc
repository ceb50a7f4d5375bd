#include "engine/ecs/own_amounts.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "engine/base/limits.h"
#include "engine/snapshot/own_resource.h"

namespace berth::ecs {
namespace {

// One more name beside `count` others. `where` is what the error is about.
Outcome check_name(const JsonValue& where, std::string_view name, bool is_repeated, std::size_t count) {
  if (const Outcome named = check_own_resource_name(name); !named) {
    return where.error(named.error().message);
  }
  if (is_repeated) {
    return where.error("resource \"" + std::string(name) + "\" is named twice");
  }
  if (count >= kOwnResourcesMax) {
    return where.error("found more than " + std::to_string(kOwnResourcesMax) + " resources of the user's own, the most that there can be");
  }
  return {};
}

}  // namespace

Outcome read_own_names(const JsonValue& list, std::vector<std::string>& names) {
  return list.for_each([&](const JsonValue& each) -> Outcome {
    const Result<std::string_view> name = each.string();
    if (!name) {
      return name.error();
    }
    const bool is_repeated = std::find(names.begin(), names.end(), *name) != names.end();
    if (Outcome checked = check_name(each, *name, is_repeated, names.size()); !checked) {
      return checked;
    }
    names.emplace_back(*name);
    return {};
  });
}

Outcome read_own_amounts(const JsonValue& value, std::vector<placement::OwnDemand>& amounts) {
  if (Outcome typed = value.expect(JsonValue::Type::kObject); !typed) {
    return typed;
  }
  Outcome read = value.for_each_member([&](std::string_view name, const JsonValue& member) -> Outcome {
    const bool is_repeated = std::any_of(amounts.begin(), amounts.end(), [&](const auto& each) { return each.name == name; });
    if (Outcome checked = check_name(value, name, is_repeated, amounts.size()); !checked) {
      return checked;
    }
    const Result<std::int64_t> amount = member.integer(0, std::numeric_limits<std::int32_t>::max());
    if (!amount) {
      return amount.error();
    }
    amounts.push_back({std::string(name), *amount});
    return {};
  });
  std::sort(amounts.begin(), amounts.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return read;
}

}  // namespace berth::ecs
