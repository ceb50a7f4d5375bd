// Inventories and requests for the tests of RunTask, StartTask and explain: small, spelt out, and read back as JSON.
//
// Thread rule: one thread. Lifetime: a Fleet owns its records' text until snapshot() is called.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/ecs/documents.h"
#include "engine/ecs/json.h"
#include "engine/parallel/executor.h"
#include "engine/snapshot/builder.h"
#include "engine/snapshot/snapshot.h"

namespace berth::ecs::testing {

using Json = nlohmann::json;

inline constexpr const char* kArnPrefix = "arn:aws:ecs:us-east-1:123456789012:container-instance/web/";

inline Executor& serial() {
  static const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kSerial, 1);
  return *executor;
}

// An instance of 2048 CPU units and 3768 MiB, ACTIVE, connected, as a default Linux instance registers.
struct TestInstance {
  std::string id = {};
  std::map<std::string, std::string> attributes{{"ecs.availability-zone", "us-east-1a"}, {"ecs.instance-type", "m5.large"}};
  std::int32_t cpu = 2048;
  std::int32_t memory = 3768;
  std::vector<std::uint16_t> tcp_used{22, 2375, 2376, 51678, 51679};
  std::vector<std::uint16_t> udp_used = {};
  std::vector<std::string> gpus = {};
  std::uint16_t eni_limit = kEniUnlimited;
  InstanceStatus status = InstanceStatus::kActive;
  bool agent_connected = true;
  std::string capacity_provider = {};
  std::string prefix = kArnPrefix;

  TestInstance& with(const std::string& name, const std::string& value) {
    attributes[name] = value;
    return *this;
  }
};

inline SnapshotPtr snapshot_of(const std::vector<TestInstance>& instances) {
  SnapshotBuilder builder;
  for (const TestInstance& instance : instances) {
    const std::string arn = instance.prefix + instance.id;
    const std::string ec2 = "i-" + instance.id;
    std::vector<InternedAttribute> attributes;
    attributes.reserve(instance.attributes.size());
    for (const auto& [name, value] : instance.attributes) {
      attributes.push_back({builder.intern_name(name), value.empty() ? kAttributeNameOnly : builder.intern_value(value)});
    }
    std::vector<GpuRecord> gpus;
    gpus.reserve(instance.gpus.size());
    for (const std::string& gpu : instance.gpus) {
      gpus.push_back({gpu, true});
    }
    InstanceRecord record;
    record.arn = arn;
    record.ec2_instance_id = ec2;
    record.capacity_provider = instance.capacity_provider;
    record.status = instance.status;
    record.agent_connected = instance.agent_connected;
    record.cpu_registered = record.cpu_remaining = instance.cpu;
    record.memory_registered = record.memory_remaining = instance.memory;
    record.tcp_used = record.tcp_registered = instance.tcp_used;
    record.udp_used = record.udp_registered = instance.udp_used;
    record.eni_limit = instance.eni_limit;
    record.gpus = gpus;
    record.attributes = attributes;
    EXPECT_TRUE(builder.add_instance(record).ok());
  }
  auto bytes = builder.finish(serial());
  EXPECT_TRUE(bytes.ok());
  auto snapshot = Snapshot::from_bytes(*std::move(bytes), serial());
  EXPECT_TRUE(snapshot.ok());
  return *snapshot;
}

// A definition of one container in bridge mode.
inline Json definition(Json container = Json::object(), Json members = Json::object()) {
  Json whole{{"name", "web"}, {"image", "nginx"}, {"cpu", 128}, {"memory", 256}};
  if (container.is_object()) {
    whole.update(container);
  }
  Json result{{"family", "web"}, {"containerDefinitions", Json::array({whole})}};
  if (members.is_object()) {
    result.update(members);
  }
  return result;
}

// A request with seed 1 at a fixed time.
inline Json request(Json definition_json, Json members = Json::object()) {
  Json result{{"taskDefinition", std::move(definition_json)}, {"berth", {{"seed", 1}, {"now", 1700000000.1}}}};
  if (members.is_object()) {
    if (members.contains("berth")) {
      result["berth"].update(members["berth"]);
      members.erase("berth");
    }
    result.update(members);
  }
  return result;
}

struct Ran {
  Json answer;
  SnapshotPtr next;
};

inline Ran run(const SnapshotPtr& snapshot, const Json& body, bool want_next = false) {
  auto answer = run_task(snapshot, body.dump(), want_next, serial(), {});
  if (!answer.ok()) {
    ADD_FAILURE() << answer.error().message;
    return {Json{{"tasks", Json::array()}, {"failures", Json::array()}}, nullptr};
  }
  return {Json::parse(answer->document), answer->next};
}

// The error of a request that must be refused.
inline Error refusal(const SnapshotPtr& snapshot, const Json& body) {
  auto answer = run_task(snapshot, body.dump(), false, serial(), {});
  if (answer.ok()) {
    ADD_FAILURE() << "was not refused: " << body.dump();
    return {};
  }
  return answer.error();
}

inline std::vector<std::string> reasons(const Json& answer) {
  std::vector<std::string> result;
  for (const Json& failure : answer["failures"]) {
    result.push_back(failure["reason"]);
  }
  return result;
}

inline ::testing::AssertionResult holds_text(const Error& error, const std::string& text, const std::string& exception = "") {
  if (error.message.find(text) == std::string::npos) {
    return ::testing::AssertionFailure() << "\"" << error.message << "\" lacks \"" << text << "\"";
  }
  if (!exception.empty() && error.exception != exception) {
    return ::testing::AssertionFailure() << "exception is \"" << error.exception << "\", not \"" << exception << "\"";
  }
  return ::testing::AssertionSuccess();
}

// What explain() answers; fails the test, and gives "{}", when it refuses.
inline std::string explained(const SnapshotPtr& snapshot, const Json& body, Format format) {
  DocumentOptions options;
  options.format = format;
  auto text = explain(snapshot, body.dump(), serial(), options);
  if (!text.ok()) {
    ADD_FAILURE() << text.error().message;
    return "{}";
  }
  return *text;
}

}  // namespace berth::ecs::testing
