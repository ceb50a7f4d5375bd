#include "engine/ecs/request_notes.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/ecs/attribute_advice.h"
#include "engine/ecs/json.h"

namespace berth::ecs {
namespace {

std::string note_on_clusters(const TaskRequest& request, const Snapshot& snapshot) {
  constexpr std::size_t kClustersShown = 5;
  if (request.placement.cluster.has_value()) {
    return "";
  }
  const std::vector<std::string> clusters = clusters_of(snapshot);
  if (clusters.size() < 2) {
    return "";
  }
  std::string names;
  for (std::size_t i = 0; i < std::min(clusters.size(), kClustersShown); ++i) {
    names += (i == 0 ? "" : ", ") + clusters[i];
  }
  if (clusters.size() > kClustersShown) {
    names += " and " + std::to_string(clusters.size() - kClustersShown) + " more";
  }
  return "the request names no cluster and takes the instances of all " + std::to_string(clusters.size()) + " (" + names +
         "); name one with \"cluster\" (--cluster)";
}

std::string note_on_provider(const TaskRequest& request, const Snapshot& snapshot) {
  const std::string_view wanted = request.capacity_provider;
  const auto providers = snapshot.capacity_provider();
  const std::optional<std::uint32_t> id = wanted.empty() ? std::nullopt : snapshot.texts().find(wanted);
  if (wanted.empty() || (id.has_value() && std::find(providers.begin(), providers.end(), *id) != providers.end())) {
    return "";
  }
  std::vector<bool> is_provider(snapshot.texts().size(), false);
  for (const std::uint32_t provider : providers) {
    if (provider != kNoId) {
      is_provider[provider] = true;
    }
  }
  std::vector<std::string_view> known;
  for (std::uint32_t text = 0; text < is_provider.size(); ++text) {
    if (is_provider[text]) {
      known.push_back(snapshot.texts().at(text));
    }
  }
  const std::optional<std::string_view> nearest = nearest_name(wanted, known);
  return "no instance has the capacity provider \"" + std::string(wanted) + "\"" +
         (nearest.has_value() ? "; did you mean \"" + std::string(*nearest) + "\"?" : "");
}

std::string note_on_own(const Snapshot& snapshot, const placement::OwnDemand& demand) {
  if (demand.amount == 0 || snapshot.find_own_resource(demand.name).has_value()) {
    return "";
  }
  std::vector<std::string_view> known;
  for (const OwnResource& own : snapshot.own_resources()) {
    known.push_back(own.name);
  }
  const std::optional<std::string_view> nearest = nearest_name(demand.name, known);
  return "the inventory holds no resource \"" + demand.name + "\"" +
         (nearest.has_value() ? "; did you mean \"" + std::string(*nearest) + "\"?"
                              : "; import takes it from registeredResources when it is told to (--resource " + demand.name + ")");
}

}  // namespace

std::vector<std::string> request_notes(const TaskRequest& request, const Snapshot& snapshot) {
  std::vector<std::string> notes;
  if (request.is_fargate()) {
    return notes;
  }
  const auto add = [&](std::string note) {
    if (!note.empty()) {
      notes.push_back(std::move(note));
    }
  };
  add(note_on_clusters(request, snapshot));
  add(note_on_provider(request, snapshot));
  for (const placement::OwnDemand& demand : request.placement.demand.own) {
    add(note_on_own(snapshot, demand));
  }
  for (const placement::Strategy& strategy : request.placement.strategies) {
    const bool was_asked = request.json.member("placementStrategy").has_value();
    if (const auto advice = advise_on_attribute(snapshot, strategy.attribute); was_asked && advice.has_value()) {
      add("spread: " + advice->text());
    }
  }
  return notes;
}

}  // namespace berth::ecs
