#include "engine/ecs/attribute_advice.h"

#include <cstdint>
#include <vector>

#include "engine/ecs/json.h"

namespace berth::ecs {

std::string AttributeAdvice::text() const {
  std::string text = "no instance has the attribute \"";
  text.append(unknown).append("\"");
  if (nearest.has_value()) {
    text.append("; did you mean \"").append(*nearest).append("\"?");
  }
  return text;
}

std::optional<AttributeAdvice> advise_on_attribute(const Snapshot& snapshot, std::string_view name) {
  if (name.empty() || snapshot.attribute_names().find(name)) {
    return std::nullopt;
  }
  std::vector<std::string_view> known;
  known.reserve(snapshot.attribute_names().size());
  for (std::uint32_t id = 0; id < snapshot.attribute_names().size(); ++id) {
    known.push_back(snapshot.attribute_names().at(id));
  }
  return AttributeAdvice{.unknown = name, .nearest = nearest_name(name, known)};
}

}  // namespace berth::ecs
