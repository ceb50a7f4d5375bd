#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/query/program.h"

namespace berth::query {
namespace {

struct Subjects {
  std::uint8_t dependencies = 0;
  std::vector<std::string> attributes;
  friend bool operator==(const Subjects&, const Subjects&) = default;
};

std::vector<Subjects> subjects_of(std::string_view text) {
  const auto program = Program::compile(text);
  EXPECT_TRUE(program) << program.error().message;
  std::vector<Subjects> found;
  for (std::uint32_t i = 0; program && i < program.value()->conjunct_count(); ++i) {
    const auto names = program.value()->conjunct_attributes(i);
    found.push_back({program.value()->conjunct_dependencies(i), {names.begin(), names.end()}});
  }
  return found;
}

std::vector<Subjects> only(std::uint8_t dependencies) {
  return {{dependencies, {}}};
}

TEST(Dependencies, EverySubjectHasItsKind) {
  EXPECT_EQ(subjects_of("attribute:a exists"), (std::vector<Subjects>{{Program::kOnAttributes, {"a"}}}));
  EXPECT_EQ(subjects_of("ec2InstanceId == i-0a"), only(Program::kOnIdentity));
  EXPECT_EQ(subjects_of("registeredAt > 2018-01-01"), only(Program::kOnIdentity));
  EXPECT_EQ(subjects_of("agentVersion > 1"), only(Program::kOnAgent));
  EXPECT_EQ(subjects_of("agentConnected == true"), only(Program::kOnAgent));
  EXPECT_EQ(subjects_of("task:group == a"), only(Program::kOnTasks));
  EXPECT_EQ(subjects_of("runningTasksCount < 5"), only(Program::kOnTasks));
}

TEST(Dependencies, AConjunctHasThoseOfItsOwnLeavesAlone) {
  EXPECT_EQ(subjects_of("not (attribute:z == 1 or attribute:a == 2 or not (attribute:z == 3 and runningTasksCount < 2)) and "
                        "(agentConnected == true or attribute:m exists) and ec2InstanceId == i-0a"),
            (std::vector<Subjects>{{Program::kOnAttributes | Program::kOnTasks, {"a", "z"}},
                                   {Program::kOnAttributes | Program::kOnAgent, {"m"}},
                                   {Program::kOnIdentity, {}}}));
}

TEST(Dependencies, AnExpressionDependsOnTasksWhereAnyConjunctDoes) {
  EXPECT_TRUE(Program::compile("attribute:a exists and (agentVersion > 1 or task:group == a)").value()->depends_on_tasks());
  EXPECT_FALSE(Program::compile("attribute:a exists and (agentVersion > 1 or ec2InstanceId == a)").value()->depends_on_tasks());
}

}  // namespace
}  // namespace berth::query
