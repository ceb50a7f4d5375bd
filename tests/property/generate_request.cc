// Task definitions and requests. Each feature has its own chance; together they leave most requests a place on a mixed fleet.
#include <algorithm>

#include "tests/property/generators.h"

namespace berth::property {
namespace {

using Texts = std::vector<std::string>;

void add_port_mappings(Random& random, const std::string& mode, Json& container) {
  if (mode == "none" || random.chance(40)) return;
  Json mappings = Json::array();
  const int port = random.pick(std::vector<int>{80, 443, 3000, 5000, 8080, 9000});
  Json mapping = {{"containerPort", port}};
  const bool is_bridge = mode == "bridge" || mode.empty();
  if (is_bridge && random.chance(50)) mapping["hostPort"] = random.chance(30) ? 0 : port;
  if (!is_bridge && random.chance(50)) mapping["hostPort"] = port;
  if (random.chance(50)) mapping["protocol"] = "tcp";
  mappings.push_back(mapping);
  if (random.chance(25)) {
    Json udp = {{"containerPort", 514}, {"protocol", "udp"}};
    if (random.chance(70)) udp["hostPort"] = 514;
    mappings.push_back(udp);
  }
  if (random.chance(12)) mappings.push_back({{"containerPortRange", "7000-700" + std::to_string(random.between(1, 9))}});
  container["portMappings"] = mappings;
}

void add_logs(Random& random, Json& container) {
  const std::string driver = random.pick(Texts{"json-file", "awslogs", "awslogs", "awsfirelens"});
  container["logConfiguration"] = {{"logDriver", driver}};
  if (!random.chance(60)) return;
  Json options = {{"tag", "x"}};
  if (random.chance(30)) options["mode"] = "non-blocking";
  container["logConfiguration"]["options"] = options;
}

// Features of section 2.7 that ask for attributes.
void add_container_features(Random& random, Json& container) {
  if (random.chance(20)) add_logs(random, container);
  if (random.chance(15)) container["image"] = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:7";
  if (random.chance(8)) container["privileged"] = true;
  if (random.chance(8)) container["healthCheck"] = {{"command", {"CMD-SHELL", "true"}}};
  if (container.contains("healthCheck") && random.chance(50)) container["healthCheck"]["startPeriod"] = 10;
  if (random.chance(8)) container["linuxParameters"] = {{"initProcessEnabled", true}};
  if (random.chance(8)) container["readonlyRootFilesystem"] = true;
  if (random.chance(8)) {
    container["secrets"] = {{{"name", "A"}, {"valueFrom", "arn:aws:ssm:us-east-1:123456789012:parameter/a"}}};
    if (random.chance(50)) container["secrets"][0]["valueFrom"] = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a";
  }
  if (random.chance(6)) container["environmentFiles"] = {{{"type", "s3"}, {"value", "arn:aws:s3:::bucket/a.env"}}};
  if (random.chance(6)) container["ulimits"] = {{{"name", "nofile"}, {"softLimit", 1024}, {"hardLimit", 4096}}};
  if (random.chance(6)) container["dockerLabels"] = {{"a", "b"}};
  if (random.chance(5)) container["restartPolicy"] = {{"enabled", true}};
  if (random.chance(4)) container["firelensConfiguration"] = {{"type", "fluentbit"}};
}

void add_volumes(Random& random, Json& definition) {
  if (!random.chance(12)) return;
  Json volume = {{"name", "data"}};
  switch (random.below(4)) {
    case 0:
      volume["host"] = {{"sourcePath", "/data"}};
      break;
    case 1:
      volume["efsVolumeConfiguration"] = {{"fileSystemId", "fs-1"}};
      break;
    case 2:
      volume["efsVolumeConfiguration"] = {{"fileSystemId", "fs-1"}, {"transitEncryption", "ENABLED"}};
      break;
    default:
      volume["dockerVolumeConfiguration"] = {{"scope", "shared"}, {"driver", "rexray/ebs"}};
      break;
  }
  definition["volumes"] = Json::array({volume});
}

Json generate_container(Random& random, const std::string& name, const std::string& mode, bool has_task_memory) {
  Json container = {{"name", name}, {"image", "busybox:1"}, {"essential", true}};
  if (random.chance(80)) container["cpu"] = random.pick(std::vector<int>{0, 10, 64, 100, 128, 256, 512, 1024});
  const int memory = random.pick(std::vector<int>{16, 64, 128, 256, 512, 1024, 2000});
  const int kind = random.between(0, has_task_memory ? 3 : 2);
  if (kind == 0 || kind == 2) container["memory"] = memory;
  if (kind == 1 || kind == 2) container["memoryReservation"] = kind == 1 ? memory : memory / 2;
  if (name == "app") add_port_mappings(random, mode, container);
  add_container_features(random, container);
  return container;
}

void add_task_sizes(Random& random, Json& definition) {
  if (random.chance(35)) definition["cpu"] = random.pick(Texts{"128", "256", "512", "1024", "1 vCPU", ".5 vCPU", "2vcpu", "0.25 vCPU"});
  if (random.chance(1)) definition["cpu"] = "16384";
  if (random.chance(35)) definition["memory"] = random.pick(Texts{"128", "512", "1024", "1 GB", "2GB", "0.5 gb"});
}

void add_runtime_platform(Random& random, bool is_windows, Json& definition) {
  if (is_windows) {
    definition["runtimePlatform"]["operatingSystemFamily"] = random.chance(60) ? "WINDOWS_SERVER_2022_CORE" : "WINDOWS_SERVER_2019_FULL";
    return;
  }
  if (random.chance(10)) definition["runtimePlatform"]["operatingSystemFamily"] = "LINUX";
  if (random.chance(15)) definition["runtimePlatform"]["cpuArchitecture"] = random.chance(50) ? "X86_64" : "ARM64";
}

Json generate_overrides(Random& random, const Json& definition) {
  Json overrides = Json::object();
  if (random.chance(40) && definition.value("cpu", "") != "16384") overrides["cpu"] = random.pick(Texts{"128", "512", "1 vCPU"});
  if (random.chance(40)) overrides["memory"] = random.pick(Texts{"256", "1024", "1GB"});
  if (random.chance(70)) {
    const Json& container = definition["containerDefinitions"][0];
    Json entry = {{"name", container["name"]}};
    if (random.chance(60)) entry["cpu"] = random.pick(std::vector<int>{0, 32, 300});
    if (random.chance(60) && container.contains("memory")) entry["memory"] = random.pick(std::vector<int>{1024, 3000});
    if (random.chance(40) && container.contains("memoryReservation")) entry["memoryReservation"] = random.pick(std::vector<int>{8, 12});
    if (random.chance(10)) entry["resourceRequirements"] = {{{"type", "GPU"}, {"value", "1"}}};
    overrides["containerOverrides"] = Json::array({entry});
  }
  return overrides;
}

Json generate_strategy(Random& random, bool may_be_random) {
  static const Texts kFields = {"attribute:ecs.availability-zone",
                                "attribute:ecs.availability-zone",
                                "attribute:ecs.instance-type",
                                "attribute:stack",
                                "attribute:tier",
                                "attribute:unheard-of"};
  switch (random.below(may_be_random ? 7 : 6)) {
    case 0:
      return {{"type", "binpack"}, {"field", random.chance(80) ? "cpu" : "CPU"}};
    case 1:
      return {{"type", "binpack"}, {"field", random.chance(80) ? "memory" : "MEMORY"}};
    case 2:
      return {{"type", "spread"}, {"field", random.chance(60) ? "instanceId" : "host"}};
    case 3:
    case 4:
    case 5:
      return {{"type", "spread"}, {"field", random.pick(kFields)}};
    default:
      return {{"type", "random"}};
  }
}

void add_network(Random& random, const Vocabulary& words, Json& request) {
  Texts names;
  Json known = Json::object();
  const std::string vpc = random.chance(85) ? "vpc-main" : "vpc-side";
  for (int left = random.between(1, 3); left > 0; --left) {
    const Subnet& subnet = random.pick(words.subnets);
    if (subnet.vpc != vpc || std::find(names.begin(), names.end(), subnet.name) != names.end()) continue;
    names.push_back(subnet.name);
    known[subnet.name] = {{"zone", subnet.zone}, {"vpc", subnet.vpc}};
  }
  if (names.empty() || random.chance(15)) {
    names.push_back("subnet-new");
    known["subnet-new"] = {{"zone", random.pick(words.zones)}};
  }
  request["networkConfiguration"] = {{"awsvpcConfiguration", {{"subnets", names}, {"securityGroups", {"sg-1"}}}}};
  if (random.chance(95)) request["berth"]["subnets"] = known;
}

void add_constraints(Random& random, const Vocabulary& words, Json& request) {
  Json& definition = request["taskDefinition"];
  if (random.chance(15)) {
    definition["placementConstraints"] = {{{"type", "memberOf"}, {"expression", generate_expression(random, words, 1)}}};
  }
  Json constraints = Json::array();
  if (random.chance(45)) {
    for (int left = random.chance(80) ? 1 : 2; left > 0; --left) {
      constraints.push_back({{"type", "memberOf"}, {"expression", generate_expression(random, words, random.between(0, 3))}});
    }
  }
  if (random.chance(18)) constraints.push_back({{"type", "distinctInstance"}});
  if (!constraints.empty()) request["placementConstraints"] = constraints;
}

void add_strategies(Random& random, Json& request) {
  if (random.chance(25)) return;
  Json strategies = Json::array();
  const int length = random.chance(40) ? 1 : random.between(2, 5);
  for (int i = 0; i < length; ++i) strategies.push_back(generate_strategy(random, i + 1 == length || random.chance(10)));
  request["placementStrategy"] = strategies;
}

Json generate_base_request(Random& random, const Vocabulary& words) {
  Json request = {{"taskDefinition", generate_definition(random, words)}, {"berth", {{"seed", random.below(1'000'000'000)}}}};
  if (random.chance(50)) request["group"] = random.chance(85) ? random.pick(words.groups) : "new group " + std::to_string(random.below(5));
  if (random.chance(20)) request["overrides"] = generate_overrides(random, request["taskDefinition"]);
  if (random.chance(30) && !words.clusters.empty()) {
    const std::string& name = random.chance(85) ? words.clusters.front() : random.pick(words.clusters);
    request["cluster"] = random.chance(80) ? name : "arn:aws:ecs:us-east-1:123456789012:cluster/" + name;
  }
  if (random.chance(18)) {
    Texts names = own_names();
    names.emplace_back("nobody-has-it");
    for (const std::string& name : names) {
      if (random.chance(name == "nobody-has-it" ? 5 : 60)) request["berth"]["resources"][name] = random.between(0, 6);
    }
  }
  if (random.chance(6)) request["enableExecuteCommand"] = true;
  if (random.chance(10)) request["startedBy"] = "tests";
  if (request["taskDefinition"].value("networkMode", "") == "awsvpc") add_network(random, words, request);
  if (random.chance(5)) request["taskDefinition"] = Json{{"taskDefinition", request["taskDefinition"]}};
  return request;
}

}  // namespace

Json generate_definition(Random& random, const Vocabulary& words) {
  Json definition = {{"family", random.pick(words.families)}, {"containerDefinitions", Json::array()}};
  const std::string mode = random.pick(Texts{"", "", "bridge", "bridge", "host", "awsvpc", "awsvpc", "none"});
  if (!mode.empty()) definition["networkMode"] = mode;
  const bool is_windows = mode != "host" && random.chance(6);
  add_runtime_platform(random, is_windows, definition);
  add_task_sizes(random, definition);
  const bool has_task_memory = definition.contains("memory") && !is_windows;
  definition["containerDefinitions"].push_back(generate_container(random, "app", mode, has_task_memory));
  if (random.chance(30)) {
    definition["containerDefinitions"].push_back(generate_container(random, "side", mode, has_task_memory));
    if (random.chance(30)) definition["containerDefinitions"][0]["dependsOn"] = {{{"containerName", "side"}, {"condition", "START"}}};
  }
  if (!is_windows && random.chance(10)) {
    definition["containerDefinitions"][0]["resourceRequirements"] = {{{"type", "GPU"}, {"value", std::to_string(random.between(1, 3))}}};
  }
  if (random.chance(20)) definition["taskRoleArn"] = "arn:aws:iam::123456789012:role/task";
  if (random.chance(20)) definition["executionRoleArn"] = "arn:aws:iam::123456789012:role/execution";
  if (random.chance(4)) definition["pidMode"] = "task";
  add_volumes(random, definition);
  if (random.chance(6)) {
    definition["requiresAttributes"] = {{{"name", "com.amazonaws.ecs.capability.docker-remote-api.1.18"}}};
    if (random.chance(50)) definition["requiresAttributes"].push_back({{"name", "stack"}, {"value", "prod"}});
  }
  return definition;
}

Json generate_run_request(Random& random, const Vocabulary& words) {
  Json request = generate_base_request(random, words);
  Json& definition = request["taskDefinition"];
  const Json* inner = definition.contains("taskDefinition") ? &definition["taskDefinition"] : &definition;
  const bool is_awsvpc = inner->value("networkMode", "") == "awsvpc";
  if (random.chance(70)) request["count"] = random.chance(70) ? random.between(1, 6) : random.between(1, 50);
  add_strategies(random, request);
  if (random.chance(5)) request["berth"]["service"] = true;
  if (!definition.contains("taskDefinition")) add_constraints(random, words, request);
  if (!is_awsvpc && random.chance(8)) {
    request["launchType"] = "EXTERNAL";
  } else if (random.chance(10)) {
    request["launchType"] = "EC2";
  } else if (random.chance(12)) {
    request["capacityProviderStrategy"] = {{{"capacityProvider", random.pick(words.providers)}, {"weight", 1}}};
  }
  if (random.chance(3)) request["berth"]["failuresMax"] = random.between(0, 10);
  return request;
}

Json generate_start_request(Random& random, const Vocabulary& words) {
  Json request = generate_base_request(random, words);
  Texts instances;
  for (int left = random.between(1, 10); left > 0 && !words.instance_arns.empty(); --left) {
    const std::string& arn = random.pick(words.instance_arns);
    if (std::find(instances.begin(), instances.end(), arn) == instances.end()) instances.push_back(arn);
  }
  if (instances.empty() || random.chance(10)) {
    instances.push_back("arn:aws:ecs:us-east-1:123456789012:container-instance/main/00000000000000000000000000000000");
  }
  request["containerInstances"] = instances;
  request["berth"].erase("failuresMax");
  return request;
}

}  // namespace berth::property
