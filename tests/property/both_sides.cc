#include "tests/property/both_sides.h"

#include <stdexcept>

namespace berth::property {
namespace {

Outcome refused(std::string text) {
  Outcome outcome;
  outcome.is_refused = true;
  outcome.text = std::move(text);
  return outcome;
}

std::string show(const Outcome& outcome) {
  if (outcome.is_refused) return "refused: " + outcome.text;
  std::string text = std::to_string(outcome.placed.size()) + " placed:";
  for (const oracle::Placed& placed : outcome.placed) {
    text += " " + placed.arn.substr(placed.arn.rfind('/') + 1);
    for (const std::string& gpu : placed.gpu_ids) text += "+" + gpu;
  }
  text += "; " + std::to_string(outcome.failures.size()) + " failures:";
  for (std::size_t i = 0; i < outcome.failures.size() && i < 60; ++i) {
    const oracle::Failure& failure = outcome.failures[i];
    text += " " + failure.arn.substr(failure.arn.rfind('/') + 1) + "=" + failure.reason;
  }
  return text;
}

// Documents as lists of their instances and tasks, so that single ones can go.
std::vector<Json> flatten(const std::vector<Json>& documents) {
  std::vector<Json> entries;
  for (const Json& document : documents) {
    for (const char* name : {"containerInstances", "tasks"}) {
      if (!document.contains(name)) continue;
      for (const Json& entry : document[name]) entries.push_back(entry);
    }
  }
  return entries;
}

std::vector<Json> wrap(const std::vector<Json>& entries) {
  Json instances = Json::array();
  Json tasks = Json::array();
  for (const Json& entry : entries) (entry.contains("taskArn") ? tasks : instances).push_back(entry);
  std::vector<Json> documents = {{{"containerInstances", instances}}};
  if (!tasks.empty()) documents.push_back({{"tasks", tasks}});
  return documents;
}

using StillDisagrees = std::function<bool(const Json&)>;

// Erases members and elements of `node`, a part of `root`, one by one, deepest last.
void erase_parts(Json& root, Json& node, const StillDisagrees& still) {
  if (node.is_object()) {
    std::vector<std::string> names;
    for (const auto& [name, value] : node.items()) names.push_back(name);
    for (const std::string& name : names) {
      const Json saved = node[name];
      node.erase(name);
      if (still(root)) continue;
      node[name] = saved;
      erase_parts(root, node[name], still);
    }
  } else if (node.is_array()) {
    for (std::size_t i = node.size(); i-- > 0;) {
      const Json saved = node;
      node.erase(i);
      if (still(root)) continue;
      node = saved;
      erase_parts(root, node[i], still);
    }
  }
}

}  // namespace

Executors& executors() {
  static Executors all;
  return all;
}

Outcome from_answer_document(const std::string& document) {
  const Json json = Json::parse(document);
  Outcome outcome;
  for (const Json& task : json.at("tasks")) {
    oracle::Placed placed{task.value("containerInstanceArn", "(none)"), {}};
    for (const Json& container : task.at("containers")) {
      if (!container.contains("gpuIds")) continue;
      for (const Json& id : container["gpuIds"]) placed.gpu_ids.push_back(id);
    }
    outcome.placed.push_back(placed);
  }
  for (const Json& failure : json.at("failures")) outcome.failures.push_back({failure.at("arn"), failure.at("reason")});
  return outcome;
}

Outcome from_oracle(const oracle::Answer& answer) {
  if (answer.error) return refused(*answer.error);
  Outcome outcome;
  outcome.placed = answer.placed;
  outcome.failures = answer.failures;
  return outcome;
}

std::string difference(const Outcome& engine, const Outcome& oracle) {
  if (engine.is_refused && oracle.is_refused) return "";
  if (engine.is_refused == oracle.is_refused && engine.placed == oracle.placed && engine.failures == oracle.failures) return "";
  return "\n  engine: " + show(engine) + "\n  oracle: " + show(oracle);
}

Result<SnapshotPtr> import_texts(const std::vector<std::string>& texts, Executor& executor) {
  std::vector<ecs::Document> documents;
  for (const std::string& text : texts) documents.push_back({"generated", text});
  const Json options = {{"resources", own_names()}};
  Result<ecs::Imported> imported = ecs::import_documents(documents, options.dump(), executor, {});
  if (!imported) return imported.error();
  return imported->snapshot;
}

BothSides::BothSides(const std::vector<Json>& documents, const oracle::EniLimits& limits) {
  std::vector<std::string> texts;
  for (const Json& document : documents) texts.push_back(document.dump());
  Result<SnapshotPtr> imported = import_texts(texts, *executors().serial);
  if (!imported) throw std::runtime_error("the engine refuses the documents: " + imported.error().message);
  snapshot_ = *imported;
  fleet_ = oracle::import_fleet(documents, limits, {own_names().begin(), own_names().end()});
}

std::string run_text(const SnapshotPtr& snapshot, const Json& request, Executor& executor) {
  const Result<ecs::RunAnswer> answer = ecs::run_task(snapshot, request.dump(), false, executor, {});
  return answer ? answer->document : "refused: " + answer.error().message;
}

Outcome run_engine(const SnapshotPtr& snapshot, const Json& request) {
  const Result<ecs::RunAnswer> answer = ecs::run_task(snapshot, request.dump(), false, *executors().serial, {});
  return answer ? from_answer_document(answer->document) : refused(answer.error().message);
}

Outcome start_engine(const SnapshotPtr& snapshot, const Json& request) {
  const Result<ecs::RunAnswer> answer = ecs::start_task(snapshot, request.dump(), false, *executors().serial, {});
  return answer ? from_answer_document(answer->document) : refused(answer.error().message);
}

std::string minimized(std::vector<Json> documents, Json request,
                      const std::function<std::string(const std::vector<Json>& documents, const Json& request)>& disagree) {
  std::vector<Json> entries = flatten(documents);
  // A refusal by one side alone, and for one reason, is another disagreement than two answers that differ.
  const auto kind = [](const std::string& text) {
    const std::size_t refusal = text.find(": refused: ");
    return refusal == std::string::npos ? std::string(text.empty() ? "" : "answers") : text.substr(refusal - 6, 70);
  };
  std::string wanted;
  const auto why = [&](const std::vector<Json>& some, const Json& asked) {
    try {
      std::string text = disagree(wrap(some), asked);
      return !wanted.empty() && kind(text) != wanted ? std::string() : text;
    } catch (const std::exception&) {
      return std::string();  // What is left is no fleet or request any more.
    }
  };
  wanted = kind(why(entries, request));
  if (wanted.empty()) {
    return "(does not disagree on its own)\nrequest: " + request.dump();
  }
  for (std::size_t chunk = std::max<std::size_t>(1, entries.size() / 2);; chunk /= 2) {
    for (std::size_t begin = 0; begin < entries.size();) {
      std::vector<Json> fewer(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(begin));
      const std::size_t end = std::min(entries.size(), begin + chunk);
      fewer.insert(fewer.end(), entries.begin() + static_cast<std::ptrdiff_t>(end), entries.end());
      if (!why(fewer, request).empty()) {
        entries = fewer;
      } else {
        begin += chunk;
      }
    }
    if (chunk <= 1) break;
  }
  erase_parts(request, request, [&](const Json& asked) { return !why(entries, asked).empty(); });
  std::string text = why(entries, request) + "\nrequest: " + request.dump() + "\nfleet:";
  for (Json& entry : entries) {
    // Attributes that play no part only hide those that do.
    erase_parts(entry, entry, [&](const Json&) { return !why(entries, request).empty(); });
  }
  for (const Json& entry : entries) text += "\n" + entry.dump();
  return text;
}

}  // namespace berth::property
