package berth

// #include "crossing.h"
import "C"

import (
	"context"
	"time"
)

// callLimits carries a context into a call: what remains until its deadline, and a flag of the library that is set when it is cancelled.
type callLimits struct {
	timeout C.uint64_t
	cancel  *C.berth_cancel
	stop    chan struct{}
	stopped chan struct{}
}

// contextError is what a call answers that is not begun, because its context has ended; else nil.
func contextError(ctx context.Context) error {
	switch err := ctx.Err(); err {
	case nil:
		return nil
	case context.DeadlineExceeded:
		return &Error{Status: DeadlineExceeded, Offset: -1, Message: "the context's deadline had passed before the call"}
	default:
		return &Error{Status: Cancelled, Offset: -1, Message: "the context was cancelled before the call"}
	}
}

// limitsOf costs nothing for a context that never ends. After a nil error end must be called.
func limitsOf(ctx context.Context) (limits callLimits, err error) {
	if err = contextError(ctx); err != nil || ctx.Done() == nil {
		return limits, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		// 0 would be no limit at all.
		limits.timeout = 1
		if left := time.Until(deadline); left > 0 {
			limits.timeout = C.uint64_t(left)
		}
	}
	var object *C.berth_error
	if err = takeError(C.berth_cancel_new(&limits.cancel, &object), object); err != nil {
		return limits, err
	}
	limits.stop, limits.stopped = make(chan struct{}), make(chan struct{})
	isTimed := limits.timeout != 0
	go func(done <-chan struct{}, cancel *C.berth_cancel, stop <-chan struct{}, stopped chan<- struct{}) {
		defer close(stopped)
		select {
		case <-done:
			// A deadline that the library knows is left to it, so that it is told as one.
			if !isTimed || ctx.Err() != context.DeadlineExceeded {
				C.berth_cancel_set(cancel)
			}
		case <-stop:
		}
	}(ctx.Done(), limits.cancel, limits.stop, limits.stopped)
	return limits, nil
}

func (l *callLimits) end() {
	if l.cancel != nil {
		close(l.stop)
		<-l.stopped
		C.berth_cancel_free(l.cancel)
		l.cancel = nil
	}
}
