// What explain says is true: instances lost per reason, terms, shortfalls, the closest instance, and every relaxation, each counted
// again by the oracle with the relaxed request.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tests/property/random_fleets.h"

namespace berth::property {
namespace {

// Those that every request makes, and one for each own resource that it demands.
std::size_t check_count(const oracle::Request& request) {
  return 13 + request.demand.own.size();
}

// The examined instances with the state that they had when no further task found a place.
struct Scene {
  oracle::Request request;
  oracle::Answer answer;

  explicit Scene(const oracle::Fleet& fleet, const Json& json) : request(oracle::read_request(fleet, json, false)) {
    request.failures_max = 1'000'000;
    answer = oracle::run(fleet, request);
  }

  void for_each_examined(const std::function<void(const oracle::Instance&, const oracle::State&)>& visit) const {
    for (std::size_t i = 0; i < answer.next.size(); ++i) {
      const oracle::Instance& instance = (*answer.next.instances)[i];
      if (oracle::is_examined(request, instance)) visit(instance, answer.next.states[i]);
    }
  }

  [[nodiscard]] std::int64_t fitting(const oracle::Request& changed) const {
    std::int64_t count = 0;
    for_each_examined([&](const auto& instance, const auto& state) { count += oracle::first_reason(changed, instance, state).empty(); });
    return count;
  }
};

// kind, what, origin, amount, instances.
using Relaxation = std::tuple<std::string, std::string, std::string, std::int64_t, std::int64_t>;

std::string show(const std::set<Relaxation>& relaxations) {
  std::string text;
  for (const auto& [kind, what, origin, amount, instances] : relaxations) {
    text += "\n    " + kind + " '" + what + "' " + origin + " by " + std::to_string(amount) + ": " + std::to_string(instances);
  }
  return text;
}

// Lowers `amount` by the least that makes an instance fit.
void add_lowered(const Scene& scene, const std::string& kind, const std::function<std::int64_t(oracle::Request&, std::int64_t)>& lower,
                 std::int64_t need, std::set<Relaxation>& found, const std::string& what = "") {
  const auto fitting_after = [&](std::int64_t by) {
    oracle::Request changed = scene.request;
    lower(changed, by);
    return scene.fitting(changed);
  };
  if (need == 0 || fitting_after(need) == 0) return;
  std::int64_t fails = 0;  // Fitting grows with the amount: the least one that helps lies in (fails, helps].
  std::int64_t helps = need;
  while (helps - fails > 1) {
    const std::int64_t middle = (fails + helps) / 2;
    (fitting_after(middle) > 0 ? helps : fails) = middle;
  }
  found.insert({kind, what, "", helps, fitting_after(helps)});
}

// A term without blanks and parentheses around it: sides may cut it out with them or without.
std::string bare(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return text;
  int depth = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth == 0) return text;
  }
  return bare(text.substr(1, text.size() - 2));
}

// Every single change (rule D8) after which an instance would take the next task.
std::set<Relaxation> all_relaxations(const Scene& scene) {
  std::set<Relaxation> found;
  const oracle::Request& request = scene.request;
  const auto consider = [&](const std::string& kind, const std::string& what, const std::string& origin, const oracle::Request& changed) {
    if (const std::int64_t fitting = scene.fitting(changed); fitting > 0) found.insert({kind, what, origin, 0, fitting});
  };
  for (std::size_t m = 0; m < request.member_of.size(); ++m) {
    const oracle::MemberOf& constraint = request.member_of[m];
    for (std::size_t c = 0; c < constraint.expression.conjunct_count(); ++c) {
      oracle::Request changed = request;
      changed.member_of[m].left_out_conjunct = c;
      consider("dropConstraint", bare(constraint.expression.conjunct_text(c)), constraint.origin, changed);
    }
  }
  if (request.distinct_instance) {
    oracle::Request changed = request;
    changed.distinct_instance = false;
    consider("dropDistinctInstance", "", "", changed);
  }
  for (const int port : request.demand.tcp) {
    oracle::Request changed = request;
    changed.demand.tcp.erase(port);
    consider("dropPort", std::to_string(port) + "/tcp", "", changed);
  }
  for (const int port : request.demand.udp) {
    oracle::Request changed = request;
    changed.demand.udp.erase(port);
    consider("dropPort", std::to_string(port) + "/udp", "", changed);
  }
  for (const auto& [name, required] : request.demand.attributes) {
    oracle::Request changed = request;
    changed.demand.attributes.erase(name);
    consider("dropAttribute", name, "", changed);
  }
  if (request.demand.uses_eni) {
    oracle::Request changed = request;
    changed.demand.uses_eni = false;
    consider("dropEni", "", "", changed);
  }
  add_lowered(scene, "lowerCpu", [](oracle::Request& r, std::int64_t by) { return r.demand.cpu -= by; }, request.demand.cpu, found);
  add_lowered(
      scene, "lowerMemory", [](oracle::Request& r, std::int64_t by) { return r.demand.memory -= by; }, request.demand.memory, found);
  const auto lower_gpus = [](oracle::Request& r, std::int64_t by) {
    r.demand.gpus -= static_cast<std::size_t>(by);
    return by;
  };
  add_lowered(scene, "lowerGpu", lower_gpus, static_cast<std::int64_t>(request.demand.gpus), found);
  for (const auto& entry : request.demand.own) {
    const std::string name = entry.first;
    add_lowered(
        scene, "lowerResource", [&](oracle::Request& r, std::int64_t by) { return r.demand.own[name] -= by; }, entry.second, found, name);
  }
  return found;
}

std::string relaxation_difference(const Scene& scene, const Json& explanation) {
  std::set<Relaxation> engine;
  std::int64_t before = INT64_MAX;
  for (const Json& entry : explanation.at("relaxations")) {
    const std::int64_t instances = entry.at("instances");
    if (instances > before) return "the relaxations are not in the order of their instances";
    before = instances;
    const auto text = [&](const char* name) {
      return entry.contains(name) && entry[name].is_string() ? entry[name].get<std::string>() : "";
    };
    const std::string kind = text("kind");
    const bool is_amount = kind.rfind("lower", 0) == 0;
    engine.insert({kind,
                   (is_amount && kind != "lowerResource") || kind == "dropEni" || kind == "dropDistinctInstance" ? "" : bare(text("what")),
                   kind == "dropConstraint" ? text("origin") : "", is_amount ? entry.at("amount").get<std::int64_t>() : 0, instances});
  }
  const std::set<Relaxation> oracle = all_relaxations(scene);
  return engine == oracle ? "" : "relaxations\n  engine:" + show(engine) + "\n  oracle:" + show(oracle);
}

std::string reason_difference(const Scene& scene, const Json& explanation) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> oracle;  // First, at all.
  const std::size_t checks = check_count(scene.request);
  std::size_t fewest_failing = checks;
  scene.for_each_examined([&](const auto& instance, const auto& state) {
    const std::vector<std::string> reasons = oracle::all_reasons(scene.request, instance, state);
    fewest_failing = std::min(fewest_failing, reasons.size());
    ++oracle[reasons.at(0)].first;
    for (const std::string& reason : reasons) ++oracle[reason].second;
  });
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> engine;
  std::int64_t sum = 0;
  for (const Json& entry : explanation.at("reasons")) {
    const std::int64_t first = entry.at("instances");
    const std::int64_t at_all = entry.at("failsAtAll");
    sum += first;
    if (first != 0 || at_all != 0) engine[entry.at("reason")] = {first, at_all};
  }
  if (sum != explanation.at("examined")) return "the reasons do not add up to the examined instances: " + explanation["reasons"].dump();
  if (engine != oracle) {
    Json counted = Json::object();
    for (const auto& [reason, counts] : oracle) counted[reason] = {counts.first, counts.second};
    return "reasons\n  engine: " + explanation["reasons"].dump() + "\n  oracle: " + counted.dump();
  }
  if (scene.answer.examined == 0) return "";
  const std::size_t passed = explanation.at("closest").at("checksPassed");
  return passed == checks - fewest_failing
             ? ""
             : "closest passes " + std::to_string(passed) + ", the oracle finds " + std::to_string(checks - fewest_failing);
}

// Terms are counted on the inventory as it was; compared where no task was placed, so that both readings agree.
std::string term_difference(const Scene& scene, const Json& explanation) {
  std::vector<std::tuple<std::string, std::string, std::int64_t>> oracle_leaves;
  for (const oracle::MemberOf& constraint : scene.request.member_of) {
    const std::vector<std::string> texts = constraint.expression.leaf_texts();
    for (std::size_t leaf = 0; leaf < texts.size(); ++leaf) {
      std::int64_t selected = 0;
      scene.for_each_examined(
          [&](const auto& instance, const auto& state) { selected += constraint.expression.leaf_selects(leaf, instance, state); });
      oracle_leaves.emplace_back(constraint.origin, texts[leaf], selected);
    }
  }
  std::vector<std::tuple<std::string, std::string, std::int64_t>> engine_leaves;
  for (const Json& leaf : explanation.at("leaves")) engine_leaves.emplace_back(leaf.at("origin"), leaf.at("text"), leaf.at("selected"));
  std::sort(oracle_leaves.begin(), oracle_leaves.end());
  std::sort(engine_leaves.begin(), engine_leaves.end());
  if (engine_leaves == oracle_leaves) return "";
  std::string text = "leaves\n  engine: " + explanation["leaves"].dump() + "\n  oracle:";
  for (const auto& [origin, leaf, selected] : oracle_leaves) text += " " + origin + " '" + leaf + "' " + std::to_string(selected) + ";";
  return text;
}

std::string shortfall_difference(const Scene& scene, const Json& explanation) {
  using Left = std::function<std::int64_t(const oracle::State&)>;
  const oracle::Demand& demand = scene.request.demand;
  std::vector<std::tuple<std::string, std::int64_t, Left>> resources = {
      {"RESOURCE:CPU", demand.cpu, [](const oracle::State& state) { return state.cpu; }},
      {"RESOURCE:MEMORY", demand.memory, [](const oracle::State& state) { return state.memory; }}};
  for (const auto& entry : demand.own) {
    resources.emplace_back("RESOURCE:" + entry.first, entry.second, [name = entry.first](const oracle::State& state) {
      return state.own.count(name) == 1 ? state.own.at(name) : 0;
    });
  }
  for (const auto& [resource, need, left] : resources) {
    std::int64_t instances = 0, least = INT64_MAX, most = 0;
    scene.for_each_examined([&, needed = need, &left_of = left](const auto&, const auto& state) {
      const std::int64_t lack = needed - left_of(state);
      if (lack <= 0) return;
      ++instances;
      least = std::min(least, lack);
      most = std::max(most, lack);
    });
    bool is_found = false;
    for (const Json& entry : explanation.at("shortfalls")) {
      if (entry.at("resource") != resource || entry.at("instances") == 0) continue;
      is_found = true;
      if (entry.at("instances") != instances || entry.at("least") != least || entry.at("most") != most) {
        return "shortfall " + entry.dump() + ", the oracle finds " + std::to_string(instances) + " " + std::to_string(least) + " to " +
               std::to_string(most);
      }
    }
    if (is_found != (instances > 0)) return "shortfall of " + resource + ": the oracle finds " + std::to_string(instances);
  }
  return "";
}

int explained_failures = 0;
int own_shortfalls_seen = 0;
int relaxations_seen = 0;

std::string explain_difference(const BothSides& sides, const Json& request) {
  const auto text = ecs::explain(sides.snapshot(), request.dump(), *executors().serial, {});
  const oracle::Answer answer = oracle::run_task(sides.fleet(), request);
  if (!text || answer.error) return text.ok() == !answer.error ? "" : "only one side refuses";
  const Json explanation = Json::parse(*text);
  const Scene scene(sides.fleet(), request);
  if (explanation.at("placed") != scene.answer.placed.size()) return "placed " + explanation["placed"].dump();
  if (explanation.at("examined") != scene.answer.examined) return "examined " + explanation["examined"].dump();
  if (scene.answer.placed.size() == scene.request.count) return "";
  ++explained_failures;
  relaxations_seen += static_cast<int>(explanation.at("relaxations").size());
  for (const Json& shortfall : explanation.at("shortfalls")) own_shortfalls_seen += shortfall.at("unit") == "disk" ? 1 : 0;
  std::string difference = reason_difference(scene, explanation);
  if (difference.empty()) difference = relaxation_difference(scene, explanation);
  if (difference.empty()) difference = shortfall_difference(scene, explanation);
  if (difference.empty() && scene.answer.placed.empty()) difference = term_difference(scene, explanation);
  return difference;
}

TEST(ExplainProperty, EveryCountIsTheOracles) {
  expect_agreement("explain equals the oracle", [](const Fleet& fleet, Random& random) -> std::string {
    const BothSides sides(fleet.documents, eni_limits());
    for (int i = 0; i < 6; ++i) {
      Json request = generate_run_request(random, fleet.vocabulary);
      if (random.chance(60)) request["count"] = 500;
      if (random.chance(30) && !request["taskDefinition"].contains("taskDefinition")) request["taskDefinition"]["cpu"] = "10240";
      if (explain_difference(sides, request).empty()) continue;
      return minimized(fleet.documents, request, [](const std::vector<Json>& documents, const Json& asked) {
        return explain_difference(BothSides(documents, eni_limits()), asked);
      });
    }
    return "";
  });
  EXPECT_GE(explained_failures, 100);
  EXPECT_GE(relaxations_seen, 100);
  EXPECT_GE(own_shortfalls_seen, 10);
}

}  // namespace
}  // namespace berth::property
