// Answers in the API's shapes.

#include <map>
#include <string>

#include "engine/base/rng.h"
#include "engine/ecs/answer.h"
#include "engine/ecs/request_members.h"

namespace berth::ecs {
namespace {

// Unix seconds with the milliseconds as fraction, written from the integer: no rounding through a double.
std::string seconds_text(std::int64_t unix_ms) {
  constexpr std::uint64_t kMsPerSecond = 1000;
  const std::uint64_t magnitude = unix_ms < 0 ? ~static_cast<std::uint64_t>(unix_ms) + 1 : static_cast<std::uint64_t>(unix_ms);
  std::string text = (unix_ms < 0 ? "-" : "") + std::to_string(magnitude / kMsPerSecond) + "." +
                     std::to_string(kMsPerSecond + magnitude % kMsPerSecond).substr(1);
  while (text.ends_with('0') && !text.ends_with(".0")) {
    text.pop_back();
  }
  return text;
}

// "12345678-1234-1234-1234-123456789abc" out of 128 bits.
std::string uuid_text(std::uint64_t high, std::uint64_t low) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) {
      text.push_back('-');
    }
    const std::uint64_t word = digit < 16 ? high : low;
    text.push_back(kDigits[(word >> (60 - 4 * (digit % 16))) & 15U]);
  }
  return text;
}

class AnswerWriter {
 public:
  explicit AnswerWriter(const Answer& answer) : answer_(answer), request_(*answer.request), names_(answer) {
    created_at_ = seconds_text(request_.berth.now_ms);
    cpu_ = std::to_string(request_.task.shown_cpu_units());
    memory_ = std::to_string(request_.task.shown_memory_mib());
  }

  std::string write() {
    out_.begin_object();
    out_.key("tasks").begin_array();
    for (std::uint32_t k = 0; k < answer_.tasks.size(); ++k) {
      write_task(k);
    }
    out_.end_array();
    out_.key("failures").begin_array();
    for (const AnsweredFailure& failure : answer_.failures) {
      out_.begin_object().member("arn", failure.arn).member("reason", failure.reason).end_object();
    }
    out_.end_array();
    out_.key("berth").begin_object();
    out_.key("seed").unsigned_integer(request_.berth.seed);
    out_.member_integer("requested", answer_.requested);
    out_.member_integer("placed", static_cast<std::int64_t>(answer_.tasks.size()));
    if (answer_.examined.has_value()) {
      out_.member_integer("examined", *answer_.examined);
    }
    out_.member_integer("failuresOmitted", static_cast<std::int64_t>(answer_.failures_omitted));
    if (!answer_.notes.empty()) {
      out_.key("notes").begin_array();
      for (const std::string& note : answer_.notes) {
        out_.string(note);
      }
      out_.end_array();
    }
    out_.end_object();
    out_.end_object();
    return out_.take();
  }

 private:
  void write_task(std::uint32_t index) {
    const AnsweredTask& task = answer_.tasks[index];
    const std::string arn = names_.task_arn(index);
    out_.begin_object();
    write_attachments(index, task);
    write_attributes(task);
    if (const std::string zone = zone_of(task); !zone.empty()) {
      out_.member("availabilityZone", zone);
    }
    write_own();
    if (!task.capacity_provider.empty()) {
      out_.member("capacityProviderName", task.capacity_provider);
    }
    out_.member("clusterArn", names_.place(index).cluster_arn());
    if (task.instance.has_value()) {
      out_.member("containerInstanceArn", answer_.facts->arn(*task.instance));
    }
    write_containers(arn, task);
    out_.member("cpu", cpu_);
    out_.key("createdAt").raw(created_at_);
    out_.member("desiredStatus", "RUNNING");
    out_.member_boolean("enableExecuteCommand", request_.has_execute_command);
    out_.member("group", request_.placement.group);
    out_.member("healthStatus", "UNKNOWN");
    out_.member("lastStatus", "PENDING");
    out_.member("launchType", to_text(task.launch_type));
    out_.member("memory", memory_);
    write_overrides();
    if (request_.is_fargate()) {
      write_fargate_members();
    }
    if (!request_.started_by.empty()) {
      out_.member("startedBy", request_.started_by);
    }
    write_tags(index);
    out_.member("taskArn", arn);
    out_.member("taskDefinitionArn", names_.definition_arn(index));
    out_.member_integer("version", 1);
    out_.end_object();
  }

  std::string zone_of(const AnsweredTask& task) const {
    if (task.instance.has_value()) {
      return std::string(answer_.facts->attribute(*task.instance, "ecs.availability-zone").value_or(""));
    }
    return task.subnet.has_value() ? request_.network.subnets[*task.subnet].zone : "";
  }

  void write_attributes(const AnsweredTask& task) {
    std::string architecture = request_.definition->architecture == "ARM64" ? "arm64" : "x86_64";
    if (task.instance.has_value()) {
      architecture = answer_.facts->attribute(*task.instance, "ecs.cpu-architecture").value_or("x86_64");
    }
    out_.key("attributes").begin_array();
    out_.begin_object().member("name", "ecs.cpu-architecture").member("value", architecture).end_object();
    out_.end_array();
  }

  // What import reads back; the API has no member for it.
  void write_own() {
    if (request_.placement.demand.own.empty()) {
      return;
    }
    out_.key("berth").begin_object().key("resources").begin_object();
    for (const placement::OwnDemand& own : request_.placement.demand.own) {
      out_.member_integer(own.name, own.amount);
    }
    out_.end_object().end_object();
  }

  void write_attachments(std::uint32_t index, const AnsweredTask& task) {
    out_.key("attachments").begin_array();
    if (task.subnet.has_value()) {
      // Draws 0 and 1 are the task's id.
      const std::string id = uuid_text(draw64(answer_.id_base, index, 2), draw64(answer_.id_base, index, 3));
      out_.begin_object().member("id", id).member("type", "ElasticNetworkInterface").member("status", "PRECREATED");
      out_.key("details").begin_array();
      out_.begin_object().member("name", "subnetId").member("value", request_.network.subnets[*task.subnet].id).end_object();
      out_.end_array().end_object();
    }
    out_.end_array();
  }

  void write_containers(const std::string& task_arn, const AnsweredTask& task) {
    std::size_t next_gpu = 0;  // Containers take the task's GPUs in their order.
    out_.key("containers").begin_array();
    for (std::size_t c = 0; c < request_.task.containers.size(); ++c) {
      const ContainerDefinition& defined = request_.definition->containers[c];
      const EffectiveContainer& container = request_.task.containers[c];
      out_.begin_object();
      out_.member("cpu", std::to_string(container.cpu_units));
      if (container.gpu_count > 0 && next_gpu < task.gpu_slots.size()) {
        out_.key("gpuIds").begin_array();
        for (std::uint32_t g = 0; g < container.gpu_count && next_gpu < task.gpu_slots.size(); ++g, ++next_gpu) {
          out_.string(answer_.facts->gpu_id(task.gpu_slots[next_gpu]));
        }
        out_.end_array();
      }
      if (!defined.image.empty()) {
        out_.member("image", defined.image);
      }
      out_.member("lastStatus", "PENDING");
      if (request_.has_execute_command) {
        out_.key("managedAgents").begin_array();
        out_.begin_object().member("lastStatus", "PENDING").member("name", "ExecuteCommandAgent").end_object();
        out_.end_array();
      }
      if (container.memory_mib > 0) {
        out_.member("memory", std::to_string(container.memory_mib));
      }
      if (container.memory_reservation_mib > 0) {
        out_.member("memoryReservation", std::to_string(container.memory_reservation_mib));
      }
      out_.member("name", defined.name);
      out_.key("networkInterfaces").begin_array().end_array();
      out_.member("taskArn", task_arn);
      out_.end_object();
    }
    out_.end_array();
  }

  // The request's overrides, and every container by its name even where nothing of it was overridden.
  void write_overrides() {
    out_.key("overrides").begin_object();
    out_.key("containerOverrides").begin_array();
    for (std::size_t c = 0; c < request_.task.containers.size(); ++c) {
      if (const auto& given = request_.task.containers[c].override_json; given.has_value()) {
        write_value(out_, given->element());
      } else {
        out_.begin_object().member("name", request_.definition->containers[c].name).end_object();
      }
    }
    out_.end_array();
    if (request_.overrides.has_value()) {
      for (const auto member : simdjson::dom::object(request_.overrides->element())) {
        if (member.key != "containerOverrides") {
          out_.key(member.key);
          write_value(out_, member.value);
        }
      }
    }
    out_.end_object();
  }

  void write_fargate_members() {
    constexpr std::int64_t kFargateStorageGib = 20;
    const bool is_windows = request_.definition->is_windows();
    out_.key("ephemeralStorage").begin_object();
    out_.member_integer("sizeInGiB", request_.task.ephemeral_storage_gib.value_or(kFargateStorageGib)).end_object();
    if (!is_windows) {
      out_.member("platformFamily", "Linux");
    }
    out_.member("platformVersion", fargate_platform_version(request_.platform_version, is_windows));
  }

  // The request's tags stand above those of the definition, and those above ECS's own.
  void write_tags(std::uint32_t index) {
    std::map<std::string_view, std::string> tags;
    for_each_item(request_.json, "tags", [&](const JsonValue& tag) { tags.emplace(text_of(tag, "key"), text_of(tag, "value")); });
    if (text_of(request_.json, "propagateTags") == "TASK_DEFINITION" && request_.definition->tags.has_value()) {
      (void)request_.definition->tags->for_each([&](const JsonValue& tag) -> Outcome {
        tags.emplace(text_of(tag, "key"), text_of(tag, "value"));
        return {};
      });
    }
    if (is_true(request_.json, "enableECSManagedTags")) {
      const std::string& cluster = names_.place(index).cluster;
      tags.emplace("aws:ecs:clusterName", cluster.empty() ? "default" : cluster);
    }
    out_.key("tags").begin_array();
    for (const auto& [key, value] : tags) {
      out_.begin_object().member("key", key).member("value", value).end_object();
    }
    out_.end_array();
  }

  const Answer& answer_;
  const TaskRequest& request_;
  TaskNames names_;
  JsonWriter out_;
  std::string created_at_;
  std::string cpu_;
  std::string memory_;
};

}  // namespace

std::string answer_json(const Answer& answer) {
  return AnswerWriter(answer).write();
}

}  // namespace berth::ecs
