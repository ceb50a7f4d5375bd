// Fleets of mixed instances with their tasks, with everything that makes an instance refuse a task.
#include <algorithm>
#include <map>
#include <set>

#include "tests/property/generators.h"

namespace berth::property {
namespace {

struct InstanceType {
  const char* name;
  int cpu;
  int memory;
  const char* architecture;
  int gpus;
  bool trunks;
};

// Facts of ten EC2 types, two that the documented ENI table lacks, and one that does not exist.
const std::vector<InstanceType>& instance_types() {
  static const std::vector<InstanceType> kTypes = {
      {"c5.large", 2048, 3785, "x86_64", 0, true},       {"c5.xlarge", 4096, 7727, "x86_64", 0, true},
      {"m5.large", 2048, 7811, "x86_64", 0, true},       {"m5.4xlarge", 16384, 63584, "x86_64", 0, true},
      {"r5.2xlarge", 8192, 63586, "x86_64", 0, true},    {"m6g.large", 2048, 7735, "arm64", 0, true},
      {"m6g.2xlarge", 8192, 31372, "arm64", 0, true},    {"p3.8xlarge", 32768, 241901, "x86_64", 4, true},
      {"g4dn.xlarge", 4096, 15779, "x86_64", 1, false},  {"g4dn.12xlarge", 49152, 191162, "x86_64", 4, false},
      {"m7i.large", 2048, 7771, "x86_64", 0, true},      {"t3.medium", 2048, 3827, "x86_64", 0, false},
      {"x9.imaginary", 8192, 16000, "x86_64", 0, false},
  };
  return kTypes;
}

const std::string kArnHead = "arn:aws:ecs:us-east-1:123456789012:";

void add(Json& attributes, const std::string& name) {
  attributes.push_back({{"name", name}});
}
void add(Json& attributes, const std::string& name, const std::string& value) {
  attributes.push_back({{"name", name}, {"value", value}});
}

// What agents report: an old agent knows less, and here and there a capability is missing.
void add_capabilities(Random& random, bool is_external, Json& attributes) {
  const std::string a = "com.amazonaws.ecs.capability.";
  const std::string b = "ecs.capability.";
  const int newest_api = random.chance(85) ? 29 : random.pick(std::vector<int>{18, 19, 21, 25});
  for (int version = 17; version <= newest_api; ++version) add(attributes, a + "docker-remote-api.1." + std::to_string(version));
  std::vector<std::string> names = {a + "task-iam-role",
                                    a + "task-iam-role-network-host",
                                    a + "ecr-auth",
                                    a + "privileged-container",
                                    a + "logging-driver.json-file",
                                    a + "logging-driver.awslogs",
                                    a + "logging-driver.awsfirelens",
                                    b + "execution-role-ecr-pull",
                                    b + "execution-role-awslogs",
                                    b + "container-health-check",
                                    b + "container-ordering",
                                    b + "secrets.ssm.environment-variables",
                                    b + "secrets.asm.environment-variables",
                                    b + "env-files.s3",
                                    b + "firelens.fluentbit",
                                    b + "efs",
                                    b + "efsAuth",
                                    b + "docker-plugin.rexray/ebs",
                                    b + "pid-ipc-namespace-sharing",
                                    b + "container-restart-policy",
                                    b + "network.container-port-range",
                                    b + "execute-command"};
  if (!is_external) names.push_back(b + "task-eni");
  for (const std::string& name : names) {
    if (random.chance(96)) add(attributes, name);
  }
}

void add_custom(Random& random, Json& attributes) {
  if (random.chance(70)) {
    random.chance(90) ? add(attributes, "stack", random.pick(std::vector<std::string>{"prod", "dev", "test"})) : add(attributes, "stack");
  }
  if (random.chance(50)) {
    add(attributes, "tier", random.pick(std::vector<std::string>{"1", "2", "9", "10", "2.5", "-3", "gold", "silver"}));
  }
  if (random.chance(30)) add(attributes, "ssd");
  if (random.chance(40)) add(attributes, "team", random.pick(std::vector<std::string>{"blue team", "red team", "x@y.z", "ops:night"}));
  if (random.chance(30)) add(attributes, "foundry.signoz.io/storage", random.pick(std::vector<std::string>{"persistent", "scratch"}));
}

void add_platform(Random& random, const InstanceType& type, const Subnet& subnet, bool is_external, bool is_windows, Json& attributes) {
  if (!is_external) {
    add(attributes, "ecs.instance-type", type.name);
    add(attributes, "ecs.ami-id", "ami-" + std::to_string(random.between(1, 3)));
    const bool has_zone = random.chance(96);
    if (has_zone) add(attributes, "ecs.availability-zone", subnet.zone);
    // An instance that names a subnet names its zone too: what the inventory knows of a subnet is then the same everywhere.
    if (has_zone && random.chance(95)) {
      add(attributes, "ecs.vpc-id", subnet.vpc);
      if (random.chance(90)) add(attributes, "ecs.subnet-id", subnet.name);
    }
    if (type.trunks && !is_windows && random.chance(30)) add(attributes, "ecs.awsvpc-trunk-id", "trunk-" + random.hex(8));
  } else {
    add(attributes, "ecs.capability.external");
  }
  if (std::string(type.architecture) == "arm64" || random.chance(85)) add(attributes, "ecs.cpu-architecture", type.architecture);
  if (is_windows) {
    add(attributes, "ecs.os-type", "windows");
    add(attributes, "ecs.os-family", random.chance(50) ? "WINDOWS_SERVER_2022_CORE" : "WINDOWS_SERVER_2019_FULL");
  } else if (random.chance(90)) {
    add(attributes, "ecs.os-type", "linux");
    if (random.chance(80)) add(attributes, "ecs.os-family", "LINUX");
  }
}

Json numeric(const char* name, std::int64_t value) {
  return {{"name", name}, {"type", "INTEGER"}, {"doubleValue", 0.0}, {"longValue", 0}, {"integerValue", value}};
}

Json string_set(const char* name, const std::vector<std::string>& values) {
  return {{"name", name}, {"type", "STRINGSET"}, {"doubleValue", 0.0}, {"longValue", 0}, {"integerValue", 0}, {"stringSetValue", values}};
}

Json own_amount(const std::string& name, std::int64_t value, bool has_fraction) {
  Json entry = numeric(name.c_str(), 0);
  if (name == "disk") {
    entry["integerValue"] = value;
  } else if (name == "licence") {
    entry["type"] = "LONG";
    entry["longValue"] = value;
  } else {
    entry["type"] = "DOUBLE";
    entry["doubleValue"] = static_cast<double>(value) + (has_fraction ? 0.75 : 0.0);
  }
  return entry;
}

std::vector<std::string> as_text(const std::set<int>& ports) {
  std::vector<std::string> text;
  for (const int port : ports) text.push_back(std::to_string(port));
  return text;
}

// What an instance has left while its tasks are generated.
struct Room {
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::set<int> tcp;
  std::set<int> udp;
  std::vector<std::string> free_gpus;
  std::map<std::string, std::int64_t> own;
  bool is_windows = false;
  bool has_eni = false;
};

void add_bindings(Random& random, Json& container, bool holds, Room& room) {
  static const std::vector<int> kStatic = {80, 443, 8080, 8443, 9000, 9090};
  container["networkBindings"] = Json::array();
  if (random.chance(30)) {
    const int port = random.pick(kStatic);
    if (room.tcp.count(port) == 0) {
      container["networkBindings"].push_back({{"bindIP", "0.0.0.0"}, {"containerPort", port}, {"hostPort", port}, {"protocol", "tcp"}});
      if (holds) room.tcp.insert(port);
    }
  }
  if (random.chance(10) && room.udp.count(514) == 0) {
    container["networkBindings"].push_back({{"bindIP", "0.0.0.0"}, {"containerPort", 514}, {"hostPort", 514}, {"protocol", "udp"}});
    if (holds) room.udp.insert(514);
  }
}

Json generate_task(Random& random, const Vocabulary& vocabulary, const std::string& instance_arn, Room& room) {
  const std::string id = random.hex(32);
  const int cpu = random.pick(std::vector<int>{0, 64, 128, 256, 512});
  const int memory = random.pick(std::vector<int>{64, 128, 256, 512});
  static const std::vector<std::string> kStates = {"RUNNING", "RUNNING",      "RUNNING",  "RUNNING",
                                                   "PENDING", "PROVISIONING", "STOPPING", "STOPPED"};
  const std::string last = random.pick(kStates);
  const bool is_stopping = last == "STOPPING" || last == "STOPPED" || random.chance(5);
  const bool holds = last != "STOPPED";
  Json container = {{"name", "app"}, {"lastStatus", last}, {"cpu", std::to_string(cpu)}, {"memory", std::to_string(memory)}};
  Json task = {{"taskArn", kArnHead + "task/main/" + id},
               {"clusterArn", kArnHead + "cluster/main"},
               {"containerInstanceArn", instance_arn},
               {"taskDefinitionArn", kArnHead + "task-definition/" + random.pick(vocabulary.families) + ":1"},
               {"group", random.pick(vocabulary.groups)},
               {"lastStatus", last},
               {"desiredStatus", is_stopping        ? "STOPPED"
                                 : random.chance(2) ? "PENDING"
                                                    : "RUNNING"},
               {"launchType", "EC2"},
               {"cpu", std::to_string(cpu)},
               {"memory", std::to_string(memory)},
               {"version", random.between(2, 9)},
               {"attachments", Json::array()},
               {"overrides", {{"containerOverrides", Json::array()}}}};
  if (room.has_eni && random.chance(15)) {
    task["attachments"].push_back(
        {{"id", random.hex(12)}, {"type", "ElasticNetworkInterface"}, {"status", "ATTACHED"}, {"details", Json::array()}});
    container["networkInterfaces"] = {{{"attachmentId", id}, {"privateIpv4Address", "10.0.0.1"}}};
  } else {
    add_bindings(random, container, holds, room);
  }
  if (!room.free_gpus.empty() && random.chance(40)) {
    container["gpuIds"] = {room.free_gpus.back()};
    if (holds) room.free_gpus.pop_back();
  }
  for (const std::string& name : own_names()) {
    if (!random.chance(20)) continue;
    const int amount = random.between(0, 5);
    task["berth"]["resources"][name] = amount;
    if (holds) room.own[name] -= amount;
  }
  if (holds) {
    room.cpu -= cpu;
    room.memory -= memory;
  }
  task["containers"] = Json::array({container});
  return task;
}

Json timestamp(Random& random) {
  const std::int64_t seconds = 1'500'000'000 + static_cast<std::int64_t>(random.below(300'000)) * 1000;
  switch (random.below(3)) {
    case 0:
      return static_cast<double>(seconds) + 0.25;
    case 1:
      return "2024-0" + std::to_string(random.between(1, 9)) + "-15T12:00:00.125000-05:00";
    default:
      return "2022-0" + std::to_string(random.between(1, 9)) + "-20T08:30:00Z";
  }
}

std::string status_of(Random& random) {
  if (random.chance(90)) return "ACTIVE";
  return random.pick(std::vector<std::string>{"DRAINING", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED", "INACTIVE"});
}

class FleetMaker {
 public:
  FleetMaker(std::uint64_t seed, const FleetOptions& options) : random_(seed), options_(options) {
    Vocabulary& words = fleet_.vocabulary;
    words.zones = {"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"};
    for (const InstanceType& type : instance_types()) words.instance_types.emplace_back(type.name);
    words.agent_versions = {"1.9.0", "1.14.4", "1.14.5", "1.70.2", "1.95.0", "1.95.0-rc1", "1.100.1"};
    words.groups = {"family:web", "family:batch",     "service:front", "service:production", "database",
                    "databases",  "service:x-fluent", "cache",         "queue workers"};
    words.providers = {"cp-spot", "cp-demand"};
    words.families = {"web", "batch", "front", "etl"};
    for (const std::string& zone : words.zones) {
      words.subnets.push_back({"subnet-1" + zone.substr(9), zone, "vpc-main"});
      words.subnets.push_back({"subnet-2" + zone.substr(9), zone, "vpc-main"});
    }
    words.subnets.push_back({"subnet-9a", "us-east-1a", "vpc-side"});
  }

  Fleet make() {
    for (std::size_t i = 0; i < options_.instances; ++i) make_instance();
    if (options_.has_tasks) add_odd_tasks();
    add_pages("containerInstances", instances_);
    if (options_.has_tasks) add_pages("tasks", tasks_);
    return fleet_;
  }

 private:
  void make_instance() {
    const InstanceType& type = random_.pick(instance_types());
    const bool is_external = random_.chance(7);
    const bool is_windows = std::string(type.architecture) == "x86_64" && type.gpus == 0 && random_.chance(8);
    const Subnet& subnet = random_.pick(fleet_.vocabulary.subnets);
    const std::string cluster = random_.chance(93) ? "main/" : random_.chance(70) ? "" : "other/";
    Json json = {{"containerInstanceArn", kArnHead + "container-instance/" + cluster + random_.hex(32)},
                 {"ec2InstanceId", (is_external ? "mi-" : "i-") + random_.hex(17)},
                 {"version", random_.between(2, 50)},
                 {"status", status_of(random_)},
                 {"agentConnected", random_.chance(94)},
                 {"runningTasksCount", random_.between(0, 4)},
                 {"pendingTasksCount", random_.between(0, 1)},
                 {"registeredAt", timestamp(random_)},
                 {"versionInfo", {{"agentHash", "aabe65ee"}}},
                 {"attributes", Json::array()},
                 {"attachments", Json::array()},
                 {"tags", Json::array()}};
    if (random_.chance(97)) json["versionInfo"]["agentVersion"] = random_.pick(fleet_.vocabulary.agent_versions);
    if (!is_external && random_.chance(60)) json["capacityProviderName"] = random_.pick(fleet_.vocabulary.providers);
    Json& attributes = json["attributes"];
    add_platform(random_, type, subnet, is_external, is_windows, attributes);
    add_capabilities(random_, is_external, attributes);
    add_custom(random_, attributes);
    add_resources(type, is_windows, json);

    std::vector<std::string>& clusters = fleet_.vocabulary.clusters;
    const std::string name = cluster.substr(0, cluster.find('/'));
    if (!name.empty() && std::find(clusters.begin(), clusters.end(), name) == clusters.end()) clusters.push_back(name);
    fleet_.vocabulary.instance_arns.push_back(json["containerInstanceArn"]);
    fleet_.vocabulary.ec2_instance_ids.push_back(json["ec2InstanceId"]);
    add_older_version(json);
    instances_.push_back(std::move(json));
  }

  void add_resources(const InstanceType& type, bool is_windows, Json& json) {
    std::vector<std::string> gpus;
    for (int i = 0; i < type.gpus; ++i) gpus.push_back("GPU-" + random_.hex(12));
    const std::set<int> registered = {22, 2375, 2376, 51678, 51679};
    Room room{type.cpu, type.memory, registered, {}, gpus, {}, is_windows, true};
    json["registeredResources"] = {numeric("CPU", type.cpu), numeric("MEMORY", type.memory), string_set("PORTS", as_text(registered)),
                                   string_set("PORTS_UDP", {})};
    if (!gpus.empty()) json["registeredResources"].push_back(string_set("GPU", gpus));

    for (const std::string& name : own_names()) {
      if (!random_.chance(65)) continue;
      room.own[name] = random_.pick(std::vector<int>{0, 4, 20, 20, 1000});
      json["registeredResources"].push_back(own_amount(name, room.own[name], random_.chance(50)));
    }
    const bool has_remaining = random_.chance(92);
    if (options_.has_tasks) {
      for (int tasks = random_.between(0, 6); tasks > 0; --tasks) {
        tasks_.push_back(generate_task(random_, fleet_.vocabulary, json["containerInstanceArn"], room));
      }
    }
    if (!has_remaining) return;
    // What the tasks do not explain: reservations of others, nearly nothing left, or less than nothing.
    if (random_.chance(40)) room.cpu -= random_.between(0, type.cpu);
    if (random_.chance(40)) room.memory -= random_.between(0, type.memory);
    if (random_.chance(20)) room.tcp.insert(random_.pick(std::vector<int>{80, 443, 8080, 9000}));
    if (random_.chance(10)) room.udp.insert(random_.pick(std::vector<int>{53, 514}));
    if (random_.chance(4)) {
      for (int port = 20000; static_cast<int>(room.tcp.size()) < random_.between(94, 100); ++port) room.tcp.insert(port);
    }
    if (!room.free_gpus.empty() && random_.chance(20)) room.free_gpus.erase(room.free_gpus.begin());
    json["remainingResources"] = {numeric("CPU", room.cpu), numeric("MEMORY", room.memory), string_set("PORTS", as_text(room.tcp)),
                                  string_set("PORTS_UDP", as_text(room.udp))};
    if (!gpus.empty()) json["remainingResources"].push_back(string_set("GPU", room.free_gpus));
    for (auto& [name, left] : room.own) {
      if (random_.chance(10)) left -= random_.between(0, 10);
      if (random_.chance(92)) json["remainingResources"].push_back(own_amount(name, left, random_.chance(30)));
    }
  }

  // A stale page of the same instance: the newer version wins, wherever it stands.
  void add_older_version(const Json& json) {
    if (!random_.chance(3)) return;
    Json stale = json;
    stale["version"] = json["version"].get<int>() - 1;
    stale["status"] = "DRAINING";
    stale["attributes"] = Json::array();
    instances_.push_back(stale);
  }

  // Tasks that an import leaves out: on Fargate, on an instance that is not there, or stopped by a newer version.
  void add_odd_tasks() {
    Room room;
    const std::string nowhere = kArnHead + "container-instance/main/" + random_.hex(32);
    for (int i = 0; i < 3; ++i) tasks_.push_back(generate_task(random_, fleet_.vocabulary, nowhere, room));
    Json fargate = generate_task(random_, fleet_.vocabulary, nowhere, room);
    fargate["launchType"] = "FARGATE";
    fargate.erase("containerInstanceArn");
    tasks_.push_back(fargate);
    if (fleet_.vocabulary.instance_arns.empty()) return;
    Json stale = generate_task(random_, fleet_.vocabulary, random_.pick(fleet_.vocabulary.instance_arns), room);
    stale["lastStatus"] = "RUNNING";
    stale["desiredStatus"] = "RUNNING";
    Json stopped = stale;
    stopped["version"] = stale["version"].get<int>() + 1;
    stopped["lastStatus"] = stopped["desiredStatus"] = "STOPPED";
    tasks_.insert(tasks_.begin() + static_cast<std::ptrdiff_t>(random_.below(tasks_.size())), stopped);
    tasks_.push_back(stale);
  }

  void add_pages(const char* name, const std::vector<Json>& entries) {
    for (std::size_t begin = 0; begin < entries.size(); begin += 100) {
      const auto first = entries.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = entries.begin() + static_cast<std::ptrdiff_t>(std::min(entries.size(), begin + 100));
      fleet_.documents.push_back({{name, std::vector<Json>(first, last)}, {"failures", Json::array()}});
    }
  }

  Random random_;
  FleetOptions options_;
  Fleet fleet_;
  std::vector<Json> instances_;
  std::vector<Json> tasks_;
};

}  // namespace

const std::vector<std::string>& own_names() {
  static const std::vector<std::string> kNames = {"licence", "disk", "bandwidth"};
  return kNames;
}

const oracle::EniLimits& eni_limits() {
  static const oracle::EniLimits kLimits = {
      {{"c5.large", {2, 10}},
       {"c5.xlarge", {3, 20}},
       {"m5.large", {2, 10}},
       {"m5.4xlarge", {7, 60}},
       {"r5.2xlarge", {3, 40}},
       {"m6g.large", {2, 10}},
       {"m6g.2xlarge", {3, 40}},
       {"p3.8xlarge", {7, 60}}},
      {{"g4dn.xlarge", {3, 39}}, {"g4dn.12xlarge", {8, 54}}, {"m7i.large", {3, 9}}, {"t3.medium", {3, 0}}}};
  return kLimits;
}

Fleet generate_fleet(std::uint64_t seed, const FleetOptions& options) {
  return FleetMaker(seed, options).make();
}

}  // namespace berth::property
