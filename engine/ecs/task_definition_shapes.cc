#include "engine/ecs/task_definition_shapes.h"

#include <array>

namespace berth::ecs {
namespace {

using Words = std::string_view;
constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

constexpr std::array<Words, 4> kNetworkModes{"bridge", "host", "awsvpc", "none"};
constexpr std::array<Words, 4> kLaunchTypes{"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"};
constexpr std::array<Words, 2> kPidModes{"host", "task"};
constexpr std::array<Words, 3> kIpcModes{"host", "task", "none"};
constexpr std::array<Words, 3> kDefinitionStates{"ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"};
constexpr std::array<Words, 2> kArchitectures{"X86_64", "ARM64"};
constexpr std::array<Words, 10> kFamilies{"LINUX",
                                          "WINDOWS_SERVER_2016_FULL",
                                          "WINDOWS_SERVER_2019_CORE",
                                          "WINDOWS_SERVER_2019_FULL",
                                          "WINDOWS_SERVER_2004_CORE",
                                          "WINDOWS_SERVER_20H2_CORE",
                                          "WINDOWS_SERVER_2022_CORE",
                                          "WINDOWS_SERVER_2022_FULL",
                                          "WINDOWS_SERVER_2025_CORE",
                                          "WINDOWS_SERVER_2025_FULL"};
constexpr std::array<Words, 2> kProtocols{"tcp", "udp"};
constexpr std::array<Words, 3> kAppProtocols{"http", "http2", "grpc"};
constexpr std::array<Words, 3> kResourceTypes{"GPU", "InferenceAccelerator", "NeuronDevice"};
constexpr std::array<Words, 4> kConditions{"START", "COMPLETE", "SUCCESS", "HEALTHY"};
constexpr std::array<Words, 8> kLogDrivers{"json-file", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "awsfirelens"};
constexpr std::array<Words, 2> kFirelensTypes{"fluentd", "fluentbit"};
constexpr std::array<Words, 15> kUlimits{"core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue", "nice",
                                         "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack"};
constexpr std::array<Words, 3> kDevicePermissions{"read", "write", "mknod"};
constexpr std::array<Words, 1> kEnvironmentFileTypes{"s3"};
constexpr std::array<Words, 2> kSwitches{"ENABLED", "DISABLED"};
constexpr std::array<Words, 2> kVersionConsistency{"enabled", "disabled"};
constexpr std::array<Words, 2> kVolumeScopes{"task", "shared"};
constexpr std::array<Words, 1> kProxyTypes{"APPMESH"};
constexpr std::array<Words, 1> kTargetTypes{"container-instance"};

constexpr std::array kTagMembers{text_member("key"), text_member("value")};
constexpr Shape kTag{"Tag", kTagMembers};
constexpr std::array kKeyValueMembers{text_member("name"), text_member("value")};
constexpr Shape kKeyValue{"KeyValuePair", kKeyValueMembers};
constexpr std::array kEphemeralStorageMembers{required(integer_member("sizeInGiB"))};
constexpr Shape kEphemeralStorage{"EphemeralStorage", kEphemeralStorageMembers};
constexpr std::array kEnvironmentFileMembers{required(text_member("value")), required(word_member("type", kEnvironmentFileTypes))};
constexpr Shape kEnvironmentFile{"EnvironmentFile", kEnvironmentFileMembers};

constexpr std::array kResourceRequirementMembers{required(text_member("value")), required(word_member("type", kResourceTypes))};
constexpr Shape kResourceRequirement{"ResourceRequirement", kResourceRequirementMembers};

// --- Pieces of a container. ---
constexpr std::array kRepositoryCredentialsMembers{required(text_member("credentialsParameter"))};
constexpr Shape kRepositoryCredentials{"RepositoryCredentials", kRepositoryCredentialsMembers};
constexpr std::array kPortMappingMembers{integer_member("containerPort", 1, 65535), integer_member("hostPort", 0, 65535),
                                         word_member("protocol", kProtocols),       text_member("name"),
                                         word_member("appProtocol", kAppProtocols), text_member("containerPortRange")};
constexpr Shape kPortMapping{"PortMapping", kPortMappingMembers};
constexpr std::array kRestartPolicyMembers{
    required(boolean_member("enabled")),
    MemberShape{.name = "ignoredExitCodes", .kind = ShapeKind::kInteger, .is_list = true},
    integer_member("restartAttemptPeriod"),
};
constexpr Shape kRestartPolicy{"ContainerRestartPolicy", kRestartPolicyMembers};
constexpr std::array kMountPointMembers{text_member("sourceVolume"), text_member("containerPath"), boolean_member("readOnly")};
constexpr Shape kMountPoint{"MountPoint", kMountPointMembers};
constexpr std::array kVolumeFromMembers{text_member("sourceContainer"), boolean_member("readOnly")};
constexpr Shape kVolumeFrom{"VolumeFrom", kVolumeFromMembers};
constexpr std::array kCapabilitiesMembers{texts_member("add"), texts_member("drop")};
constexpr Shape kCapabilities{"KernelCapabilities", kCapabilitiesMembers};
constexpr std::array kDeviceMembers{required(text_member("hostPath")), text_member("containerPath"),
                                    words_member("permissions", kDevicePermissions)};
constexpr Shape kDevice{"Device", kDeviceMembers};
constexpr std::array kTmpfsMembers{required(text_member("containerPath")), required(integer_member("size")), texts_member("mountOptions")};
constexpr Shape kTmpfs{"Tmpfs", kTmpfsMembers};
constexpr std::array kLinuxParametersMembers{
    object_member("capabilities", kCapabilities), objects_member("devices", kDevice), boolean_member("initProcessEnabled"),
    integer_member("sharedMemorySize"),           objects_member("tmpfs", kTmpfs),    integer_member("maxSwap"),
    integer_member("swappiness", 0, 100)};
constexpr Shape kLinuxParameters{"LinuxParameters", kLinuxParametersMembers};
constexpr std::array kSecretMembers{required(text_member("name")), required(text_member("valueFrom"))};
constexpr Shape kSecret{"Secret", kSecretMembers};
constexpr std::array kDependencyMembers{required(text_member("containerName")), required(word_member("condition", kConditions))};
constexpr Shape kDependency{"ContainerDependency", kDependencyMembers};
constexpr std::array kHostEntryMembers{required(text_member("hostname")), required(text_member("ipAddress"))};
constexpr Shape kHostEntry{"HostEntry", kHostEntryMembers};
constexpr std::array kUlimitMembers{required(word_member("name", kUlimits)), required(integer_member("softLimit")),
                                    required(integer_member("hardLimit"))};
constexpr Shape kUlimit{"Ulimit", kUlimitMembers};
constexpr std::array kLogConfigurationMembers{required(word_member("logDriver", kLogDrivers)), map_member("options"),
                                              objects_member("secretOptions", kSecret)};
constexpr Shape kLogConfiguration{"LogConfiguration", kLogConfigurationMembers};
constexpr std::array kHealthCheckMembers{required(texts_member("command")), integer_member("interval"), integer_member("timeout"),
                                         integer_member("retries"), integer_member("startPeriod")};
constexpr Shape kHealthCheck{"HealthCheck", kHealthCheckMembers};
constexpr std::array kSystemControlMembers{text_member("namespace"), text_member("value")};
constexpr Shape kSystemControl{"SystemControl", kSystemControlMembers};
constexpr std::array kFirelensMembers{required(word_member("type", kFirelensTypes)), map_member("options")};
constexpr Shape kFirelens{"FirelensConfiguration", kFirelensMembers};

constexpr std::array kContainerMembers{text_member("name"),
                                       text_member("image"),
                                       object_member("repositoryCredentials", kRepositoryCredentials),
                                       integer_member("cpu", 0, kInt32Max),
                                       integer_member("memory", 0, kInt32Max),
                                       integer_member("memoryReservation", 0, kInt32Max),
                                       texts_member("links"),
                                       objects_member("portMappings", kPortMapping),
                                       boolean_member("essential"),
                                       object_member("restartPolicy", kRestartPolicy),
                                       texts_member("entryPoint"),
                                       texts_member("command"),
                                       objects_member("environment", kKeyValue),
                                       objects_member("environmentFiles", kEnvironmentFile),
                                       objects_member("mountPoints", kMountPoint),
                                       objects_member("volumesFrom", kVolumeFrom),
                                       object_member("linuxParameters", kLinuxParameters),
                                       objects_member("secrets", kSecret),
                                       objects_member("dependsOn", kDependency),
                                       integer_member("startTimeout"),
                                       integer_member("stopTimeout"),
                                       word_member("versionConsistency", kVersionConsistency),
                                       text_member("hostname"),
                                       text_member("user"),
                                       text_member("workingDirectory"),
                                       boolean_member("disableNetworking"),
                                       boolean_member("privileged"),
                                       boolean_member("readonlyRootFilesystem"),
                                       texts_member("dnsServers"),
                                       texts_member("dnsSearchDomains"),
                                       objects_member("extraHosts", kHostEntry),
                                       texts_member("dockerSecurityOptions"),
                                       boolean_member("interactive"),
                                       boolean_member("pseudoTerminal"),
                                       map_member("dockerLabels"),
                                       objects_member("ulimits", kUlimit),
                                       object_member("logConfiguration", kLogConfiguration),
                                       object_member("healthCheck", kHealthCheck),
                                       objects_member("systemControls", kSystemControl),
                                       objects_member("resourceRequirements", kResourceRequirement),
                                       object_member("firelensConfiguration", kFirelens),
                                       texts_member("credentialSpecs")};
constexpr Shape kContainer{"ContainerDefinition", kContainerMembers};

// --- Volumes. ---
constexpr std::array kHostVolumeMembers{text_member("sourcePath")};
constexpr Shape kHostVolume{"HostVolumeProperties", kHostVolumeMembers};
constexpr std::array kDockerVolumeMembers{word_member("scope", kVolumeScopes), boolean_member("autoprovision"), text_member("driver"),
                                          map_member("driverOpts"), map_member("labels")};
constexpr Shape kDockerVolume{"DockerVolumeConfiguration", kDockerVolumeMembers};
constexpr std::array kEfsAuthorizationMembers{text_member("accessPointId"), word_member("iam", kSwitches)};
constexpr Shape kEfsAuthorization{"EFSAuthorizationConfig", kEfsAuthorizationMembers};
constexpr std::array kEfsVolumeMembers{required(text_member("fileSystemId")), text_member("rootDirectory"),
                                       word_member("transitEncryption", kSwitches), integer_member("transitEncryptionPort"),
                                       object_member("authorizationConfig", kEfsAuthorization)};
constexpr Shape kEfsVolume{"EFSVolumeConfiguration", kEfsVolumeMembers};
constexpr std::array kS3FilesVolumeMembers{required(text_member("fileSystemArn")), text_member("rootDirectory"),
                                           integer_member("transitEncryptionPort"), text_member("accessPointArn")};
constexpr Shape kS3FilesVolume{"S3FilesVolumeConfiguration", kS3FilesVolumeMembers};
constexpr std::array kFsxAuthorizationMembers{required(text_member("credentialsParameter")), required(text_member("domain"))};
constexpr Shape kFsxAuthorization{"FSxWindowsFileServerAuthorizationConfig", kFsxAuthorizationMembers};
constexpr std::array kFsxVolumeMembers{required(text_member("fileSystemId")), required(text_member("rootDirectory")),
                                       required(object_member("authorizationConfig", kFsxAuthorization))};
constexpr Shape kFsxVolume{"FSxWindowsFileServerVolumeConfiguration", kFsxVolumeMembers};
constexpr std::array kVolumeMembers{text_member("name"),
                                    object_member("host", kHostVolume),
                                    object_member("dockerVolumeConfiguration", kDockerVolume),
                                    object_member("efsVolumeConfiguration", kEfsVolume),
                                    object_member("s3filesVolumeConfiguration", kS3FilesVolume),
                                    object_member("fsxWindowsFileServerVolumeConfiguration", kFsxVolume),
                                    boolean_member("configuredAtLaunch")};
constexpr Shape kVolume{"Volume", kVolumeMembers};

// --- The definition. ---
// `type` is a plain text here: ECS has its own answer to a constraint that is not supported, and the reader gives it.
constexpr std::array kConstraintMembers{text_member("type"), text_member("expression")};
constexpr Shape kConstraint{"TaskDefinitionPlacementConstraint", kConstraintMembers};
constexpr std::array kProxyMembers{word_member("type", kProxyTypes), required(text_member("containerName")),
                                   objects_member("properties", kKeyValue)};
constexpr Shape kProxy{"ProxyConfiguration", kProxyMembers};
constexpr std::array kAcceleratorMembers{required(text_member("deviceName")), required(text_member("deviceType"))};
constexpr Shape kAccelerator{"InferenceAccelerator", kAcceleratorMembers};
constexpr std::array kRuntimePlatformMembers{word_member("cpuArchitecture", kArchitectures),
                                             word_member("operatingSystemFamily", kFamilies)};
constexpr Shape kRuntimePlatform{"RuntimePlatform", kRuntimePlatformMembers};
constexpr std::array kAttributeMembers{required(text_member("name")), text_member("value"), word_member("targetType", kTargetTypes),
                                       text_member("targetId")};
constexpr Shape kAttribute{"Attribute", kAttributeMembers};

constexpr std::array kDefinitionMembers{
    required(text_member("family")), text_member("taskRoleArn"), text_member("executionRoleArn"), word_member("networkMode", kNetworkModes),
    required(objects_member("containerDefinitions", kContainer)), objects_member("volumes", kVolume),
    objects_member("placementConstraints", kConstraint), words_member("requiresCompatibilities", kLaunchTypes), text_member("cpu"),
    text_member("memory"), objects_member("tags", kTag), word_member("pidMode", kPidModes), word_member("ipcMode", kIpcModes),
    object_member("proxyConfiguration", kProxy), objects_member("inferenceAccelerators", kAccelerator),
    object_member("ephemeralStorage", kEphemeralStorage), object_member("runtimePlatform", kRuntimePlatform),
    boolean_member("enableFaultInjection"),
    // What describe-task-definition adds.
    text_member("taskDefinitionArn"), integer_member("revision", 1, kInt32Max), word_member("status", kDefinitionStates),
    objects_member("requiresAttributes", kAttribute), words_member("compatibilities", kLaunchTypes), time_member("registeredAt"),
    time_member("deregisteredAt"), time_member("deleteRequestedAt"), text_member("registeredBy")};
constexpr Shape kDefinition{"TaskDefinition", kDefinitionMembers};

// Recorded sessions carry ResponseMetadata beside the answer.
constexpr std::array kWrapperMembers{required(unread_member("taskDefinition")), objects_member("tags", kTag),
                                     unread_member("ResponseMetadata")};
constexpr Shape kWrapper{"DescribeTaskDefinitionResponse", kWrapperMembers};

}  // namespace

const Shape& task_definition_shape() {
  return kDefinition;
}
const Shape& task_definition_wrapper_shape() {
  return kWrapper;
}
const Shape& tag_shape() {
  return kTag;
}
const Shape& ephemeral_storage_shape() {
  return kEphemeralStorage;
}
const Shape& key_value_shape() {
  return kKeyValue;
}
const Shape& environment_file_shape() {
  return kEnvironmentFile;
}
const Shape& resource_requirement_shape() {
  return kResourceRequirement;
}

}  // namespace berth::ecs
