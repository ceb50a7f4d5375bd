// The parts of an ECS ARN that tell where an instance or a task belongs. Old-format ARNs have no cluster in them.
//
//   arn:aws:ecs:us-east-1:123456789012:container-instance/web/0f3e...   new format, cluster "web"
//   arn:aws:ecs:us-east-1:123456789012:container-instance/0f3e...       old format
//
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace berth::ecs {

// The ARN of the cluster that an instance's or task's ARN names; "" for an old-format ARN.
std::string cluster_arn_of(std::string_view arn);

// "web" of "arn:...:cluster/web"; the text itself when it is no ARN.
std::string_view cluster_name_of(std::string_view cluster);

// Whether a cluster's ARN is the wanted cluster, which is given by name or by ARN.
bool is_cluster(std::string_view cluster_arn, std::string_view wanted);

// "web" of "arn:...:task-definition/web:3" and of "web:3".
std::string_view family_of(std::string_view task_definition);

// The id behind the last '/', which names an instance or task within its cluster.
std::string_view id_of(std::string_view arn);

}  // namespace berth::ecs
