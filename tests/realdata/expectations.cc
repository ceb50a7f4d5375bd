#include "tests/realdata/expectations.h"

namespace berth::realdata {
namespace {

using Json = nlohmann::json;

std::string launch_type_of(const Json& definition) {
  if (!definition.contains("requiresCompatibilities")) return "EC2";
  for (const Json& compatibility : definition["requiresCompatibilities"]) {
    if (compatibility == "EC2") return "EC2";
  }
  return definition["requiresCompatibilities"].empty() ? "EC2" : definition["requiresCompatibilities"][0].get<std::string>();
}

}  // namespace

std::map<std::string, std::string> container_instance_outcomes() {
  return {{"co_001", "instance"}, {"co_003", "instance"}, {"co_005", "instance"}, {"co_007", "instance"}, {"co_009", "instance"},
          {"co_011", "instance"}, {"co_013", "instance"}, {"co_015", "instance"}, {"co_017", "instance"}};
}

std::map<std::string, std::string> task_outcomes() {
  return {{"ta_001", "fargate"},
          {"ta_003", "fargate"},
          {"ta_005", "stopped"},  // Also on Fargate.
          {"ta_007", "fargate"},
          {"ta_009", "fargate"},
          {"ta_011", "fargate"},
          {"ta_013", "task without instance"},
          {"ta_015", "fargate"},
          {"ta_017", "fargate"},
          {"ta_019", "task without instance"},
          {"ta_021", "task without instance"},
          {"ta_023", "fargate"},  // Names an instance too.
          {"ta_025", "task without instance"},
          {"ta_027", "fargate"}};
}

std::map<std::string, std::string> service_outcomes() {
  std::map<std::string, std::string> outcomes;
  const std::string refusal = "accepted are the outputs of describe-container-instances";
  for (int i = 1; i <= 41; i += 2) outcomes[(i < 10 ? "se_00" : "se_0") + std::to_string(i)] = refusal;
  return outcomes;
}

std::map<std::string, std::string> definition_outcomes() {
  return {
      {"td_013", "cpu"},                    // "<PLACEHOLDER>" is no size.
      {"td_017", "networkMode"},            // "default".
      {"td_055", "portMappings"},           // An object instead of a list.
      {"td_065", "secretOptions"},          // An object instead of a list.
      {"td_077", "hostPort"},               // awsvpc with hostPort 80 and containerPort 5601.
      {"td_081", "hostPort"},               // awsvpc with hostPort 80 and containerPort 8080.
      {"td_085", "cpu"},                    // A container's numbers as text.
      {"td_087", "cpu"},                    // The same.
      {"td_095", "cpu"},                    // Task cpu "10", below 128.
      {"td_123", "awsvpc"},                 // FARGATE with network mode bridge.
      {"td_135", "OperatingSystemFamily"},  // CloudFormation's spelling.
      {"td_157", "family"},                 // A fragment: neither family nor memory.
      {"td_169", "family"},                 // A fragment without family.
  };
}

std::string definition_outcome(const SnapshotPtr& snapshot, const Json& wrapped) {
  const Json& definition = wrapped.contains("taskDefinition") ? wrapped["taskDefinition"] : wrapped;
  Json request = {{"taskDefinition", definition}, {"launchType", launch_type_of(definition)}, {"berth", {{"seed", 1}}}};
  if (definition.value("networkMode", "") == "awsvpc") {
    request["networkConfiguration"] = {{"awsvpcConfiguration", {{"subnets", {"subnet-x"}}}}};
    request["berth"]["subnets"] = {{"subnet-x", {{"zone", "us-east-1a"}}}};
  }
  const property::Outcome outcome = property::run_engine(snapshot, request);
  return outcome.is_refused ? "refused: " + outcome.text : "taken";
}

}  // namespace berth::realdata
