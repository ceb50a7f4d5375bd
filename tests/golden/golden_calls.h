// The golden cases of tests/golden/ecs: documents to import and calls on what they give, with the answers that the rules demand. Engine
// and oracle each run all of them.
//
// A file is {"about": text, "documents": [...], "calls": [{"call": "run-task" or "start-task", "request": {...}, "placed": [id, ...],
// "failures": {id: reason, ...}}]}; a call that must be refused has "error", the engine's whole message, in place of the last two.
//
// Thread rule: pure functions.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace berth::golden {

using Json = nlohmann::json;

// By the name of the file.
inline std::map<std::string, Json> read_cases(const std::string& folder) {
  std::map<std::string, Json> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    cases[entry.path().stem().string()] = Json::parse(file);
  }
  return cases;
}

inline std::string id_of(const std::string& arn) {
  return arn.substr(arn.rfind('/') + 1);
}

// What a call must answer, as one text; answers are compared in this form.
inline std::string text_of(const std::vector<std::string>& placed, const std::map<std::string, std::string>& failures) {
  std::string text = "placed";
  for (const std::string& id : placed) text += " " + id;
  text += "; failures";
  for (const auto& [id, reason] : failures) text.append(" ").append(id).append("=").append(reason);
  return text;
}

inline std::string expected_text(const Json& call) {
  return text_of(call.at("placed").get<std::vector<std::string>>(), call.at("failures").get<std::map<std::string, std::string>>());
}

}  // namespace berth::golden
