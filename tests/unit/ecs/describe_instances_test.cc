// What Berth keeps of an instance comes out in the API's shape, and goes in again unchanged.
#include <algorithm>

#include "engine/ecs/json.h"
#include "engine/snapshot/builder.h"
#include "tests/unit/ecs/import_fixture.h"

namespace berth::ecs {
namespace {

SnapshotPtr fleet(std::string_view options) {
  Result<SnapshotPtr> snapshot = generate(options, serial_executor(), {});
  EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().message);
  return snapshot.ok() ? *snapshot : nullptr;
}

std::string described(const SnapshotPtr& snapshot, std::string_view request = "") {
  const Result<std::string> answer = describe_container_instances(snapshot, request, serial_executor(), {});
  return answer.ok() ? *answer : answer.error().message;
}

std::string text_at(const StringTable& texts, std::uint32_t id) {
  return id == kNoId ? "" : std::string(texts.at(id));
}

std::vector<std::pair<std::string, std::string>> attributes_of(const Snapshot& snapshot, std::uint32_t instance) {
  std::vector<std::pair<std::string, std::string>> attributes;
  for (std::uint32_t name = 0; name < snapshot.attribute_names().size(); ++name) {
    const std::uint32_t value = snapshot.attribute(instance, name);
    if (value != kAttributeAbsent) {
      attributes.emplace_back(snapshot.attribute_names().at(name),
                              value == kAttributeNameOnly ? "(name only)" : "=" + std::string(snapshot.attribute_values().at(value)));
    }
  }
  return attributes;
}

std::vector<std::pair<std::string, bool>> gpus_of(const Snapshot& snapshot, std::uint32_t instance) {
  std::vector<std::pair<std::string, bool>> gpus;
  const Snapshot::GpuRange range = snapshot.gpus(instance);
  for (std::uint32_t slot = range.begin; slot < range.begin + range.count; ++slot) {
    gpus.emplace_back(snapshot.gpu_ids().at(slot), snapshot.gpu_free()[slot] != 0);
  }
  return gpus;
}

void expect_same_ports(const Snapshot& a, std::uint32_t set_a, const Snapshot& b, std::uint32_t set_b) {
  EXPECT_TRUE(std::ranges::equal(a.port_set(set_a).tcp, b.port_set(set_b).tcp));
  EXPECT_TRUE(std::ranges::equal(a.port_set(set_a).udp, b.port_set(set_b).udp));
}

// Every column that DescribeContainerInstances can carry. ENIs in use and task counts by task come from tasks.
void expect_same_instances(const Snapshot& a, const Snapshot& b) {
  ASSERT_EQ(a.instance_count(), b.instance_count());
  for (std::uint32_t i = 0; i < a.instance_count(); ++i) {
    SCOPED_TRACE(a.instance_arns().text(i));
    EXPECT_EQ(a.instance_arns().text(i), b.instance_arns().text(i));
    EXPECT_EQ(a.ec2_instance_ids().text(i), b.ec2_instance_ids().text(i));
    EXPECT_EQ(attributes_of(a, i), attributes_of(b, i));
    EXPECT_EQ(a.cpu_registered()[i], b.cpu_registered()[i]);
    EXPECT_EQ(a.cpu_remaining()[i], b.cpu_remaining()[i]);
    EXPECT_EQ(a.memory_registered()[i], b.memory_registered()[i]);
    EXPECT_EQ(a.memory_remaining()[i], b.memory_remaining()[i]);
    expect_same_ports(a, a.ports_registered()[i], b, b.ports_registered()[i]);
    expect_same_ports(a, a.ports_used()[i], b, b.ports_used()[i]);
    EXPECT_EQ(a.eni_limit()[i], b.eni_limit()[i]);
    EXPECT_EQ(a.status()[i], b.status()[i]);
    EXPECT_EQ(a.agent_connected()[i], b.agent_connected()[i]);
    EXPECT_EQ(text_at(a.texts(), a.agent_version()[i]), text_at(b.texts(), b.agent_version()[i]));
    EXPECT_EQ(text_at(a.texts(), a.capacity_provider()[i]), text_at(b.texts(), b.capacity_provider()[i]));
    EXPECT_EQ(a.registered_at_ms()[i], b.registered_at_ms()[i]);
    EXPECT_EQ(a.version()[i], b.version()[i]);
    EXPECT_EQ(a.running_tasks_count()[i], b.running_tasks_count()[i]);
    EXPECT_EQ(a.pending_tasks_count()[i], b.pending_tasks_count()[i]);
    EXPECT_EQ(gpus_of(a, i), gpus_of(b, i));
  }
}

TEST(DescribeInstances, AFleetComesBackUnchanged) {
  const SnapshotPtr original = fleet(R"({"instances": 400, "seed": 7, "utilization": 80, "zones": 6})");
  const Imported again = imported({described(original)});
  ASSERT_NE(again.snapshot, nullptr);
  expect_same_instances(*original, *again.snapshot);
}

TEST(DescribeInstances, OddInstancesComeBackUnchanged) {
  SnapshotBuilder builder;
  const InternedAttribute attributes[] = {{builder.intern_name("empty"), builder.intern_value("")},
                                          {builder.intern_name("name-only"), kAttributeNameOnly},
                                          {builder.intern_name("quoted \"name\""), builder.intern_value("line\nbreak \\ \xC3\xA9")}};
  const std::uint16_t udp[] = {53, 65535};
  const GpuRecord gpus[] = {{"GPU-b", false}, {"GPU-a", true}};
  for (std::uint32_t i = 0; i < 3000; ++i) {
    InstanceRecord record;
    const std::string arn = "arn:odd/" + std::to_string(i);
    record.arn = arn;
    // An attribute whose value differs everywhere, besides those that are the same everywhere.
    std::vector<InternedAttribute> own(std::begin(attributes), std::end(attributes));
    if (i % 3 != 0) {
      own.push_back({builder.intern_name("unique"), builder.intern_value("value-" + std::to_string(i))});
    }
    record.attributes = own;
    record.status = static_cast<InstanceStatus>(1 + i % 6);
    record.agent_connected = i % 2 == 0;
    record.cpu_remaining = -5;
    record.memory_remaining = std::numeric_limits<std::int32_t>::min();
    record.cpu_registered = std::numeric_limits<std::int32_t>::max();
    record.version = std::numeric_limits<std::uint64_t>::max();
    record.registered_at_ms = i == 0 ? -1 : 1557768075681 + i;
    record.udp_registered = udp;
    record.udp_used = udp;
    record.gpus = i == 1 ? std::span<const GpuRecord>(gpus) : std::span<const GpuRecord>();
    record.running_tasks_count = i;
    ASSERT_TRUE(builder.add_instance(record).ok());
  }
  Result<std::vector<std::uint8_t>> bytes = builder.finish(serial_executor());
  ASSERT_TRUE(bytes.ok());
  Result<SnapshotPtr> original = Snapshot::from_bytes(*std::move(bytes), serial_executor());
  ASSERT_TRUE(original.ok());
  const Imported again = imported({described(*original)});
  ASSERT_NE(again.snapshot, nullptr);
  expect_same_instances(**original, *again.snapshot);
}

TEST(DescribeInstances, TheShapeIsTheApis) {
  const Imported source = imported({instances_json(
      {instance_json(instance_arn("aaaa"),
                     R"("remainingResources": [{"name": "CPU", "integerValue": 1436}, {"name": "MEMORY", "integerValue": 2644},
         {"name": "PORTS", "stringSetValue": ["80"]}], "registeredAt": 1557768075.681, "runningTasksCount": 2, "capacityProviderName": "cp",
         "attributes": [{"name": "stack", "value": "prod"}, {"name": "ecs.capability.task-eni"}],
         "versionInfo": {"agentVersion": "1.95.0"})")})});
  const std::string expected = R"({
  "containerInstances": [
    {
      "containerInstanceArn": "arn:aws:ecs:us-east-1:123456789012:container-instance/web/aaaa",
      "ec2InstanceId": "i-0123456789abcdef0",
      "capacityProviderName": "cp",
      "version": 3,
      "versionInfo": {
        "agentVersion": "1.95.0"
      },
      "remainingResources": [
        {
          "name": "CPU",
          "type": "INTEGER",
          "doubleValue": 0.0,
          "longValue": 0,
          "integerValue": 1436
        },
        {
          "name": "MEMORY",
          "type": "INTEGER",
          "doubleValue": 0.0,
          "longValue": 0,
          "integerValue": 2644
        },
        {
          "name": "PORTS",
          "type": "STRINGSET",
          "doubleValue": 0.0,
          "longValue": 0,
          "integerValue": 0,
          "stringSetValue": [
            "22",
            "80",
            "2376"
          ]
        },
        {
          "name": "PORTS_UDP",
          "type": "STRINGSET",
          "doubleValue": 0.0,
          "longValue": 0,
          "integerValue": 0,
          "stringSetValue": []
        }
      ],
)";
  const std::string answer = described(source.snapshot);
  EXPECT_EQ(answer.substr(0, expected.size()), expected);
  const std::string end = R"(      "status": "ACTIVE",
      "agentConnected": true,
      "runningTasksCount": 2,
      "pendingTasksCount": 0,
      "attributes": [
        {
          "name": "ecs.capability.task-eni"
        },
        {
          "name": "stack",
          "value": "prod"
        }
      ],
      "registeredAt": 1557768075.681
    }
  ],
  "failures": []
}
)";
  ASSERT_GE(answer.size(), end.size());
  EXPECT_EQ(answer.substr(answer.size() - end.size()), end);
}

TEST(DescribeInstances, RunningTasksAreCountedFromTasks) {
  const std::string instance = instance_arn("aaaa");
  const Imported source =
      imported({instances_json({instance_json(instance, "\"runningTasksCount\": 9")}),
                tasks_json({task_json(task_arn("t"), instance), task_json(task_arn("u"), instance, "\"desiredStatus\": \"STOPPED\"")})});
  EXPECT_NE(described(source.snapshot).find("\"runningTasksCount\": 1,"), std::string::npos);
}

TEST(DescribeInstances, RequestsNameInstancesByIdOrArn) {
  const Imported source = imported({instances_json(
      {instance_json(instance_arn("aaaa")), instance_json(instance_arn("bbbb")), instance_json(instance_arn("cccc", "batch/"))})});
  const auto arns = [&](std::string_view request) {
    const Result<JsonDocument> answer = JsonDocument::parse("answer", described(source.snapshot, request));
    std::vector<std::string> found;
    if (!answer.ok()) {
      return found;
    }
    const auto collect = [&](std::string_view list, std::string_view member) {
      EXPECT_TRUE(answer->root()
                      .member(list)
                      ->for_each([&](const JsonValue& each) -> Outcome {
                        found.emplace_back(*each.member(member)->string());
                        return {};
                      })
                      .ok());
    };
    collect("containerInstances", "containerInstanceArn");
    collect("failures", "arn");
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(arns("{\"containerInstances\": [\"bbbb\", \"gone\", \"" + instance_arn("aaaa") + "\", \"bbbb\"]}"),
            (Names{instance_arn("bbbb"), instance_arn("aaaa"), "gone"}));
  EXPECT_EQ(arns("{\"cluster\": \"batch\"}"), Names{instance_arn("cccc", "batch/")});
  EXPECT_EQ(arns("{\"cluster\": \"batch\", \"containerInstances\": [\"aaaa\"]}"), Names{"aaaa"});
  EXPECT_EQ(arns("{\"containerInstances\": []}"), Names{});
  EXPECT_EQ(described(source.snapshot, "{\"containerInstance\": []}"),
            "describe-container-instances: containerInstance: unknown member; did you mean \"containerInstances\"?");
  EXPECT_EQ(described(source.snapshot, "{\"containerInstances\": [7]}"),
            "describe-container-instances: containerInstances[0]: expected a string, found an integer");
}

TEST(ListInstances, FiltersByExpressionAndStatus) {
  const Imported source = imported({instances_json(
      {instance_json(instance_arn("a"), "\"attributes\": [{\"name\": \"stack\", \"value\": \"prod\"}]"),
       instance_json(instance_arn("b"), "\"status\": \"DRAINING\", \"attributes\": [{\"name\": \"stack\", \"value\": \"prod\"}]"),
       instance_json(instance_arn("c"), "\"status\": \"INACTIVE\""), instance_json(instance_arn("d", "batch/"))})});
  const auto list = [&](std::string_view request) {
    const Result<std::string> answer = list_container_instances(source.snapshot, request, serial_executor(), {});
    if (!answer) {
      return answer.error().message;
    }
    std::string ids;
    const Result<JsonDocument> document = JsonDocument::parse("answer", *answer);
    EXPECT_TRUE(document->root()
                    .member("containerInstanceArns")
                    ->for_each([&](const JsonValue& each) -> Outcome {
                      ids += each.string()->back();
                      return {};
                    })
                    .ok());
    return ids;
  };
  EXPECT_EQ(list(""), "dab") << "every state but INACTIVE, in the order of ARNs";
  EXPECT_EQ(list("{\"status\": \"DRAINING\"}"), "b");
  EXPECT_EQ(list("{\"filter\": \"attribute:stack == prod\"}"), "ab");
  EXPECT_EQ(list("{\"filter\": \"attribute:stack == prod\", \"status\": \"ACTIVE\"}"), "a");
  EXPECT_EQ(list("{\"cluster\": \"web\"}"), "ab");
  EXPECT_NE(list("{\"status\": \"INACTIVE\"}").find("INACTIVE instances are not listed"), std::string::npos);
  EXPECT_NE(list("{\"filter\": \"attribute:stack ==\"}").find("filter: "), std::string::npos);
}

TEST(CheckExpression, CountsEachPieceAndNamesUnknownAttributes) {
  const Imported source =
      imported({instances_json({instance_json(instance_arn("a"), "\"attributes\": [{\"name\": \"stack\", \"value\": \"prod\"}]"),
                                instance_json(instance_arn("b"))})});
  const std::string expression = "attribute:stack == prod and (attribute:stak exists or agentConnected == true)";
  const Result<std::string> answer = check_expression(source.snapshot, expression, serial_executor(), {});
  ASSERT_TRUE(answer.ok());
  const Result<JsonDocument> document = JsonDocument::parse("answer", *answer);
  ASSERT_TRUE(document.ok());
  const auto seen = [&](std::string_view list) {
    std::vector<std::string> lines;
    EXPECT_TRUE(document->root()
                    .member(list)
                    ->for_each([&](const JsonValue& each) -> Outcome {
                      const auto offset = static_cast<std::size_t>(*each.member("offset")->integer(0, 999));
                      const auto length = static_cast<std::size_t>(*each.member("length")->integer(0, 999));
                      EXPECT_EQ(expression.substr(offset, length), *each.member("text")->string());
                      lines.push_back(std::string(*each.member("text")->string()) + " -> " +
                                      std::to_string(*each.member("matches")->integer(0, 9)) +
                                      (each.member("note") ? " " + std::string(*each.member("note")->string()) : ""));
                      return {};
                    })
                    .ok());
    return lines;
  };
  EXPECT_EQ(*document->root().member("matches")->integer(0, 9), 1);
  EXPECT_EQ(seen("conjuncts"), (std::vector<std::string>{"attribute:stack == prod -> 1",
                                                         "(attribute:stak exists or agentConnected == true) -> 2 matches everything"}));
  EXPECT_EQ(seen("leaves"),
            (std::vector<std::string>{
                "attribute:stack == prod -> 1",
                "attribute:stak exists -> 0 matches nothing; no instance has the attribute \"stak\"; did you mean \"stack\"?",
                "agentConnected == true -> 2 matches everything"}));
}

TEST(CheckExpression, ProposesAttributesValuesAndPatternsThatThereAre) {
  const Imported source = imported(
      {instances_json({instance_json(instance_arn("a"), "\"attributes\": [{\"name\": \"ecs.instance-type\", \"value\": \"m5.large\"}]")})});
  const Result<std::string> bare = check_expression(source.snapshot, "instance-type == m5.large", serial_executor(), {});
  ASSERT_FALSE(bare.ok());
  EXPECT_NE(bare.error().message.find("did you mean 'attribute:ecs.instance-type'?"), std::string::npos) << bare.error().message;
  EXPECT_EQ(bare.error().offset, 0U);
  const auto note_of = [&](const std::string& expression) {
    const Result<std::string> answer = check_expression(source.snapshot, expression, serial_executor(), {});
    EXPECT_TRUE(answer.ok()) << expression;
    const Result<JsonDocument> document = JsonDocument::parse("answer", answer.ok() ? *answer : "{}");
    std::string note;
    EXPECT_TRUE(document->root()
                    .member("leaves")
                    ->for_each([&](const JsonValue& leaf) -> Outcome {
                      EXPECT_FALSE(leaf.member("unknownAttribute")) << expression;
                      note = leaf.member("note") ? *leaf.member("note")->string() : "";
                      return {};
                    })
                    .ok());
    return note;
  };
  const std::string nearest = "matches nothing; no instance has \"m5.lrge\"; did you mean \"m5.large\"?";
  EXPECT_EQ(note_of("attribute:ecs.instance-type == m5.lrge"), nearest);
  EXPECT_EQ(note_of("attribute:ecs.instance-type equals 'm5.lrge'"), nearest);
  EXPECT_EQ(note_of("attribute:ecs.instance-type == trn1.32xlarge"), "matches nothing");
  EXPECT_EQ(note_of("attribute:ecs.instance-type =~ m5*"), "matches nothing; `*` repeats the character before it; did you mean \"m5.*\"?");
  EXPECT_EQ(note_of("attribute:ecs.instance-type =~ c5.*"), "matches nothing");
  EXPECT_EQ(note_of("attribute:ecs.instance-type =~ m5.*"), "matches everything");
  EXPECT_EQ(note_of("attribute:ecs.instance-type != m5.large"), "matches nothing");
}

TEST(ListInstances, UnknownClustersAreNotFoundAsInRunTask) {
  const Imported source = imported({instances_json({instance_json(instance_arn("a"))})});
  for (const std::string_view request : {"{\"cluster\": \"wbe\"}", "{\"cluster\": \"arn:aws:ecs:mars-1:123456789012:cluster/web\"}"}) {
    const Result<std::string> listed = list_container_instances(source.snapshot, request, serial_executor(), {});
    const Result<std::string> described_all = describe_container_instances(source.snapshot, request, serial_executor(), {});
    for (const Result<std::string>* answer : {&listed, &described_all}) {
      ASSERT_FALSE(answer->ok()) << request;
      EXPECT_EQ(answer->error().exception, "ClusterNotFoundException");
      EXPECT_NE(answer->error().message.find("Cluster not found. ("), std::string::npos) << answer->error().message;
    }
  }
  const Result<std::string> typed = list_container_instances(source.snapshot, "{\"cluster\": 7}", serial_executor(), {});
  ASSERT_FALSE(typed.ok());
  EXPECT_NE(typed.error().message.find("cluster: expected a string"), std::string::npos) << typed.error().message;
  const Result<std::string> filtered = list_container_instances(source.snapshot, "{\"filter\": \"stack == prod\"}", serial_executor(), {});
  ASSERT_FALSE(filtered.ok());
  EXPECT_NE(filtered.error().message.find("did you mean 'attribute:stack'?"), std::string::npos) << filtered.error().message;
}

TEST(CheckExpression, SyntaxAloneNeedsNoInventory) {
  const Result<std::string> answer = check_expression(nullptr, "runningTasksCount < 5", serial_executor(), {});
  ASSERT_TRUE(answer.ok());
  EXPECT_NE(answer->find("\"dependsOnTasks\": true"), std::string::npos);
  EXPECT_EQ(answer->find("matches"), std::string::npos);
  const Result<std::string> broken = check_expression(nullptr, "attribute:stack = prod", serial_executor(), {});
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().source, "expression");
  EXPECT_EQ(broken.error().offset, 16U);
}

TEST(Tables, ShowWhatTheDocumentsSay) {
  const Imported source =
      imported({instances_json({instance_json(instance_arn("a"), "\"attributes\": [{\"name\": \"stack\", \"value\": \"prod\"}]")}),
                tasks_json({task_json(task_arn("t"), instance_arn("a"))})});
  DocumentOptions options;
  options.format = Format::kTable;
  EXPECT_EQ(*list_container_instances(source.snapshot, "", serial_executor(), options),
            "INSTANCE" + std::string(instance_arn("a").size() - 6, ' ') + "STATUS\n" + instance_arn("a") + "  ACTIVE\n");
  const std::string table =
      *describe_container_instances(source.snapshot, "{\"containerInstances\": [\"a\", \"gone\"]}", serial_executor(), options);
  EXPECT_NE(table.find("1792  2048"), std::string::npos) << table;
  EXPECT_NE(table.find("MISSING: gone\n"), std::string::npos) << table;
  EXPECT_EQ(*check_expression(source.snapshot, "attribute:stack == prod", serial_executor(), options),
            "PIECE                    MATCHES  OF  NOTE\n"
            "attribute:stack == prod        1   1  matches everything\n");
  const std::string inspected = *inspect(source.snapshot, serial_executor(), options);
  EXPECT_TRUE(inspected.starts_with("1 instance, 1 task, generation ")) << inspected;
}

TEST(Inspect, AddsUpTheInventory) {
  const Imported source = imported(
      {instances_json({instance_json(instance_arn("a"), "\"attributes\": [{\"name\": \"ecs.availability-zone\", \"value\": \"z1\"}]"),
                       instance_json(instance_arn("b"), "\"status\": \"DRAINING\"")}),
       tasks_json({task_json(task_arn("t"), instance_arn("a")), task_json(task_arn("u"), instance_arn("b")),
                   task_json(task_arn("v"), instance_arn("b"), "\"group\": \"family:x\"")})});
  const Result<std::string> answer = inspect(source.snapshot, serial_executor(), {});
  ASSERT_TRUE(answer.ok());
  const Result<JsonDocument> document = JsonDocument::parse("answer", *answer);
  ASSERT_TRUE(document.ok());
  const JsonValue cpu = *document->root().member("resources")->member("cpuUnits");
  EXPECT_EQ(*cpu.member("registered")->integer(0, 9999), 4096);
  EXPECT_EQ(*cpu.member("remaining")->integer(0, 9999), 4096 - 3 * 256);
  EXPECT_EQ(*cpu.member("placeable")->integer(0, 9999), 2048 - 256);
  EXPECT_EQ(*document->root().member("statuses")->member("DRAINING")->integer(0, 9), 1);
  std::vector<std::string> groups;
  ASSERT_TRUE(document->root()
                  .member("groups")
                  ->for_each([&](const JsonValue& each) -> Outcome {
                    groups.push_back(std::string(*each.member("group")->string()) + " " +
                                     std::to_string(*each.member("tasks")->integer(0, 9)));
                    return {};
                  })
                  .ok());
  EXPECT_EQ(groups, (std::vector<std::string>{"service:api 2", "family:x 1"}));
  EXPECT_NE(answer->find("\"arn:aws:ecs:us-east-1:123456789012:cluster/web\""), std::string::npos);
  DocumentOptions options;
  options.format = Format::kTable;
  const std::string table = *inspect(source.snapshot, serial_executor(), options);
  EXPECT_TRUE(table.starts_with("2 instances, 3 tasks, generation ")) << table;
  EXPECT_NE(table.find("z1"), std::string::npos);
}

}  // namespace
}  // namespace berth::ecs
