// The table of section 2.7, row by row.
#include <regex>

#include "tests/oracle/definition.h"

namespace berth::oracle {
namespace {

const std::string kA = "com.amazonaws.ecs.capability.";
const std::string kB = "ecs.capability.";

bool is_true(const Json& object, const char* name) {
  return boolean_member(object, name).value_or(false);
}

std::string text(const Json& object, const char* name) {
  return string_member(object, name).value_or("");
}

// By the service that the ARN names, in any partition; what is no ARN is a parameter's name.
bool is_secrets_manager(const Json& secret) {
  static const std::regex kSecret("arn:[^:]*:secretsmanager:.*");
  return std::regex_match(text(secret, "valueFrom"), kSecret);
}

void add_image(const Json& container, bool has_execution_role, std::set<std::string>& names) {
  static const std::regex kPrivateEcr("[0-9A-Za-z_-]+[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com(/.*)?");
  if (!std::regex_match(text(container, "image"), kPrivateEcr)) return;
  names.insert(kA + "ecr-auth");
  names.insert(kA + "docker-remote-api.1.19");
  if (has_execution_role) names.insert(kB + "execution-role-ecr-pull");
}

void add_logs(const Json& container, bool has_execution_role, std::set<std::string>& names) {
  const Json* log = member(container, "logConfiguration");
  if (log == nullptr) return;
  const std::string driver = text(*log, "logDriver");
  names.insert(kA + "logging-driver." + driver);
  names.insert(kA + "docker-remote-api.1.18");
  if (driver == "awslogs" && has_execution_role) names.insert(kB + "execution-role-awslogs");
  const Json& options = object_member(*log, "options");
  if (!options.empty()) names.insert(kA + "docker-remote-api.1.19");
  if (text(options, "mode") == "non-blocking" || options.contains("max-buffer-size")) names.insert(kA + "docker-remote-api.1.28");
  for (const Json& secret : list_member(*log, "secretOptions")) {
    names.insert(kB + (is_secrets_manager(secret) ? "secrets.asm.bootstrap.log-driver" : "secrets.ssm.bootstrap.log-driver"));
  }
}

void add_firelens(const Json& container, std::set<std::string>& names) {
  const Json* firelens = member(container, "firelensConfiguration");
  const Json* log = member(container, "logConfiguration");
  // Either end of FireLens orders containers: the router and those that log to it.
  if (firelens != nullptr || (log != nullptr && text(*log, "logDriver") == "awsfirelens")) names.insert(kB + "container-ordering");
  if (firelens == nullptr) return;
  names.insert(kB + "firelens." + text(*firelens, "type"));
  if (text(object_member(*firelens, "options"), "config-file-type") == "s3") names.insert(kB + "firelens.options.config.s3");
}

void add_container(const Json& container, bool has_execution_role, std::set<std::string>& names) {
  add_image(container, has_execution_role, names);
  add_logs(container, has_execution_role, names);
  add_firelens(container, names);
  if (!list_member(container, "ulimits").empty() || !object_member(container, "dockerLabels").empty()) {
    names.insert(kA + "docker-remote-api.1.18");
  }
  if (member(container, "memoryReservation") != nullptr) names.insert(kA + "docker-remote-api.1.21");
  if (is_true(container, "privileged")) names.insert(kA + "privileged-container");
  if (const Json* check = member(container, "healthCheck")) {
    names.insert(kB + "container-health-check");
    if (member(*check, "startPeriod") != nullptr) names.insert(kA + "docker-remote-api.1.29");
  }
  if (is_true(object_member(container, "linuxParameters"), "initProcessEnabled")) names.insert(kA + "docker-remote-api.1.25");
  if (is_true(container, "readonlyRootFilesystem")) names.insert(kA + "docker-remote-api.1.17");
  if (!list_member(container, "dependsOn").empty()) names.insert(kB + "container-ordering");
  for (const Json& secret : list_member(container, "secrets")) {
    names.insert(kB + (is_secrets_manager(secret) ? "secrets.asm.environment-variables" : "secrets.ssm.environment-variables"));
  }
  if (!list_member(container, "environmentFiles").empty()) names.insert(kB + "env-files.s3");
  if (member(container, "repositoryCredentials") != nullptr) names.insert(kB + "private-registry-authentication.secretsmanager");
  for (const Json& option : list_member(container, "dockerSecurityOptions")) {
    const std::string value = option.get<std::string>();
    if (value.rfind("label:", 0) == 0) names.insert(kA + "selinux");
    if (value.rfind("apparmor:", 0) == 0) names.insert(kA + "apparmor");
  }
  for (const Json& specification : list_member(container, "credentialSpecs")) {
    names.insert(kB + (specification.get<std::string>().rfind("credentialspecdomainless:", 0) == 0 ? "gmsa-domainless" : "gmsa"));
  }
  for (const Json& mapping : list_member(container, "portMappings")) {
    if (member(mapping, "containerPortRange") != nullptr) names.insert(kB + "network.container-port-range");
  }
  if (is_true(object_member(container, "restartPolicy"), "enabled")) names.insert(kB + "container-restart-policy");
}

void add_volume(const Json& volume, std::set<std::string>& names) {
  if (const Json* efs = member(volume, "efsVolumeConfiguration")) {
    names.insert(kB + "efs");
    names.insert(kA + "docker-remote-api.1.25");
    const bool is_encrypted = text(*efs, "transitEncryption") == "ENABLED";
    if (is_encrypted || text(object_member(*efs, "authorizationConfig"), "iam") == "ENABLED") names.insert(kB + "efsAuth");
  }
  if (const Json* docker = member(volume, "dockerVolumeConfiguration")) {
    std::string driver = string_member(*docker, "driver").value_or("local");
    for (char& c : driver) c = c == ':' ? '.' : c;
    names.insert(kB + "docker-plugin." + driver);
    names.insert(kA + "docker-remote-api.1.25");
  }
  if (member(volume, "fsxWindowsFileServerVolumeConfiguration") != nullptr) names.insert(kB + "fsxWindowsFileServer");
  if (is_true(volume, "configuredAtLaunch")) names.insert(kB + "storage.ebs-task-volume-attach");
}

}  // namespace

std::set<std::string> derive_required_attributes(const Json& definition) {
  std::set<std::string> names;
  const std::string mode = text(definition, "networkMode");
  const bool has_execution_role = member(definition, "executionRoleArn") != nullptr;
  if (member(definition, "taskRoleArn") != nullptr) {
    names.insert(kA + (mode == "host" ? "task-iam-role-network-host" : "task-iam-role"));
  }
  if (mode == "awsvpc") {
    names.insert(kB + "task-eni");
    names.insert(kA + "docker-remote-api.1.18");
  }
  for (const Json& container : list_member(definition, "containerDefinitions")) add_container(container, has_execution_role, names);
  for (const Json& volume : list_member(definition, "volumes")) add_volume(volume, names);
  if (member(definition, "ephemeralStorage") != nullptr) names.insert(kB + "extensible-ephemeral-storage");
  if (const auto cpu = string_member(definition, "cpu")) {
    Json bare = {{"family", "x"},
                 {"cpu", *cpu},
                 {"memory", "128"},
                 {"containerDefinitions", {{{"name", "x"}}}},
                 {"requiresAttributes", Json::array()}};
    if (demand_of(bare, Json::object(), false).cpu > 10240) names.insert(kB + "increased-task-cpu-limit");
  }
  if (member(definition, "pidMode") != nullptr || member(definition, "ipcMode") != nullptr) {
    names.insert(kB + "pid-ipc-namespace-sharing");
  }
  if (const Json* proxy = member(definition, "proxyConfiguration")) {
    if (string_member(*proxy, "type").value_or("APPMESH") == "APPMESH") names.insert(kB + "aws-appmesh");
  }
  if (is_true(definition, "enableFaultInjection")) names.insert(kB + "fault-injection");
  return names;
}

}  // namespace berth::oracle
