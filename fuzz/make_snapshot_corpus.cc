// Writes the seed corpus of snapshot_fuzzer into the directory that is its argument: small snapshots, each with other features.

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/base/rng.h"
#include "engine/snapshot/builder.h"

namespace {

struct Feature {
  const char* name;
  std::uint32_t instances;
  std::uint32_t tasks_each;
  bool wide;
  bool gpus;
  bool ports;
  bool odd_ids;
  bool own;
};

constexpr Feature kFeatures[] = {
    {"empty", 0, 0, false, false, false, false, false},  {"one", 1, 0, false, false, false, false, false},
    {"tasks", 3, 2, false, false, false, false, false},  {"wide", 66, 0, true, false, false, false, false},
    {"gpus", 4, 2, false, true, false, false, false},    {"ports", 5, 1, false, false, true, false, false},
    {"odd-ids", 6, 1, false, false, false, true, false}, {"own", 5, 2, false, false, false, false, true},
    {"everything", 70, 1, true, true, true, true, true},
};

std::string digits(berth::Stream& random, std::size_t count) {
  std::string text;
  while (text.size() < count) {
    text.push_back("0123456789abcdef"[random.below(16)]);
  }
  return text;
}

std::string id(berth::Stream& random, std::uint32_t serial, bool odd) {
  if (odd && serial % 3 == 1) {
    return digits(random, 8) + "-" + digits(random, 4) + "-" + digits(random, 4) + "-" + digits(random, 4) + "-" + digits(random, 12);
  }
  return odd && serial % 3 == 2 ? "name-" + std::to_string(serial) : digits(random, 32);
}

berth::Outcome add(const Feature& feature, std::uint32_t serial, berth::Stream& random, berth::SnapshotBuilder& builder) {
  const std::string arn = "arn:aws:ecs:us-east-1:1:container-instance/c/" + id(random, serial, feature.odd_ids);
  const std::string ec2 = feature.odd_ids && serial % 4 == 0 ? "" : "i-0" + digits(random, 16);
  std::vector<berth::InternedAttribute> attributes = {
      {builder.intern_name("ecs.availability-zone"), builder.intern_value(serial % 2 == 0 ? "a" : "b")},
      {builder.intern_name("flag"), berth::kAttributeNameOnly}};
  if (feature.wide) {
    attributes.push_back({builder.intern_name("serial"), builder.intern_value(std::to_string(serial))});
  }
  const std::uint16_t ports[] = {22, 80, 443};
  const berth::GpuRecord gpus[] = {{"g0", true}, {"g1", false}};
  berth::InstanceRecord record;
  record.arn = arn;
  record.ec2_instance_id = ec2;
  record.agent_version = "1.0";
  record.cpu_remaining = static_cast<std::int32_t>(random.below(4096)) - 100;
  record.attributes = attributes;
  if (feature.ports) {
    record.tcp_registered = ports;
    record.udp_used = ports;
  }
  if (feature.gpus) {
    record.gpus = gpus;
  }
  const berth::OwnRecord own[] = {{"disk", 100, 60}, {"licence", 4, -1}};
  const berth::OwnAmount held[] = {{"disk", 40}};
  if (feature.own) {
    record.own = own;
  }
  if (berth::Outcome added = builder.add_instance(record); !added) {
    return added;
  }
  for (std::uint32_t number = 0; number < feature.tasks_each; ++number) {
    const std::string task_arn = "arn:aws:ecs:us-east-1:1:task/c/" + digits(random, 32);
    const std::string_view gpu_ids[] = {"g0"};
    berth::TaskRecord task;
    task.arn = task_arn;
    task.instance_arn = arn;
    task.group = "service:web";
    task.task_definition = "web:1";
    task.is_protected = number == 0;
    if (feature.gpus) {
      task.gpu_ids = gpu_ids;
    }
    if (feature.own) {
      task.own = held;
    }
    if (berth::Outcome added = builder.add_task(task); !added) {
      return added;
    }
  }
  return {};
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: make_snapshot_corpus DIRECTORY\n");
    return 2;
  }
  const auto executor = berth::make_executor(berth::ExecutorKind::kSerial, 1);
  for (const Feature& feature : kFeatures) {
    berth::SnapshotBuilder builder;
    berth::Stream random(feature.instances);
    berth::Outcome outcome;
    for (const char* name : {"disk", "licence"}) {
      outcome = feature.own && outcome.ok() ? builder.add_own_resource(name) : std::move(outcome);
    }
    for (std::uint32_t serial = 0; serial < feature.instances && outcome.ok(); ++serial) {
      outcome = add(feature, serial, random, builder);
    }
    if (outcome.ok()) {
      const berth::Result<std::vector<std::uint8_t>> bytes = builder.finish(*executor);
      outcome = bytes.ok() ? berth::write_file_atomically(std::string(arguments[1]) + "/" + feature.name + ".berth", *bytes)
                           : berth::Outcome(bytes.error());
    }
    if (!outcome.ok()) {
      std::fprintf(stderr, "%s: %s\n", feature.name, outcome.error().message.c_str());
      return 1;
    }
  }
  return 0;
}
