package berth

// #include "crossing.h"
import "C"

import (
	"runtime"
	"sync"
	"unsafe"
)

// Executor says what an engine works with. Decisions are the same with all of them.
type Executor uint32

const (
	ExecutorTBB     Executor = C.BERTH_EXECUTOR_TBB     // oneTBB; the default.
	ExecutorThreads Executor = C.BERTH_EXECUTOR_THREADS // Plain threads, started per call.
	ExecutorSerial  Executor = C.BERTH_EXECUTOR_SERIAL  // The calling thread alone.
)

// EngineOptions are the choices of [NewEngine]; the zero value is what to use.
type EngineOptions struct {
	Executor       Executor // 0: ExecutorTBB.
	WorkerCountMax uint32   // Threads that may work at once; 0: the processors that this process may use.
}

// Engine is a pool of worker threads. The functions of the package that make snapshots use one that they share and that is never closed.
type Engine struct{ handle *handle }

// NewEngine makes an engine of its own; nil options are the defaults.
func NewEngine(options *EngineOptions) (*Engine, error) {
	if err := checkVersion(); err != nil {
		return nil, err
	}
	var c C.berth_engine_options
	if err := takeError(C.berth_engine_options_init(&c, C.uint32_t(unsafe.Sizeof(c))), nil); err != nil {
		return nil, err
	}
	if options != nil {
		if options.Executor != 0 {
			c.executor = C.berth_executor(options.Executor)
		}
		c.worker_count_max = C.uint32_t(options.WorkerCountMax)
	}
	var engine *C.berth_engine
	var object *C.berth_error
	if err := takeError(C.berth_engine_new(&c, &engine, &object), object); err != nil {
		return nil, err
	}
	h := newHandle(unsafe.Pointer(engine), func(p unsafe.Pointer) { C.berth_engine_free((*C.berth_engine)(p)) })
	return catch(&Engine{h}, h), nil
}

var shared struct {
	sync.Mutex
	engine *Engine
}

func sharedEngine() (*Engine, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.engine != nil {
		return shared.engine, nil
	}
	engine, err := NewEngine(nil)
	shared.engine = engine
	return engine, err
}

// Close lets the engine go. Snapshots and clusters that it made can no longer be asked, only closed.
func (e *Engine) Close() { e.handle.close() }

func (e *Engine) enter() (*C.berth_engine, error) {
	if e == nil {
		return nil, ErrClosed
	}
	p, err := e.handle.enter()
	return (*C.berth_engine)(p), err
}

func (e *Engine) leave() {
	e.handle.leave()
	runtime.KeepAlive(e)
}
