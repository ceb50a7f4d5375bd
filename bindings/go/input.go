package berth

import "time"

// RunTaskInput is the SDK's, with two differences: TaskDefinition is the definition itself, for Berth holds none by name, and Berth holds
// what the API does not have.
type RunTaskInput struct {
	// The definition: the SDK's *types.TaskDefinition or *ecs.RegisterTaskDefinitionInput, a map, or the bytes of its JSON.
	TaskDefinition           any
	Berth                    *Options
	CapacityProviderStrategy []CapacityProviderStrategyItem
	ClientToken              *string
	Cluster                  *string
	Count                    *int32 // 1 to 100,000; nil: 1.
	EnableECSManagedTags     bool
	EnableExecuteCommand     bool
	Group                    *string
	LaunchType               LaunchType
	NetworkConfiguration     *NetworkConfiguration
	Overrides                *TaskOverride
	PlacementConstraints     []PlacementConstraint
	PlacementStrategy        []PlacementStrategy
	PlatformVersion          *string
	PropagateTags            PropagateTags
	ReferenceId              *string
	StartedBy                *string
	Tags                     []Tag
	VolumeConfigurations     any // The SDK's []types.TaskVolumeConfiguration, or the API's JSON.
}

// StartTaskInput is the SDK's, with the differences of [RunTaskInput].
type StartTaskInput struct {
	ContainerInstances   []string // Ids or ARNs.
	TaskDefinition       any
	Berth                *Options
	Cluster              *string
	EnableECSManagedTags bool
	EnableExecuteCommand bool
	Group                *string
	NetworkConfiguration *NetworkConfiguration
	Overrides            *TaskOverride
	PropagateTags        PropagateTags
	ReferenceId          *string
	StartedBy            *string
	Tags                 []Tag
	VolumeConfigurations any
}

// StopTaskInput is the SDK's.
type StopTaskInput struct {
	Task    *string // Id or ARN.
	Cluster *string
	Reason  *string
}

// ListContainerInstancesInput is the SDK's; answers have one page.
type ListContainerInstancesInput struct {
	Cluster *string
	Filter  *string // An expression of the cluster query language.
	Status  ContainerInstanceStatus
}

// DescribeContainerInstancesInput is the SDK's.
type DescribeContainerInstancesInput struct {
	Cluster            *string
	ContainerInstances []string // Ids or ARNs; none: all.
}

// Options are what Berth adds to a request.
type Options struct {
	Seed        *uint64           // Of random draws; nil: a fresh one, which the answer reports.
	Now         *time.Time        // CreatedAt of the tasks; nil: the system's clock.
	FailuresMax *int              // At most so many failures are listed; nil: 5,000.
	Subnets     map[string]Subnet // Subnets that the inventory does not know.
	Service     *bool             // Take the service's default strategy where none is named.
	WhyHereMax  *int              // Explain: so many placed tasks are explained.
	Resources   map[string]int64  // What each task takes of own resources.
}

// Subnet says where a subnet lies.
type Subnet struct {
	Zone string
	Vpc  string
}

type (
	LaunchType              string
	PropagateTags           string
	PlacementConstraintType string
	PlacementStrategyType   string
	AssignPublicIp          string
	ContainerInstanceStatus string
	ResourceType            string
)

const (
	LaunchTypeEc2      LaunchType = "EC2"
	LaunchTypeFargate  LaunchType = "FARGATE"
	LaunchTypeExternal LaunchType = "EXTERNAL"

	PropagateTagsTaskDefinition PropagateTags = "TASK_DEFINITION"
	PropagateTagsService        PropagateTags = "SERVICE"
	PropagateTagsNone           PropagateTags = "NONE"

	PlacementConstraintTypeDistinctInstance PlacementConstraintType = "distinctInstance"
	PlacementConstraintTypeMemberOf         PlacementConstraintType = "memberOf"

	PlacementStrategyTypeRandom  PlacementStrategyType = "random"
	PlacementStrategyTypeSpread  PlacementStrategyType = "spread"
	PlacementStrategyTypeBinpack PlacementStrategyType = "binpack"

	AssignPublicIpEnabled  AssignPublicIp = "ENABLED"
	AssignPublicIpDisabled AssignPublicIp = "DISABLED"

	ContainerInstanceStatusActive             ContainerInstanceStatus = "ACTIVE"
	ContainerInstanceStatusDraining           ContainerInstanceStatus = "DRAINING"
	ContainerInstanceStatusRegistering        ContainerInstanceStatus = "REGISTERING"
	ContainerInstanceStatusDeregistering      ContainerInstanceStatus = "DEREGISTERING"
	ContainerInstanceStatusRegistrationFailed ContainerInstanceStatus = "REGISTRATION_FAILED"

	ResourceTypeGpu                  ResourceType = "GPU"
	ResourceTypeInferenceAccelerator ResourceType = "InferenceAccelerator"
)

type PlacementConstraint struct {
	Expression *string
	Type       PlacementConstraintType
}

type PlacementStrategy struct {
	Field *string
	Type  PlacementStrategyType
}

type CapacityProviderStrategyItem struct {
	CapacityProvider *string
	Base             int32
	Weight           int32
}

type NetworkConfiguration struct {
	AwsvpcConfiguration *AwsVpcConfiguration
}

type AwsVpcConfiguration struct {
	Subnets        []string
	AssignPublicIp AssignPublicIp
	SecurityGroups []string
}

type TaskOverride struct {
	ContainerOverrides            []ContainerOverride
	Cpu                           *string
	EphemeralStorage              *EphemeralStorage
	ExecutionRoleArn              *string
	InferenceAcceleratorOverrides []InferenceAcceleratorOverride
	Memory                        *string
	TaskRoleArn                   *string
}

type ContainerOverride struct {
	Command              []string
	Cpu                  *int32
	Environment          []KeyValuePair
	EnvironmentFiles     []EnvironmentFile
	Memory               *int32
	MemoryReservation    *int32
	Name                 *string
	ResourceRequirements []ResourceRequirement
}

type KeyValuePair struct {
	Name  *string
	Value *string
}

type EnvironmentFile struct {
	Type  string
	Value *string
}

type EphemeralStorage struct {
	SizeInGiB int32
}

type InferenceAcceleratorOverride struct {
	DeviceName *string
	DeviceType *string
}

type ResourceRequirement struct {
	Type  ResourceType
	Value *string
}

type Tag struct {
	Key   *string
	Value *string
}
