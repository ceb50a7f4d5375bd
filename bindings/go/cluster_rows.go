package berth

// #include "crossing.h"
import "C"

import (
	"context"
	"unsafe"
)

// Addresses of rows, which C borrows for a call; nil of none.

func instancesOf(refs []InstanceRef) *C.berth_instance {
	if len(refs) == 0 {
		return nil
	}
	return (*C.berth_instance)(unsafe.Pointer(&refs[0]))
}

func rangesOf(ranges []TextRange) *C.berth_text_range {
	if len(ranges) == 0 {
		return nil
	}
	return (*C.berth_text_range)(unsafe.Pointer(&ranges[0]))
}

func placesOf(rows []PlaceRow) *C.berth_place_row {
	if len(rows) == 0 {
		return nil
	}
	return (*C.berth_place_row)(unsafe.Pointer(&rows[0]))
}

func decisionsOf(decisions []Decision) *C.berth_decision_row {
	if len(decisions) == 0 {
		return nil
	}
	return (*C.berth_decision_row)(unsafe.Pointer(&decisions[0]))
}

func changesOf(rows []ChangeRow) *C.berth_change_row {
	if len(rows) == 0 {
		return nil
	}
	return (*C.berth_change_row)(unsafe.Pointer(&rows[0]))
}

// Prepare makes a request ready for rows: the result is the number that place rows name. Its count is ignored.
func (c *Cluster) Prepare(input *RunTaskInput) (uint32, error) {
	text, err := Marshal(input)
	if err != nil {
		return 0, err
	}
	var class C.uint32_t
	err = c.with(func(engine *C.berth_engine, cluster *C.berth_cluster) error {
		var object *C.berth_error
		return takeError(C.berth_cluster_prepare(engine, cluster, chars(text), C.size_t(len(text)), &class, &object), object)
	})
	return uint32(class), err
}

// Place places tasks, row after row, each task at its best at its own commit, and writes one decision for each task of each row, in their
// order; there must be room for all. Once a task was decided there is no error: tasks that were not tried say so. A context that never
// ends, such as context.Background(), costs nothing; with any other one the call starts a goroutine.
func (c *Cluster) Place(ctx context.Context, rows []PlaceRow, decisions []Decision) error {
	limits, err := limitsOf(ctx)
	if err != nil {
		return err
	}
	defer limits.end()
	cluster, err := c.enter()
	if err != nil {
		return err
	}
	defer c.leave()
	done := C.go_cluster_place(cluster, placesOf(rows), C.uint32_t(len(rows)), limits.timeout, limits.cancel, decisionsOf(decisions),
		C.uint32_t(len(decisions)))
	return takeError(done.status, done.error)
}

// Change carries out changes in their order; results[i] says what became of rows[i], and a change that is refused stops no other.
func (c *Cluster) Change(ctx context.Context, rows []ChangeRow, texts Texts, results []ChangeResult) error {
	if err := checkResults(rows, results); err != nil {
		return err
	}
	limits, err := limitsOf(ctx)
	if err != nil {
		return err
	}
	defer limits.end()
	cluster, err := c.enter()
	if err != nil {
		return err
	}
	defer c.leave()
	done := C.go_cluster_change(cluster, changesOf(rows), C.uint32_t(len(rows)), chars(texts), C.size_t(len(texts)), limits.timeout,
		limits.cancel, (*C.berth_change_result)(unsafe.Pointer(&results[0])))
	return takeError(done.status, done.error)
}

// checkResults refuses what the library could not see: room for results that is too small.
func checkResults(rows []ChangeRow, results []ChangeResult) error {
	if len(rows) == 0 {
		return invalid("rows: there are 0; give at least one")
	}
	if len(results) < len(rows) {
		return invalid("results: room for %d, and there are %d rows; give as many results as rows", len(results), len(rows))
	}
	return nil
}

// FindInstances gives the handles of the instances that are registered under ARNs; identity NoInstance where there is none.
func (c *Cluster) FindInstances(arns ...string) ([]InstanceRef, error) {
	cluster, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave()
	var texts Texts
	ranges := make([]TextRange, len(arns))
	for i, arn := range arns {
		ranges[i] = texts.Add(arn)
	}
	refs := make([]InstanceRef, len(arns))
	var object *C.berth_error
	err = takeError(C.berth_cluster_find_instances(cluster, rangesOf(ranges), C.uint32_t(len(ranges)), chars(texts), C.size_t(len(texts)),
		instancesOf(refs), &object), object)
	return refs, err
}

// InstanceARNs gives the ARNs of instances, registered or not any more.
func (c *Cluster) InstanceARNs(refs ...InstanceRef) ([]string, error) {
	cluster, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave()
	ranges := make([]TextRange, len(refs))
	// An ARN of an instance has about so many bytes; the second round has what the first found that it needs.
	texts := make(Texts, 128*len(refs))
	for {
		var needed C.size_t
		var object *C.berth_error
		if err := takeError(C.berth_cluster_instance_arns(cluster, instancesOf(refs), C.uint32_t(len(refs)), chars(texts),
			C.size_t(len(texts)), &needed, rangesOf(ranges), &object), object); err != nil {
			return nil, err
		}
		if int(needed) <= len(texts) {
			break
		}
		texts = make(Texts, int(needed))
	}
	arns := make([]string, len(refs))
	for i, r := range ranges {
		arns[i] = texts.Of(r)
	}
	return arns, nil
}

// Tasks gives the tasks on an instance, in the order in which they came.
func (c *Cluster) Tasks(instance InstanceRef) ([]TaskRef, error) {
	cluster, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave()
	tasks := make([]TaskRef, 64)
	for {
		var count C.uint32_t
		var object *C.berth_error
		if err := takeError(C.berth_cluster_tasks(cluster, (*C.berth_instance)(unsafe.Pointer(&instance)),
			(*C.berth_task)(unsafe.Pointer(&tasks[0])), C.uint32_t(len(tasks)), &count, &object), object); err != nil {
			return nil, err
		}
		if int(count) <= len(tasks) {
			return tasks[:count], nil
		}
		tasks = make([]TaskRef, int(count)+int(count)/4)
	}
}

// Select gives the instances that would take a task of the class, each as of its own moment.
func (c *Cluster) Select(ctx context.Context, class uint32) ([]InstanceRef, error) {
	limits, err := limitsOf(ctx)
	if err != nil {
		return nil, err
	}
	defer limits.end()
	cluster, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave()
	var refs []InstanceRef
	for {
		var count C.uint32_t
		done := C.go_cluster_select(cluster, C.uint32_t(class), limits.timeout, limits.cancel, instancesOf(refs), C.uint32_t(len(refs)),
			&count)
		if err := takeError(done.status, done.error); err != nil {
			return nil, err
		}
		if int(count) <= len(refs) {
			return refs[:count], nil
		}
		refs = make([]InstanceRef, int(count)+int(count)/8)
	}
}

// ExplainClass counts, by reason, the instances that fail first at each check; those under ReasonNone would take a task of the class.
func (c *Cluster) ExplainClass(ctx context.Context, class uint32) (counts [ReasonCount]uint64, err error) {
	limits, err := limitsOf(ctx)
	if err != nil {
		return counts, err
	}
	defer limits.end()
	cluster, err := c.enter()
	if err != nil {
		return counts, err
	}
	defer c.leave()
	done := C.go_cluster_explain(cluster, C.uint32_t(class), limits.timeout, limits.cancel, (*C.uint64_t)(unsafe.Pointer(&counts[0])),
		ReasonCount)
	return counts, takeError(done.status, done.error)
}
