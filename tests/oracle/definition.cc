#include "tests/oracle/definition.h"

#include <algorithm>
#include <cmath>
#include <regex>

namespace berth::oracle {
namespace {

constexpr std::int64_t kAnyAmount = 1'000'000'000;

// "1024", "1 vCPU", "0.5vcpu", "2 GB": a number of `unit_amount`s when the unit follows.
std::int64_t parse_size(const std::string& text, const std::string& unit, double unit_amount) {
  static const std::regex kSize("([0-9]*[.]?[0-9]+) *([A-Za-z]*)");
  std::smatch parts;
  if (!std::regex_match(text, parts, kSize)) throw Invalid("malformed size '" + text + "'");
  std::string found = parts[2];
  std::transform(found.begin(), found.end(), found.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const double number = std::stod(parts[1]);
  if (found.empty()) {
    if (parts[1].str().find('.') != std::string::npos) throw Invalid("malformed size '" + text + "'");
    return static_cast<std::int64_t>(number);
  }
  if (found != unit) throw Invalid("unknown unit in '" + text + "'");
  return static_cast<std::int64_t>(std::llround(number * unit_amount));
}

std::optional<std::int64_t> task_cpu(const Json& json) {
  const auto text = string_member(json, "cpu");
  if (!text) return std::nullopt;
  const std::int64_t cpu = parse_size(*text, "vcpu", 1024);
  if (cpu < 128 || cpu > 196608) throw Invalid("task cpu out of range: " + *text);
  return cpu;
}

std::optional<std::int64_t> task_memory(const Json& json) {
  const auto text = string_member(json, "memory");
  return text ? std::optional(parse_size(*text, "gb", 1024)) : std::nullopt;
}

struct ContainerNeeds {
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::int64_t reservation = 0;
  std::size_t gpus = 0;
};

std::size_t gpus_of(const Json& container) {
  std::size_t gpus = 0;
  for (const Json& requirement : list_member(container, "resourceRequirements")) {
    const std::string type = string_member(requirement, "type").value_or("");
    const std::string value = string_member(requirement, "value").value_or("");
    if (type != "GPU" && type != "InferenceAccelerator" && type != "NeuronDevice") throw Invalid("unknown resource requirement");
    if (type != "GPU") continue;
    if (value.empty() || !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      throw Invalid("GPU value '" + value + "'");
    }
    gpus += static_cast<std::size_t>(std::stoul(value));
  }
  return gpus;
}

const Json& override_of(const Json& overrides, const std::string& container) {
  static const Json kNone = Json::object();
  for (const Json& entry : list_member(overrides, "containerOverrides")) {
    if (string_member(entry, "name") == container) return entry;
  }
  return kNone;
}

ContainerNeeds needs_of(const Json& container, const Json& replacement) {
  const auto value = [&](const char* name) {
    const auto replaced = integer_member(replacement, name, 0, kAnyAmount);
    return replaced ? *replaced : integer_member(container, name, 0, kAnyAmount).value_or(0);
  };
  ContainerNeeds needs;
  needs.cpu = value("cpu");
  needs.memory = value("memory");
  needs.reservation = value("memoryReservation");
  needs.gpus = gpus_of(member(replacement, "resourceRequirements") != nullptr ? replacement : container);
  return needs;
}

// Rule D6 and section 2.4: which host ports a mapping holds, and whether the mapping is one.
void add_ports(const Json& mapping, const std::string& mode, Demand& demand) {
  require_known_members(mapping, "portMappings", {"containerPort", "hostPort", "protocol", "name", "appProtocol", "containerPortRange"});
  if (mode == "none") throw Invalid("network mode none takes no port mappings");
  const std::string protocol = string_member(mapping, "protocol").value_or("tcp");
  if (protocol != "tcp" && protocol != "udp") throw Invalid("protocol " + protocol);
  std::set<int>& ports = protocol == "udp" ? demand.udp : demand.tcp;
  const auto hold = [&](int port) {
    if (!ports.insert(port).second) throw Invalid("host port " + std::to_string(port) + " twice");
  };
  const int host = static_cast<int>(integer_member(mapping, "hostPort", 0, 65535).value_or(0));

  if (const auto range = string_member(mapping, "containerPortRange")) {
    static const std::regex kRange("([0-9]{1,5})-([0-9]{1,5})");
    std::smatch ends;
    if (host != 0) throw Invalid("hostPort beside containerPortRange");
    if (!std::regex_match(*range, ends, kRange)) throw Invalid("containerPortRange " + *range);
    const int first = std::stoi(ends[1]);
    const int last = std::stoi(ends[2]);
    if (first < 1 || last > 65535 || first > last) throw Invalid("containerPortRange " + *range);
    for (int port = first; mode == "host" && port <= last; ++port) hold(port);
    return;
  }
  const auto container = integer_member(mapping, "containerPort", 0, 65535);
  if (!container) throw Invalid("a port mapping without containerPort");
  const bool is_own_address = mode == "host" || mode == "awsvpc";
  if (is_own_address && host != 0 && host != *container) throw Invalid("hostPort differs from containerPort");
  if (mode == "host") {
    hold(static_cast<int>(*container));
  } else if (mode != "awsvpc" && host != 0) {
    hold(host);
  }
}

void check_container(const Json& container, const ContainerNeeds& needs, bool has_task_memory) {
  const std::string name = string_member(container, "name").value_or("");
  if (name.empty()) throw Invalid("Container.name should not be null or empty.");
  if (!has_task_memory && needs.memory == 0 && needs.reservation == 0) {
    throw Invalid("Invalid setting for container '" + name + "'. At least one of 'memory' or 'memoryReservation' must be specified.");
  }
  if (needs.memory > 0 && needs.reservation > 0 && needs.memory <= needs.reservation) {
    throw Invalid("memory of container '" + name + "' must be greater than its memoryReservation");
  }
}

bool is_windows(const std::string& family) {
  return family.rfind("WINDOWS", 0) == 0;
}

// Rule D9: an instance without the attribute is linux on x86_64. Of Windows the family decides; it names the type as well.
void add_platform(const Json& definition, Demand& demand) {
  const Json& platform = object_member(definition, "runtimePlatform");
  require_known_members(platform, "runtimePlatform", {"cpuArchitecture", "operatingSystemFamily"});
  if (const auto architecture = string_member(platform, "cpuArchitecture")) {
    if (*architecture != "X86_64" && *architecture != "ARM64") throw Invalid("cpuArchitecture " + *architecture);
    demand.attributes["ecs.cpu-architecture"] = {*architecture == "ARM64" ? "arm64" : "x86_64", "x86_64"};
  }
  if (const auto family = string_member(platform, "operatingSystemFamily")) {
    if (*family != "LINUX" && !is_windows(*family)) throw Invalid("operatingSystemFamily " + *family);
    if (is_windows(*family)) {
      demand.attributes["ecs.os-family"] = {family, std::nullopt};
    } else {
      demand.attributes["ecs.os-type"] = {"linux", "linux"};
    }
  }
}

void add_required_attributes(const Json& definition, bool runs_command, Demand& demand) {
  // Asked for by the run, not by the definition, whose list does not hold it.
  if (runs_command) demand.attributes["ecs.capability.execute-command"] = {};
  if (member(definition, "requiresAttributes") == nullptr) {
    for (const std::string& name : derive_required_attributes(definition)) demand.attributes[name] = {};
    return;
  }
  for (const Json& attribute : list_member(definition, "requiresAttributes")) {
    demand.attributes[string_member(attribute, "name").value_or("")] = {string_member(attribute, "value"), std::nullopt};
  }
}

void check_members(const Json& definition) {
  require_known_members(definition, "taskDefinition",
                        {"family",
                         "taskRoleArn",
                         "executionRoleArn",
                         "networkMode",
                         "containerDefinitions",
                         "volumes",
                         "placementConstraints",
                         "requiresCompatibilities",
                         "cpu",
                         "memory",
                         "tags",
                         "pidMode",
                         "ipcMode",
                         "proxyConfiguration",
                         "inferenceAccelerators",
                         "ephemeralStorage",
                         "runtimePlatform",
                         "enableFaultInjection",
                         "taskDefinitionArn",
                         "revision",
                         "status",
                         "requiresAttributes",
                         "compatibilities",
                         "registeredAt",
                         "deregisteredAt",
                         "deleteRequestedAt",
                         "registeredBy"});
  for (const Json& container : list_member(definition, "containerDefinitions")) {
    require_known_members(container, "containerDefinitions",
                          {"name",
                           "image",
                           "repositoryCredentials",
                           "cpu",
                           "memory",
                           "memoryReservation",
                           "links",
                           "portMappings",
                           "essential",
                           "restartPolicy",
                           "entryPoint",
                           "command",
                           "environment",
                           "environmentFiles",
                           "mountPoints",
                           "volumesFrom",
                           "linuxParameters",
                           "secrets",
                           "dependsOn",
                           "startTimeout",
                           "stopTimeout",
                           "versionConsistency",
                           "hostname",
                           "user",
                           "workingDirectory",
                           "disableNetworking",
                           "privileged",
                           "readonlyRootFilesystem",
                           "dnsServers",
                           "dnsSearchDomains",
                           "extraHosts",
                           "dockerSecurityOptions",
                           "interactive",
                           "pseudoTerminal",
                           "dockerLabels",
                           "ulimits",
                           "logConfiguration",
                           "healthCheck",
                           "systemControls",
                           "resourceRequirements",
                           "firelensConfiguration",
                           "credentialSpecs"});
  }
}

}  // namespace

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) throw Invalid("expected an object, found " + object.dump());
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> string_member(const Json& object, const char* name) {
  const Json* found = member(object, name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) throw Invalid(std::string(name) + ": expected a string, found " + found->dump());
  return found->get<std::string>();
}

std::optional<std::int64_t> integer_member(const Json& object, const char* name, std::int64_t least, std::int64_t most) {
  const Json* found = member(object, name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number_integer()) throw Invalid(std::string(name) + ": expected an integer, found " + found->dump());
  const auto value = found->get<std::int64_t>();
  if (value < least || value > most) throw Invalid(std::string(name) + " out of range: " + found->dump());
  return value;
}

std::optional<bool> boolean_member(const Json& object, const char* name) {
  const Json* found = member(object, name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_boolean()) throw Invalid(std::string(name) + ": expected true or false, found " + found->dump());
  return found->get<bool>();
}

const Json& list_member(const Json& object, const char* name) {
  static const Json kEmpty = Json::array();
  const Json* found = member(object, name);
  if (found == nullptr) return kEmpty;
  if (!found->is_array()) throw Invalid(std::string(name) + ": expected a list, found " + found->dump());
  return *found;
}

const Json& object_member(const Json& object, const char* name) {
  static const Json kEmpty = Json::object();
  const Json* found = member(object, name);
  if (found == nullptr) return kEmpty;
  if (!found->is_object()) throw Invalid(std::string(name) + ": expected an object, found " + found->dump());
  return *found;
}

void require_known_members(const Json& object, const std::string& where, std::initializer_list<const char*> known) {
  if (!object.is_object()) throw Invalid(where + ": expected an object, found " + object.dump());
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) throw Invalid(where + ": unknown member " + name);
  }
}

const Json& unwrap_definition(const Json& definition) {
  const Json* inner = member(definition, "taskDefinition");
  return inner != nullptr && inner->is_object() ? *inner : definition;
}

Demand demand_of(const Json& wrapped, const Json& overrides, bool runs_command) {
  const Json& definition = unwrap_definition(wrapped);
  check_members(definition);
  require_known_members(
      overrides, "overrides",
      {"containerOverrides", "cpu", "inferenceAcceleratorOverrides", "executionRoleArn", "memory", "taskRoleArn", "ephemeralStorage"});
  if (string_member(definition, "family").value_or("").empty()) throw Invalid("a definition without family");
  const std::string mode = string_member(definition, "networkMode").value_or("bridge");
  if (mode != "bridge" && mode != "host" && mode != "awsvpc" && mode != "none") throw Invalid("networkMode " + mode);

  Demand demand;
  add_platform(definition, demand);
  const bool windows = is_windows(string_member(object_member(definition, "runtimePlatform"), "operatingSystemFamily").value_or(""));
  auto cpu = task_cpu(definition);
  auto memory = task_memory(definition);
  if (const auto replaced = task_cpu(overrides)) cpu = replaced;
  if (const auto replaced = task_memory(overrides)) memory = replaced;
  if (windows) cpu = memory = std::nullopt;  // Section 2.3: ignored there.

  const Json& containers = list_member(definition, "containerDefinitions");
  if (containers.empty()) throw Invalid("a definition without containers");
  if (containers.size() > kContainersMax) throw Invalid("more than 10 containers");
  std::set<std::string> names;
  for (const Json& container : containers) {
    const std::string name = string_member(container, "name").value_or("");
    if (!names.insert(name).second) throw Invalid("container " + name + " twice");
    const ContainerNeeds needs = needs_of(container, override_of(overrides, name));
    check_container(container, needs, memory.value_or(0) > 0);
    demand.cpu += needs.cpu;
    demand.memory += needs.reservation > 0 ? needs.reservation : needs.memory;
    demand.gpus += needs.gpus;
    for (const Json& mapping : list_member(container, "portMappings")) add_ports(mapping, mode, demand);
  }
  for (const Json& entry : list_member(overrides, "containerOverrides")) {
    if (names.count(string_member(entry, "name").value_or("")) == 0) throw Invalid("an override of no container");
  }
  if (windows && demand.gpus > 0) throw Invalid("GPUs are not supported on Windows");
  if (cpu.value_or(0) > 0) demand.cpu = *cpu;
  if (memory.value_or(0) > 0) demand.memory = *memory;
  demand.uses_eni = mode == "awsvpc";
  add_required_attributes(definition, runs_command, demand);
  return demand;
}

}  // namespace berth::oracle
