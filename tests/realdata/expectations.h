// What each real document is expected to come to. Keys are the first six letters of the file's name; values are found in the outcome.
//
// Thread rule: pure functions.
#pragma once

#include <map>
#include <string>

#include "tests/property/both_sides.h"

namespace berth::realdata {

std::map<std::string, std::string> container_instance_outcomes();
std::map<std::string, std::string> task_outcomes();
std::map<std::string, std::string> service_outcomes();
// Only those that are refused; every other one is taken.
std::map<std::string, std::string> definition_outcomes();

// "taken", or "refused: " with the engine's text, when a task of the definition is run where it may: on instances, on Fargate, outside.
std::string definition_outcome(const SnapshotPtr& snapshot, const nlohmann::json& definition);

}  // namespace berth::realdata
