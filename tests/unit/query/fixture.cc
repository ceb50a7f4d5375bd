#include "tests/unit/query/fixture.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "engine/parallel/executor.h"
#include "engine/snapshot/builder.h"

namespace berth::query::test {
namespace {

// Ascending in `index`, so that the snapshot keeps the order of the records.
std::string arn(const char* kind, std::size_t index) {
  char digits[33];
  std::snprintf(digits, sizeof digits, "%032zx", index);
  return "arn:aws:ecs:us-east-1:123456789012:" + std::string(kind) + "/default/" + digits;
}

template <typename T>
T checked(Result<T> result) {
  if (!result) {
    std::cerr << result.error().message << "\n";
    std::abort();
  }
  return std::move(result).value();
}

void checked(Outcome outcome) {
  if (!outcome) {
    std::cerr << outcome.error().message << "\n";
    std::abort();
  }
}

}  // namespace

std::uint32_t PlainInstance::running_tasks_count() const {
  return static_cast<std::uint32_t>(
      std::count_if(tasks.begin(), tasks.end(), [](const PlainTask& task) { return task.desired_status == TaskStatus::kRunning; }));
}

SnapshotPtr make_snapshot(const std::vector<PlainInstance>& instances) {
  const auto executor = make_executor(ExecutorKind::kSerial, 1);
  SnapshotBuilder builder;
  std::size_t task_count = 0;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const PlainInstance& plain = instances[i];
    std::vector<InternedAttribute> attributes;
    for (const auto& [name, value] : plain.attributes) {
      attributes.push_back({builder.intern_name(name), value ? builder.intern_value(*value) : kAttributeNameOnly});
    }
    const std::string instance_arn = arn("container-instance", i);
    InstanceRecord record;
    record.arn = instance_arn;
    record.ec2_instance_id = plain.ec2_instance_id;
    record.agent_version = plain.agent_version;
    record.agent_connected = plain.agent_connected;
    record.registered_at_ms = plain.registered_at_ms;
    record.running_tasks_count = plain.running_tasks_count();
    record.attributes = attributes;
    checked(builder.add_instance(record));
    for (const PlainTask& plain_task : plain.tasks) {
      const std::string task_arn = arn("task", task_count++);
      TaskRecord task;
      task.arn = task_arn;
      task.instance_arn = instance_arn;
      task.task_definition = "web:1";
      task.group = plain_task.group;
      task.last_status = plain_task.last_status;
      task.desired_status = plain_task.desired_status;
      checked(builder.add_task(task));
    }
  }
  return checked(Snapshot::from_bytes(checked(builder.finish(*executor)), *executor));
}

std::vector<PlainInstance> fixture_q() {
  const std::string type = "ecs.instance-type";
  const std::string zone = "ecs.availability-zone";
  return {
      {"q1", "i-abcd1234", "1.14.4", true, 1518479999000, {{type, "t2.small"}, {zone, "us-east-1a"}, {"stack", "prod"}}, {{"family:web"}}},
      {"q2",
       "i-wxyx7890",
       "1.14.5",
       true,
       1518480000000,
       {{type, "t2.medium"}, {zone, "us-east-1b"}, {"stack", "dev"}},
       {{"service:production"}, {"database"}}},
      {"q3", "i-00000003", "1.9.0", false, 1529360908000, {{type, "g2.2xlarge"}, {zone, "us-east-1a"}}, {}},
      {"q4",
       "i-00000004",
       "1.70.2",
       true,
       1767225600000,
       {{type, "g2.8xlarge"}, {zone, "us-east-1d"}, {"ssd", std::nullopt}},
       {{"databases"}}},
  };
}

std::vector<PlainInstance> fixture_r() {
  const std::string type = "ecs.instance-type";
  return {
      {"r1",
       "i-0a",
       "1.70.2-rc1",
       true,
       1529360908500,
       {{type, "m5.large"}, {"ecs.os-type", "windows"}, {"ecs.os-family", "WINDOWS_SERVER_2022_FULL"}, {"size", "10"}},
       {{"service:x-fluentd"}}},
      {"r2",
       "i-0b0000000000000ff",
       "1.70.2",
       true,
       1529360908000,
       {{type, "dl1.24xlarge"},
        {"ecs.os-type", "linux"},
        {"ecs.ami-id", "ami-0abc"},
        {"size", "9"},
        {"foundry.signoz.io/storage", "persistent"},
        {"capability.statsd", "true"}},
       {{"task:consulServer", TaskStatus::kPending, TaskStatus::kRunning}, {"service:daemon-service"}}},
      {"r3",
       "mi-0c0000000000000aa",
       "",
       true,
       0,
       {{type, "Inf1.xlarge"}, {"ecs.capability.external", std::nullopt}, {"size", "abc"}, {"team", "data science"}},
       {{"database", TaskStatus::kRunning, TaskStatus::kStopped}}},
      {"r4", "", "latest", false, 1600000000000, {{type, "t3.micro"}, {"ecs.ami-id", "ami-0def"}, {"size", std::nullopt}}, {}},
  };
}

}  // namespace berth::query::test
