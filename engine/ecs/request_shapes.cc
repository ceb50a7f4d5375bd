#include "engine/ecs/request_shapes.h"

#include <array>

#include "engine/base/limits.h"
#include "engine/ecs/task_definition_shapes.h"

namespace berth::ecs {
namespace {

using Words = std::string_view;
constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

constexpr std::array<Words, 4> kLaunchTypes{"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"};
constexpr std::array<Words, 2> kConstraintTypes{"distinctInstance", "memberOf"};
constexpr std::array<Words, 3> kStrategyTypes{"random", "spread", "binpack"};
constexpr std::array<Words, 3> kPropagateTags{"TASK_DEFINITION", "SERVICE", "NONE"};
constexpr std::array<Words, 2> kSwitches{"ENABLED", "DISABLED"};
constexpr std::array<Words, 4> kFilesystems{"ext3", "ext4", "xfs", "ntfs"};
constexpr std::array<Words, 1> kTaggedResources{"volume"};

constexpr std::array kConstraintMembers{required(word_member("type", kConstraintTypes)), text_member("expression")};
constexpr Shape kConstraint{"PlacementConstraint", kConstraintMembers};
constexpr std::array kStrategyMembers{required(word_member("type", kStrategyTypes)), text_member("field")};
constexpr Shape kStrategy{"PlacementStrategy", kStrategyMembers};
constexpr std::array kProviderItemMembers{required(text_member("capacityProvider")), integer_member("weight", 0, 1000),
                                          integer_member("base", 0, 100'000)};
constexpr Shape kProviderItem{"CapacityProviderStrategyItem", kProviderItemMembers};

constexpr std::array kAwsvpcMembers{required(texts_member("subnets")), texts_member("securityGroups"),
                                    word_member("assignPublicIp", kSwitches)};
constexpr Shape kAwsvpc{"AwsVpcConfiguration", kAwsvpcMembers};
constexpr std::array kNetworkMembers{object_member("awsvpcConfiguration", kAwsvpc)};
constexpr Shape kNetwork{"NetworkConfiguration", kNetworkMembers};

constexpr std::array kTerminationMembers{required(boolean_member("deleteOnTermination"))};
constexpr Shape kTermination{"TaskManagedEBSVolumeTerminationPolicy", kTerminationMembers};

// The tables below name shapes of another file, so they are made on first use.
template <std::size_t N>
Shape shape_of(std::string_view name, const std::array<MemberShape, N>& members) {
  return {name, members};
}

const Shape& container_override_shape() {
  static const std::array members{text_member("name"),
                                  texts_member("command"),
                                  objects_member("environment", key_value_shape()),
                                  objects_member("environmentFiles", environment_file_shape()),
                                  integer_member("cpu", 0, kInt32Max),
                                  integer_member("memory", 0, kInt32Max),
                                  integer_member("memoryReservation", 0, kInt32Max),
                                  objects_member("resourceRequirements", resource_requirement_shape())};
  static const Shape shape = shape_of("ContainerOverride", members);
  return shape;
}

constexpr std::array kAcceleratorOverrideMembers{text_member("deviceName"), text_member("deviceType")};
constexpr Shape kAcceleratorOverride{"InferenceAcceleratorOverride", kAcceleratorOverrideMembers};

const Shape& volume_configuration_shape() {
  static const std::array tag_members{required(word_member("resourceType", kTaggedResources)), objects_member("tags", tag_shape()),
                                      word_member("propagateTags", kPropagateTags)};
  static const Shape tag_specification = shape_of("EBSTagSpecification", tag_members);
  static const std::array volume_members{boolean_member("encrypted"),
                                         text_member("kmsKeyId"),
                                         text_member("volumeType"),
                                         integer_member("sizeInGiB"),
                                         text_member("snapshotId"),
                                         integer_member("volumeInitializationRate"),
                                         integer_member("iops"),
                                         integer_member("throughput"),
                                         objects_member("tagSpecifications", tag_specification),
                                         required(text_member("roleArn")),
                                         object_member("terminationPolicy", kTermination),
                                         word_member("filesystemType", kFilesystems)};
  static const Shape volume = shape_of("TaskManagedEBSVolumeConfiguration", volume_members);
  static const std::array members{required(text_member("name")), object_member("managedEBSVolume", volume)};
  static const Shape shape = shape_of("TaskVolumeConfiguration", members);
  return shape;
}

constexpr std::array kBerthMembers{
    unread_member("seed"),     time_member("now"),        integer_member("failuresMax", 0, kInt32Max),
    unread_member("subnets"),  boolean_member("service"), integer_member("whyHereMax", 0, kTasksPerRequestMax),
    unread_member("resources")};
constexpr Shape kBerth{"berth", kBerthMembers};
constexpr std::array kBerthSubnetMembers{text_member("zone"), text_member("vpc")};
constexpr Shape kBerthSubnet{"berth.subnets[]", kBerthSubnetMembers};
constexpr std::array<Words, 3> kInflationOrders{"random", "given", "largest"};
constexpr std::array kSimulateMembers{objects_member("placementConstraints", kConstraint),
                                      objects_member("placementStrategy", kStrategy),
                                      boolean_member("departures"),
                                      unread_member("compress"),
                                      unread_member("until"),
                                      unread_member("step"),
                                      unread_member("inflate"),
                                      word_member("order", kInflationOrders),
                                      unread_member("seed")};
constexpr Shape kSimulate{"SimulateRequest", kSimulateMembers};

}  // namespace

const Shape& task_override_shape() {
  static const std::array members{objects_member("containerOverrides", container_override_shape()),
                                  text_member("cpu"),
                                  objects_member("inferenceAcceleratorOverrides", kAcceleratorOverride),
                                  text_member("executionRoleArn"),
                                  text_member("memory"),
                                  text_member("taskRoleArn"),
                                  object_member("ephemeralStorage", ephemeral_storage_shape())};
  static const Shape shape = shape_of("TaskOverride", members);
  return shape;
}

const Shape& run_task_shape() {
  static const std::array members{objects_member("capacityProviderStrategy", kProviderItem),
                                  text_member("cluster"),
                                  integer_member("count", 1, kTasksPerRequestMax),
                                  boolean_member("enableECSManagedTags"),
                                  boolean_member("enableExecuteCommand"),
                                  text_member("group"),
                                  word_member("launchType", kLaunchTypes),
                                  object_member("networkConfiguration", kNetwork),
                                  object_member("overrides", task_override_shape()),
                                  objects_member("placementConstraints", kConstraint),
                                  objects_member("placementStrategy", kStrategy),
                                  text_member("platformVersion"),
                                  word_member("propagateTags", kPropagateTags),
                                  text_member("referenceId"),
                                  text_member("startedBy"),
                                  objects_member("tags", tag_shape()),
                                  required(unread_member("taskDefinition")),
                                  text_member("clientToken"),
                                  objects_member("volumeConfigurations", volume_configuration_shape()),
                                  object_member("berth", kBerth)};
  static const Shape shape = shape_of("RunTaskRequest", members);
  return shape;
}

const Shape& simulate_shape() {
  return kSimulate;
}

const Shape& start_task_shape() {
  static const std::array members{text_member("cluster"),
                                  required(texts_member("containerInstances")),
                                  boolean_member("enableECSManagedTags"),
                                  boolean_member("enableExecuteCommand"),
                                  text_member("group"),
                                  object_member("networkConfiguration", kNetwork),
                                  object_member("overrides", task_override_shape()),
                                  word_member("propagateTags", kPropagateTags),
                                  text_member("referenceId"),
                                  text_member("startedBy"),
                                  objects_member("tags", tag_shape()),
                                  required(unread_member("taskDefinition")),
                                  objects_member("volumeConfigurations", volume_configuration_shape()),
                                  object_member("berth", kBerth)};
  static const Shape shape = shape_of("StartTaskRequest", members);
  return shape;
}

const Shape& berth_shape() {
  return kBerth;
}
const Shape& berth_subnet_shape() {
  return kBerthSubnet;
}

}  // namespace berth::ecs
