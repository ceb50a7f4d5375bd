package berth

// #include "crossing.h"
import "C"

import (
	"context"
	"encoding/json"
	"runtime"
	"unsafe"
)

// Snapshot is an inventory of container instances and their tasks that never changes.
type Snapshot struct {
	engine *Engine
	handle *handle
}

func (e *Engine) newSnapshot(snapshot *C.berth_snapshot) *Snapshot {
	h := newHandle(unsafe.Pointer(snapshot), func(p unsafe.Pointer) { C.berth_snapshot_release((*C.berth_snapshot)(p)) })
	return catch(&Snapshot{e, h}, h)
}

// make runs a call that makes a snapshot.
func (e *Engine) make(call func(*C.berth_engine, **C.berth_snapshot, **C.berth_error) C.berth_status) (*Snapshot, error) {
	engine, err := e.enter()
	if err != nil {
		return nil, err
	}
	defer e.leave()
	var snapshot *C.berth_snapshot
	var object *C.berth_error
	if err := takeError(call(engine, &snapshot, &object), object); err != nil {
		return nil, err
	}
	return e.newSnapshot(snapshot), nil
}

// OpenSnapshot reads a snapshot file, as [Snapshot.Write] and the command line write them.
func (e *Engine) OpenSnapshot(path string) (*Snapshot, error) {
	text := []byte(path)
	return e.make(func(engine *C.berth_engine, snapshot **C.berth_snapshot, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_read(engine, chars(text), C.size_t(len(text)), 0, snapshot, object)
	})
}

// SnapshotFromBytes takes the bytes of a snapshot file; it copies them.
func (e *Engine) SnapshotFromBytes(data []byte) (*Snapshot, error) {
	return e.make(func(engine *C.berth_engine, snapshot **C.berth_snapshot, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_from_bytes(engine, (*C.uint8_t)(unsafe.Pointer(chars(data))), C.size_t(len(data)), snapshot, object)
	})
}

// GenerateOptions describe a fleet to [Engine.Generate].
type GenerateOptions struct {
	Instances        int
	Seed             uint64
	Utilization      *int             // Percent of CPU and memory that tasks hold.
	TasksPerInstance *int             // On average.
	Zones            *int             // 3 to 6.
	Resources        map[string]int64 // Own resources that every instance has.
}

// Generate makes a realistic fleet; the same options give the same fleet everywhere.
func (e *Engine) Generate(options GenerateOptions) (*Snapshot, error) {
	text, err := Marshal(options)
	if err != nil {
		return nil, err
	}
	return e.make(func(engine *C.berth_engine, snapshot **C.berth_snapshot, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_generate(engine, chars(text), C.size_t(len(text)), snapshot, object)
	})
}

// OpenSnapshot is [Engine.OpenSnapshot] on the shared engine.
func OpenSnapshot(path string) (*Snapshot, error) {
	return onShared(func(e *Engine) (*Snapshot, error) { return e.OpenSnapshot(path) })
}

// SnapshotFromBytes is [Engine.SnapshotFromBytes] on the shared engine.
func SnapshotFromBytes(data []byte) (*Snapshot, error) {
	return onShared(func(e *Engine) (*Snapshot, error) { return e.SnapshotFromBytes(data) })
}

// Generate is [Engine.Generate] on the shared engine.
func Generate(options GenerateOptions) (*Snapshot, error) {
	return onShared(func(e *Engine) (*Snapshot, error) { return e.Generate(options) })
}

func onShared(call func(*Engine) (*Snapshot, error)) (*Snapshot, error) {
	engine, err := sharedEngine()
	if err != nil {
		return nil, err
	}
	return call(engine)
}

// Close lets the snapshot go.
func (s *Snapshot) Close() { s.handle.close() }

func (s *Snapshot) enter() (*C.berth_snapshot, error) {
	p, err := s.handle.enter()
	return (*C.berth_snapshot)(p), err
}

func (s *Snapshot) leave() {
	s.handle.leave()
	runtime.KeepAlive(s)
}

// enterBoth gives the snapshot and its engine; after a nil error leaveBoth must be called.
func (s *Snapshot) enterBoth() (*C.berth_engine, *C.berth_snapshot, error) {
	snapshot, err := s.enter()
	if err != nil {
		return nil, nil, err
	}
	engine, err := s.engine.enter()
	if err != nil {
		s.leave()
	}
	return engine, snapshot, err
}

func (s *Snapshot) leaveBoth() {
	s.engine.leave()
	s.leave()
}

// Write writes a snapshot file, beside path and then renamed, so that a crash leaves the old file.
func (s *Snapshot) Write(path string) error {
	snapshot, err := s.enter()
	if err != nil {
		return err
	}
	defer s.leave()
	text := []byte(path)
	var object *C.berth_error
	return takeError(C.berth_snapshot_write(snapshot, chars(text), C.size_t(len(text)), &object), object)
}

// Bytes gives a copy of the snapshot's bytes, as its file holds them.
func (s *Snapshot) Bytes() ([]byte, error) {
	snapshot, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer s.leave()
	var bytes *C.uint8_t
	var count C.size_t
	if err := takeError(C.berth_snapshot_bytes(snapshot, &bytes, &count), nil); err != nil {
		return nil, err
	}
	return append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(bytes)), int(count))...), nil
}

// Counts tells how many instances and tasks the snapshot holds.
func (s *Snapshot) Counts() (instances, tasks int, err error) {
	snapshot, err := s.enter()
	if err != nil {
		return 0, 0, err
	}
	defer s.leave()
	var instanceCount, taskCount C.uint32_t
	err = takeError(C.berth_snapshot_counts(snapshot, &instanceCount, &taskCount), nil)
	return int(instanceCount), int(taskCount), err
}

// ask runs a document call on the snapshot. A call on a snapshot cannot be stopped once it runs: the context is looked at before it.
func (s *Snapshot) ask(ctx context.Context, request, answer any, call func(engine *C.berth_engine, snapshot *C.berth_snapshot, text *C.char,
	bytes C.size_t, document **C.berth_document, object **C.berth_error) C.berth_status) error {
	if err := contextError(ctx); err != nil {
		return err
	}
	text, err := Marshal(request)
	if err != nil {
		return err
	}
	engine, snapshot, err := s.enterBoth()
	if err != nil {
		return err
	}
	defer s.leaveBoth()
	var document *C.berth_document
	var object *C.berth_error
	status := call(engine, snapshot, chars(text), C.size_t(len(text)), &document, &object)
	if err := takeError(status, object); err != nil {
		return err
	}
	return decodeDocument(document, answer)
}

// RunTask decides where each task runs, or why it cannot. The second result is the inventory after the decision, to be closed as well.
func (s *Snapshot) RunTask(ctx context.Context, input *RunTaskInput) (*RunTaskOutput, *Snapshot, error) {
	var output RunTaskOutput
	var next *C.berth_snapshot
	err := s.ask(ctx, input, &output, func(engine *C.berth_engine, snapshot *C.berth_snapshot, text *C.char, bytes C.size_t,
		document **C.berth_document, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_run_task(engine, snapshot, text, bytes, C.BERTH_FORMAT_JSON, document, &next, object)
	})
	return s.decided(&output, next, err)
}

// StartTask is RunTask on the container instances that the input names.
func (s *Snapshot) StartTask(ctx context.Context, input *StartTaskInput) (*RunTaskOutput, *Snapshot, error) {
	var output RunTaskOutput
	var next *C.berth_snapshot
	err := s.ask(ctx, input, &output, func(engine *C.berth_engine, snapshot *C.berth_snapshot, text *C.char, bytes C.size_t,
		document **C.berth_document, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_start_task(engine, snapshot, text, bytes, C.BERTH_FORMAT_JSON, document, &next, object)
	})
	return s.decided(&output, next, err)
}

func (s *Snapshot) decided(output *RunTaskOutput, next *C.berth_snapshot, err error) (*RunTaskOutput, *Snapshot, error) {
	if err != nil {
		C.berth_snapshot_release(next)
		return nil, nil, err
	}
	return output, s.engine.newSnapshot(next), nil
}

// Explain takes RunTask's input and answers why not and what would have to change, or why here.
func (s *Snapshot) Explain(ctx context.Context, input *RunTaskInput) (*ExplainOutput, error) {
	var output ExplainOutput
	err := s.ask(ctx, input, &output, func(engine *C.berth_engine, snapshot *C.berth_snapshot, text *C.char, bytes C.size_t,
		document **C.berth_document, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_explain(engine, snapshot, text, bytes, C.BERTH_FORMAT_JSON, document, object)
	})
	return &output, err
}

// ListContainerInstances gives the ARNs of the instances that an expression and a status select; nil: of all.
func (s *Snapshot) ListContainerInstances(ctx context.Context, input *ListContainerInstancesInput) (*ListContainerInstancesOutput, error) {
	if input == nil {
		input = &ListContainerInstancesInput{}
	}
	var output ListContainerInstancesOutput
	err := s.ask(ctx, input, &output, func(engine *C.berth_engine, snapshot *C.berth_snapshot, text *C.char, bytes C.size_t,
		document **C.berth_document, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_list(engine, snapshot, text, bytes, C.BERTH_FORMAT_JSON, document, object)
	})
	return &output, err
}

// DescribeContainerInstances gives the instances that the input names by id or ARN; nil or none: all.
func (s *Snapshot) DescribeContainerInstances(ctx context.Context,
	input *DescribeContainerInstancesInput) (*DescribeContainerInstancesOutput, error) {
	if input == nil {
		input = &DescribeContainerInstancesInput{}
	}
	var output DescribeContainerInstancesOutput
	err := s.ask(ctx, input, &output, func(engine *C.berth_engine, snapshot *C.berth_snapshot, text *C.char, bytes C.size_t,
		document **C.berth_document, object **C.berth_error) C.berth_status {
		return C.berth_snapshot_describe(engine, snapshot, text, bytes, C.BERTH_FORMAT_JSON, document, object)
	})
	return &output, err
}

// Inspect summarizes the snapshot as JSON.
func (s *Snapshot) Inspect() (json.RawMessage, error) {
	engine, snapshot, err := s.enterBoth()
	if err != nil {
		return nil, err
	}
	defer s.leaveBoth()
	var document *C.berth_document
	var object *C.berth_error
	if err := takeError(C.berth_snapshot_inspect(engine, snapshot, C.BERTH_FORMAT_JSON, &document, &object), object); err != nil {
		return nil, err
	}
	return copyDocument(document), nil
}
