// What no AWS tool prints is refused by the member that is wrong.
#include "tests/unit/ecs/import_fixture.h"

namespace berth::ecs {
namespace {

std::string instance_error(std::string_view more) {
  return import_error(instances_json({instance_json(instance_arn("a")), instance_json(instance_arn("b"), more)}));
}
std::string task_error(std::string_view more) {
  return import_error(tasks_json({task_json(task_arn("t"), instance_arn("a"), more)}));
}

std::string with_registered(std::string_view entry) {
  return "\"registeredResources\": [{\"name\": \"CPU\", \"integerValue\": 1}, {\"name\": \"MEMORY\", \"integerValue\": 1}, " +
         std::string(entry) + "]";
}

TEST(ImportErrors, OfInstancesNameTheMember) {
  EXPECT_EQ(import_error("{\"containerInstances\": [{\"status\": \"ACTIVE\"}]}"),
            "first.json: containerInstances[0]: a container instance needs containerInstanceArn; give what describe-container-instances "
            "prints");
  EXPECT_EQ(instance_error("\"registeredResources\": []"),
            "first.json: containerInstances[1]: registeredResources needs CPU and MEMORY; give what describe-container-instances prints");
  EXPECT_EQ(instance_error("\"status\": \"BUSY\""),
            "first.json: containerInstances[1].status: \"BUSY\" is none of ACTIVE, DRAINING, REGISTERING, DEREGISTERING, "
            "REGISTRATION_FAILED, INACTIVE");
  EXPECT_EQ(instance_error("\"agentConnected\": \"true\""),
            "first.json: containerInstances[1].agentConnected: expected a boolean, found a string");
  EXPECT_EQ(instance_error("\"version\": -2"), "first.json: containerInstances[1].version: expected an integer that is not negative");
  EXPECT_EQ(instance_error("\"runningTasksCount\": \"3\""),
            "first.json: containerInstances[1].runningTasksCount: expected an integer, found a string");
  EXPECT_EQ(instance_error("\"registeredAt\": \"yesterday\""),
            "first.json: containerInstances[1].registeredAt: \"yesterday\" is no ISO 8601 time, such as 2026-11-21T08:30:00.123Z");
  EXPECT_EQ(instance_error("\"attributes\": {}"), "first.json: containerInstances[1].attributes: expected an array, found an object");
}

TEST(ImportErrors, OfResourcesNameTheEntry) {
  EXPECT_EQ(instance_error(with_registered("{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": -1}")),
            "first.json: containerInstances[1].registeredResources[2].integerValue: expected an integer from 0 to 2147483647, found -1");
  EXPECT_EQ(instance_error(with_registered("{\"name\": \"CPU\", \"type\": \"INTEGER\", \"integerValue\": \"8\"}")),
            "first.json: containerInstances[1].registeredResources[2].integerValue: expected an integer, found a string");
  EXPECT_EQ(instance_error(with_registered("{\"name\": \"CPU\", \"type\": \"INTEGER\", \"longValue\": 8}")),
            "first.json: containerInstances[1].registeredResources[2]: a resource of type INTEGER needs integerValue");
  EXPECT_EQ(instance_error(with_registered("{\"name\": \"CPU\", \"type\": \"STRINGSET\", \"integerValue\": 0}")),
            "first.json: containerInstances[1].registeredResources[2]: resource CPU has type \"STRINGSET\"; expected type INTEGER with "
            "integerValue");
  EXPECT_EQ(
      instance_error(with_registered("{\"name\": \"PORTS\", \"stringSetValue\": [\"22\", \"70000\"]}")),
      "first.json: containerInstances[1].registeredResources[2].stringSetValue[1]: \"70000\" is no port; expected \"1\" to \"65535\"");
  for (const std::string_view port : {"0", "-1", "", "22x", " 22"}) {
    EXPECT_NE(instance_error(with_registered("{\"name\": \"PORTS_UDP\", \"stringSetValue\": [\"" + std::string(port) + "\"]}"))
                  .find("is no port"),
              std::string::npos)
        << port;
  }
  EXPECT_EQ(instance_error(with_registered("{\"type\": \"INTEGER\"}")),
            "first.json: containerInstances[1].registeredResources[2]: a resource needs a name, such as \"CPU\"");
}

TEST(ImportErrors, OfAttributesNameTheEntry) {
  EXPECT_EQ(instance_error("\"attributes\": [{\"name\": \"" + std::string(129, 'x') + "\"}]"),
            "first.json: containerInstances[1].attributes[0]: an attribute's name has 1 to 128 characters, this one has 129");
  EXPECT_EQ(instance_error("\"attributes\": [{\"value\": \"x\"}]"),
            "first.json: containerInstances[1].attributes[0]: an attribute's name has 1 to 128 characters, this one has 0");
  EXPECT_EQ(instance_error("\"attributes\": [{\"name\": \"x\", \"value\": 7}]"),
            "first.json: containerInstances[1].attributes[0].value: expected a string, found an integer");
}

TEST(ImportErrors, OfTasksNameTheMember) {
  EXPECT_EQ(import_error("{\"tasks\": [{\"lastStatus\": \"RUNNING\"}]}"),
            "first.json: tasks[0]: a task needs taskArn; give what describe-tasks prints");
  EXPECT_EQ(import_error("{\"taskArn\": \"arn\"}"), "first.json: a task needs lastStatus; give what describe-tasks prints");
  EXPECT_EQ(task_error("\"cpu\": 256"), "first.json: tasks[0].cpu: expected a string, found an integer");
  EXPECT_EQ(task_error("\"memory\": \"lots\""), "first.json: tasks[0].memory: \"lots\" is no size; expected digits, such as \"256\"");
  EXPECT_EQ(task_error("\"containers\": [{\"networkBindings\": [{\"hostPort\": 70000}]}]"),
            "first.json: tasks[0].containers[0].networkBindings[0].hostPort: expected an integer from 0 to 65535, found 70000");
  EXPECT_EQ(task_error("\"containers\": [{\"networkBindings\": [{\"hostPort\": 80, \"protocol\": \"sctp\"}]}]"),
            "first.json: tasks[0].containers[0].networkBindings[0].protocol: \"sctp\" is no protocol; expected tcp or udp");
  EXPECT_EQ(task_error("\"containers\": [{\"cpu\": \"2147483647\"}, {\"cpu\": \"1\"}], \"cpu\": \"0\""),
            "first.json: tasks[0]: the sizes of the task's containers add up to more than 2147483647");
  EXPECT_EQ(import_error("{\"protectedTasks\": [{\"protectionEnabled\": true}]}"),
            "first.json: protectedTasks[0]: a task's protection needs taskArn; give what get-task-protection prints");
}

TEST(ImportErrors, OfPascalCaseNameTheLetterCase) {
  const auto told = [](std::string_view where, std::string_view pascal, std::string_view camel) {
    return "first.json: " + std::string(where) + "the members are in PascalCase (\"" + std::string(pascal) +
           "\"), as the structs of SDKs for Go and .NET have them; write them in camelCase (\"" + std::string(camel) +
           "\"), as AWS CLI prints them and the API names them";
  };
  EXPECT_EQ(import_error("{\"ContainerInstances\": [{\"ContainerInstanceArn\": \"arn\"}], \"Failures\": []}"),
            told("", "ContainerInstances", "containerInstances"));
  EXPECT_EQ(import_error("{\"ContainerInstanceArn\": \"arn\"}"), told("", "ContainerInstanceArn", "containerInstanceArn"));
  EXPECT_EQ(import_error("[{\"NextToken\": null, \"Tasks\": []}]"), told("[0]: ", "Tasks", "tasks"));
  EXPECT_EQ(import_error("{\"containerInstances\": [{\"AgentConnected\": true, \"ContainerInstanceArn\": \"arn\"}]}"),
            told("containerInstances[0]: ", "ContainerInstanceArn", "containerInstanceArn"));
  EXPECT_EQ(import_error("{\"tasks\": [{\"TaskArn\": \"arn\"}]}"), told("tasks[0]: ", "TaskArn", "taskArn"));
  EXPECT_EQ(import_error("{\"protectedTasks\": [{\"TaskArn\": \"arn\"}]}"), told("protectedTasks[0]: ", "TaskArn", "taskArn"));
  // Another word in upper case is no sign of it.
  EXPECT_EQ(import_error("{\"Services\": []}").find("PascalCase"), std::string::npos);
}

TEST(ImportErrors, AreOfTheKindInvalidArgument) {
  const Result<Imported> result = import_texts({instances_json({}), "{\"tasks\": [7]}"});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, StatusCode::kInvalidArgument);
  EXPECT_EQ(result.error().source, "second.json");
  EXPECT_EQ(result.error().message, "second.json: tasks[0]: expected an object, found an integer");
}

}  // namespace
}  // namespace berth::ecs
