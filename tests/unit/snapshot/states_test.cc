#include "engine/snapshot/states.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

// Every value of a byte: a known one has a word that leads back to it, any other has none.
template <typename Enum, typename From>
unsigned count_words(From&& from) {
  unsigned known = 0;
  for (unsigned number = 0; number < 256; ++number) {
    const auto value = static_cast<Enum>(number);
    const std::string_view word = to_text(value);
    if (!word.empty()) {
      ++known;
      EXPECT_EQ(from(word), value) << word;
    }
  }
  return known;
}

TEST(States, EveryEnumeratorHasItsOwnWord) {
  EXPECT_EQ(count_words<InstanceStatus>(instance_status_from), 6U);
  EXPECT_EQ(count_words<TaskStatus>(task_status_from), 9U);
  EXPECT_EQ(count_words<HealthStatus>(health_status_from), 3U);
  EXPECT_EQ(count_words<LaunchType>(launch_type_from), 4U);
}

TEST(States, AreSpelledAsTheApiSpellsThem) {
  EXPECT_EQ(to_text(InstanceStatus::kRegistrationFailed), "REGISTRATION_FAILED");
  EXPECT_EQ(to_text(TaskStatus::kDeprovisioning), "DEPROVISIONING");
  EXPECT_EQ(to_text(HealthStatus::kUnhealthy), "UNHEALTHY");
  EXPECT_EQ(to_text(LaunchType::kManagedInstances), "MANAGED_INSTANCES");
}

TEST(States, OtherWordsNameNothing) {
  EXPECT_EQ(instance_status_from("active"), std::nullopt);
  EXPECT_EQ(task_status_from(""), std::nullopt);
  EXPECT_EQ(health_status_from("HEALTHY "), std::nullopt);
  EXPECT_EQ(launch_type_from("EC"), std::nullopt);
}

}  // namespace
}  // namespace berth
