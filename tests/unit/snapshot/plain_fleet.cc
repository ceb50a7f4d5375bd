#include "tests/unit/snapshot/plain_fleet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "engine/base/rng.h"

namespace berth::testing {
namespace {

std::string ports_text(const std::vector<std::uint16_t>& tcp, const std::vector<std::uint16_t>& udp) {
  std::string text;
  for (const std::uint16_t port : std::set<std::uint16_t>(tcp.begin(), tcp.end())) {
    text += " tcp" + std::to_string(port);
  }
  for (const std::uint16_t port : std::set<std::uint16_t>(udp.begin(), udp.end())) {
    text += " udp" + std::to_string(port);
  }
  return text;
}

void describe_instance(const PlainInstance& from, const std::set<std::string>& own_names, Description& out) {
  out.begin(from.arn);
  out.add("ec2", from.ec2_instance_id);
  out.add("provider", from.capacity_provider);
  out.add("agent", from.agent_version);
  out.add("status", to_text(from.status));
  out.add("connected", std::int64_t{from.agent_connected ? 1 : 0});
  out.add("registered", from.registered_at_ms);
  out.add_unsigned("version", from.version);
  out.add("cpu", std::int64_t{from.cpu_registered});
  out.add("cpu left", std::int64_t{from.cpu_remaining});
  out.add("memory", std::int64_t{from.memory_registered});
  out.add("memory left", std::int64_t{from.memory_remaining});
  out.add("ports", ports_text(from.tcp_registered, from.udp_registered));
  out.add("ports used", ports_text(from.tcp_used, from.udp_used));
  out.add("eni", std::int64_t{from.eni_limit});
  out.add("eni used", std::int64_t{from.eni_used});
  out.add("running", std::int64_t{from.running_tasks_count});
  out.add("pending", std::int64_t{from.pending_tasks_count});
  for (const PlainGpu& gpu : from.gpus) {
    out.add("gpu " + gpu.id, std::int64_t{gpu.is_free ? 1 : 0});
  }
  // The last of equal names stays.
  std::map<std::string, std::string> attributes;
  for (const auto& [name, value] : from.attributes) {
    attributes["attribute " + name] = value ? "'" + *value + "'" : "(no value)";
  }
  for (const auto& [name, value] : attributes) {
    out.add(name, value);
  }
  std::map<std::string, PlainOwn> own;
  for (const PlainOwn& each : from.own) {
    own[each.name] = each;
  }
  for (const std::string& name : own_names) {
    out.add("own " + name, std::int64_t{own[name].registered});
    out.add("left", std::int64_t{own[name].remaining});
  }
}

void describe_task(const PlainTask& from, const PlainInstance& instance, const std::set<std::string>& own_names, Description& out) {
  out.begin(" " + from.arn);
  out.add("group", from.group);
  out.add("definition", from.task_definition);
  out.add("started by", from.started_by);
  out.add("provider", from.capacity_provider);
  out.add("cpu", std::int64_t{from.cpu_units});
  out.add("memory", std::int64_t{from.memory_mib});
  out.add("ports", ports_text(from.tcp_ports, from.udp_ports));
  out.add("eni", std::int64_t{from.uses_eni ? 1 : 0});
  out.add("launch", to_text(from.launch_type));
  out.add("last", to_text(from.last_status));
  out.add("desired", to_text(from.desired_status));
  out.add("health", to_text(from.health));
  out.add("started", from.started_at_ms);
  out.add("version", std::int64_t{from.version});
  if (from.is_protected) {
    out.add_unsigned("protected until", from.protected_until_ms);
  }
  for (const PlainGpu& gpu : instance.gpus) {
    if (std::ranges::find(from.gpu_ids, gpu.id) != from.gpu_ids.end()) {
      out.add("holds", gpu.id);
    }
  }
  std::map<std::string, std::int32_t> own;
  for (const auto& [name, amount] : from.own) {
    own[name] = amount;
  }
  for (const std::string& name : own_names) {
    out.add("own " + name, std::int64_t{own[name]});
  }
}

std::string hex_digits(Stream& random, std::size_t count) {
  std::string text;
  for (std::size_t at = 0; at < count; ++at) {
    text.push_back("0123456789abcdef"[random.below(16)]);
  }
  return text;
}

std::string uuid(std::string digits) {
  for (const std::size_t dash : {std::size_t{8}, std::size_t{13}, std::size_t{18}, std::size_t{23}}) {
    digits.insert(dash, 1, '-');
  }
  return digits;
}

// The kinds of last parts that ids come with: new and old formats, EC2 ids, texts that look nearly like one.
std::string odd_id(Stream& random, std::uint32_t serial) {
  switch (random.below(8)) {
    case 0:
      return uuid(hex_digits(random, 32));
    case 1:
      return "name-" + std::to_string(serial);
    case 2:
      return "i-0" + hex_digits(random, 16);
    case 3:
      return "mi-0" + hex_digits(random, 16);
    case 4:
      return hex_digits(random, 31) + "G";
    case 5:
      return hex_digits(random, 33) + std::to_string(serial);
    default:
      return hex_digits(random, 32);
  }
}

std::vector<std::uint16_t> odd_ports(Stream& random) {
  std::vector<std::uint16_t> ports;
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    ports.push_back(static_cast<std::uint16_t>(random.below(5) == 0 ? 65535 : random.below(6)));
  }
  return ports;
}

void add_odd_attributes(Stream& random, std::uint32_t serial, PlainInstance& out) {
  for (std::uint64_t at = random.below(6); at > 0; --at) {
    const std::uint64_t name = random.below(8);
    std::optional<std::string> value;
    if (random.below(4) != 0) {
      value = random.below(5) == 0 ? std::string() : "value-" + std::to_string(random.below(3));
    }
    out.attributes.emplace_back("name-" + std::to_string(name), value);
  }
  if (random.below(2) == 0) {
    out.attributes.emplace_back("serial", "number-" + std::to_string(serial));
  }
}

PlainInstance odd_instance(Stream& random, std::uint32_t serial) {
  PlainInstance out;
  const char* const prefixes[] = {"arn:aws:ecs:us-east-1:123456789012:container-instance/",
                                  "arn:aws:ecs:us-east-1:123456789012:container-instance/web/",
                                  "arn:aws:ecs:us-east-1:123456789012:container-instance/w", ""};
  // One draw per statement: the order of operands is the compiler's choice, and a seed means the same fleet under each.
  out.arn = prefixes[random.below(4)];
  out.arn += odd_id(random, serial);
  out.ec2_instance_id = random.below(5) == 0 ? std::string() : odd_id(random, serial);
  out.capacity_provider = random.below(2) == 0 ? "" : "provider-" + std::to_string(random.below(2));
  out.agent_version = random.below(4) == 0 ? "" : "1.7" + std::to_string(random.below(3)) + ".0";
  out.status = static_cast<InstanceStatus>(1 + random.below(6));
  out.agent_connected = random.below(3) != 0;
  out.registered_at_ms = static_cast<std::int64_t>(random.next() >> 20U) - (std::int64_t{1} << 40U);
  out.version = random.next();
  out.cpu_registered = static_cast<std::int32_t>(random.below(4096));
  out.cpu_remaining = static_cast<std::int32_t>(random.below(4096)) - 1024;
  out.memory_registered = static_cast<std::int32_t>(random.below(65536));
  out.memory_remaining = static_cast<std::int32_t>(random.below(65536)) - 32768;
  out.tcp_registered = odd_ports(random);
  out.udp_registered = odd_ports(random);
  out.tcp_used = odd_ports(random);
  out.udp_used = odd_ports(random);
  out.eni_limit = random.below(2) == 0 ? kEniUnlimited : static_cast<std::uint16_t>(random.below(9));
  out.eni_used = static_cast<std::uint16_t>(random.below(4));
  out.running_tasks_count = static_cast<std::uint32_t>(random.below(9));
  out.pending_tasks_count = static_cast<std::uint32_t>(random.below(3));
  for (std::uint64_t gpu = random.below(3) == 0 ? random.below(4) : 0; gpu > 0; --gpu) {
    out.gpus.push_back({"GPU-" + std::to_string(gpu), random.below(2) == 0});
  }
  add_odd_attributes(random, serial, out);
  return out;
}

PlainTask odd_task(Stream& random, const PlainInstance& instance, std::uint32_t serial) {
  PlainTask out;
  out.arn = random.below(2) == 0 ? "arn:aws:ecs:us-east-1:123456789012:task/web/" : "arn:aws:ecs:us-east-1:123456789012:task/";
  out.arn += odd_id(random, serial);
  out.instance_arn = instance.arn;
  out.group = random.below(6) == 0 ? "" : "service:" + std::to_string(random.below(4));
  out.task_definition = "definition:" + std::to_string(random.below(3));
  out.started_by = random.below(2) == 0 ? "" : "ecs-svc/1";
  out.capacity_provider = random.below(2) == 0 ? "" : "provider-1";
  out.launch_type = static_cast<LaunchType>(1 + random.below(4));
  out.cpu_units = static_cast<std::int32_t>(random.below(3)) * 128;
  out.memory_mib = static_cast<std::int32_t>(random.below(3)) * 256;
  out.tcp_ports = odd_ports(random);
  out.udp_ports = odd_ports(random);
  out.uses_eni = random.below(2) == 0;
  for (const PlainGpu& gpu : instance.gpus) {
    if (random.below(2) == 0) {
      out.gpu_ids.push_back(gpu.id);
    }
  }
  out.last_status = static_cast<TaskStatus>(1 + random.below(9));
  out.desired_status = static_cast<TaskStatus>(1 + random.below(9));
  out.health = static_cast<HealthStatus>(1 + random.below(3));
  out.started_at_ms = static_cast<std::int64_t>(random.below(1U << 30U));
  out.version = static_cast<std::uint32_t>(random.next());
  out.is_protected = random.below(4) == 0;
  out.protected_until_ms = out.is_protected ? random.below(3) * 1000 : 0;
  return out;
}

// Draws of their own: the rest of a fleet is the same with them and without.
void add_odd_own(std::uint64_t seed, PlainFleet& fleet) {
  Stream random(seed ^ 0x6F776EU);
  const char* const names[] = {"disk", "LICENCE", "bandwidth/mbit", "a", "fpga.v2", "0", "zeta-9", "seats:team_x"};
  for (std::uint64_t left = random.below(3) == 0 ? 0 : random.below(kOwnResourcesMax + 1); left > 0; --left) {
    fleet.own_names.emplace_back(names[(seed + left) % kOwnResourcesMax]);
  }
  for (const std::string& name : fleet.own_names) {
    for (PlainInstance& instance : fleet.instances) {
      if (random.below(3) != 0) {
        const auto registered = static_cast<std::int32_t>(random.below(1U << 31U));
        instance.own.push_back({name, registered, static_cast<std::int32_t>(random.below(4096)) - 100});
      }
    }
    for (PlainTask& task : fleet.tasks) {
      if (random.below(3) == 0) {
        task.own.emplace_back(name, static_cast<std::int32_t>(random.below(4)));
      }
    }
  }
}

}  // namespace

Outcome add(const PlainInstance& instance, SnapshotBuilder& builder) {
  InstanceRecord record;
  record.arn = instance.arn;
  record.ec2_instance_id = instance.ec2_instance_id;
  record.capacity_provider = instance.capacity_provider;
  record.agent_version = instance.agent_version;
  record.status = instance.status;
  record.agent_connected = instance.agent_connected;
  record.registered_at_ms = instance.registered_at_ms;
  record.version = instance.version;
  record.cpu_registered = instance.cpu_registered;
  record.cpu_remaining = instance.cpu_remaining;
  record.memory_registered = instance.memory_registered;
  record.memory_remaining = instance.memory_remaining;
  record.tcp_registered = instance.tcp_registered;
  record.udp_registered = instance.udp_registered;
  record.tcp_used = instance.tcp_used;
  record.udp_used = instance.udp_used;
  record.eni_limit = instance.eni_limit;
  record.eni_used = instance.eni_used;
  record.running_tasks_count = instance.running_tasks_count;
  record.pending_tasks_count = instance.pending_tasks_count;
  std::vector<GpuRecord> gpus;
  for (const PlainGpu& gpu : instance.gpus) {
    gpus.push_back({gpu.id, gpu.is_free});
  }
  record.gpus = gpus;
  std::vector<InternedAttribute> attributes;
  for (const auto& [name, value] : instance.attributes) {
    attributes.push_back({builder.intern_name(name), value ? builder.intern_value(*value) : kAttributeNameOnly});
  }
  record.attributes = attributes;
  std::vector<OwnRecord> own;
  for (const PlainOwn& each : instance.own) {
    own.push_back({each.name, each.registered, each.remaining});
  }
  record.own = own;
  return builder.add_instance(record);
}

Outcome add(const PlainTask& task, SnapshotBuilder& builder) {
  TaskRecord record;
  record.arn = task.arn;
  record.instance_arn = task.instance_arn;
  record.task_definition = task.task_definition;
  record.group = task.group;
  record.started_by = task.started_by;
  record.capacity_provider = task.capacity_provider;
  record.launch_type = task.launch_type;
  record.cpu_units = task.cpu_units;
  record.memory_mib = task.memory_mib;
  record.tcp_ports = task.tcp_ports;
  record.udp_ports = task.udp_ports;
  record.uses_eni = task.uses_eni;
  const std::vector<std::string_view> gpu_ids(task.gpu_ids.begin(), task.gpu_ids.end());
  record.gpu_ids = gpu_ids;
  record.last_status = task.last_status;
  record.desired_status = task.desired_status;
  record.health = task.health;
  record.started_at_ms = task.started_at_ms;
  record.version = task.version;
  record.is_protected = task.is_protected;
  record.protected_until_ms = task.protected_until_ms;
  std::vector<OwnAmount> own;
  for (const auto& [name, amount] : task.own) {
    own.push_back({name, amount});
  }
  record.own = own;
  return builder.add_task(record);
}

void add(const PlainFleet& fleet, SnapshotBuilder& builder, bool tasks_first) {
  for (const std::string& name : fleet.own_names) {
    const Outcome added = builder.add_own_resource(name);
    ASSERT_TRUE(added.ok()) << added.error().message;
  }
  for (const bool tasks_now : {tasks_first, !tasks_first}) {
    if (tasks_now) {
      for (const PlainTask& task : fleet.tasks) {
        const Outcome added = add(task, builder);
        ASSERT_TRUE(added.ok()) << added.error().message;
      }
      continue;
    }
    for (const PlainInstance& instance : fleet.instances) {
      const Outcome added = add(instance, builder);
      ASSERT_TRUE(added.ok()) << added.error().message;
    }
  }
}

Description describe(const PlainFleet& fleet) {
  Description out;
  out.begin("snapshot");
  out.add_unsigned("tie seed", kDefaultTieSeed);
  out.add("has tasks", std::int64_t{fleet.tasks.empty() ? 0 : 1});
  const std::set<std::string> own_names(fleet.own_names.begin(), fleet.own_names.end());
  std::map<std::string, const PlainInstance*> instances;
  for (const PlainInstance& instance : fleet.instances) {
    instances[instance.arn] = &instance;
  }
  std::map<std::string, std::map<std::string, const PlainTask*>> tasks;
  for (const PlainTask& task : fleet.tasks) {
    tasks[task.instance_arn][task.arn] = &task;
  }
  for (const auto& [arn, instance] : instances) {
    describe_instance(*instance, own_names, out);
    for (const auto& [task_arn, task] : tasks[arn]) {
      describe_task(*task, *instance, own_names, out);
    }
  }
  return out;
}

PlainFleet make_fleet(std::uint64_t seed, std::uint32_t instance_count, std::uint32_t tasks_per_instance_max) {
  Stream random(seed);
  PlainFleet fleet;
  std::set<std::string> arns;
  for (std::uint32_t serial = 0; serial < instance_count; ++serial) {
    PlainInstance instance = odd_instance(random, serial);
    if (!arns.insert(instance.arn).second) {
      continue;
    }
    for (std::uint64_t left = random.below(std::uint64_t{tasks_per_instance_max} + 1); left > 0; --left) {
      PlainTask task = odd_task(random, instance, static_cast<std::uint32_t>(fleet.tasks.size()));
      if (arns.insert(task.arn).second) {
        fleet.tasks.push_back(std::move(task));
      }
    }
    fleet.instances.push_back(std::move(instance));
  }
  add_odd_own(seed, fleet);
  return fleet;
}

// Every number follows from `serial` by arithmetic, so that the fleet is the same under every compiler.
PlainFleet make_golden_fleet() {
  PlainFleet fleet;
  const char* const ids[] = {"0123456789abcdef0123456789abcde", "01234567-89ab-cdef-0123-456789abcde", "name-"};
  for (std::uint32_t serial = 0; serial < 72; ++serial) {
    const std::string letter(1, "0123456789abcdef"[serial % 16]);
    const std::string cluster = "web-" + std::to_string(serial / 16) + "/";
    PlainInstance& instance = fleet.instances.emplace_back();
    instance.arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/" + cluster + ids[serial % 3] + letter;
    instance.ec2_instance_id = serial % 5 == 4 ? "" : "i-0123456789abcde" + std::to_string(10 + serial);
    instance.capacity_provider = serial % 2 == 0 ? "" : "provider-1";
    instance.agent_version = serial % 4 == 0 ? "" : "1.79." + std::to_string(serial % 3);
    instance.status = static_cast<InstanceStatus>(1 + serial % 6);
    instance.agent_connected = serial % 3 != 0;
    instance.registered_at_ms = 1'700'000'000'000 + serial;
    instance.version = std::uint64_t{1} << (serial % 64);
    instance.cpu_registered = 2048;
    instance.cpu_remaining = 2048 - static_cast<std::int32_t>(serial) * 64;
    instance.memory_registered = 7'820;
    instance.memory_remaining = 7'820 - static_cast<std::int32_t>(serial) * 256;
    instance.tcp_registered = {22, 2375, 2376, 51678, 51679};
    instance.tcp_used = {22, static_cast<std::uint16_t>(8000 + serial % 4)};
    instance.udp_used = {53};
    instance.eni_limit = serial % 2 == 0 ? kEniUnlimited : std::uint16_t{3};
    instance.eni_used = static_cast<std::uint16_t>(serial % 3);
    instance.running_tasks_count = serial % 5;
    instance.pending_tasks_count = serial % 2;
    instance.attributes = {{"ecs.availability-zone", serial % 2 == 0 ? "us-east-1a" : "us-east-1b"},
                           {"ecs.capability.external", std::nullopt},
                           {"serial", std::to_string(serial)}};
    if (serial % 20 == 0) {
      instance.gpus = {{"GPU-0", true}, {"GPU-1", false}};
    }
    if (serial % 4 != 0) {
      continue;
    }
    PlainTask& task = fleet.tasks.emplace_back();
    task.arn = "arn:aws:ecs:us-east-1:123456789012:task/" + cluster + ids[serial % 3] + letter;
    task.instance_arn = instance.arn;
    task.task_definition = "definition:" + std::to_string(serial % 3);
    task.group = "service:" + std::to_string(serial % 2);
    task.started_by = serial % 8 == 0 ? "" : "ecs-svc/1";
    task.capacity_provider = instance.capacity_provider;
    task.launch_type = static_cast<LaunchType>(1 + serial / 4 % 4);
    task.cpu_units = 256;
    task.memory_mib = 512;
    task.tcp_ports = {static_cast<std::uint16_t>(8000 + serial % 4)};
    task.uses_eni = serial % 8 == 0;
    if (!instance.gpus.empty()) {
      task.gpu_ids = {"GPU-1"};
    }
    task.last_status = static_cast<TaskStatus>(1 + serial / 4 % 9);
    task.desired_status = TaskStatus::kRunning;
    task.health = static_cast<HealthStatus>(1 + serial / 4 % 3);
    task.started_at_ms = 1'700'000'100'000 + serial;
    task.version = serial;
    task.is_protected = serial % 12 == 0;
    task.protected_until_ms = task.is_protected ? 1'800'000'000'000 : 0;
  }
  return fleet;
}

PlainFleet make_golden_fleet_with_own() {
  PlainFleet fleet = make_golden_fleet();
  fleet.own_names = {"licence", "disk"};
  for (std::size_t serial = 0; serial < fleet.instances.size(); ++serial) {
    const auto amount = static_cast<std::int32_t>(serial);
    if (serial % 3 != 0) {
      fleet.instances[serial].own.push_back({"disk", 1000 + amount, 500 - 20 * amount});
    }
    if (serial % 7 == 0) {
      fleet.instances[serial].own.push_back({"licence", amount, amount});
    }
  }
  for (std::size_t serial = 0; serial < fleet.tasks.size(); serial += 2) {
    fleet.tasks[serial].own = {{"disk", static_cast<std::int32_t>(10 * serial)}};
  }
  return fleet;
}

std::vector<std::uint8_t> bytes_of(const PlainFleet& fleet, Executor& executor) {
  SnapshotBuilder builder;
  add(fleet, builder);
  Result<std::vector<std::uint8_t>> bytes = builder.finish(executor);
  EXPECT_TRUE(bytes.ok()) << bytes.error().message;
  return bytes.ok() ? std::move(bytes).value() : std::vector<std::uint8_t>{};
}

}  // namespace berth::testing
