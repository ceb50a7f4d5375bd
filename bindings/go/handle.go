package berth

import (
	"sync/atomic"
	"unsafe"
)

const (
	closedBit = int64(1) << 62
	freedBit  = int64(1) << 61
)

// handle guards one object of the library: it counts the calls that are inside, so that Close at any time frees the object once, and only
// when nobody uses it any more. Any goroutine may call any method.
type handle struct {
	state   int64 // Calls inside, and the bits above.
	pointer unsafe.Pointer
	free    func(unsafe.Pointer)
}

func newHandle(pointer unsafe.Pointer, free func(unsafe.Pointer)) *handle {
	return &handle{pointer: pointer, free: free}
}

// enter gives the object until leave is called, or ErrClosed; then leave must not be called.
func (h *handle) enter() (unsafe.Pointer, error) {
	if h == nil {
		return nil, ErrClosed
	}
	collectGarbage()
	if atomic.AddInt64(&h.state, 1)&closedBit != 0 {
		h.leave()
		return nil, ErrClosed
	}
	return h.pointer, nil
}

func (h *handle) leave() {
	if atomic.AddInt64(&h.state, -1) == closedBit {
		h.freeOnce()
	}
}

func (h *handle) close() {
	if h == nil {
		return
	}
	for {
		state := atomic.LoadInt64(&h.state)
		if state&closedBit != 0 {
			return
		}
		if atomic.CompareAndSwapInt64(&h.state, state, state|closedBit) {
			if state == 0 {
				h.freeOnce()
			}
			return
		}
	}
}

// freeOnce is called by whoever sees a closed object without users; several may, and one of them frees.
func (h *handle) freeOnce() {
	if atomic.CompareAndSwapInt64(&h.state, closedBit, closedBit|freedBit) {
		h.free(h.pointer)
	}
}
