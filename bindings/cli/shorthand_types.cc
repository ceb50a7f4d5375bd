#include "bindings/cli/shorthand_types.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>

#include "bindings/cli/failure.h"

namespace berth::cli {
namespace {

constexpr std::array kConstraintPaths = {TypedPath{"type", LeafType::kText}, TypedPath{"expression", LeafType::kText}};
constexpr std::array kStrategyPaths = {TypedPath{"type", LeafType::kText}, TypedPath{"field", LeafType::kText}};
constexpr std::array kProviderPaths = {TypedPath{"capacityProvider", LeafType::kText}, TypedPath{"weight", LeafType::kInteger},
                                       TypedPath{"base", LeafType::kInteger}};
constexpr std::array kTagPaths = {TypedPath{"key", LeafType::kText}, TypedPath{"value", LeafType::kText}};
constexpr std::array kNetworkPaths = {TypedPath{"awsvpcConfiguration.subnets", LeafType::kList},
                                      TypedPath{"awsvpcConfiguration.securityGroups", LeafType::kList},
                                      TypedPath{"awsvpcConfiguration.assignPublicIp", LeafType::kText}};
constexpr std::array kOverridePaths = {TypedPath{"containerOverrides", LeafType::kList},
                                       TypedPath{"containerOverrides.command", LeafType::kList},
                                       TypedPath{"containerOverrides.environment", LeafType::kList},
                                       TypedPath{"containerOverrides.environmentFiles", LeafType::kList},
                                       TypedPath{"containerOverrides.cpu", LeafType::kInteger},
                                       TypedPath{"containerOverrides.memory", LeafType::kInteger},
                                       TypedPath{"containerOverrides.memoryReservation", LeafType::kInteger},
                                       TypedPath{"containerOverrides.resourceRequirements", LeafType::kList},
                                       TypedPath{"inferenceAcceleratorOverrides", LeafType::kList},
                                       TypedPath{"ephemeralStorage.sizeInGiB", LeafType::kInteger}};
constexpr std::array kVolumePaths = {TypedPath{"managedEBSVolume.encrypted", LeafType::kBoolean},
                                     TypedPath{"managedEBSVolume.sizeInGiB", LeafType::kInteger},
                                     TypedPath{"managedEBSVolume.iops", LeafType::kInteger},
                                     TypedPath{"managedEBSVolume.throughput", LeafType::kInteger},
                                     TypedPath{"managedEBSVolume.volumeInitializationRate", LeafType::kInteger},
                                     TypedPath{"managedEBSVolume.tagSpecifications", LeafType::kList},
                                     TypedPath{"managedEBSVolume.tagSpecifications.tags", LeafType::kList},
                                     TypedPath{"managedEBSVolume.terminationPolicy.deleteOnTermination", LeafType::kBoolean}};

template <typename Integer>
Integer read_whole(std::string_view name, std::string_view text, std::string_view what) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Failure(error == std::errc::result_out_of_range ? fmt::format("{}: {} is out of range", name, text)
                                                          : fmt::format("{}: expected {}, found '{}'", name, what, text));
  }
  return value;
}

Json typed(const std::string& name, const Json& value, LeafType type) {
  if (type == LeafType::kList) {
    return value.is_array() ? value : Json::array({value});
  }
  if (value.is_array()) {
    throw Failure(fmt::format("{}: expected one text, found a list; put a value with commas in quotes: \"...\"", name));
  }
  if (!value.is_string()) {
    throw Failure(fmt::format("{}: expected one text, found a map in braces", name));
  }
  const std::string& text = value.get_ref<const std::string&>();
  switch (type) {
    case LeafType::kInteger:
      return read_integer(name, text);
    case LeafType::kBoolean:
      if (text != "true" && text != "false") {
        throw Failure(fmt::format("{}: expected true or false, found '{}'", name, text));
      }
      return text == "true";
    default:
      return value;
  }
}

void apply(std::string_view flag, const std::string& path, Json& value, std::span<const TypedPath> types) {
  for (const TypedPath& entry : types) {
    if (entry.path == path) {
      value = typed(fmt::format("{}: {}", flag, path), value, entry.type);
    }
  }
  const auto visit_members = [&](Json& object) {
    for (auto& [name, member] : object.items()) {
      apply(flag, path.empty() ? name : fmt::format("{}.{}", path, name), member, types);
    }
  };
  if (value.is_object()) {
    visit_members(value);
  } else if (value.is_array()) {
    for (Json& item : value) {
      if (item.is_object()) {
        visit_members(item);
      }
    }
  }
}

}  // namespace

const std::span<const TypedPath> kPlacementConstraintTypes = kConstraintPaths;
const std::span<const TypedPath> kPlacementStrategyTypes = kStrategyPaths;
const std::span<const TypedPath> kCapacityProviderTypes = kProviderPaths;
const std::span<const TypedPath> kTagTypes = kTagPaths;
const std::span<const TypedPath> kNetworkTypes = kNetworkPaths;
const std::span<const TypedPath> kOverrideTypes = kOverridePaths;
const std::span<const TypedPath> kVolumeTypes = kVolumePaths;

void apply_types(std::string_view flag, Json& item, std::span<const TypedPath> types) {
  apply(flag, "", item, types);
}

std::int64_t read_integer(std::string_view name, std::string_view text) {
  return read_whole<std::int64_t>(name, text, "an integer");
}

std::uint64_t read_unsigned_integer(std::string_view name, std::string_view text) {
  return read_whole<std::uint64_t>(name, text, "an integer that is not negative");
}

}  // namespace berth::cli
