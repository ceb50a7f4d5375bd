// Which definitions are refused, and with which words.

#include "engine/ecs/task_definition.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/realdata/real_data.h"
#include "tests/unit/ecs/request_fixture.h"

namespace berth::ecs::testing {
namespace {

Error refused(const Json& body) {
  const std::string text = body.dump();
  auto document = JsonDocument::parse("definition", text);
  EXPECT_TRUE(document.ok());
  auto read = read_task_definition(document->root());
  if (read.ok()) {
    ADD_FAILURE() << "was not refused: " << text;
    return {};
  }
  return read.error();
}

::testing::AssertionResult accepted(const Json& body) {
  const std::string text = body.dump();
  auto document = JsonDocument::parse("definition", text);
  auto read = read_task_definition(document->root());
  return read.ok() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << read.error().message;
}

Json with_ports(const char* mode, Json mappings) {
  return definition({{"portMappings", std::move(mappings)}}, {{"networkMode", mode}});
}

TEST(TaskDefinition, TaskSizesAreReadInEveryFormOfTheApi) {
  EXPECT_EQ(parse_task_cpu("1024"), 1024);
  EXPECT_EQ(parse_task_cpu("1 vCPU"), 1024);
  EXPECT_EQ(parse_task_cpu("1 vcpu"), 1024);
  EXPECT_EQ(parse_task_cpu("1vCPU"), 1024);
  EXPECT_EQ(parse_task_cpu(".5 vCPU"), 512);
  EXPECT_EQ(parse_task_cpu("0.25 vCPU"), 256);
  EXPECT_EQ(parse_task_cpu("16 vCPU"), 16384);
  EXPECT_EQ(parse_task_memory("2GB"), 2048);
  EXPECT_EQ(parse_task_memory("2 gb"), 2048);
  EXPECT_EQ(parse_task_memory("0.5 GB"), 512);
  EXPECT_EQ(parse_task_memory("1024"), 1024);
  for (const char* odd : {"", " ", "vCPU", "1.5", "-1", "1 core", "0.1 vCPU", "1e3", ".", "<PLACEHOLDER>", "9999999999999"}) {
    EXPECT_EQ(parse_task_cpu(odd), std::nullopt) << odd;
  }
  for (const char* odd : {"GB", "1.1", "2 MB", "0.0001 GB", "-2GB"}) {
    EXPECT_EQ(parse_task_memory(odd), std::nullopt) << odd;
  }
}

TEST(TaskDefinition, TaskCpuBeyondTheRangeOfEc2IsRefused) {
  EXPECT_TRUE(accepted(definition({}, {{"cpu", "128"}})));
  EXPECT_TRUE(accepted(definition({}, {{"cpu", "192 vCPU"}})));
  for (const char* cpu : {"127", "196609", "<PLACEHOLDER>"}) {
    EXPECT_TRUE(holds_text(refused(definition({}, {{"cpu", cpu}})),
                           "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS "
                           "Developer Guide.",
                           "ClientException"));
  }
  EXPECT_TRUE(holds_text(refused(definition({}, {{"memory", "lots"}})), "Invalid 'memory' setting for task.", "ClientException"));
}

TEST(TaskDefinition, NumbersAsStringsAndStringsAsNumbersAreRefused) {
  EXPECT_TRUE(holds_text(refused(definition({{"memory", "256"}})), "containerDefinitions[0].memory: expected an integer, found a string"));
  EXPECT_TRUE(holds_text(refused(definition({}, {{"cpu", 256}})), "cpu: expected a string, found an integer"));
}

TEST(TaskDefinition, ContainersAreAtMostTen) {
  const auto with = [](int count) {
    Json many = definition();
    for (int i = 1; i < count; ++i) {
      many["containerDefinitions"].push_back({{"name", "c" + std::to_string(i)}, {"image", "x"}, {"memory", 8}});
    }
    return many;
  };
  EXPECT_TRUE(accepted(with(10)));
  EXPECT_TRUE(holds_text(refused(with(11)), "a task definition can have at most 10 containers, found 11", "ClientException"));
}

TEST(TaskDefinition, ContainersNeedMemoryOfSomeKind) {
  Json bare = definition();
  bare["containerDefinitions"][0].erase("memory");
  const char* text = "Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' must be specified.";
  EXPECT_TRUE(holds_text(refused(bare), text, "ClientException"));
  EXPECT_TRUE(holds_text(refused(definition({{"memory", 0}})), text, "ClientException"));
  bare["memory"] = "1GB";
  EXPECT_TRUE(accepted(bare));
  EXPECT_TRUE(accepted(definition({{"memory", 0}, {"memoryReservation", 64}})));
}

TEST(TaskDefinition, MemoryMustBeAboveItsReservation) {
  for (const int reservation : {128, 256}) {
    EXPECT_TRUE(holds_text(refused(definition({{"memory", 128}, {"memoryReservation", reservation}})),
                           "must be greater than 'memoryReservation'", "ClientException"));
  }
  EXPECT_TRUE(accepted(definition({{"memory", 129}, {"memoryReservation", 128}})));
}

TEST(TaskDefinition, NamesAreRequired) {
  Json nameless = definition();
  nameless["containerDefinitions"][0].erase("name");
  EXPECT_TRUE(holds_text(refused(nameless), "Container.name should not be null or empty.", "ClientException"));
  EXPECT_TRUE(holds_text(refused(definition({{"name", ""}})), "Container.name should not be null or empty.", "ClientException"));
  Json without_family = definition();
  without_family.erase("family");
  EXPECT_TRUE(holds_text(refused(without_family), "the required member \"family\" is missing"));
  EXPECT_TRUE(holds_text(refused({{"family", "web"}, {"containerDefinitions", Json::array()}}), "Container list cannot be empty.",
                         "ClientException"));
  Json twice = definition();
  twice["containerDefinitions"].push_back(twice["containerDefinitions"][0]);
  EXPECT_TRUE(holds_text(refused(twice), "two containers are named 'web'", "ClientException"));
}

TEST(TaskDefinition, UnknownMembersAreRefusedAtEveryLevelWithTheNearestName) {
  EXPECT_TRUE(holds_text(refused(definition({}, {{"placementStrategy", Json::array()}})), "placementStrategy: unknown member"));
  EXPECT_TRUE(holds_text(refused(definition({{"memoryReservatoin", 1}})), "did you mean \"memoryReservation\"?"));
  EXPECT_TRUE(holds_text(refused(definition({}, {{"runtimePlatform", {{"OperatingSystemFamily", "LINUX"}}}})),
                         "runtimePlatform.OperatingSystemFamily: unknown member; did you mean \"operatingSystemFamily\"?"));
  EXPECT_TRUE(
      holds_text(refused(definition({{"portMappings", {{{"containerPort", 80}, {"hostport", 80}}}}})), "did you mean \"hostPort\"?"));
  EXPECT_TRUE(holds_text(refused(definition({{"linuxParameters", {{"capabilities", {{"ad", {"SYS_PTRACE"}}}}}}})),
                         "containerDefinitions[0].linuxParameters.capabilities.ad"));
  EXPECT_TRUE(holds_text(refused(definition({{"healthCheck", {{"comand", {"CMD"}}}}})), "healthCheck.comand"));
  EXPECT_TRUE(holds_text(refused(definition({}, {{"volumes", {{{"efsVolumeConfiguration", {{"fileSystemID", "fs-1"}}}}}}})),
                         "did you mean \"fileSystemId\"?"));
}

TEST(TaskDefinition, WordsOutsideTheirListAreRefused) {
  const Error error = refused(definition({}, {{"networkMode", "aws-vpc"}}));
  EXPECT_TRUE(holds_text(error, "did you mean \"awsvpc\"? (values: bridge, host, awsvpc, none)", "ClientException"));
  EXPECT_TRUE(holds_text(refused(definition({}, {{"networkMode", "default"}})), "\"default\" is not a value of this member"));
  EXPECT_TRUE(holds_text(refused(definition({{"portMappings", {{{"containerPort", 80}, {"protocol", "sctp"}}}}})), "(values: tcp, udp)"));
}

TEST(TaskDefinition, DistinctInstanceDoesNotBelongIntoADefinition) {
  EXPECT_TRUE(holds_text(refused(definition({}, {{"placementConstraints", {{{"type", "distinctInstance"}}}}})),
                         "constraint.type 'distinctInstance' is not supported.", "ClientException"));
  EXPECT_TRUE(holds_text(refused(definition({}, {{"placementConstraints", {{{"type", "memberOf"}}}}})),
                         "Invalid placement constraint expression: memberOf needs an expression", "InvalidParameterException"));
}

TEST(TaskDefinition, MalformedExpressionsKeepTheirOffset) {
  const Error error =
      refused(definition({}, {{"placementConstraints", {{{"type", "memberOf"}, {"expression", "attribute:stack == prod and foo == 1"}}}}}));
  EXPECT_TRUE(holds_text(error, "Invalid placement constraint expression: ", "InvalidParameterException"));
  EXPECT_EQ(error.source, "placementConstraints[0].expression");
  EXPECT_EQ(error.offset, 28U);
}

TEST(TaskDefinition, HostModeWantsHostPortsEqualToContainerPorts) {
  EXPECT_TRUE(accepted(with_ports("host", {{{"containerPort", 80}}})));
  EXPECT_TRUE(accepted(with_ports("host", {{{"containerPort", 80}, {"hostPort", 80}}})));
  EXPECT_TRUE(holds_text(refused(with_ports("host", {{{"containerPort", 80}, {"hostPort", 8080}}})),
                         "When networkMode=host, the host ports and container ports in port mappings must match.", "ClientException"));
  EXPECT_TRUE(holds_text(refused(with_ports("awsvpc", {{{"containerPort", 80}, {"hostPort", 8080}}})), "When networkMode=awsvpc,"));
  EXPECT_TRUE(accepted(with_ports("bridge", {{{"containerPort", 80}, {"hostPort", 8080}}})));
}

TEST(TaskDefinition, ModeNoneTakesNoMappings) {
  EXPECT_TRUE(holds_text(refused(with_ports("none", {{{"containerPort", 80}}})), "network mode 'none' allows no port mappings"));
  EXPECT_TRUE(accepted(with_ports("none", Json::array())));
}

TEST(TaskDefinition, AHostPortIsHeldOnce) {
  EXPECT_TRUE(
      holds_text(refused(with_ports("bridge", {{{"containerPort", 80}, {"hostPort", 80}}, {{"containerPort", 81}, {"hostPort", 80}}})),
                 "host port 80/tcp is mapped twice", "ClientException"));
  EXPECT_TRUE(accepted(
      with_ports("bridge", {{{"containerPort", 53}, {"hostPort", 53}}, {{"containerPort", 53}, {"hostPort", 53}, {"protocol", "udp"}}})));
  EXPECT_TRUE(accepted(with_ports("bridge", {{{"containerPort", 80}, {"hostPort", 0}}, {{"containerPort", 81}, {"hostPort", 0}}})));
  EXPECT_TRUE(holds_text(refused(with_ports("host", {{{"containerPortRange", "8000-8010"}}, {{"containerPort", 8005}}})), "8005/tcp"));
}

TEST(TaskDefinition, PortRangesAreChecked) {
  EXPECT_TRUE(accepted(with_ports("bridge", {{{"containerPortRange", "8000-8010"}}})));
  for (const char* range : {"8010-8000", "80", "0-5", "a-b", "1-70000", "1-2-3"}) {
    EXPECT_TRUE(holds_text(refused(with_ports("bridge", {{{"containerPortRange", range}}})), "expected two ports in ascending order"))
        << range;
  }
  EXPECT_TRUE(holds_text(refused(with_ports("bridge", {{{"containerPortRange", "1-2"}, {"hostPort", 1}}})), "hostPort must not be set"));
  EXPECT_TRUE(holds_text(refused(with_ports("bridge", {{{"hostPort", 1}}})), "containerPort is missing"));
}

TEST(TaskDefinition, GpusAreCounts) {
  const auto gpu = [](const char* value) { return definition({{"resourceRequirements", {{{"type", "GPU"}, {"value", value}}}}}); };
  EXPECT_TRUE(accepted(gpu("2")));
  for (const char* value : {"0", "-1", "ALL", "1.5", ""}) {
    EXPECT_TRUE(holds_text(refused(gpu(value)), "a GPU requirement is a number of GPUs", "ClientException")) << value;
  }
  Json windows = gpu("1");
  windows["runtimePlatform"] = {{"operatingSystemFamily", "WINDOWS_SERVER_2022_CORE"}};
  EXPECT_TRUE(holds_text(refused(windows), "GPUs are not supported on Windows"));
  EXPECT_EQ(refused(definition({{"resourceRequirements", {{{"type", "NeuronDevice"}, {"value", "ALL"}}}}})).code, StatusCode::kUnsupported);
}

TEST(TaskDefinition, AWrapperIsTakenOffAndItsTagsKept) {
  const std::string text = Json{{"taskDefinition", definition({}, {{"revision", 3}})}, {"tags", {{{"key", "a"}, {"value", "b"}}}}}.dump();
  auto document = JsonDocument::parse("definition", text);
  auto read = read_task_definition(document->root());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->family, "web");
  EXPECT_EQ(read->revision, 3);
  EXPECT_TRUE(read->tags.has_value());
}

TEST(TaskDefinition, ANameIsRefusedWithTheMend) {
  EXPECT_TRUE(holds_text(refused("web:3"), "put the definition itself here"));
}

TEST(TaskDefinition, ElevenConstraintsAreOneTooMany) {
  Json constraints = Json::array();
  for (int i = 0; i < 11; ++i) {
    constraints.push_back({{"type", "memberOf"}, {"expression", "attribute:stack == prod"}});
  }
  EXPECT_TRUE(holds_text(refused(definition({}, {{"placementConstraints", constraints}})), "at most 10 placement constraints"));
}

// --- The recorded definitions. ---

// Those that are refused, by the beginning of their name, with the words of the refusal.
const std::map<std::string, std::string>& refused_files() {
  static const std::map<std::string, std::string> files{
      {"td_013", "Invalid 'cpu' setting for task."},
      {"td_017", "\"default\" is not a value of this member"},
      {"td_055", "portMappings: expected an array, found an object"},
      {"td_065", "secretOptions: expected an array, found an object"},
      {"td_077", "When networkMode=awsvpc, the host ports and container ports in port mappings must match."},
      {"td_081", "When networkMode=awsvpc, the host ports and container ports in port mappings must match."},
      {"td_085", "cpu: expected an integer, found a string"},
      {"td_087", "cpu: expected an integer, found a string"},
      {"td_095", "Invalid 'cpu' setting for task."},
      {"td_123", "Fargate only supports network mode 'awsvpc'."},
      {"td_135", "did you mean \"operatingSystemFamily\"?"},
      {"td_157", "the required member \"family\" is missing"},
      {"td_169", "the required member \"family\" is missing"},
  };
  return files;
}

TEST(TaskDefinition, RecordedDefinitionsAreReadOrRefusedForAReason) {
  BERTH_REQUIRE_DATA();
  const std::filesystem::path folder = realdata::data_folder() + "/ecs/task_definitions";
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    const std::string bytes = text.str();
    const std::string name = entry.path().filename().string();
    auto document = JsonDocument::parse(name, bytes);
    ASSERT_TRUE(document.ok()) << document.error().message;
    auto read = read_task_definition(document->root());
    const auto expected = refused_files().find(name.substr(0, 6));
    if (expected == refused_files().end()) {
      EXPECT_TRUE(read.ok()) << read.error().message;
    } else {
      EXPECT_FALSE(read.ok()) << name;
      EXPECT_TRUE(read.ok() || holds_text(read.error(), expected->second));
    }
    ++seen;
  }
  EXPECT_GE(seen, 80U);
}

}  // namespace
}  // namespace berth::ecs::testing
