package berth

// #include "crossing.h"
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// Cluster is a live inventory: any number of goroutines place, change and ask at once.
type Cluster struct {
	engine *Engine
	handle *handle
}

// ClusterOptions are the choices of [NewClusterWith]; the zero value is what to use.
type ClusterOptions struct {
	InstancesMax uint32 // Instances at one time; 0: a quarter more than the snapshot has, and 4,096.
	TasksMax     uint32 // Tasks at one time; 0: 67,108,864.
	OwnVersions  bool   // The snapshot was written by a live cluster, so that its instances' versions are Berth's and not ECS's.
}

// NewCluster makes a live cluster that begins with a snapshot. The snapshot may be closed afterwards.
func NewCluster(snapshot *Snapshot) (*Cluster, error) {
	return NewClusterWith(snapshot, ClusterOptions{})
}

// NewClusterWith is [NewCluster] with choices.
func NewClusterWith(snapshot *Snapshot, options ClusterOptions) (*Cluster, error) {
	c := C.berth_cluster_options{instances_max: C.uint32_t(options.InstancesMax), tasks_max: C.uint32_t(options.TasksMax)}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	if options.OwnVersions {
		c.flags = C.BERTH_CLUSTER_OWN_VERSIONS
	}
	from, err := snapshot.enter()
	if err != nil {
		return nil, err
	}
	defer snapshot.leave()
	var cluster *C.berth_cluster
	var object *C.berth_error
	if err := takeError(C.berth_cluster_new(from, &c, &cluster, &object), object); err != nil {
		return nil, err
	}
	h := newHandle(unsafe.Pointer(cluster), func(p unsafe.Pointer) { C.berth_cluster_release((*C.berth_cluster)(p)) })
	return catch(&Cluster{snapshot.engine, h}, h), nil
}

// Close lets the cluster go. Forks of it keep it until they are closed as well.
func (c *Cluster) Close() { c.handle.close() }

func (c *Cluster) enter() (*C.berth_cluster, error) {
	p, err := c.handle.enter()
	return (*C.berth_cluster)(p), err
}

func (c *Cluster) leave() {
	c.handle.leave()
	runtime.KeepAlive(c)
}

// with runs a call on the cluster and its engine.
func (c *Cluster) with(call func(*C.berth_engine, *C.berth_cluster) error) error {
	cluster, err := c.enter()
	if err != nil {
		return err
	}
	defer c.leave()
	engine, err := c.engine.enter()
	if err != nil {
		return err
	}
	defer c.engine.leave()
	return call(engine, cluster)
}

// RunTask places tasks and keeps them. The context's deadline and cancelling end the call; once a task was decided the answer tells of
// all of them, those that were not tried included.
func (c *Cluster) RunTask(ctx context.Context, input *RunTaskInput) (*RunTaskOutput, error) {
	text, err := Marshal(input)
	if err != nil {
		return nil, err
	}
	limits, err := limitsOf(ctx)
	if err != nil {
		return nil, err
	}
	defer limits.end()
	var output RunTaskOutput
	err = c.with(func(engine *C.berth_engine, cluster *C.berth_cluster) error {
		var document *C.berth_document
		done := C.go_cluster_run_task(engine, cluster, chars(text), C.size_t(len(text)), limits.timeout, limits.cancel, &document)
		if err := takeError(done.status, done.error); err != nil {
			return err
		}
		return decodeDocument(document, &output)
	})
	if err != nil {
		return nil, err
	}
	return &output, nil
}

// StopTask marks a task as desired STOPPED. It keeps its resources until an event or a ChangeRelease says that it has ended.
func (c *Cluster) StopTask(ctx context.Context, input *StopTaskInput) (*StopTaskOutput, error) {
	if err := contextError(ctx); err != nil {
		return nil, err
	}
	text, err := Marshal(input)
	if err != nil {
		return nil, err
	}
	var output StopTaskOutput
	err = c.with(func(engine *C.berth_engine, cluster *C.berth_cluster) error {
		var document *C.berth_document
		var object *C.berth_error
		status := C.berth_cluster_stop_task(engine, cluster, chars(text), C.size_t(len(text)), &document, &object)
		if err := takeError(status, object); err != nil {
			return err
		}
		return decodeDocument(document, &output)
	})
	if err != nil {
		return nil, err
	}
	return &output, nil
}

// Snapshot gives the cluster at one moment, while others go on changing it.
func (c *Cluster) Snapshot(ctx context.Context) (*Snapshot, error) {
	limits, err := limitsOf(ctx)
	if err != nil {
		return nil, err
	}
	defer limits.end()
	var snapshot *C.berth_snapshot
	err = c.with(func(engine *C.berth_engine, cluster *C.berth_cluster) error {
		done := C.go_cluster_snapshot(engine, cluster, limits.timeout, limits.cancel, &snapshot)
		return takeError(done.status, done.error)
	})
	if err != nil {
		return nil, err
	}
	return c.engine.newSnapshot(snapshot), nil
}

// Register adds container instances, given in the shape of describe-container-instances, and gives their handles in the same order.
func (c *Cluster) Register(instances ...ContainerInstance) ([]InstanceRef, error) {
	document, err := Marshal(DescribeContainerInstancesOutput{ContainerInstances: instances})
	if err != nil {
		return nil, err
	}
	return c.RegisterDocument(document, len(instances))
}

// RegisterDocument is Register for what describe-container-instances printed, of at most so many instances.
func (c *Cluster) RegisterDocument(document []byte, instancesMax int) ([]InstanceRef, error) {
	refs := make([]InstanceRef, instancesMax)
	var count C.uint32_t
	err := c.with(func(engine *C.berth_engine, cluster *C.berth_cluster) error {
		var object *C.berth_error
		return takeError(C.berth_cluster_register(engine, cluster, chars(document), C.size_t(len(document)), instancesOf(refs),
			C.uint32_t(len(refs)), &count, &object), object)
	})
	if err != nil {
		return nil, err
	}
	if int(count) < len(refs) {
		refs = refs[:count]
	}
	return refs, nil
}

// EventReport says what became of the events of a batch.
type EventReport struct {
	Applied    int
	Waiting    int // For the instance that they name.
	Older      int // Than what is known.
	Duplicates int
	Ignored    []ToldEvent
	Refused    []ToldEvent
	Orphans    []Orphan // Tasks whose instance left before they were STOPPED.
}

// Orphan is a task that left with its instance.
type Orphan struct {
	TaskArn       string
	Group         string
	LastStatus    string
	DesiredStatus string
}

// ToldEvent says why an event was not taken.
type ToldEvent struct {
	Position int // In the batch.
	Reason   string
}

// ApplyEvents takes EventBridge's state-change events: one, an array, or several one after another, in any order and any number of times.
func (c *Cluster) ApplyEvents(events []byte) (*EventReport, error) {
	cluster, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave()
	var document *C.berth_document
	var object *C.berth_error
	status := C.berth_cluster_apply_events(cluster, chars(events), C.size_t(len(events)), &document, &object)
	if err := takeError(status, object); err != nil {
		return nil, err
	}
	var report EventReport
	return &report, decodeDocument(document, &report)
}

// Stats reads the cluster's figures.
func (c *Cluster) Stats() (*ClusterStats, error) {
	cluster, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave()
	var stats ClusterStats
	var object *C.berth_error
	err = takeError(C.berth_cluster_stats(cluster, (*C.berth_cluster_stats_row)(unsafe.Pointer(&stats)), &object), object)
	return &stats, err
}
