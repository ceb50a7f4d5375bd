// Which type of the API a piece of shorthand has: shorthand knows only text, lists and maps, the API also integers and booleans, and
// lists that were written without brackets because they hold one item.
//
// Thread rule: pure functions over constants. Lifetime: nothing is kept.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bindings/cli/shorthand.h"

namespace berth::cli {

enum class LeafType : std::uint8_t { kText, kInteger, kBoolean, kList };

// A path within one item, such as "containerOverrides.cpu"; the items of a list have their list's path.
struct TypedPath {
  std::string_view path;
  LeafType type;
};

// Paths that are not listed stay as they are: the engine refuses what the API does not know, by name.
// Throws Failure naming flag and path where text is no integer or boolean, or a list stands where one text belongs.
void apply_types(std::string_view flag, Json& item, std::span<const TypedPath> types);

extern const std::span<const TypedPath> kPlacementConstraintTypes;
extern const std::span<const TypedPath> kPlacementStrategyTypes;
extern const std::span<const TypedPath> kCapacityProviderTypes;
extern const std::span<const TypedPath> kTagTypes;
extern const std::span<const TypedPath> kNetworkTypes;
extern const std::span<const TypedPath> kOverrideTypes;
extern const std::span<const TypedPath> kVolumeTypes;

// Reads a whole integer; throws Failure "<name>: expected an integer, found ...".
std::int64_t read_integer(std::string_view name, std::string_view text);
std::uint64_t read_unsigned_integer(std::string_view name, std::string_view text);

}  // namespace berth::cli
