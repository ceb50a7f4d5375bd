// What an ARN of a container instance tells: where its cluster lives, and hence how the ARNs of its tasks read.
//
//   arn:PARTITION:ecs:REGION:ACCOUNT:container-instance/CLUSTER/ID     (older ARNs lack CLUSTER/)
//
// Thread rule: pure functions. Lifetime: results but place_of_instance() look into the text that they were given.
#pragma once

#include <string>
#include <string_view>

namespace berth::ecs {

// The text between the first ":container-instance/" and the next '/'; empty where either is missing.
std::string_view cluster_of_instance_arn(std::string_view arn);

// The text before the first ":container-instance/" of an ARN, "arn:aws:ecs:us-east-1:123456789012": its partition, region and account.
// Empty for a text that is no ARN of an instance.
std::string_view home_of_instance_arn(std::string_view arn);

// Everything before the resource: "arn:aws:ecs:us-east-1:123456789012:"; empty for a text that is no ARN.
std::string_view home_of_arn(std::string_view arn);

// The names of one place: a partition, region, account and cluster.
struct ArnPlace {
  std::string home;     // As home_of_arn().
  std::string cluster;  // Empty: ARNs of tasks are written in the older form, without it.

  [[nodiscard]] std::string cluster_arn() const;
  // The prefix of task ARNs; the id follows.
  [[nodiscard]] std::string task_prefix() const;
};

// Where the tasks of an instance live. An id that is no ARN is taken to be of no account in no region; `cluster` stands in where the ARN
// names none.
ArnPlace place_of_instance(std::string_view arn, std::string_view cluster);

}  // namespace berth::ecs
