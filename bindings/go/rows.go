package berth

// #include "crossing.h"
import "C"

// The types here mirror the library's rows field for field, so that slices of them cross without a conversion. rows_test.go holds them
// against C.

// Outcome says what became of one task of a row. Later versions of the library may know more.
type Outcome uint32

const (
	Placed       Outcome = C.BERTH_PLACED
	NotPlaced    Outcome = C.BERTH_NOT_PLACED    // No instance takes it as of the decision's position.
	NotAttempted Outcome = C.BERTH_NOT_ATTEMPTED // For the reason in the decision's cause.
)

// Flags of a PlaceRow.
const (
	PlaceAllOrNothing uint32 = C.BERTH_PLACE_ALL_OR_NOTHING // Every task of the row is placed or none stays.
	PlaceDryRun       uint32 = C.BERTH_PLACE_DRY_RUN        // Where the first task would go; the row's count must be 1.
)

// NoInstance is the identity of an InstanceRef that names none.
const NoInstance uint32 = C.BERTH_NO_INSTANCE

// NoPosition is the position of a change that had nothing to change.
const NoPosition uint64 = 0xFFFFFFFFFFFFFFFF

// InstanceRef names an instance for as long as it is registered.
type InstanceRef struct {
	Slot     uint32
	Identity uint32
}

// TaskRef names a task for as long as it is there.
type TaskRef struct {
	Slot       uint32 // Of its instance.
	Number     uint32
	Generation uint32
	_          uint32
}

// PlaceRow asks for tasks of one class.
type PlaceRow struct {
	RequestClass uint32 // From Prepare.
	Count        uint32 // Tasks, 1 to 1,048,576.
	Seed         uint64 // Of random draws.
	IDBase       uint64 // The tasks' ids are made from it; differs from row to row. 0: a fresh one.
	Flags        uint32 // PlaceAllOrNothing, PlaceDryRun.
	_            [9]uint32
}

// Decision is what became of one task.
type Decision struct {
	Row      uint32 // Index of its PlaceRow.
	Index    uint32 // Of the task in its row.
	Outcome  Outcome
	Cause    Status      // OK unless not attempted.
	Instance InstanceRef // Of a placed task; of a dry run, where it would go.
	Task     TaskRef     // Of a placed task, not of a dry run.
	GPUMask  uint64      // Bit i: the instance's GPU i.
	Position uint64      // Commits of a cluster are numbered from 0 in their one order.
	_        [8]uint8
}

// ChangeKind says what a ChangeRow changes.
type ChangeKind uint32

const (
	ChangeStop             ChangeKind = C.BERTH_CHANGE_STOP              // Of a task: desired STOPPED; it keeps its resources.
	ChangeRelease          ChangeKind = C.BERTH_CHANGE_RELEASE           // Of a task: its resources are free, and it is gone.
	ChangeTaskState        ChangeKind = C.BERTH_CHANGE_TASK_STATE        // LastStatus, DesiredStatus, Health, where not 0.
	ChangeProtect          ChangeKind = C.BERTH_CHANGE_PROTECT           // Value 1 or 0; until UntilMs, 0: no expiry.
	ChangeStatus           ChangeKind = C.BERTH_CHANGE_STATUS            // Of an instance: Value is one of InstanceActive and so on.
	ChangeAgentConnected   ChangeKind = C.BERTH_CHANGE_AGENT_CONNECTED   // Value 1 or 0.
	ChangeAgentVersion     ChangeKind = C.BERTH_CHANGE_AGENT_VERSION     // Text.
	ChangePutAttribute     ChangeKind = C.BERTH_CHANGE_PUT_ATTRIBUTE     // Name, Text; Value 1: a name without a value.
	ChangeRemoveAttribute  ChangeKind = C.BERTH_CHANGE_REMOVE_ATTRIBUTE  // Name.
	ChangeCapacityProvider ChangeKind = C.BERTH_CHANGE_CAPACITY_PROVIDER // Text; empty: none.
	ChangeResources        ChangeKind = C.BERTH_CHANGE_RESOURCES         // CPUUnits and MemoryMiB in all.
	ChangeDeregister       ChangeKind = C.BERTH_CHANGE_DEREGISTER        // Value 1: by force; 0: refused while tasks run.
	ChangeStart            ChangeKind = C.BERTH_CHANGE_START             // One task of RequestClass on this instance.
)

// ChangeIfVersion is a flag of a ChangeRow: nothing happens unless the instance is still at the row's version.
const ChangeIfVersion uint32 = C.BERTH_CHANGE_IF_VERSION

// Values of ChangeStatus.
const (
	InstanceActive             uint32 = C.BERTH_INSTANCE_ACTIVE
	InstanceDraining           uint32 = C.BERTH_INSTANCE_DRAINING
	InstanceRegistering        uint32 = C.BERTH_INSTANCE_REGISTERING
	InstanceDeregistering      uint32 = C.BERTH_INSTANCE_DEREGISTERING
	InstanceRegistrationFailed uint32 = C.BERTH_INSTANCE_REGISTRATION_FAILED
	InstanceInactive           uint32 = C.BERTH_INSTANCE_INACTIVE
)

// States of a task in ChangeTaskState.
const (
	TaskProvisioning   uint32 = C.BERTH_TASK_PROVISIONING
	TaskPending        uint32 = C.BERTH_TASK_PENDING
	TaskActivating     uint32 = C.BERTH_TASK_ACTIVATING
	TaskRunning        uint32 = C.BERTH_TASK_RUNNING
	TaskDeactivating   uint32 = C.BERTH_TASK_DEACTIVATING
	TaskStopping       uint32 = C.BERTH_TASK_STOPPING
	TaskDeprovisioning uint32 = C.BERTH_TASK_DEPROVISIONING
	TaskStopped        uint32 = C.BERTH_TASK_STOPPED
	TaskDeleted        uint32 = C.BERTH_TASK_DELETED

	HealthUnknown   uint32 = C.BERTH_HEALTH_UNKNOWN
	HealthHealthy   uint32 = C.BERTH_HEALTH_HEALTHY
	HealthUnhealthy uint32 = C.BERTH_HEALTH_UNHEALTHY
)

// TextRange is a piece of the Texts that cross beside rows.
type TextRange struct {
	Offset uint64
	Length uint64
}

// Texts are what the ranges of rows point into.
type Texts []byte

// Add appends a text and gives its range.
func (t *Texts) Add(text string) TextRange {
	added := TextRange{uint64(len(*t)), uint64(len(text))}
	*t = append(*t, text...)
	return added
}

// Of gives the text of a range.
func (t Texts) Of(r TextRange) string { return string(t[r.Offset : r.Offset+r.Length]) }

// ChangeRow is one change. What its kind does not name must be 0.
type ChangeRow struct {
	Kind          ChangeKind
	Flags         uint32
	Task          TaskRef
	Instance      InstanceRef
	Version       uint64
	Value         uint32
	RequestClass  uint32
	Name          TextRange
	Text          TextRange
	CPUUnits      int32 // 1,024 are one vCPU.
	MemoryMiB     int32
	LastStatus    uint32
	DesiredStatus uint32
	Health        uint32
	_             [3]uint32
	UntilMs       uint64 // Unix milliseconds.
	IDBase        uint64 // As a PlaceRow's.
}

// ChangeResult is what became of one change.
type ChangeResult struct {
	Status       Status
	IsAttempted  uint32 // 0: not, for the reason in Status.
	Position     uint64 // Of its commit, or NoPosition.
	VersionFound uint64
	Task         TaskRef // ChangeStart: the new one.
	GPUMask      uint64
	Reason       Reason // ChangeStart: why not.
	Orphans      uint32 // ChangeDeregister: tasks that left with it.
	_            [8]uint8
}

// Reason is the check that an instance fails first.
type Reason uint32

const (
	ReasonNone             Reason = C.BERTH_REASON_NONE
	ReasonInactive         Reason = C.BERTH_REASON_INACTIVE
	ReasonAgent            Reason = C.BERTH_REASON_AGENT
	ReasonLaunchType       Reason = C.BERTH_REASON_LAUNCH_TYPE
	ReasonCapacityProvider Reason = C.BERTH_REASON_CAPACITY_PROVIDER
	ReasonCPU              Reason = C.BERTH_REASON_CPU
	ReasonMemory           Reason = C.BERTH_REASON_MEMORY
	ReasonPorts            Reason = C.BERTH_REASON_PORTS
	ReasonGPU              Reason = C.BERTH_REASON_GPU
	ReasonENI              Reason = C.BERTH_REASON_ENI
	ReasonAttribute        Reason = C.BERTH_REASON_ATTRIBUTE
	ReasonLocation         Reason = C.BERTH_REASON_LOCATION
	ReasonMemberOf         Reason = C.BERTH_REASON_MEMBER_OF
	ReasonDistinctInstance Reason = C.BERTH_REASON_DISTINCT_INSTANCE
	ReasonOwnFirst         Reason = C.BERTH_REASON_OWN_FIRST // Own resources, in ascending order of names.

	// ReasonCount is how many counts ExplainClass gives.
	ReasonCount = C.BERTH_REASON_COUNT
)

// ClusterStats are figures of a cluster.
type ClusterStats struct {
	Commits        uint64
	Instances      uint64
	Tasks          uint64 // On instances now, those that are stopping included.
	Placed         uint64 // By this interface so far.
	NotPlaced      uint64
	RecordBytes    uint64
	RequestClasses uint64
	Workers        uint64
	_              [8]uint64
}
