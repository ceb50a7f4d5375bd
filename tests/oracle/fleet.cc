#include "tests/oracle/fleet.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>

namespace berth::oracle {
namespace {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(line);
  std::string part;
  while (std::getline(stream, part, separator)) parts.push_back(part);
  return parts;
}

std::vector<std::map<std::string, std::string>> read_csv(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Invalid("cannot read " + path);
  std::string line;
  std::getline(file, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  const std::vector<std::string> head = split(line, ',');
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::vector<std::string> cells = split(line, ',');
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < head.size() && i < cells.size(); ++i) row[head[i]] = cells[i];
    rows.push_back(row);
  }
  return rows;
}

int whole(const std::string& text) {
  return text.empty() ? 0 : std::stoi(text);
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? "" : found->get<std::string>();
}

std::int64_t number_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? 0 : found->get<std::int64_t>();
}

const Json& list_of(const Json& object, const char* name) {
  static const Json kEmpty = Json::array();
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? kEmpty : *found;
}

// Tasks print amounts as text.
std::int64_t amount_of(const Json& object, const char* name) {
  const std::string text = text_of(object, name);
  return text.empty() ? 0 : std::stoll(text);
}

const Json* resource(const Json& instance, const char* list, const char* name) {
  for (const Json& entry : list_of(instance, list)) {
    if (text_of(entry, "name") == name) return &entry;
  }
  return nullptr;
}

std::vector<std::string> strings_of(const Json* entry) {
  return entry == nullptr ? std::vector<std::string>{} : list_of(*entry, "stringSetValue").get<std::vector<std::string>>();
}

std::set<int> ports_of(const Json* entry) {
  std::set<int> ports;
  for (const std::string& port : strings_of(entry)) ports.insert(std::stoi(port));
  return ports;
}

// Host ports from here on are drawn by the instance, not asked for.
constexpr int kEphemeralPortFirst = 32768;

struct Task {
  std::string instance_arn;
  std::string group;
  bool is_desired_running = false;
  bool uses_eni = false;
  std::int64_t cpu = 0;
  std::int64_t memory = 0;
  std::set<int> tcp;
  std::set<int> udp;
  std::set<std::string> gpu_ids;
  std::map<std::string, std::int64_t> own;
};

bool has_eni(const Json& task) {
  for (const Json& attachment : list_of(task, "attachments")) {
    const std::string type = text_of(attachment, "type");
    const std::string status = text_of(attachment, "status");
    const bool is_gone = status == "DELETED" || status == "DETACHED";
    if (!is_gone && (type == "ElasticNetworkInterface" || type == "eni")) return true;
  }
  for (const Json& container : list_of(task, "containers")) {
    if (!list_of(container, "networkInterfaces").empty()) return true;
  }
  return false;
}

Task read_task(const Json& json) {
  Task task;
  task.instance_arn = text_of(json, "containerInstanceArn");
  task.group = text_of(json, "group");
  task.is_desired_running = text_of(json, "desiredStatus") == "RUNNING";
  task.uses_eni = has_eni(json);
  for (const Json& container : list_of(json, "containers")) {
    for (const Json& id : list_of(container, "gpuIds")) task.gpu_ids.insert(id.get<std::string>());
    for (const Json& binding : list_of(container, "networkBindings")) {
      const int port = static_cast<int>(number_of(binding, "hostPort"));
      if (port > 0 && port < kEphemeralPortFirst) (text_of(binding, "protocol") == "udp" ? task.udp : task.tcp).insert(port);
    }
    task.cpu += amount_of(container, "cpu");
    const std::int64_t reservation = amount_of(container, "memoryReservation");
    task.memory += reservation > 0 ? reservation : amount_of(container, "memory");
  }
  if (json.contains("berth") && json["berth"].contains("resources")) {
    task.own = json["berth"]["resources"].get<std::map<std::string, std::int64_t>>();
  }
  if (!text_of(json, "cpu").empty()) task.cpu = amount_of(json, "cpu");
  if (!text_of(json, "memory").empty()) task.memory = amount_of(json, "memory");
  return task;
}

Instance read_instance(const Json& json, const EniLimits& limits) {
  Instance instance;
  instance.arn = text_of(json, "containerInstanceArn");
  instance.ec2_instance_id = text_of(json, "ec2InstanceId");
  instance.capacity_provider = text_of(json, "capacityProviderName");
  if (json.contains("versionInfo")) instance.agent_version = text_of(json["versionInfo"], "agentVersion");
  if (json.contains("status")) instance.status = text_of(json, "status");
  if (json.contains("agentConnected")) instance.agent_connected = json["agentConnected"].get<bool>();
  if (json.contains("registeredAt")) instance.registered_at_ms = timestamp_ms(json["registeredAt"]);
  for (const Json& attribute : list_of(json, "attributes")) {
    instance.attributes[text_of(attribute, "name")] = text_of(attribute, "value");
  }
  instance.gpu_ids = strings_of(resource(json, "registeredResources", "GPU"));
  if (const std::string* type = instance.attribute("ecs.instance-type")) {
    instance.eni_limit = limits.limit(*type, instance.attribute("ecs.awsvpc-trunk-id") != nullptr);
  }
  return instance;
}

// The amount in the field of its type, rounded down.
std::int64_t typed_amount(const Json& entry) {
  const std::string type = text_of(entry, "type");
  if (type == "DOUBLE") return static_cast<std::int64_t>(std::floor(entry.at("doubleValue").get<double>()));
  return number_of(entry, type == "LONG" ? "longValue" : "integerValue");
}

// What remains of one own resource, by rule D3 as well.
std::int64_t own_left(const Json& json, const std::string& name, const std::vector<const Task*>& tasks) {
  if (const Json* remaining = resource(json, "remainingResources", name.c_str())) return typed_amount(*remaining);
  const Json* registered = resource(json, "registeredResources", name.c_str());
  std::int64_t left = registered == nullptr ? 0 : typed_amount(*registered);
  for (const Task* task : tasks) {
    const auto held = task->own.find(name);
    left -= held == task->own.end() ? 0 : held->second;
  }
  return left;
}

// Rule D3: what remainingResources says is so; what it does not say is what was registered less the tasks.
State read_state(const Json& json, const Instance& instance, const std::vector<const Task*>& tasks, bool has_tasks) {
  State state;
  const Json* const cpu = resource(json, "remainingResources", "CPU");
  const Json* const memory = resource(json, "remainingResources", "MEMORY");
  const Json* const tcp = resource(json, "remainingResources", "PORTS");
  const Json* const udp = resource(json, "remainingResources", "PORTS_UDP");
  const Json* const gpu = resource(json, "remainingResources", "GPU");
  const Json* const registered_cpu = resource(json, "registeredResources", "CPU");
  const Json* const registered_memory = resource(json, "registeredResources", "MEMORY");

  state.cpu = cpu != nullptr ? number_of(*cpu, "integerValue") : registered_cpu != nullptr ? number_of(*registered_cpu, "integerValue") : 0;
  state.memory = memory != nullptr              ? number_of(*memory, "integerValue")
                 : registered_memory != nullptr ? number_of(*registered_memory, "integerValue")
                                                : 0;
  state.tcp = ports_of(tcp);
  state.udp = ports_of(udp);
  state.tcp.merge(ports_of(resource(json, "registeredResources", "PORTS")));
  state.udp.merge(ports_of(resource(json, "registeredResources", "PORTS_UDP")));
  std::set<std::string> free_gpus;
  for (const std::string& id : gpu != nullptr ? strings_of(gpu) : instance.gpu_ids) free_gpus.insert(id);

  for (const Task* task : tasks) {
    if (cpu == nullptr) state.cpu -= task->cpu;
    if (memory == nullptr) state.memory -= task->memory;
    if (tcp == nullptr) state.tcp.insert(task->tcp.begin(), task->tcp.end());
    if (udp == nullptr) state.udp.insert(task->udp.begin(), task->udp.end());
    for (const std::string& id : task->gpu_ids) free_gpus.erase(id);  // Pinned to one task, whatever the list of free ones says.
    if (task->uses_eni) ++state.enis;
    if (task->is_desired_running) {
      ++state.running;
      ++state.groups[task->group];
    }
  }
  if (!has_tasks) state.running = number_of(json, "runningTasksCount");
  for (const std::string& id : instance.gpu_ids) state.gpu_free.push_back(free_gpus.count(id) == 1);
  return state;
}

// The newest version of every instance and task in a document.
struct Found {
  std::map<std::string, Json> instances;
  std::map<std::string, Json> tasks;
};

void keep_newest(std::map<std::string, Json>& all, const std::string& arn, const Json& json) {
  if (arn.empty()) throw Invalid("an instance or task without ARN");
  const auto found = all.find(arn);
  if (found == all.end() || number_of(json, "version") >= number_of(found->second, "version")) all[arn] = json;
}

// What tells one cluster from another: its ARN, or "" where neither the record nor its ARN names one.
std::string cluster_key(const Json& instance) {
  if (const std::string named = text_of(instance, "clusterArn"); !named.empty()) return named;
  const std::string arn = text_of(instance, "containerInstanceArn");
  const std::string name = cluster_of(arn);
  return name.empty() ? name : arn.substr(0, arn.find(":container-instance/")) + ":cluster/" + name;
}

void collect(const Json& json, Found& found) {
  if (json.is_array()) {
    for (const Json& entry : json) collect(entry, found);
    return;
  }
  if (!json.is_object()) throw Invalid("not an object");
  if (json.contains("taskArn")) return keep_newest(found.tasks, text_of(json, "taskArn"), json);
  if (json.contains("containerInstanceArn")) return keep_newest(found.instances, text_of(json, "containerInstanceArn"), json);
  bool is_known = false;
  for (const char* name : {"containerInstances", "tasks", "containerInstance", "task", "detail"}) {
    if (!json.contains(name)) continue;
    collect(json[name], found);
    is_known = true;
  }
  if (!is_known) throw Invalid("neither container instances nor tasks");
}

}  // namespace

EniLimits EniLimits::read(const std::string& data_folder) {
  EniLimits limits;
  for (const auto& row : read_csv(data_folder + "/ec2/ecs_eni_trunking_task_limits.csv")) {
    limits.documented[row.at("instance_type")] = {whole(row.at("awsvpc_task_limit_no_trunking")),
                                                  whole(row.at("awsvpc_task_limit_trunking"))};
  }
  for (const auto& row : read_csv(data_folder + "/ec2/ec2_instance_types.csv")) {
    const bool trunks = row.at("trunking_compatible") == "true";
    limits.facts[row.at("instance_type")] = {whole(row.at("max_eni")), trunks ? whole(row.at("trunk_branch_eni")) : 0};
  }
  return limits;
}

std::optional<int> EniLimits::limit(std::string_view instance_type, bool has_trunk) const {
  if (const auto found = documented.find(instance_type); found != documented.end()) {
    return has_trunk ? found->second.trunking : found->second.plain;
  }
  const auto found = facts.find(instance_type);
  if (found == facts.end() || found->second.eni_max == 0) return std::nullopt;
  if (has_trunk && found->second.trunk_branch_enis > 0) return found->second.trunk_branch_enis + found->second.eni_max - 2;
  return found->second.eni_max - 1;
}

const std::string* Instance::attribute(std::string_view name) const {
  const auto found = attributes.find(name);
  return found == attributes.end() ? nullptr : &found->second;
}

Fleet import_fleet(const std::vector<Json>& documents, const EniLimits& limits, const std::set<std::string>& own) {
  Found found;
  for (const Json& document : documents) collect(document, found);

  std::map<std::string, std::vector<const Task*>> tasks_of;
  std::vector<Task> tasks;
  for (const auto& [arn, json] : found.tasks) {
    const bool is_fargate = text_of(json, "launchType") == "FARGATE" || text_of(json, "containerInstanceArn").empty();
    if (is_fargate || text_of(json, "lastStatus") == "STOPPED") continue;
    if (found.instances.count(text_of(json, "containerInstanceArn")) == 1) tasks.push_back(read_task(json));
  }
  std::set<std::string> clusters_with_tasks;  // Rule D4 goes by the cluster.
  for (const Task& task : tasks) {
    tasks_of[task.instance_arn].push_back(&task);
    clusters_with_tasks.insert(cluster_key(found.instances.at(task.instance_arn)));
  }

  Fleet fleet;
  auto instances = std::make_shared<std::vector<Instance>>();
  for (const auto& [arn, json] : found.instances) {  // std::map: ascending by the bytes of the ARN.
    instances->push_back(read_instance(json, limits));
    fleet.states.push_back(read_state(json, instances->back(), tasks_of[arn], clusters_with_tasks.count(cluster_key(json)) == 1));
    for (const std::string& name : own) fleet.states.back().own[name] = own_left(json, name, tasks_of[arn]);
  }
  fleet.instances = instances;
  return fleet;
}

std::optional<std::int64_t> iso8601_ms(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, length = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3 || length != 10) return std::nullopt;
  std::string rest = text.substr(10);
  std::int64_t millis = 0;
  std::int64_t offset_minutes = 0;
  if (!rest.empty()) {
    if (std::sscanf(rest.c_str(), "T%2d:%2d:%2d%n", &hour, &minute, &second, &length) != 3 || length != 9) return std::nullopt;
    rest = rest.substr(9);
    if (!rest.empty() && rest[0] == '.') {
      std::size_t end = 1;
      for (int weight = 100; end < rest.size() && rest[end] >= '0' && rest[end] <= '9'; ++end, weight /= 10) {
        millis += std::int64_t{rest[end] - '0'} * weight;
      }
      if (end == 1) return std::nullopt;
      rest = rest.substr(end);
    }
    if (rest == "Z") {
      rest.clear();
    } else if (!rest.empty()) {
      int hours = 0, minutes = 0;
      char sign = '+';
      if (rest.size() != 6 || std::sscanf(rest.c_str(), "%c%2d:%2d", &sign, &hours, &minutes) != 3) return std::nullopt;
      if (sign != '+' && sign != '-') return std::nullopt;
      offset_minutes = (sign == '-' ? -1 : 1) * (std::int64_t{hours} * 60 + minutes);
    }
  }
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  std::tm moment{};
  moment.tm_year = year - 1900;
  moment.tm_mon = month - 1;
  moment.tm_mday = day;
  moment.tm_hour = hour;
  moment.tm_min = minute;
  moment.tm_sec = second;
  return (std::int64_t{timegm(&moment)} - offset_minutes * 60) * 1000 + millis;
}

std::int64_t timestamp_ms(const Json& value) {
  if (value.is_number()) return static_cast<std::int64_t>(std::llround(value.get<double>() * 1000.0));
  if (value.is_string()) {
    if (const auto ms = iso8601_ms(value.get<std::string>())) return *ms;
  }
  if (value.is_object() && text_of(value, "__class__") == "datetime") {
    std::tm moment{};
    moment.tm_year = static_cast<int>(number_of(value, "year")) - 1900;
    moment.tm_mon = static_cast<int>(number_of(value, "month")) - 1;
    moment.tm_mday = static_cast<int>(number_of(value, "day"));
    moment.tm_hour = static_cast<int>(number_of(value, "hour"));
    moment.tm_min = static_cast<int>(number_of(value, "minute"));
    moment.tm_sec = static_cast<int>(number_of(value, "second"));
    return std::int64_t{timegm(&moment)} * 1000 + number_of(value, "microsecond") / 1000;
  }
  throw Invalid("not a timestamp: " + value.dump());
}

std::string home_of(std::string_view instance_arn) {
  const std::size_t end = instance_arn.find(":container-instance/");
  return end == std::string_view::npos || instance_arn.rfind("arn:", 0) != 0 ? "" : std::string(instance_arn.substr(0, end));
}

std::string cluster_of(std::string_view instance_arn) {
  const std::size_t start = instance_arn.find(":container-instance/");
  if (start == std::string_view::npos) return "";
  const std::string_view rest = instance_arn.substr(start + std::string_view(":container-instance/").size());
  const std::size_t slash = rest.find('/');
  return slash == std::string_view::npos ? "" : std::string(rest.substr(0, slash));
}

}  // namespace berth::oracle
