// What a live cluster makes of ECS's state-change events.
#include "engine/ecs/event_feed.h"

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "engine/ecs/ended_versions.h"
#include "tests/realdata/real_data.h"
#include "tests/unit/ecs/event_fixture.h"

namespace berth::ecs {
namespace {

std::string no_tasks() {
  return tasks_json({});
}

// Members of a later event, as instance_json() and task_json() take them.
std::string version(int number) {
  return "\"version\": " + std::to_string(number);
}
std::string running(std::string_view digits, int number, std::string_view more = "", std::string_view instance = kOne) {
  return task_event(task_json(task_of(digits), instance, version(number) + (more.empty() ? "" : ", ") + std::string(more)));
}

std::string read_data(const std::string& path) {
  const std::ifstream file(realdata::data_folder() + "/ecs/" + path);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(EventFeed, RegistersAnInstanceThatIsNotKnown) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  const std::string detail =
      instance_json(kTwo, R"("version": 41, "attributes": [{"name": "ecs.instance-type", "value": "c5.large"}, {"name": "gpu"}],
               "versionInfo": {"agentVersion": "1.95.0"}, "capacityProviderName": "asg-1", "registeredAt": "2020-01-23T17:57:58Z")");
  EXPECT_EQ(fed.fate(instance_event(detail)), EventFate::kApplied);
  const SnapshotPtr now = fed.now();
  ASSERT_EQ(now->instance_count(), 2U);
  EXPECT_EQ(now->instance_arns().text(1), kTwo);
  EXPECT_EQ(now->cpu_remaining()[1], 2048);
  EXPECT_EQ(now->memory_registered()[1], 7811);
  EXPECT_EQ(now->version()[1], 41U);
  EXPECT_EQ(now->eni_limit()[1], 2U);
  EXPECT_EQ(now->attribute_text(1, "ecs.instance-type"), "c5.large");
  EXPECT_EQ(now->texts().at(now->agent_version()[1]), "1.95.0");
  EXPECT_EQ(now->texts().at(now->capacity_provider()[1]), "asg-1");
  EXPECT_EQ(now->registered_at_ms()[1], 1579802278000);
  EXPECT_EQ(fed.fate(instance_event(detail)), EventFate::kDuplicate);
}

TEST(EventFeed, RegistersADrainingInstanceThatNeverTakesTasks) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  EXPECT_EQ(fed.fate(instance_event(instance_json(kTwo, R"("status": "DRAINING")"))), EventFate::kApplied);
  EXPECT_EQ(fed.now()->status()[1], static_cast<std::uint8_t>(InstanceStatus::kDraining));
}

TEST(EventFeed, ChangesAnInstanceAsANewerVersionTells) {
  FedCluster fed({instances_json({instance_json(kOne, R"("attributes": [{"name": "stack", "value": "prod"}, {"name": "old"}])")}),
                  tasks_json({task_json(task_of("01"), kOne)})});
  const std::string detail =
      instance_json(kOne, R"("version": 9, "status": "DRAINING", "agentConnected": false, "versionInfo": {"agentVersion": "1.96.0"},
               "capacityProviderName": "asg-2", "attributes": [{"name": "stack", "value": "test"}, {"name": "new", "value": "1"}],
               "registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 4096},
                                       {"name": "MEMORY", "type": "INTEGER", "integerValue": 8000}])");
  EXPECT_EQ(fed.fate(instance_event(detail)), EventFate::kApplied);
  const SnapshotPtr now = fed.now();
  EXPECT_EQ(now->status()[0], static_cast<std::uint8_t>(InstanceStatus::kDraining));
  EXPECT_EQ(now->agent_connected()[0], 0);
  EXPECT_EQ(now->texts().at(now->agent_version()[0]), "1.96.0");
  EXPECT_EQ(now->texts().at(now->capacity_provider()[0]), "asg-2");
  EXPECT_EQ(now->attribute_text(0, "stack"), "test");
  EXPECT_EQ(now->attribute_text(0, "new"), "1");
  EXPECT_FALSE(now->attribute_text(0, "old").has_value());
  EXPECT_EQ(now->cpu_remaining()[0], 4096 - 256);
  EXPECT_EQ(now->memory_remaining()[0], 8000 - 512);
  EXPECT_EQ(now->version()[0], 9U);
}

// What an event does not tell stays.
TEST(EventFeed, KeepsWhatAnEventDoesNotTell) {
  FedCluster fed(
      {instances_json({instance_json(kOne, R"("status": "DRAINING", "versionInfo": {"agentVersion": "1.96.0"}, "agentConnected": false,
                                              "attributes": [{"name": "stack", "value": "prod"}])")}),
       no_tasks()});
  EXPECT_EQ(fed.fate(R"({"containerInstanceArn": ")" + kOne + R"(", "version": 5, "registeredResources": [
              {"name": "CPU", "type": "INTEGER", "integerValue": 2048}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 7811}]})"),
            EventFate::kApplied);
  const SnapshotPtr now = fed.now();
  EXPECT_EQ(now->status()[0], static_cast<std::uint8_t>(InstanceStatus::kDraining));
  EXPECT_EQ(now->agent_connected()[0], 0);
  EXPECT_EQ(now->attribute_text(0, "stack"), "prod");
  EXPECT_EQ(now->texts().at(now->agent_version()[0]), "1.96.0");
}

TEST(EventFeed, DropsVersionsThatAreNotNewer) {
  FedCluster fed({instances_json({instance_json(kOne)}), tasks_json({task_json(task_of("01"), kOne, version(4))})});
  const std::uint64_t generation = fed.now()->generation();
  EXPECT_EQ(fed.fate(instance_event(instance_json(kOne, R"("version": 3, "status": "DRAINING")"))), EventFate::kDuplicate);
  EXPECT_EQ(fed.fate(instance_event(instance_json(kOne, R"("version": 2, "status": "DRAINING")"))), EventFate::kOlder);
  EXPECT_EQ(fed.fate(running("01", 4, R"("desiredStatus": "STOPPED")")), EventFate::kDuplicate);
  EXPECT_EQ(fed.fate(running("01", 3, R"("desiredStatus": "STOPPED")")), EventFate::kOlder);
  EXPECT_EQ(fed.now()->generation(), generation);
  EXPECT_EQ(fed.fate(running("01", 5, R"("desiredStatus": "STOPPED")")), EventFate::kApplied);
  // The same where the change is committed, for whoever has looked before another one told the newer version.
  std::vector<cluster::TaskHandle> tasks;
  fed.worker().tasks_of(fed.cluster().slot_of(0), tasks);
  cluster::Worker::TaskState state;
  state.last_status = TaskStatus::kPending;
  state.version = 5;
  EXPECT_EQ(fed.worker().set_task_state(tasks.front(), state), StatusCode::kOk);
  EXPECT_FALSE(fed.worker().committed_at().has_value());
  EXPECT_EQ(fed.now()->task_last_status()[0], static_cast<std::uint8_t>(TaskStatus::kRunning));
}

// Berth's own changes count an instance's version on; ECS's versions are compared with ECS's alone.
TEST(EventFeed, ComparesVersionsWithThoseOfEventsAlone) {
  FedCluster fed({instances_json({instance_json(kOne)}), tasks_json({task_json(task_of("01"), kOne)})});
  for (int change = 0; change < 10; ++change) {
    ASSERT_EQ(fed.worker().set_agent_connected(fed.cluster().slot_of(0), change % 2 != 0), StatusCode::kOk);
  }
  std::vector<cluster::TaskHandle> tasks;
  fed.worker().tasks_of(fed.cluster().slot_of(0), tasks);
  ASSERT_EQ(fed.worker().stop(tasks.front()), StatusCode::kOk);
  EXPECT_EQ(fed.fate(instance_event(instance_json(kOne, R"("version": 4, "status": "DRAINING")"))), EventFate::kApplied);
  EXPECT_EQ(fed.now()->status()[0], static_cast<std::uint8_t>(InstanceStatus::kDraining));
  EXPECT_GT(fed.now()->version()[0], 13U);
  // ECS has not heard of the stop yet: the task runs, and is to stop all the same.
  EXPECT_EQ(fed.fate(running("01", 3, R"("healthStatus": "HEALTHY")")), EventFate::kApplied);
  EXPECT_EQ(fed.now()->task_health()[0], static_cast<std::uint8_t>(HealthStatus::kHealthy));
  EXPECT_EQ(fed.now()->task_desired_status()[0], static_cast<std::uint8_t>(TaskStatus::kStopped));
  EXPECT_EQ(fed.now()->running_tasks_count()[0], 0U);
  EXPECT_EQ(fed.now()->task_version()[0], 3U);
}

TEST(EventFeed, TakesTheFirstEventWhereVersionsAreNotTrusted) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()}, {.cluster = {}, .trusts_versions = false});
  EXPECT_EQ(fed.fate(instance_event(instance_json(kOne, R"("version": 1, "status": "DRAINING")"))), EventFate::kApplied);
  EXPECT_EQ(fed.fate(instance_event(instance_json(kOne, R"("version": 1, "status": "ACTIVE")"))), EventFate::kDuplicate);
  EXPECT_EQ(fed.now()->status()[0], static_cast<std::uint8_t>(InstanceStatus::kDraining));
}

TEST(EventFeed, StartsATaskThatIsNotKnown) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  const std::string event = running("07", 3, R"("startedAt": "2020-01-23T17:57:58Z", "startedBy": "ecs-svc/1", "containers": [
      {"name": "web", "networkBindings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}])");
  EXPECT_EQ(fed.fate(event), EventFate::kApplied);
  const SnapshotPtr now = fed.now();
  ASSERT_EQ(now->task_count(), 1U);
  EXPECT_EQ(now->task_arns().text(0), task_of("07"));
  EXPECT_EQ(now->task_version()[0], 3U);
  EXPECT_EQ(now->task_started_at_ms()[0], 1579802278000);
  EXPECT_EQ(now->cpu_remaining()[0], 2048 - 256);
  EXPECT_EQ(now->memory_remaining()[0], 7811 - 512);
  EXPECT_EQ(now->running_tasks_count()[0], 1U);
  EXPECT_EQ(now->groups().at(now->task_shapes()[now->task_shape()[0]].group), "service:api");
  const PortSet used = now->port_set(now->ports_used()[0]);
  EXPECT_EQ(std::vector<std::uint16_t>(used.tcp.begin(), used.tcp.end()), (std::vector<std::uint16_t>{22, 2376, 8080}));
  EXPECT_EQ(fed.fate(event), EventFate::kDuplicate);
  EXPECT_EQ(fed.now()->task_count(), 1U);
}

// Ports are told when the containers run, ENIs when they are there; both are held until the task has stopped.
TEST(EventFeed, LearnsWhatATaskHolds) {
  for (const bool is_base : {true, false}) {
    const std::string pending = task_json(task_of("01"), kOne, R"("lastStatus": "PENDING")");
    FedCluster fed({instances_json({instance_json(kOne)}), is_base ? tasks_json({pending}) : no_tasks()});
    fed.apply(task_event(pending));
    EXPECT_EQ(fed.now()->pending_tasks_count()[0], is_base ? 0U : 1U);  // The imported instance counts none.
    const std::string bindings = R"("containers": [{"name": "web", "networkBindings": [{"hostPort": 8080, "protocol": "tcp"}]}])";
    EXPECT_EQ(fed.fate(running("01", 3, bindings)), EventFate::kApplied);
    const auto uses_port = [&] {
      const SnapshotPtr now = fed.now();
      const PortSet used = now->port_set(now->ports_used()[0]);
      return std::find(used.tcp.begin(), used.tcp.end(), 8080) != used.tcp.end();
    };
    EXPECT_TRUE(uses_port());
    EXPECT_EQ(fed.now()->pending_tasks_count()[0], 0U);
    EXPECT_EQ(fed.fate(running("01", 4, R"("lastStatus": "STOPPING", "desiredStatus": "STOPPED")")), EventFate::kApplied);
    EXPECT_TRUE(uses_port());
    EXPECT_EQ(fed.now()->running_tasks_count()[0], 0U);
    EXPECT_EQ(fed.fate(running("01", 5, R"("lastStatus": "STOPPED", "desiredStatus": "STOPPED")")), EventFate::kApplied);
    EXPECT_FALSE(uses_port());
    EXPECT_EQ(fed.now()->cpu_remaining()[0], 2048);
    EXPECT_EQ(fed.now()->task_count(), 0U);
  }
}

TEST(EventFeed, KeepsTheOwnEniOfATaskUntilItIsDetached) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  const auto attachment = [](std::string_view status) {
    return R"("attachments": [{"type": "eni", "status": ")" + std::string(status) + "\"}]";
  };
  fed.apply(running("01", 2, attachment("ATTACHED")));
  EXPECT_EQ(fed.now()->eni_used()[0], 1U);
  fed.apply(running("01", 3, attachment("DELETED")));
  EXPECT_EQ(fed.now()->eni_used()[0], 0U);
}

TEST(EventFeed, ReleasesAtStopped) {
  FedCluster fed({instances_json({instance_json(kOne)}), tasks_json({task_json(task_of("01"), kOne)})});
  const std::string stopped = running("01", 5, R"("lastStatus": "STOPPED", "desiredStatus": "STOPPED")");
  EXPECT_EQ(fed.fate(stopped), EventFate::kApplied);
  EXPECT_EQ(fed.now()->task_count(), 0U);
  EXPECT_EQ(fed.now()->cpu_remaining()[0], 2048);
  EXPECT_EQ(fed.fate(stopped), EventFate::kDuplicate);
  // Late, and of a task that nobody knows any more.
  EXPECT_EQ(fed.fate(running("01", 4)), EventFate::kOlder);
  EXPECT_EQ(fed.told(running("01", 6)).reason, "the task has stopped before, or left with its instance");
  EXPECT_EQ(fed.now()->task_count(), 0U);
}

TEST(EventFeed, RemembersTheEndOfATaskThatItNeverSaw) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  EXPECT_EQ(fed.fate(running("01", 5, R"("lastStatus": "STOPPED", "desiredStatus": "STOPPED")")), EventFate::kIgnored);
  EXPECT_EQ(fed.fate(running("01", 3)), EventFate::kOlder);
  EXPECT_EQ(fed.now()->task_count(), 0U);
}

TEST(EventFeed, LetsTasksWaitForTheirInstance) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()}, {.cluster = {}, .waiting_max = 2});
  EXPECT_EQ(fed.fate(running("01", 2, R"("lastStatus": "PENDING")", kTwo)), EventFate::kWaiting);
  EXPECT_EQ(fed.fate(running("01", 3, "", kTwo)), EventFate::kWaiting);
  EXPECT_EQ(fed.fate(running("01", 2, "", kTwo)), EventFate::kOlder);
  EXPECT_EQ(fed.fate(running("02", 2, "", kTwo)), EventFate::kWaiting);
  EXPECT_EQ(fed.fate(running("03", 2, "", kTwo)), EventFate::kRefused);
  EXPECT_EQ(fed.fate(running("02", 3, R"("lastStatus": "STOPPED")", kTwo)), EventFate::kApplied);
  EXPECT_EQ(fed.feed().waiting(), 1U);
  EXPECT_EQ(fed.now()->task_count(), 0U);
  EXPECT_EQ(fed.fate(instance_event(instance_json(kTwo))), EventFate::kApplied);
  EXPECT_EQ(fed.feed().waiting(), 0U);
  const SnapshotPtr now = fed.now();
  ASSERT_EQ(now->task_count(), 1U);
  EXPECT_EQ(now->task_arns().text(0), task_of("01"));
  EXPECT_EQ(now->task_version()[0], 3U);
  EXPECT_EQ(now->cpu_remaining()[1], 2048 - 256);
}

TEST(EventFeed, DeregistersAnInactiveInstanceAndTellsItsTasks) {
  FedCluster fed({instances_json({instance_json(kOne), instance_json(kTwo)}), tasks_json({task_json(task_of("01"), kTwo)})});
  const EventReport report = fed.apply(instance_event(instance_json(kTwo, R"("version": 8, "status": "INACTIVE")")));
  ASSERT_EQ(report.orphans.size(), 1U);
  EXPECT_EQ(report.orphans.front().arn, task_of("01"));
  EXPECT_NE(report.to_json().find(task_of("01")), std::string::npos);
  EXPECT_EQ(fed.now()->instance_count(), 1U);
  EXPECT_EQ(fed.now()->task_count(), 0U);
  EXPECT_EQ(fed.fate(instance_event(instance_json(kTwo, R"("version": 7)"))), EventFate::kOlder);
  EXPECT_EQ(fed.fate(running("01", 9, "", kTwo)), EventFate::kIgnored);
  EXPECT_EQ(fed.now()->instance_count(), 1U);
  // One that never was here does not come either.
  const std::string other = instance_arn("33333333333333333333333333333333");
  EXPECT_EQ(fed.fate(instance_event(instance_json(other, R"("version": 8, "status": "INACTIVE")"))), EventFate::kIgnored);
  EXPECT_EQ(fed.fate(instance_event(instance_json(other, R"("version": 7)"))), EventFate::kOlder);
  EXPECT_EQ(fed.fate(running("02", 2, "", other)), EventFate::kIgnored);
  // An ARN that comes back, with a newer version, is another instance.
  EXPECT_EQ(fed.fate(instance_event(instance_json(kTwo, R"("version": 9)"))), EventFate::kApplied);
  EXPECT_EQ(fed.now()->instance_count(), 2U);
  EXPECT_EQ(fed.now()->cpu_remaining()[1], 2048);
}

// Also for instances whose ARN comes back, and for events without a real version.
TEST(EventFeed, ChangesNothingTheSecondTime) {
  const std::string left = instance_event(instance_json(kTwo, R"("version": 2, "status": "INACTIVE")"));
  const std::string first = instance_event(instance_json(kTwo, R"("version": 0)"));
  const std::string again = instance_event(instance_json(kTwo, R"("version": 3)"));
  const std::string task = running("01", 1, "", kTwo);
  for (const std::string& batch : {first + task + left + again, task + left + again, left + task + again, first + left + first}) {
    FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
    fed.apply(batch);
    const SnapshotPtr now = fed.now();
    EXPECT_EQ(now->task_count(), 0U);
    EXPECT_EQ(fed.apply(batch).count(EventFate::kApplied), 0U) << batch;
    EXPECT_EQ(fed.now()->generation(), now->generation()) << batch;
  }
}

// GPUs are given out once, whatever Berth and ECS call them.
TEST(EventFeed, CountsGpusOnce) {
  const std::string gpus = R"("registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 8192},
      {"name": "MEMORY", "type": "INTEGER", "integerValue": 8192},
      {"name": "GPU", "type": "STRINGSET", "stringSetValue": ["GPU-a", "GPU-b", "GPU-c"]}])";
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  ASSERT_EQ(fed.fate(instance_event(instance_json(kTwo, gpus))), EventFate::kApplied);
  const std::string on_b = R"("containers": [{"name": "train", "gpuIds": ["GPU-b"]}])";
  ASSERT_EQ(fed.fate(running("01", 2, on_b, kTwo)), EventFate::kApplied);
  const auto free = [&] {
    const SnapshotPtr now = fed.now();
    return std::vector<std::uint8_t>(now->gpu_free().begin(), now->gpu_free().end());
  };
  EXPECT_EQ(free(), (std::vector<std::uint8_t>{1, 0, 1}));
  ASSERT_EQ(fed.fate(running("02", 2, on_b, kTwo)), EventFate::kApplied);
  EXPECT_EQ(free(), (std::vector<std::uint8_t>{0, 0, 1}));
  ASSERT_EQ(fed.fate(running("01", 3, R"("lastStatus": "STOPPED")", kTwo)), EventFate::kApplied);
  EXPECT_EQ(free(), (std::vector<std::uint8_t>{0, 1, 1}));
}

// Own resources are told by nobody but Berth.
TEST(EventFeed, KeepsTheOwnResourcesOfATask) {
  const std::string disk = R"("registeredResources": [{"name": "CPU", "type": "INTEGER", "integerValue": 2048},
      {"name": "MEMORY", "type": "INTEGER", "integerValue": 7811}, {"name": "disk", "type": "INTEGER", "integerValue": 100}])";
  FedCluster fed({instances_json({instance_json(kOne, disk)}),
                  tasks_json({task_json(task_of("01"), kOne, R"("berth": {"resources": {"disk": 30}})")})},
                 {}, R"({"resources": ["disk"]})");
  EXPECT_EQ(fed.fate(running("01", 3, R"("startedBy": "somebody")")), EventFate::kApplied);
  EXPECT_EQ(fed.now()->own_resources()[0].remaining[0], 70);
  EXPECT_EQ(fed.fate(instance_event(instance_json(kTwo, disk))), EventFate::kApplied);
  EXPECT_EQ(fed.now()->own_resources()[0].remaining[1], 100);
  EXPECT_EQ(fed.fate(running("01", 4, R"("lastStatus": "STOPPED")")), EventFate::kApplied);
  EXPECT_EQ(fed.now()->own_resources()[0].remaining[0], 100);
}

TEST(EventFeed, IgnoresWhatDoesNotConcernTheCluster) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()}, {.cluster = "web"});
  EXPECT_EQ(fed.told(event_json("ECS Service Action", "{}")).reason,
            "detail-type \"ECS Service Action\" tells nothing of a task's or an instance's state");
  EXPECT_EQ(fed.fate(instance_event(instance_json(instance_arn("01", "other/")))), EventFate::kIgnored);
  EXPECT_EQ(fed.fate(running("01", 3, R"("launchType": "FARGATE")")), EventFate::kIgnored);
  EXPECT_EQ(fed.fate(task_event(R"({"taskArn": ")" + task_of("01") + R"(", "lastStatus": "PROVISIONING", "version": 1})")),
            EventFate::kIgnored);
}

TEST(EventFeed, RefusesWithThePlaceOfTheMemberAtFaultAndGoesOn) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  const EventReport report =
      fed.apply("[" + running("01", 2) + ", " + running("02", 2, R"("lastStatus": "RUNNIN")") + ", 7, " +
                instance_event(instance_json(kTwo, R"("version": -1)")) + ", " + task_event(R"({"taskArn": "a"})") + ", " +
                task_event("{}") + ", " + running("03", 2) + ", " + task_event(task_json(task_arn("short"), kOne)) + "]");
  ASSERT_EQ(report.events.size(), 8U);
  EXPECT_EQ(report.count(EventFate::kApplied), 2U);
  EXPECT_EQ(report.count(EventFate::kRefused), 6U);
  const auto reason = [&](std::size_t position) { return report.events[position].reason; };
  EXPECT_EQ(reason(1).substr(0, 50), "events: [1].detail.lastStatus: \"RUNNIN\" is none of");
  EXPECT_EQ(reason(2), "events: [2]: expected an object, found an integer");
  EXPECT_EQ(reason(3).substr(0, 28), "events: [3].detail.version: ");
  EXPECT_EQ(reason(4), "events: [4].detail: an event's detail needs version, which orders events");
  EXPECT_EQ(reason(5).substr(0, 20), "events: [5].detail: ");
  EXPECT_EQ(reason(7), "events: [7].detail.taskArn: expected 32 hexadecimal digits at the end");
  EXPECT_EQ(fed.now()->task_count(), 2U);
  EXPECT_NE(report.to_json().find("\"position\": 1"), std::string::npos);
}

TEST(EventFeed, TakesEventsOneAfterAnotherUpToWhatIsNoJson) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  const EventReport report = fed.apply(running("01", 2) + "\n[" + running("02", 2) + "]\n" + running("03", 2) + "\n{\"taskArn\": }\n");
  EXPECT_EQ(report.count(EventFate::kApplied), 3U);
  ASSERT_EQ(report.events.size(), 4U);
  EXPECT_EQ(report.events.back().fate, EventFate::kRefused);
  EXPECT_NE(report.events.back().reason.find("line 4"), std::string::npos) << report.events.back().reason;
  EXPECT_EQ(fed.now()->task_count(), 3U);
}

TEST(EventFeed, TakesRecordedEvents) {
  BERTH_REQUIRE_DATA();
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  EXPECT_EQ(fed.fate(read_data("container_instances/co_017_amazon-ecs-developer-guide-ecs-cwe-events.json")), EventFate::kApplied);
  const SnapshotPtr now = fed.now();
  ASSERT_EQ(now->instance_count(), 2U);
  EXPECT_EQ(now->version()[0], 14801U);
  EXPECT_EQ(now->cpu_remaining()[0], 2048);  // What remains follows from the tasks that are known.
  EXPECT_EQ(fed.told(read_data("tasks/ta_027_amazon-ecs-developer-guide-ecs-cwe-events.json")).reason, "the task runs on Fargate");
}

TEST(EventFeed, ATaskThatBerthHasPlacedIsTheOneThatEventsTellOf) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  const Result<std::uint32_t> shape = fed.cluster().make_shape({.group = "service:api",
                                                                .task_definition = "api:7",
                                                                .started_by = {},
                                                                .capacity_provider = {},
                                                                .cpu_units = 256,
                                                                .memory_mib = 512,
                                                                .tcp_ports = {},
                                                                .udp_ports = {}});
  cluster::Placed placed;
  ASSERT_EQ(fed.worker().start_elsewhere(fed.cluster().slot_of(0), *shape, {.id = {0, 0x42}}, placed), StatusCode::kOk);
  EXPECT_EQ(fed.fate(running("42", 2)), EventFate::kApplied);
  EXPECT_EQ(fed.now()->task_count(), 1U);
  EXPECT_EQ(fed.now()->cpu_remaining()[0], 2048 - 256);
  EXPECT_EQ(fed.fate(running("42", 3, R"("lastStatus": "STOPPED")")), EventFate::kApplied);
  EXPECT_EQ(fed.worker().release(placed.task), StatusCode::kNotFound);
}

// Events come while another thread places, stops and drains on the same instance; at the end everything adds up.
TEST(EventFeed, TakesEventsWhileOthersPlace) {
  FedCluster fed({instances_json({instance_json(kOne)}), no_tasks()});
  placement::Request request;
  request.group = "service:other";
  request.demand.cpu_units = 64;
  request.demand.memory_mib = 64;
  const std::unique_ptr<cluster::RequestClass> request_class = *fed.cluster().prepare(request, serial_executor());
  std::atomic<bool> is_over{false};
  std::uint64_t placed_count = 0;
  std::thread other([&] {
    cluster::Worker worker = *fed.cluster().attach();
    for (std::uint64_t turn = 0; !is_over.load(); ++turn) {
      cluster::Placed placed;
      std::uint32_t count = 0;
      EXPECT_TRUE(worker.place(*request_class, {.seed = turn, .id_base = turn, .first_task = 0}, {&placed, 1}, count).ok());
      worker.set_agent_connected(placed.task.slot, true);
      if (count == 1) {
        ++placed_count;
        EXPECT_EQ(worker.stop(placed.task), StatusCode::kOk);
        EXPECT_EQ(worker.release(placed.task), StatusCode::kOk);
      }
    }
  });
  constexpr int kLives = 2'000;
  for (int life = 0; life < kLives; ++life) {
    std::string digits = std::to_string(life);
    digits.insert(0, 30 - digits.size(), '0');
    const auto task = [&](int number, std::string_view more) {
      return task_event(task_json(task_arn("ff" + digits), kOne, version(number) + ", " + std::string(more)));
    };
    EXPECT_EQ(fed.fate(task(1, R"("lastStatus": "PENDING")")), EventFate::kApplied);
    const bool is_lost = life % 3 == 0;
    EXPECT_EQ(fed.fate(instance_event(
                  instance_json(kOne, version(4 + life) + (is_lost ? R"(, "agentConnected": false)" : R"(, "agentConnected": true)")))),
              EventFate::kApplied);
    EXPECT_EQ(fed.fate(task(2, R"("lastStatus": "RUNNING")")), EventFate::kApplied);
    EXPECT_EQ(fed.fate(task(3, R"("lastStatus": "STOPPED")")), EventFate::kApplied);
  }
  is_over.store(true);
  other.join();
  EXPECT_GT(placed_count, 0U);
  const SnapshotPtr now = fed.now();
  EXPECT_EQ(now->task_count(), 0U);
  EXPECT_EQ(now->cpu_remaining()[0], 2048);
  EXPECT_EQ(now->memory_remaining()[0], 7811);
  EXPECT_EQ(now->running_tasks_count()[0], 0U);
  EXPECT_EQ(now->pending_tasks_count()[0], 0U);
}

TEST(EndedVersions, ForgetsTheFirst) {
  EndedVersions ended(2);
  ended.put("a", 1);
  ended.put("b", 2);
  ended.put("a", 7);
  ended.put("a", 3);
  EXPECT_EQ(ended.find("a"), 7U);
  ended.put("c", 3);
  EXPECT_FALSE(ended.find("a").has_value());
  EXPECT_EQ(ended.find("b"), 2U);
  EXPECT_EQ(ended.size(), 2U);
}

}  // namespace
}  // namespace berth::ecs
