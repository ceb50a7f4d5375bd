// The attributes that ECS derives from a task definition. AWS publishes no full table: the rules are those that outputs of
// describe-task-definition and the ECS agent show. Names are opaque, versions are not compared.

#include <algorithm>
#include <set>
#include <string>

#include "engine/ecs/request_members.h"
#include "engine/ecs/requirements.h"

namespace berth::ecs {
namespace {

// The two families of capability names.
constexpr std::string_view kDocker = "com.amazonaws.ecs.capability.";
constexpr std::string_view kEcs = "ecs.capability.";
constexpr std::int64_t kUnraisedTaskCpuMost = 10'240;  // CPU units; more needs an agent that knows the raised limit.

class Attributes {
 public:
  void docker(std::string_view name) { names_.insert(std::string(kDocker) + std::string(name)); }
  void ecs(std::string_view name) { names_.insert(std::string(kEcs) + std::string(name)); }
  // `version` such as "1.19".
  void remote_api(std::string_view version) { docker("docker-remote-api." + std::string(version)); }

  [[nodiscard]] const std::set<std::string>& names() const { return names_; }

 private:
  std::set<std::string> names_;
};

bool is_ecr_image(std::string_view image) {
  const std::string_view host = image.substr(0, image.find('/'));
  return host.size() < image.size() && (host.find(".dkr.ecr") != std::string_view::npos || host.find(".dkr-ecr") != std::string_view::npos);
}

// "asm" for a secret of Secrets Manager, "ssm" for a parameter, which may be named by ARN or by its plain name.
std::string secret_store(const JsonValue& secret) {
  return text_of(secret, "valueFrom").find(":secretsmanager:") != std::string_view::npos ? "asm" : "ssm";
}

void add_log_attributes(const JsonValue& log, bool has_execution_role, Attributes& out) {
  const std::string_view driver = text_of(log, "logDriver");
  out.docker("logging-driver." + std::string(driver));
  out.remote_api("1.18");
  if (driver == "awslogs" && has_execution_role) {
    out.ecs("execution-role-awslogs");
  }
  if (driver == "awsfirelens") {
    out.ecs("container-ordering");
  }
  if (has_entries(log, "options")) {
    out.remote_api("1.19");
    const JsonValue options = *log.member("options");
    if (text_of(options, "mode") == "non-blocking" || options.member("max-buffer-size").has_value()) {
      out.remote_api("1.28");
    }
  }
  for_each_item(log, "secretOptions",
                [&](const JsonValue& secret) { out.ecs("secrets." + secret_store(secret) + ".bootstrap.log-driver"); });
}

void add_firelens_attributes(const JsonValue& firelens, Attributes& out) {
  out.ecs("firelens." + std::string(text_of(firelens, "type")));
  out.ecs("container-ordering");
  const auto options = firelens.member("options");
  if (options.has_value() && text_of(*options, "config-file-type") == "s3") {
    out.ecs("firelens.options.config.s3");
  }
}

void add_security_attributes(const JsonValue& container, Attributes& out) {
  for_each_item(container, "dockerSecurityOptions", [&](const JsonValue& item) {
    const std::string_view option = *item.string();
    if (option.starts_with("label:")) {
      out.docker("selinux");
    } else if (option.starts_with("apparmor:")) {
      out.docker("apparmor");
    } else if (option.starts_with("credentialspec:")) {
      out.ecs("gmsa");
    }
  });
  for_each_item(container, "credentialSpecs", [&](const JsonValue& item) {
    out.ecs(item.string()->starts_with("credentialspecdomainless:") ? "gmsa-domainless" : "gmsa");
  });
}

// What newer agents announce one by one.
void add_feature_attributes(const JsonValue& container, Attributes& out) {
  if (const auto check = container.member("healthCheck"); check.has_value()) {
    out.ecs("container-health-check");
    if (check->member("startPeriod").has_value()) {
      out.remote_api("1.29");
    }
  }
  if (has_entries(container, "dependsOn")) {
    out.ecs("container-ordering");
  }
  for_each_item(container, "secrets",
                [&](const JsonValue& secret) { out.ecs("secrets." + secret_store(secret) + ".environment-variables"); });
  if (const auto firelens = container.member("firelensConfiguration"); firelens.has_value()) {
    add_firelens_attributes(*firelens, out);
  }
  if (container.member("repositoryCredentials").has_value()) {
    out.ecs("private-registry-authentication.secretsmanager");
  }
  if (const auto policy = container.member("restartPolicy"); policy.has_value() && is_true(*policy, "enabled")) {
    out.ecs("container-restart-policy");
  }
  for_each_item(container, "portMappings", [&](const JsonValue& mapping) {
    if (mapping.member("containerPortRange").has_value()) {
      out.ecs("network.container-port-range");
    }
  });
}

void add_container_attributes(const ContainerDefinition& definition, bool has_execution_role, Attributes& out) {
  const JsonValue& container = definition.json;
  if (is_ecr_image(definition.image)) {
    out.docker("ecr-auth");
    out.remote_api("1.19");
    if (has_execution_role) {
      out.ecs("execution-role-ecr-pull");
    }
  }
  if (const auto log = container.member("logConfiguration"); log.has_value()) {
    add_log_attributes(*log, has_execution_role, out);
  }
  if (has_entries(container, "ulimits") || has_entries(container, "dockerLabels")) {
    out.remote_api("1.18");
  }
  if (is_true(container, "privileged")) {
    out.docker("privileged-container");
  }
  if (const auto parameters = container.member("linuxParameters"); parameters.has_value() && is_true(*parameters, "initProcessEnabled")) {
    out.remote_api("1.25");
  }
  if (is_true(container, "readonlyRootFilesystem")) {
    out.remote_api("1.17");
  }
  add_feature_attributes(container, out);
  add_security_attributes(container, out);
}

void add_volume_attributes(const JsonValue& volume, Attributes& out) {
  if (const auto efs = volume.member("efsVolumeConfiguration"); efs.has_value()) {
    out.ecs("efs");
    out.remote_api("1.25");
    if (text_of(*efs, "transitEncryption") == "ENABLED" || efs->member("authorizationConfig").has_value()) {
      out.ecs("efsAuth");
    }
  }
  if (const auto docker = volume.member("dockerVolumeConfiguration"); docker.has_value()) {
    const std::string_view driver = text_of(*docker, "driver");
    std::string plugin = "docker-plugin." + std::string(driver.empty() ? "local" : driver);
    std::replace(plugin.begin(), plugin.end(), ':', '.');
    out.ecs(plugin);
    out.remote_api("1.25");
  }
  if (volume.member("fsxWindowsFileServerVolumeConfiguration").has_value()) {
    out.ecs("fsxWindowsFileServer");
  }
  if (is_true(volume, "configuredAtLaunch")) {
    out.ecs("storage.ebs-task-volume-attach");
  }
}

void add_task_attributes(const EffectiveTask& task, Attributes& out) {
  const TaskDefinition& definition = *task.definition;
  if (task.has_task_role) {
    out.docker(definition.network_mode == NetworkMode::kHost ? "task-iam-role-network-host" : "task-iam-role");
  }
  if (definition.network_mode == NetworkMode::kAwsvpc) {
    out.ecs("task-eni");
    out.remote_api("1.18");
  }
  if (task.has_environment_files) {
    out.ecs("env-files.s3");
  }
  if (task.ephemeral_storage_gib.has_value()) {
    out.ecs("extensible-ephemeral-storage");
  }
  if (task.cpu_units.value_or(0) > kUnraisedTaskCpuMost) {
    out.ecs("increased-task-cpu-limit");
  }
  if (definition.json.member("pidMode").has_value() || definition.json.member("ipcMode").has_value()) {
    out.ecs("pid-ipc-namespace-sharing");
  }
  if (definition.json.member("proxyConfiguration").has_value()) {
    out.ecs("aws-appmesh");
  }
  if (has_entries(definition.json, "inferenceAccelerators")) {
    out.ecs("task-eia");
  }
  if (is_true(definition.json, "enableFaultInjection")) {
    out.ecs("fault-injection");
  }
  for_each_item(definition.json, "volumes", [&](const JsonValue& volume) { add_volume_attributes(volume, out); });
}

}  // namespace

std::vector<placement::AttributeRequirement> required_attributes(const EffectiveTask& task) {
  std::vector<placement::AttributeRequirement> requirements;
  if (task.definition->json.member("requiresAttributes").has_value()) {
    for_each_item(task.definition->json, "requiresAttributes", [&](const JsonValue& item) {
      const auto value = item.member("value");
      requirements.push_back(
          attribute_requirement(text_of(item, "name"), value.has_value() ? std::optional<std::string>(*value->string()) : std::nullopt));
    });
    const auto by_name = [](const auto& a, const auto& b) { return a.name != b.name ? a.name < b.name : a.value < b.value; };
    const auto is_same = [](const auto& a, const auto& b) { return a.name == b.name && a.value == b.value; };
    std::sort(requirements.begin(), requirements.end(), by_name);
    requirements.erase(std::unique(requirements.begin(), requirements.end(), is_same), requirements.end());
    return requirements;
  }
  Attributes attributes;
  add_task_attributes(task, attributes);
  for (std::size_t i = 0; i < task.containers.size(); ++i) {
    add_container_attributes(task.definition->containers[i], task.has_execution_role, attributes);
    if (task.containers[i].memory_reservation_mib > 0) {
      attributes.remote_api("1.21");
    }
  }
  for (const std::string& name : attributes.names()) {
    requirements.push_back(attribute_requirement(name, std::nullopt));
  }
  return requirements;
}

}  // namespace berth::ecs
