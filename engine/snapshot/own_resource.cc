#include "engine/snapshot/own_resource.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/base/limits.h"

namespace berth {
namespace {

// "RESOURCE:CPU" is a reason of ECS's; an own resource must not answer in its words.
constexpr std::array<std::string_view, 7> kTakenNames = {"CPU", "MEMORY", "PORTS", "PORTS_UDP", "GPU", "ENI", "FARGATE"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_allowed(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("-_./:").find(c) != std::string_view::npos;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

Error refused(std::string message) {
  return Error{.code = StatusCode::kInvalidArgument, .message = std::move(message)};
}

}  // namespace

Outcome check_own_resource_name(std::string_view name) {
  const std::string shown = "\"" + std::string(name.substr(0, kOwnResourceNameBytesMax)) + "\"";
  if (name.empty() || name.size() > kOwnResourceNameBytesMax) {
    return refused("a resource's name has 1 to " + std::to_string(kOwnResourceNameBytesMax) + " characters; " + shown + " has " +
                   std::to_string(name.size()));
  }
  if (!std::all_of(name.begin(), name.end(), is_allowed)) {
    return refused("a resource's name has letters, digits and - _ . / : only; " + shown + " has others");
  }
  const auto is_taken = [&](std::string_view taken) {
    return std::equal(name.begin(), name.end(), taken.begin(), taken.end(), [](char a, char b) { return upper(a) == b; });
  };
  if (std::any_of(kTakenNames.begin(), kTakenNames.end(), is_taken)) {
    return refused("resource " + shown + " is not the user's own: ECS and Berth account for it by themselves; leave it out");
  }
  return {};
}

}  // namespace berth
