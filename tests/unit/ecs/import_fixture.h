// Small documents in the API's shapes, and a look at what their import gives. Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ecs/documents.h"

namespace berth::ecs {

inline Executor& serial_executor() {
  static const std::unique_ptr<Executor> executor = make_executor(ExecutorKind::kSerial, 1);
  return *executor;
}

inline std::string instance_arn(std::string_view id, std::string_view cluster = "web/") {
  return "arn:aws:ecs:us-east-1:123456789012:container-instance/" + std::string(cluster) + std::string(id);
}
inline std::string task_arn(std::string_view id, std::string_view cluster = "web/") {
  return "arn:aws:ecs:us-east-1:123456789012:task/" + std::string(cluster) + std::string(id);
}

// Members end with a comma, so that tests can put theirs in front; a later member of the same name wins.
inline std::string instance_json(std::string_view arn, std::string_view more = "") {
  return "{\"containerInstanceArn\": \"" + std::string(arn) +
         "\", \"ec2InstanceId\": \"i-0123456789abcdef0\", \"version\": 3, \"status\": \"ACTIVE\", \"agentConnected\": true,"
         "\"registeredResources\": [{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": 2048},"
         "{\"name\": \"MEMORY\", \"type\": \"INTEGER\", \"integerValue\": 7811},"
         "{\"name\": \"PORTS\", \"type\": \"STRINGSET\", \"stringSetValue\": [\"22\", \"2376\"]}]" +
         (more.empty() ? "" : ", ") + std::string(more) + "}";
}
inline std::string task_json(std::string_view arn, std::string_view instance, std::string_view more = "") {
  return "{\"taskArn\": \"" + std::string(arn) + "\", \"containerInstanceArn\": \"" + std::string(instance) +
         "\", \"taskDefinitionArn\": \"arn:aws:ecs:us-east-1:123456789012:task-definition/api:7\", \"group\": \"service:api\","
         "\"lastStatus\": \"RUNNING\", \"desiredStatus\": \"RUNNING\", \"launchType\": \"EC2\", \"cpu\": \"256\", \"memory\": \"512\", "
         "\"version\": 2" +
         (more.empty() ? "" : ", ") + std::string(more) + "}";
}
inline std::string list_json(std::string_view name, const std::vector<std::string>& records) {
  std::string json = "{\"" + std::string(name) + "\": [";
  for (std::size_t i = 0; i < records.size(); ++i) {
    json += (i == 0 ? "" : ", ") + records[i];
  }
  return json + "], \"failures\": []}";
}
inline std::string instances_json(const std::vector<std::string>& records) {
  return list_json("containerInstances", records);
}
inline std::string tasks_json(const std::vector<std::string>& records) {
  return list_json("tasks", records);
}

inline Result<Imported> import_texts(const std::vector<std::string>& texts, std::string_view options = "") {
  static const std::vector<std::string> kNames = {"first.json", "second.json", "third.json"};
  std::vector<Document> documents;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    documents.push_back({kNames[i % kNames.size()], texts[i]});
  }
  return import_documents(documents, options, serial_executor(), {});
}

// Imports what must import.
inline Imported imported(const std::vector<std::string>& texts, std::string_view options = "") {
  Result<Imported> result = import_texts(texts, options);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  return *std::move(result);
}

inline std::string import_error(const std::string& text, std::string_view options = "") {
  const Result<Imported> result = import_texts({text}, options);
  return result.ok() ? "(imported)" : result.error().message;
}

}  // namespace berth::ecs
