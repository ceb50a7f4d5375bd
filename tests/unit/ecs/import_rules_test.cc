// What an import derives from its documents.
#include <algorithm>

#include "engine/ecs/json.h"
#include "tests/unit/ecs/import_fixture.h"

namespace berth::ecs {
namespace {

const std::string kInstance = instance_arn("aaaa");

// A number of the report.
std::int64_t reported(const Imported& result, std::string_view name) {
  const Result<JsonDocument> report = JsonDocument::parse("report", result.report);
  return *report->root().member(name)->integer(0, 1'000'000);
}

bool warns(const Imported& result, std::string_view text) {
  return result.report.find(text) != std::string::npos;
}

std::vector<std::uint16_t> used_tcp(const Snapshot& snapshot, std::uint32_t instance) {
  const std::span<const std::uint16_t> ports = snapshot.port_set(snapshot.ports_used()[instance]).tcp;
  return {ports.begin(), ports.end()};
}

std::string remaining(int cpu, int memory, std::string_view more = "") {
  return "\"remainingResources\": [{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": " + std::to_string(cpu) +
         "}, {\"name\": \"MEMORY\", \"type\": \"INTEGER\", \"integerValue\": " + std::to_string(memory) + "}" + std::string(more) + "]";
}

TEST(ImportRules, TheNewerVersionOfARecordWins) {
  const auto agent_of = [](std::uint32_t first, std::uint32_t second) {
    const auto version = [](std::uint32_t number, std::string_view agent) {
      return instances_json({instance_json(
          kInstance, "\"version\": " + std::to_string(number) + ", \"versionInfo\": {\"agentVersion\": \"" + std::string(agent) + "\"}")});
    };
    const Imported result = imported({version(first, "first"), version(second, "second")});
    EXPECT_EQ(result.snapshot->instance_count(), 1U);
    EXPECT_EQ(reported(result, "duplicates"), 1);
    return std::string(result.snapshot->texts().at(result.snapshot->agent_version()[0]));
  };
  EXPECT_EQ(agent_of(1, 2), "second");
  EXPECT_EQ(agent_of(2, 1), "first");
  EXPECT_EQ(agent_of(5, 5), "second");
}

TEST(ImportRules, AStoppedTaskLeavesEvenWhenAnOlderDocumentSawItRunning) {
  const std::string running = task_json(task_arn("t"), kInstance, "\"version\": 3");
  const std::string stopped = task_json(task_arn("t"), kInstance, "\"version\": 4, \"lastStatus\": \"STOPPED\"");
  const Imported result = imported({instances_json({instance_json(kInstance)}), tasks_json({stopped}), tasks_json({running})});
  EXPECT_EQ(result.snapshot->task_count(), 0U);
  EXPECT_EQ(reported(result, "stoppedTasksLeftOut"), 1);
}

TEST(ImportRules, TasksWithoutAPlaceAreLeftOutAndCounted) {
  const Imported result = imported({instances_json({instance_json(kInstance)}),
                                    tasks_json({task_json(task_arn("a"), kInstance, "\"lastStatus\": \"STOPPED\""),
                                                task_json(task_arn("b"), kInstance, "\"launchType\": \"FARGATE\""),
                                                task_json(task_arn("c"), kInstance, "\"capacityProviderName\": \"FARGATE_SPOT\""),
                                                task_json(task_arn("d"), instance_arn("other")), task_json(task_arn("e"), kInstance)})});
  EXPECT_EQ(result.snapshot->task_count(), 1U);
  EXPECT_EQ(reported(result, "stoppedTasksLeftOut"), 1);
  EXPECT_EQ(reported(result, "fargateTasksLeftOut"), 2);
  EXPECT_EQ(reported(result, "tasksWithoutInstance"), 1);
  EXPECT_TRUE(warns(result, task_arn("d")));
}

TEST(ImportRules, AClusterIsChosenByNameOrArn) {
  const std::vector<std::string> texts = {
      instances_json({instance_json(instance_arn("a", "web/")), instance_json(instance_arn("b", "batch/")),
                      instance_json(instance_arn("c", "")),
                      instance_json(instance_arn("d", ""), "\"clusterArn\": \"arn:aws:ecs:us-east-1:123456789012:cluster/batch\"")}),
      tasks_json({task_json(task_arn("t", ""), instance_arn("b", "batch/"),
                            "\"clusterArn\": \"arn:aws:ecs:us-east-1:123456789012:cluster/batch\""),
                  task_json(task_arn("u", ""), instance_arn("c", ""))})};
  EXPECT_EQ(imported(texts).snapshot->instance_count(), 4U);
  for (const std::string_view cluster : {"web", "arn:aws:ecs:us-east-1:123456789012:cluster/web"}) {
    const Imported result = imported(texts, "{\"cluster\": \"" + std::string(cluster) + "\"}");
    EXPECT_EQ(result.snapshot->instance_count(), 2U) << "its own, and the one whose cluster nobody tells";
    EXPECT_EQ(result.snapshot->task_count(), 1U);
    EXPECT_EQ(reported(result, "otherClusters"), 3);
    EXPECT_TRUE(warns(result, "\"arn:aws:ecs:us-east-1:123456789012:cluster/web\""));
  }
  EXPECT_EQ(imported(texts, "{\"cluster\": \"arn:aws:ecs:eu-west-1:123456789012:cluster/web\"}").snapshot->instance_count(), 1U);
}

TEST(ImportRules, RemainingResourcesAreAuthoritative) {
  const Imported result =
      imported({instances_json({instance_json(kInstance, remaining(100, -5))}), tasks_json({task_json(task_arn("t"), kInstance)})});
  EXPECT_EQ(result.snapshot->cpu_remaining()[0], 100);
  EXPECT_EQ(result.snapshot->memory_remaining()[0], -5);
  EXPECT_EQ(result.snapshot->cpu_registered()[0], 2048);
  EXPECT_TRUE(warns(result, "less than nothing remaining"));
}

TEST(ImportRules, WithoutRemainingResourcesTheTasksAreSubtracted) {
  const Imported result = imported(
      {instances_json({instance_json(kInstance)}),
       tasks_json({task_json(task_arn("t"), kInstance), task_json(task_arn("u"), kInstance, "\"cpu\": \"1 vCPU\", \"memory\": \"1GB\""),
                   task_json(task_arn("v"), kInstance,
                             "\"cpu\": null, \"memory\": \"0\", \"containers\": [{\"name\": \"a\", \"cpu\": \"10\", \"memory\": \"300\","
                             "\"memoryReservation\": \"128\", \"networkBindings\": [{\"hostPort\": 8080, \"protocol\": \"tcp\"},"
                             "{\"hostPort\": 40000}]}, {\"name\": \"b\", \"cpu\": \"5\", \"memory\": \"50\"}]")})});
  // The third task has the members of its containers only; its first cpu is overwritten by null, which counts as absent.
  EXPECT_EQ(result.snapshot->cpu_remaining()[0], 2048 - 256 - 1024 - 256);
  EXPECT_EQ(result.snapshot->memory_remaining()[0], 7811 - 512 - 1024 - 178);
  EXPECT_EQ(used_tcp(*result.snapshot, 0), (std::vector<std::uint16_t>{22, 2376, 8080}));
  EXPECT_TRUE(warns(result, "without remainingResources"));
}

TEST(ImportRules, WhatRemainingResourcesLackIsNamed) {
  const auto listed = [](std::string_view entries) { return "\"remainingResources\": [" + std::string(entries) + "]"; };
  const std::string cpu = R"({"name": "CPU", "integerValue": 5})";
  const std::string memory = R"({"name": "MEMORY", "integerValue": 7})";
  const std::string ports = R"({"name": "PORTS", "stringSetValue": ["22"]})";
  const auto report_of = [&](const std::string& entries) {
    return imported({instances_json({instance_json(kInstance, listed(entries))}), tasks_json({task_json(task_arn("t"), kInstance)})});
  };
  const auto lacking = [&](std::string_view names) {
    return "container instances whose remainingResources lack " + std::string(names) +
           ": there, what their imported tasks take is subtracted: " + kInstance;
  };
  EXPECT_TRUE(warns(report_of(memory + ", " + ports), lacking("CPU")));
  EXPECT_TRUE(warns(report_of(cpu + ", " + ports), lacking("MEMORY")));
  EXPECT_TRUE(warns(report_of(cpu + ", " + memory), lacking("PORTS")));
  EXPECT_TRUE(warns(report_of(memory), lacking("CPU, PORTS")));
  for (const std::string& entries : {memory, cpu + ", " + memory + ", " + ports}) {
    EXPECT_FALSE(warns(report_of(entries), "without remainingResources")) << entries;
  }
  EXPECT_FALSE(warns(report_of(cpu + ", " + memory + ", " + ports), "remainingResources"));
  EXPECT_TRUE(warns(report_of(""), "container instances without remainingResources"));
  EXPECT_EQ(report_of(memory).snapshot->cpu_remaining()[0], 2048 - 256);
}

TEST(ImportRules, LackingPortsAndGpusAreNamedWhereTheyWereRegistered) {
  const std::string registered = R"("registeredResources": [{"name": "CPU", "integerValue": 5}, {"name": "MEMORY", "integerValue": 7},
      {"name": "PORTS_UDP", "stringSetValue": ["53"]}, {"name": "GPU", "stringSetValue": ["g"]}], )";
  const std::string rest = R"(, {"name": "PORTS", "stringSetValue": []})";
  EXPECT_TRUE(warns(imported({instances_json({instance_json(kInstance, registered + remaining(5, 7, rest))})}), "lack PORTS_UDP, GPU: "));
}

TEST(ImportRules, AttributesThatStandTwiceAreCounted) {
  const auto with = [](std::string_view id, std::string_view attributes) {
    return instance_json(instance_arn(id), "\"attributes\": [" + std::string(attributes) + "]");
  };
  const std::string one = R"({"name": "stack", "value": "prod"})";
  const std::string other = R"({"name": "stack", "value": "dev"})";
  const Imported result = imported({instances_json(
      {with("a", one + ", {\"name\": \"x\"}, " + other), with("b", other), with("c", one), with("d", one + ", " + one + ", " + other)})});
  EXPECT_TRUE(warns(result, "attributes that stand twice on one container instance: the last one counts (3 times, first: stack on " +
                                instance_arn("a") + ")"));
  EXPECT_EQ(result.snapshot->attribute_text(0, "stack"), "dev");
  EXPECT_FALSE(warns(imported({instances_json({with("a", one), with("b", one)})}), "stand twice"));
}

TEST(ImportRules, ATaskHoldsTheStaticPortsThatItsInstanceCallsUsed) {
  const std::string bindings =
      "\"containers\": [{\"name\": \"a\", \"networkBindings\": [{\"hostPort\": 80, \"protocol\": \"tcp\"}, {\"hostPort\": 81},"
      "{\"hostPort\": 53, \"protocol\": \"udp\"}, {\"hostPort\": 0}]}]";
  const std::string ports =
      ", {\"name\": \"PORTS\", \"type\": \"STRINGSET\", \"stringSetValue\": [\"80\"]}"
      ", {\"name\": \"PORTS_UDP\", \"type\": \"STRINGSET\", \"stringSetValue\": [\"53\"]}";
  const Imported result = imported(
      {instances_json({instance_json(kInstance, remaining(1, 1, ports))}),
       tasks_json({task_json(task_arn("t"), kInstance, bindings),
                   task_json(task_arn("u"), kInstance, bindings + ", \"attachments\": [{\"type\": \"ElasticNetworkInterface\"}]")})});
  const Snapshot& snapshot = *result.snapshot;
  EXPECT_EQ(used_tcp(snapshot, 0), (std::vector<std::uint16_t>{22, 80, 2376})) << "the registered ones are in use, too";
  const auto ports_of = [&](std::uint32_t task) { return snapshot.port_set(snapshot.task_shapes()[snapshot.task_shape()[task]].ports); };
  EXPECT_TRUE(std::ranges::equal(ports_of(0).tcp, std::vector<std::uint16_t>{80}));
  EXPECT_TRUE(std::ranges::equal(ports_of(0).udp, std::vector<std::uint16_t>{53}));
  EXPECT_TRUE(ports_of(1).tcp.empty()) << "a task with its own ENI holds no host port";
}

TEST(ImportRules, EnisAreCountedAndLimitedByTheInstanceType) {
  const auto typed = [](std::string_view arn, std::string_view type, std::string_view more = "") {
    return instance_json(
        arn, "\"attributes\": [{\"name\": \"ecs.instance-type\", \"value\": \"" + std::string(type) + "\"}" + std::string(more) + "]");
  };
  const Imported result = imported(
      {instances_json({typed(instance_arn("a"), "c5.large"), typed(instance_arn("b"), "c5.large", ", {\"name\": \"ecs.awsvpc-trunk-id\"}"),
                       typed(instance_arn("c"), "a1.metal", ", {\"name\": \"ecs.awsvpc-trunk-id\", \"value\": \"eni-1\"}"),
                       typed(instance_arn("d"), "a1.metal"), typed(instance_arn("e"), "z9.huge"), instance_json(instance_arn("f"))}),
       tasks_json({task_json(task_arn("t"), instance_arn("a"), "\"attachments\": [{\"type\": \"eni\", \"status\": \"ATTACHED\"}]"),
                   task_json(task_arn("u"), instance_arn("a"), "\"containers\": [{\"networkInterfaces\": [{\"attachmentId\": \"x\"}]}]"),
                   task_json(task_arn("v"), instance_arn("a"), "\"attachments\": [{\"type\": \"eni\", \"status\": \"DELETED\"}]"),
                   task_json(task_arn("w"), instance_arn("b"), "\"attachments\": [{\"type\": \"AmazonElasticBlockStorage\"}]")})});
  const std::span<const std::uint16_t> limits = result.snapshot->eni_limit();
  // c5.large: documented, without and with a trunk. a1.metal: derived, 54 + 8 - 2 and 8 - 1. Then types that nobody knows.
  EXPECT_EQ(std::vector<std::uint16_t>(limits.begin(), limits.end()),
            (std::vector<std::uint16_t>{2, 10, 60, 7, kEniUnlimited, kEniUnlimited}));
  EXPECT_EQ(result.snapshot->eni_used()[0], 2);
  EXPECT_EQ(result.snapshot->eni_used()[1], 0);
  EXPECT_TRUE(warns(result, "instance types whose ENI limit is not known"));
}

TEST(ImportRules, GpusAreFreeAsRemainingResourcesSayElseWhenNoTaskHoldsThem) {
  const std::string all = ", {\"name\": \"GPU\", \"type\": \"STRINGSET\", \"stringSetValue\": [\"g1\", \"g2\", \"g3\"]}";
  const std::string registered =
      "\"registeredResources\": [{\"name\": \"CPU\", \"integerValue\": 4096}, {\"name\": \"MEMORY\", \"integerValue\": 16000}" + all + "]";
  const std::string free_one = ", {\"name\": \"GPU\", \"type\": \"STRINGSET\", \"stringSetValue\": [\"g3\"]}";
  const Imported result =
      imported({instances_json({instance_json(instance_arn("a"), registered + ", " + remaining(1, 1, free_one)),
                                instance_json(instance_arn("b"), registered + ", " + remaining(1, 1))}),
                tasks_json({task_json(task_arn("t"), instance_arn("a"), "\"containers\": [{\"gpuIds\": [\"g1\"]}]"),
                            task_json(task_arn("u"), instance_arn("b"), "\"containers\": [{\"gpuIds\": [\"g2\", \"g9\"]}]")})});
  const Snapshot& snapshot = *result.snapshot;
  const auto free_gpus = [&](std::uint32_t instance) {
    std::vector<std::string> ids;
    const Snapshot::GpuRange range = snapshot.gpus(instance);
    for (std::uint32_t slot = range.begin; slot < range.begin + range.count; ++slot) {
      if (snapshot.gpu_free()[slot] != 0) {
        ids.emplace_back(snapshot.gpu_ids().at(slot));
      }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  EXPECT_EQ(snapshot.gpus(0).count, 3U);
  EXPECT_EQ(free_gpus(0), std::vector<std::string>{"g3"});
  EXPECT_EQ(free_gpus(1), (std::vector<std::string>{"g1", "g3"}));
  EXPECT_EQ(snapshot.task_gpus().size(), 2U);
  EXPECT_TRUE(warns(result, "GPUs of tasks that their instance lacks"));
}

TEST(ImportRules, TasksCountWhereThereAreAny) {
  const std::string instance = instance_json(kInstance, "\"runningTasksCount\": 9, \"pendingTasksCount\": 1");
  EXPECT_EQ(imported({instances_json({instance})}).snapshot->running_tasks_count()[0], 9U);
  const Imported result =
      imported({instances_json({instance}),
                tasks_json({task_json(task_arn("t"), kInstance), task_json(task_arn("u"), kInstance, "\"desiredStatus\": \"STOPPED\"")})});
  EXPECT_TRUE(result.snapshot->has_tasks());
  EXPECT_EQ(result.snapshot->running_tasks_count()[0], 1U);
  EXPECT_EQ(result.snapshot->pending_tasks_count()[0], 1U);
  EXPECT_TRUE(warns(result, "runningTasksCount differs"));
}

TEST(ImportRules, ProtectionsMeetTheirTasksInAnyOrder) {
  const std::string protection = "{\"protectedTasks\": [{\"taskArn\": \"" + task_arn("t") +
                                 "\", \"protectionEnabled\": true, \"expirationDate\": 1893456000.5}, " + "{\"taskArn\": \"" +
                                 task_arn("u") + "\", \"protectionEnabled\": false}, {\"taskArn\": \"" + task_arn("gone") +
                                 "\", \"protectionEnabled\": true}], \"failures\": []}";
  const Imported result = imported({protection, instances_json({instance_json(kInstance)}),
                                    tasks_json({task_json(task_arn("t"), kInstance), task_json(task_arn("u"), kInstance)})});
  ASSERT_EQ(result.snapshot->protected_tasks().size(), 1U);
  EXPECT_EQ(result.snapshot->protected_tasks()[0].expires_at_ms, 1893456000500U);
  EXPECT_EQ(result.snapshot->task_arns().text(result.snapshot->protected_tasks()[0].task), task_arn("t"));
  EXPECT_TRUE(warns(result, "protections of tasks that are not among the documents"));
}

TEST(ImportRules, AGroupThatIsNotToldIsTheFamily) {
  const Imported result =
      imported({instances_json({instance_json(kInstance)}), tasks_json({task_json(task_arn("t"), kInstance, "\"group\": \"\"")})});
  EXPECT_EQ(result.snapshot->groups().at(result.snapshot->task_shapes()[result.snapshot->task_shape()[0]].group), "family:api");
}

TEST(ImportRules, AmountsAreReadInEveryTypeOfResource) {
  const auto cpu_of = [](std::string_view entry) {
    const Imported result = imported({instance_json(kInstance, "\"registeredResources\": [{\"name\": \"CPU\", " + std::string(entry) +
                                                                   "}, {\"name\": \"MEMORY\", \"integerValue\": 1}]")});
    return result.snapshot->cpu_registered()[0];
  };
  EXPECT_EQ(cpu_of(R"("type": "INTEGER", "integerValue": 5, "longValue": 0, "doubleValue": 0.0)"), 5);
  EXPECT_EQ(cpu_of(R"("type": "LONG", "integerValue": 0, "longValue": 6, "doubleValue": 0.0)"), 6);
  EXPECT_EQ(cpu_of(R"("type": "DOUBLE", "doubleValue": 7.9)"), 7);
  EXPECT_EQ(cpu_of(R"("integerValue": 0, "longValue": 8)"), 8);
  EXPECT_EQ(cpu_of(R"("integerValue": 9)"), 9);
}

TEST(ImportRules, DroppedMembersAreNamedAndCounted) {
  const Imported result = imported(
      {instances_json(
           {instance_json(kInstance, R"("tags": [{"key": "a", "value": "b"}], "attachments": [], "versionInfo": {"agentHash": "x"},
                                     "remainingResources": [{"name": "NEURON_CORES", "type": "STRINGSET", "stringSetValue": ["0"]}])"),
            instance_json(instance_arn("b"), R"("tags": [{"key": "a"}])")}),
       tasks_json({task_json(task_arn("t"), kInstance, R"("overrides": {"cpu": "1"}, "containers": [{"image": "i"}, {"image": "j"}])")})});
  const Result<JsonDocument> report = JsonDocument::parse("report", result.report);
  const JsonValue dropped = *report->root().member("droppedFields");
  const auto times = [&](std::string_view name) { return dropped.member(name) ? *dropped.member(name)->integer(0, 99) : 0; };
  EXPECT_EQ(times("containerInstances[].tags"), 2);
  EXPECT_EQ(times("containerInstances[].attachments"), 0) << "an empty list loses nothing";
  EXPECT_EQ(times("containerInstances[].versionInfo.agentHash"), 1);
  EXPECT_EQ(times("containerInstances[].remainingResources[]:NEURON_CORES"), 1);
  EXPECT_EQ(times("tasks[].overrides"), 1);
  EXPECT_EQ(times("tasks[].containers[].image"), 2);
}

TEST(ImportRules, ALastPageWithANextTokenAndFailuresAreToldOf) {
  const auto page = [](std::string_view id, std::string_view more) {
    return "{\"containerInstances\": [" + instance_json(instance_arn(id)) + "]" + std::string(more) + "}";
  };
  const std::string_view kMissing = "further pages may be missing";
  EXPECT_FALSE(warns(imported({page("a", ", \"nextToken\": \"x\""), page("b", "")}), kMissing));
  EXPECT_TRUE(warns(imported({page("a", ""), page("b", ", \"nextToken\": \"x\"")}), kMissing));
  EXPECT_TRUE(warns(imported({page("a", ", \"failures\": [{\"arn\": \"arn:gone\", \"reason\": \"MISSING\"}]")}), "arn:gone"));
}

}  // namespace
}  // namespace berth::ecs
