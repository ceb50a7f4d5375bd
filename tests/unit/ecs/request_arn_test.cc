// What instance ARNs tell about their tasks' names.

#include "engine/ecs/request_arn.h"

#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

TEST(RequestArn, TheClusterStandsBetweenTheResourceAndTheNextSlash) {
  EXPECT_EQ(cluster_of_instance_arn("arn:aws:ecs:us-east-1:1:container-instance/web/0a"), "web");
  EXPECT_EQ(cluster_of_instance_arn("arn:aws:ecs:us-east-1:1:container-instance/web/"), "web");
  EXPECT_EQ(cluster_of_instance_arn("arn:aws:ecs:us-east-1:1:container-instance/0a"), "");
  EXPECT_EQ(cluster_of_instance_arn("i-0123"), "");
}

TEST(RequestArn, TheHomeIsEverythingBeforeTheResource) {
  EXPECT_EQ(home_of_arn("arn:aws:ecs:us-east-1:1:container-instance/web/0a"), "arn:aws:ecs:us-east-1:1:");
  EXPECT_EQ(home_of_arn("arn:aws:ecs:us-east-1"), "");
  EXPECT_EQ(home_of_arn("i-0123"), "");
}

TEST(RequestArn, TasksLiveWhereTheirInstanceLives) {
  const ArnPlace place = place_of_instance("arn:aws-cn:ecs:cn-north-1:9:container-instance/web/0a", "other");
  EXPECT_EQ(place.cluster_arn(), "arn:aws-cn:ecs:cn-north-1:9:cluster/web");
  EXPECT_EQ(place.task_prefix(), "arn:aws-cn:ecs:cn-north-1:9:task/web/");
  const ArnPlace old = place_of_instance("arn:aws:ecs:us-east-1:1:container-instance/0a", "");
  EXPECT_EQ(old.cluster_arn(), "arn:aws:ecs:us-east-1:1:cluster/default");
  EXPECT_EQ(old.task_prefix(), "arn:aws:ecs:us-east-1:1:task/");
  const ArnPlace hand_made = place_of_instance("node-7", "lab");
  EXPECT_EQ(hand_made.task_prefix(), "arn:aws:ecs:us-east-1:000000000000:task/lab/");
}

}  // namespace
}  // namespace berth::ecs
