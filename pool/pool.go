// Package pool runs functions on goroutines that are used again.
//
// [Pool.Go] has the meaning of the go statement: it never blocks, every task
// starts whatever the other tasks do, and there is nothing to close. A worker
// that nobody needs goes away by itself, and a pool without workers has no
// goroutine at all, so a pool that nobody references is garbage like anything
// else.
//
// How tasks reach workers is told in dispatch.go (the wake chain), what a
// worker does in worker.go, how it waits in park.go, and how it goes away in
// package idle.
package pool

import (
	"fmt"
	"time"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/padded"
)

// Pool is a set of workers and a queue of tasks. Make one with [New]. Its
// methods may be called from any goroutine, tasks of the pool included.
type Pool struct {
	tasks  TaskQueue // waiting for a worker
	parked IdleQueue // workers waiting for a task

	lookout padded.Uint32 // who is looking for tasks: see dispatch.go
	linger  lingering
	control idle.Control // how many workers, and whether the reaper is up
	gauge   idle.Gauge   // how many workers are parked, and the low-water mark

	last          padded.Pointer[Worker] // the worker that parked last, or nil: see park.go
	handOff       bool                   // dispatch without the wake chain
	idleTimeout   time.Duration
	reserveFrames int                       // how much of its stack a worker keeps in use: see reserve.go
	onPanic       func(v any, stack []byte) // nil: a panic ends the program

	finished padded.Int64 // tasks ended; a worker adds to it when it parks, or after flushEvery tasks
	spawned  *xsync.Counter
	reaped   *xsync.Counter
	panicked *xsync.Counter
}

// New returns a pool without workers. It starts no goroutine. It panics if an
// option is nil or gives it no queue.
func New(opts ...Option) *Pool {
	p := &Pool{
		idleTimeout: DefaultIdleTimeout,
		spawned:     xsync.NewCounter(),
		reaped:      xsync.NewCounter(),
		panicked:    xsync.NewCounter(),
	}
	WithTaskQueue(func() TaskQueue { return lfqueue.NewSeg[func()]() })(p)
	WithIdleQueue(func() IdleQueue { return lfqueue.NewSeg[*Worker]() })(p)
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("pool.New: the option at index %d is nil", i))
		}
		o(p)
	}
	if p.tasks == nil {
		panic("pool.New: the constructor given to WithTaskQueue returned no queue")
	}
	if p.parked == nil {
		panic("pool.New: the constructor given to WithIdleQueue returned no queue")
	}
	return p
}

// Go runs f in a goroutine of the pool, as the statement go f() would in a new
// one: f starts whatever other tasks do, and whatever they wait for.
//
// Go never blocks and is lock-free until it must start or wake a worker, which
// takes locks of the Go runtime. The call synchronizes before the start of f.
// If f panics the program crashes with f's stack, unless the pool has a panic
// handler; f may call [runtime.Goexit]. Go panics if f is nil.
func (p *Pool) Go(f func()) {
	if f == nil {
		panic("lfpool: Go(nil): the task is a nil func")
	}
	if p.handOff {
		p.wake(f)
		return
	}
	p.submit(f)
}
