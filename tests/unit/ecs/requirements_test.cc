// What one task takes and demands: arithmetic, ports, derived attributes.

#include "engine/ecs/requirements.h"

#include <algorithm>
#include <set>

#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

// Reads a definition with overrides and keeps what it looks into.
class Read {
 public:
  explicit Read(const Json& definition_json, const Json& overrides = nullptr)
      : text_(Json{{"definition", definition_json}, {"overrides", overrides}}.dump()), document_(*JsonDocument::parse("test", text_)) {
    auto read = read_task_definition(*document_.root().member("definition"));
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
    definition_ = std::make_unique<TaskDefinition>(*std::move(read));
    auto task = apply_overrides(*definition_, document_.root().member("overrides"));
    if (task.ok()) {
      task_ = *std::move(task);
    } else {
      error_ = task.error();
    }
  }

  [[nodiscard]] placement::Demand demand(const LaunchNeeds& needs = {}) const { return demand_of(task_, needs); }
  [[nodiscard]] const EffectiveTask& task() const { return task_; }
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] std::set<std::string> attributes() const {
    std::set<std::string> names;
    for (const placement::AttributeRequirement& requirement : required_attributes(task_)) {
      EXPECT_TRUE(names.insert(requirement.name).second) << requirement.name << " stands twice";
    }
    return names;
  }

 private:
  std::string text_;
  JsonDocument document_;
  std::unique_ptr<TaskDefinition> definition_;
  EffectiveTask task_;
  Error error_;
};

Json two_containers(Json first, Json second, Json members = Json::object()) {
  Json result = definition(std::move(first), std::move(members));
  Json other{{"name", "side"}};
  other.update(second);
  result["containerDefinitions"].push_back(other);
  return result;
}

TEST(Requirements, TaskLevelStandsAboveTheContainers) {
  const placement::Demand demand =
      Read(two_containers({{"memory", 512}}, {{"memory", 512}, {"cpu", 64}}, {{"cpu", "1 vCPU"}, {"memory", "2GB"}})).demand();
  EXPECT_EQ(demand.cpu_units, 1024);
  EXPECT_EQ(demand.memory_mib, 2048);
}

TEST(Requirements, ContainersAreSummedWithTheirReservations) {
  const placement::Demand demand =
      Read(two_containers({{"memory", 512}, {"memoryReservation", 100}}, {{"memory", 300}, {"cpu", 64}})).demand();
  EXPECT_EQ(demand.cpu_units, 128 + 64);
  EXPECT_EQ(demand.memory_mib, 100 + 300);
}

TEST(Requirements, MixedLevelsAreTakenOneByOne) {
  const Read read(definition({{"cpu", 300}, {"memory", 512}}, {{"memory", "2048"}}));
  EXPECT_EQ(read.demand().cpu_units, 300);
  EXPECT_EQ(read.demand().memory_mib, 2048);
}

TEST(Requirements, WindowsIgnoresTheTaskLevel) {
  const Read read(
      definition({{"cpu", 256}, {"memory", 512}},
                 {{"cpu", "1024"}, {"memory", "2048"}, {"runtimePlatform", {{"operatingSystemFamily", "WINDOWS_SERVER_2022_CORE"}}}}));
  EXPECT_EQ(read.demand().cpu_units, 256);
  EXPECT_EQ(read.demand().memory_mib, 512);
  EXPECT_EQ(read.task().shown_cpu_units(), 1024);
}

TEST(Requirements, OverridesReplaceValuesBeforeTheSum) {
  const Json overrides{{"containerOverrides", {{{"name", "side"}, {"cpu", 10}, {"memory", 64}, {"memoryReservation", 32}}}}};
  const Read read(two_containers({}, {{"cpu", 500}, {"memory", 500}}), overrides);
  EXPECT_EQ(read.demand().cpu_units, 138);
  EXPECT_EQ(read.demand().memory_mib, 256 + 32);
  const Read task_level(definition(), {{"cpu", "2 vCPU"}, {"memory", "4 GB"}});
  EXPECT_EQ(task_level.demand().cpu_units, 2048);
  EXPECT_EQ(task_level.demand().memory_mib, 4096);
}

TEST(Requirements, OverridesAreValidated) {
  EXPECT_TRUE(holds_text(Read(definition(), {{"containerOverrides", {{{"name", "db"}}}}}).error(),
                         "Override for container named db is not a container in the TaskDefinition.", "InvalidParameterException"));
  EXPECT_TRUE(holds_text(Read(definition(), {{"containerOverrides", {{{"name", "web"}, {"memoryReservation", 256}}}}}).error(),
                         "must be greater than 'memoryReservation'"));
  EXPECT_TRUE(holds_text(Read(definition(), {{"cpu", "1"}}).error(), "Invalid 'cpu' setting for task."));
  EXPECT_TRUE(holds_text(Read(definition(), {{"containerOverrides", {{{"name", "web"}}, {{"name", "web"}}}}}).error(), "overridden twice"));
}

TEST(Requirements, GpusAreSummedAndOverridden) {
  const auto gpus = [](const char* count) { return Json{{"resourceRequirements", {{{"type", "GPU"}, {"value", count}}}}}; };
  Json second = gpus("2");
  second["memory"] = 64;
  const Json both = two_containers(gpus("1"), second);
  EXPECT_EQ(Read(both).demand().gpu_count, 3U);
  Json override_second = gpus("4");
  override_second["name"] = "side";
  EXPECT_EQ(Read(both, {{"containerOverrides", Json::array({override_second})}}).demand().gpu_count, 5U);
}

TEST(Requirements, PortsDependOnTheNetworkMode) {
  const Json mappings = {{{"containerPort", 80}, {"hostPort", 8080}},
                         {{"containerPort", 81}, {"hostPort", 0}},
                         {{"containerPort", 82}},
                         {{"containerPort", 53}, {"hostPort", 53}, {"protocol", "udp"}},
                         {{"containerPortRange", "9000-9002"}}};
  const placement::Demand bridge = Read(definition({{"portMappings", mappings}})).demand();
  EXPECT_EQ(bridge.tcp_ports, (std::vector<std::uint16_t>{8080}));
  EXPECT_EQ(bridge.udp_ports, (std::vector<std::uint16_t>{53}));
  EXPECT_FALSE(bridge.uses_eni);

  const Json fixed = {
      {{"containerPort", 82}}, {{"containerPort", 80}, {"hostPort", 80}}, {{"containerPortRange", "9000-9002"}, {"protocol", "udp"}}};
  const placement::Demand host = Read(definition({{"portMappings", fixed}}, {{"networkMode", "host"}})).demand();
  EXPECT_EQ(host.tcp_ports, (std::vector<std::uint16_t>{80, 82}));
  EXPECT_EQ(host.udp_ports, (std::vector<std::uint16_t>{9000, 9001, 9002}));

  const placement::Demand awsvpc = Read(definition({{"portMappings", fixed}}, {{"networkMode", "awsvpc"}})).demand();
  EXPECT_TRUE(awsvpc.tcp_ports.empty());
  EXPECT_TRUE(awsvpc.udp_ports.empty());
  EXPECT_TRUE(awsvpc.uses_eni);
}

const placement::AttributeRequirement* find(const placement::Demand& demand, const std::string& name) {
  const auto found = std::find_if(demand.attributes.begin(), demand.attributes.end(), [&](const auto& r) { return r.name == name; });
  return found == demand.attributes.end() ? nullptr : &*found;
}

TEST(Requirements, PlatformsBecomeRequirementsWithDefaults) {
  EXPECT_TRUE(Read(definition()).demand().attributes.empty());
  const auto platform = [](const char* family, const char* architecture) {
    return Read(definition({}, {{"runtimePlatform", {{"operatingSystemFamily", family}, {"cpuArchitecture", architecture}}}})).demand();
  };
  const placement::Demand arm = platform("LINUX", "ARM64");
  ASSERT_NE(find(arm, "ecs.cpu-architecture"), nullptr);
  EXPECT_EQ(find(arm, "ecs.cpu-architecture")->value, "arm64");
  EXPECT_EQ(find(arm, "ecs.cpu-architecture")->absent_reads_as, "x86_64");
  EXPECT_EQ(find(arm, "ecs.os-type")->value, "linux");
  EXPECT_EQ(find(arm, "ecs.os-type")->absent_reads_as, "linux");
  const placement::Demand windows = platform("WINDOWS_SERVER_2022_CORE", "X86_64");
  EXPECT_EQ(find(windows, "ecs.os-family")->value, "WINDOWS_SERVER_2022_CORE");
  EXPECT_EQ(find(windows, "ecs.os-family")->absent_reads_as, std::nullopt);
  EXPECT_EQ(find(windows, "ecs.cpu-architecture")->value, "x86_64");
  EXPECT_EQ(find(windows, "ecs.os-type"), nullptr);
}

TEST(Requirements, LaunchNeedsAreAdded) {
  const placement::Demand demand = Read(definition()).demand({true, "vpc-1"});
  EXPECT_NE(find(demand, "ecs.capability.execute-command"), nullptr);
  ASSERT_NE(find(demand, "ecs.vpc-id"), nullptr);
  EXPECT_EQ(find(demand, "ecs.vpc-id")->value, "vpc-1");
  EXPECT_EQ(find(demand, "ecs.vpc-id")->absent_reads_as, "vpc-1");
}

TEST(Requirements, WhatTheDefinitionListsIsNotAskedTwice) {
  const Json listed = {{{"name", "ecs.capability.execute-command"}}, {{"name", "ecs.cpu-architecture"}, {"value", "arm64"}}};
  const Read read(definition({}, {{"requiresAttributes", listed}, {"runtimePlatform", {{"cpuArchitecture", "ARM64"}}}}));
  EXPECT_EQ(read.demand({true, ""}).attributes.size(), 2U);
}

// --- One case per row of the table of derived attributes. ---

constexpr const char* kA = "com.amazonaws.ecs.capability.";
constexpr const char* kB = "ecs.capability.";
std::string a(const char* name) {
  return std::string(kA) + name;
}
std::string b(const char* name) {
  return std::string(kB) + name;
}
std::string api(const char* version) {
  return a("docker-remote-api.") + version;
}

struct Row {
  const char* feature;
  Json definition_json;
  std::set<std::string> names;
};

std::vector<Row> task_rows() {
  return {
      {"nothing special", definition({}, {{"cpu", "256"}, {"memory", "512"}}), {}},
      {"task role", definition({}, {{"taskRoleArn", "arn:r"}}), {a("task-iam-role")}},
      {"task role, host", definition({}, {{"taskRoleArn", "arn:r"}, {"networkMode", "host"}}), {a("task-iam-role-network-host")}},
      {"awsvpc", definition({}, {{"networkMode", "awsvpc"}}), {b("task-eni"), api("1.18")}},
      {"ephemeral storage", definition({}, {{"ephemeralStorage", {{"sizeInGiB", 30}}}}), {b("extensible-ephemeral-storage")}},
      {"large cpu", definition({}, {{"cpu", "10241"}}), {b("increased-task-cpu-limit")}},
      {"not so large cpu", definition({}, {{"cpu", "10240"}}), {}},
      {"pid mode", definition({}, {{"pidMode", "host"}}), {b("pid-ipc-namespace-sharing")}},
      {"ipc mode", definition({}, {{"ipcMode", "task"}}), {b("pid-ipc-namespace-sharing")}},
      {"proxy", definition({}, {{"proxyConfiguration", {{"type", "APPMESH"}, {"containerName", "web"}}}}), {b("aws-appmesh")}},
      {"elastic inference",
       definition({}, {{"inferenceAccelerators", {{{"deviceName", "d"}, {"deviceType", "eia2.medium"}}}}}),
       {b("task-eia")}},
      {"fault injection", definition({}, {{"enableFaultInjection", true}}), {b("fault-injection")}},
      {"no fault injection", definition({}, {{"enableFaultInjection", false}}), {}},
  };
}

std::vector<Row> volume_rows() {
  const auto volume = [](Json body) { return definition({}, {{"volumes", Json::array({std::move(body)})}}); };
  const Json fsx{{"fileSystemId", "fs"}, {"rootDirectory", "r"}, {"authorizationConfig", {{"credentialsParameter", "c"}, {"domain", "d"}}}};
  return {
      {"efs", volume({{"efsVolumeConfiguration", {{"fileSystemId", "fs"}}}}), {b("efs"), api("1.25")}},
      {"efs with tls",
       volume({{"efsVolumeConfiguration", {{"fileSystemId", "fs"}, {"transitEncryption", "ENABLED"}}}}),
       {b("efs"), b("efsAuth"), api("1.25")}},
      {"efs with iam",
       volume({{"efsVolumeConfiguration", {{"fileSystemId", "fs"}, {"authorizationConfig", {{"iam", "ENABLED"}}}}}}),
       {b("efs"), b("efsAuth"), api("1.25")}},
      {"docker volume", volume({{"dockerVolumeConfiguration", {{"driver", "rexray/ebs"}}}}), {b("docker-plugin.rexray/ebs"), api("1.25")}},
      {"docker volume with a tag", volume({{"dockerVolumeConfiguration", {{"driver", "a/b:1"}}}}), {b("docker-plugin.a/b.1"), api("1.25")}},
      {"local docker volume", volume({{"dockerVolumeConfiguration", {{"scope", "task"}}}}), {b("docker-plugin.local"), api("1.25")}},
      {"bind mount", volume({{"host", {{"sourcePath", "/x"}}}}), {}},
      {"fsx", volume({{"fsxWindowsFileServerVolumeConfiguration", fsx}}), {b("fsxWindowsFileServer")}},
      {"ebs at launch", volume({{"configuredAtLaunch", true}}), {b("storage.ebs-task-volume-attach")}},
  };
}

std::vector<Row> log_rows() {
  const auto log = [](Json body, Json members = Json::object()) {
    return definition({{"logConfiguration", std::move(body)}}, std::move(members));
  };
  return {
      {"log driver", log({{"logDriver", "splunk"}}), {a("logging-driver.splunk"), api("1.18")}},
      {"log options",
       log({{"logDriver", "awslogs"}, {"options", {{"awslogs-group", "g"}}}}),
       {a("logging-driver.awslogs"), api("1.18"), api("1.19")}},
      {"awslogs with a role",
       log({{"logDriver", "awslogs"}}, {{"executionRoleArn", "arn:r"}}),
       {a("logging-driver.awslogs"), api("1.18"), b("execution-role-awslogs")}},
      {"non-blocking",
       log({{"logDriver", "syslog"}, {"options", {{"mode", "non-blocking"}}}}),
       {a("logging-driver.syslog"), api("1.18"), api("1.19"), api("1.28")}},
      {"buffer size",
       log({{"logDriver", "syslog"}, {"options", {{"max-buffer-size", "4m"}}}}),
       {a("logging-driver.syslog"), api("1.18"), api("1.19"), api("1.28")}},
      {"secret options",
       log({{"logDriver", "splunk"}, {"secretOptions", {{{"name", "t"}, {"valueFrom", "arn:aws:secretsmanager:x:1:secret:s"}}}}}),
       {a("logging-driver.splunk"), api("1.18"), b("secrets.asm.bootstrap.log-driver")}},
      {"parameter options",
       log({{"logDriver", "splunk"}, {"secretOptions", {{{"name", "t"}, {"valueFrom", "/param"}}}}}),
       {a("logging-driver.splunk"), api("1.18"), b("secrets.ssm.bootstrap.log-driver")}},
      {"firelens driver", log({{"logDriver", "awsfirelens"}}), {a("logging-driver.awsfirelens"), api("1.18"), b("container-ordering")}},
  };
}

std::vector<Row> container_rows() {
  const char* ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1";
  const Json dependency = {{{"containerName", "web"}, {"condition", "START"}}};
  return {
      {"ecr image", definition({{"image", ecr}}), {a("ecr-auth"), api("1.19")}},
      {"ecr image with a role",
       definition({{"image", ecr}}, {{"executionRoleArn", "arn:r"}}),
       {a("ecr-auth"), api("1.19"), b("execution-role-ecr-pull")}},
      {"a role alone", definition({}, {{"executionRoleArn", "arn:r"}}), {}},
      {"ulimits", definition({{"ulimits", {{{"name", "nofile"}, {"softLimit", 1}, {"hardLimit", 1}}}}}), {api("1.18")}},
      {"labels", definition({{"dockerLabels", {{"k", "v"}}}}), {api("1.18")}},
      {"no labels", definition({{"dockerLabels", Json::object()}}), {}},
      {"reservation", definition({{"memoryReservation", 64}}), {api("1.21")}},
      {"privileged", definition({{"privileged", true}}), {a("privileged-container")}},
      {"not privileged", definition({{"privileged", false}}), {}},
      {"health check", definition({{"healthCheck", {{"command", {"CMD", "true"}}}}}), {b("container-health-check")}},
      {"health check with a start period",
       definition({{"healthCheck", {{"command", {"CMD", "true"}}, {"startPeriod", 5}}}}),
       {b("container-health-check"), api("1.29")}},
      {"init process", definition({{"linuxParameters", {{"initProcessEnabled", true}}}}), {api("1.25")}},
      {"read-only root", definition({{"readonlyRootFilesystem", true}}), {api("1.17")}},
      {"depends on", definition({{"dependsOn", dependency}}), {b("container-ordering")}},
      {"ssm secret",
       definition({{"secrets", {{{"name", "S"}, {"valueFrom", "arn:aws:ssm:us-east-1:1:parameter/p"}}}}}),
       {b("secrets.ssm.environment-variables")}},
      {"asm secret",
       definition({{"secrets", {{{"name", "S"}, {"valueFrom", "arn:aws:secretsmanager:us-east-1:1:secret:s"}}}}}),
       {b("secrets.asm.environment-variables")}},
      {"environment file", definition({{"environmentFiles", {{{"type", "s3"}, {"value", "arn:f"}}}}}), {b("env-files.s3")}},
      {"fluentd", definition({{"firelensConfiguration", {{"type", "fluentd"}}}}), {b("firelens.fluentd"), b("container-ordering")}},
      {"fluent bit with a file on s3",
       definition({{"firelensConfiguration", {{"type", "fluentbit"}, {"options", {{"config-file-type", "s3"}}}}}}),
       {b("firelens.fluentbit"), b("container-ordering"), b("firelens.options.config.s3")}},
      {"repository credentials",
       definition({{"repositoryCredentials", {{"credentialsParameter", "arn:c"}}}}),
       {b("private-registry-authentication.secretsmanager")}},
      {"selinux", definition({{"dockerSecurityOptions", {"label:type:x", "no-new-privileges"}}}), {a("selinux")}},
      {"apparmor", definition({{"dockerSecurityOptions", Json::array({"apparmor:x"})}}), {a("apparmor")}},
      {"credential spec", definition({{"credentialSpecs", Json::array({"credentialspec:arn"})}}), {b("gmsa")}},
      {"domainless credential spec",
       definition({{"credentialSpecs", Json::array({"credentialspecdomainless:arn"})}}),
       {b("gmsa-domainless")}},
      {"port range", definition({{"portMappings", {{{"containerPortRange", "1-2"}}}}}), {b("network.container-port-range")}},
      {"restart policy", definition({{"restartPolicy", {{"enabled", true}}}}), {b("container-restart-policy")}},
      {"restart policy off", definition({{"restartPolicy", {{"enabled", false}}}}), {}},
  };
}

TEST(Requirements, AttributesAreDerivedRowByRow) {
  for (const auto& rows : {task_rows(), volume_rows(), log_rows(), container_rows()}) {
    for (const Row& row : rows) {
      EXPECT_EQ(Read(row.definition_json).attributes(), row.names) << row.feature;
    }
  }
}

TEST(Requirements, RolesAndFilesOfOverridesCount) {
  EXPECT_EQ(Read(definition(), {{"taskRoleArn", "arn:r"}}).attributes(), (std::set<std::string>{a("task-iam-role")}));
  const Json file{{"name", "web"}, {"environmentFiles", {{{"type", "s3"}, {"value", "arn:f"}}}}};
  EXPECT_EQ(Read(definition(), {{"containerOverrides", Json::array({file})}}).attributes(), (std::set<std::string>{b("env-files.s3")}));
}

TEST(Requirements, AGivenListReplacesTheDerivation) {
  const Json given = {{{"name", "ecs.cpu-architecture"}, {"value", "x86_64"}}, {{"name", "x"}}, {{"name", "x"}}};
  const Read read(definition({}, {{"taskRoleArn", "arn:r"}, {"requiresAttributes", given}}));
  EXPECT_EQ(read.attributes(), (std::set<std::string>{"ecs.cpu-architecture", "x"}));
  EXPECT_EQ(find(read.demand(), "ecs.cpu-architecture")->absent_reads_as, "x86_64");
  EXPECT_TRUE(Read(definition({}, {{"taskRoleArn", "arn:r"}, {"requiresAttributes", Json::array()}})).attributes().empty());
}

}  // namespace
}  // namespace berth::ecs::testing
