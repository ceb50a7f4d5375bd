package berth

import (
	"encoding/json"
	"math"
	"time"
)

// Time is a moment as the API writes it: in seconds since 1970.
type Time struct{ time.Time }

func (t *Time) UnmarshalJSON(text []byte) error {
	var seconds float64
	if err := json.Unmarshal(text, &seconds); err != nil {
		return err
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}

func (t Time) MarshalJSON() ([]byte, error) { return Marshal(t.Time) }

// RunTaskOutput is the SDK's, and what Berth adds.
type RunTaskOutput struct {
	Tasks    []Task
	Failures []Failure
	Berth    Answered
}

// Answered is what Berth adds to the answer of RunTask and StartTask.
type Answered struct {
	Seed            uint64 // With it the same request on the same inventory is decided the same way again.
	Requested       int
	Placed          int
	Examined        int // Instances that were looked at.
	FailuresOmitted int
	Notes           []string // Where the answer is right and most likely not what was meant.
}

// StopTaskOutput is the SDK's.
type StopTaskOutput struct{ Task *Task }

// ListContainerInstancesOutput is the SDK's.
type ListContainerInstancesOutput struct{ ContainerInstanceArns []string }

// DescribeContainerInstancesOutput is the SDK's.
type DescribeContainerInstancesOutput struct {
	ContainerInstances []ContainerInstance
	Failures           []Failure
}

type Failure struct {
	Arn    *string
	Detail *string
	Reason *string
}

type Task struct {
	Attachments          []Attachment
	Attributes           []Attribute
	AvailabilityZone     *string
	CapacityProviderName *string
	ClusterArn           *string
	ContainerInstanceArn *string
	Containers           []Container
	Cpu                  *string
	CreatedAt            *Time
	DesiredStatus        *string
	EnableExecuteCommand bool
	EphemeralStorage     *EphemeralStorage
	Group                *string
	HealthStatus         string
	LastStatus           *string
	LaunchType           LaunchType
	Memory               *string
	Overrides            *TaskOverride
	PlatformFamily       *string
	PlatformVersion      *string
	StartedBy            *string
	StopCode             string
	StoppedReason        *string
	Tags                 []Tag
	TaskArn              *string
	TaskDefinitionArn    *string
	Version              int64
	Berth                *TaskOptions
}

// TaskOptions are what Berth adds to a task.
type TaskOptions struct{ Resources map[string]int64 }

type Container struct {
	ContainerArn      *string
	Cpu               *string
	GpuIds            []string
	Image             *string
	LastStatus        *string
	Memory            *string
	MemoryReservation *string
	Name              *string
	NetworkInterfaces []NetworkInterface
	TaskArn           *string
}

type NetworkInterface struct {
	AttachmentId       *string
	Ipv6Address        *string
	PrivateIpv4Address *string
}

type Attachment struct {
	Details []KeyValuePair
	Id      *string
	Status  *string
	Type    *string
}

type Attribute struct {
	Name       *string
	TargetId   *string
	TargetType string
	Value      *string
}

type ContainerInstance struct {
	AgentConnected       bool
	Attributes           []Attribute
	CapacityProviderName *string
	ContainerInstanceArn *string
	Ec2InstanceId        *string
	PendingTasksCount    int32
	RegisteredAt         *Time
	RegisteredResources  []Resource
	RemainingResources   []Resource
	RunningTasksCount    int32
	Status               *string
	Version              int64
	VersionInfo          *VersionInfo
}

type Resource struct {
	DoubleValue    float64
	IntegerValue   int32
	LongValue      int64
	Name           *string
	StringSetValue []string
	Type           *string
}

type VersionInfo struct {
	AgentHash     *string
	AgentVersion  *string
	DockerVersion *string
}

// ExplainOutput says why a request's tasks go where they go, or nowhere. engine/ecs/README.md defines every count.
type ExplainOutput struct {
	Seed         uint64
	Group        string
	Requested    int
	Placed       int
	Examined     int
	Needs        string // What one task takes, in words.
	Notes        []string
	Reasons      []ExplainedReason
	Shortfalls   []Shortfall
	Conjuncts    []Term
	Leaves       []Term
	Attributes   []LackingAttribute
	Closest      *Closest // Of the instances that do not take the task, the one that passes the most checks.
	Relaxations  []Relaxation
	Mends        []Mend
	WhyHere      []WhyHere
	FargateZones json.RawMessage // Fargate only: tasks per zone.
}

type ExplainedReason struct {
	Reason     string
	Instances  int // It is the first check that they fail.
	FailsAtAll int
	FailsAlone int
}

type Shortfall struct {
	Resource  string
	Instances int
	Least     int64
	Most      int64
	Unit      string
	Text      string
}

// Term is a conjunct or a single comparison of a memberOf expression.
type Term struct {
	Origin           string
	Text             string
	Offset           int // In bytes of the expression.
	Length           int
	Selected         int
	Failed           int
	UnknownAttribute string
	NearestAttribute string
	Note             string
}

type LackingAttribute struct {
	Name   string
	Value  *string
	Failed int
}

type Closest struct {
	ContainerInstanceArn string
	Ec2InstanceId        string
	Reason               string
	ChecksPassed         int
	Lack                 string
	Text                 string
}

// Relaxation is a single change after which instances would take the task.
type Relaxation struct {
	Kind      string
	What      string
	Origin    string
	Amount    int64
	Instances int
	Text      string
}

type Mend struct {
	Reason    string
	Instances int
	Text      string
}

type WhyHere struct {
	Task                 int
	ContainerInstanceArn string
	Ec2InstanceId        string
	Candidates           int
	RunnerUpArn          string
	Levels               []Level
}

// Level is one strategy of the chain that led to an instance.
type Level struct {
	Strategy  string
	Winner    string
	RunnerUp  string
	Remaining int
}
