package berth

// #include "crossing.h"
import "C"

import (
	"context"
	"runtime"
	"sync"
	"unsafe"
)

// Fork is a what-if over a cluster: tasks are placed, stopped and drained on it, and the cluster sees none of it. It holds one of the
// cluster's 64 places until it is closed. Its calls wait for each other.
type Fork struct {
	turn   sync.Mutex
	handle *handle
}

// Fork opens a what-if.
func (c *Cluster) Fork() (*Fork, error) {
	cluster, err := c.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave()
	var fork *C.berth_fork
	var object *C.berth_error
	if err := takeError(C.berth_fork_new(cluster, &fork, &object), object); err != nil {
		return nil, err
	}
	h := newHandle(unsafe.Pointer(fork), func(p unsafe.Pointer) { C.berth_fork_free((*C.berth_fork)(p)) })
	return catch(&Fork{handle: h}, h), nil
}

// Close throws the fork away.
func (f *Fork) Close() { f.handle.close() }

func (f *Fork) enter() (*C.berth_fork, error) {
	p, err := f.handle.enter()
	if err == nil {
		f.turn.Lock()
	}
	return (*C.berth_fork)(p), err
}

func (f *Fork) leave() {
	f.turn.Unlock()
	f.handle.leave()
	runtime.KeepAlive(f)
}

// Discard forgets every change.
func (f *Fork) Discard() error {
	fork, err := f.enter()
	if err != nil {
		return err
	}
	defer f.leave()
	var object *C.berth_error
	return takeError(C.berth_fork_discard(fork, &object), object)
}

// Place is [Cluster.Place] on the fork: the handles of its tasks are the fork's alone.
func (f *Fork) Place(ctx context.Context, rows []PlaceRow, decisions []Decision) error {
	limits, err := limitsOf(ctx)
	if err != nil {
		return err
	}
	defer limits.end()
	fork, err := f.enter()
	if err != nil {
		return err
	}
	defer f.leave()
	done := C.go_fork_place(fork, placesOf(rows), C.uint32_t(len(rows)), limits.timeout, limits.cancel, decisionsOf(decisions),
		C.uint32_t(len(decisions)))
	return takeError(done.status, done.error)
}

// Change is [Cluster.Change] on the fork, for ChangeStop, ChangeRelease, ChangeStatus, ChangeAgentConnected, ChangePutAttribute,
// ChangeRemoveAttribute and ChangeStart.
func (f *Fork) Change(ctx context.Context, rows []ChangeRow, texts Texts, results []ChangeResult) error {
	if err := checkResults(rows, results); err != nil {
		return err
	}
	limits, err := limitsOf(ctx)
	if err != nil {
		return err
	}
	defer limits.end()
	fork, err := f.enter()
	if err != nil {
		return err
	}
	defer f.leave()
	done := C.go_fork_change(fork, changesOf(rows), C.uint32_t(len(rows)), chars(texts), C.size_t(len(texts)), limits.timeout,
		limits.cancel, (*C.berth_change_result)(unsafe.Pointer(&results[0])))
	return takeError(done.status, done.error)
}
