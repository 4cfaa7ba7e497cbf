// Package baseline is the one table of what lfpool is compared with, for tests
// and benchmarks alike: the go statement, lfpool, lfpool with one part
// exchanged, and the classic ways to build a pool.
package baseline

import (
	"sync"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// Pool is what a contestant must do: run f as the go statement would.
type Pool interface{ Go(f func()) }

// Contestant is one row of the table. If what New returns has a Close method,
// it must be called when the pool is done with.
type Contestant struct {
	Name string
	Doc  string
	New  func() Pool
}

// statement is the go statement as a Pool.
type statement struct{}

func (statement) Go(f func()) { go f() }

// idleRing is the xsync ring's capacity for parked workers. It must be chosen
// beforehand; more workers go to the ring's overflow list.
const idleRing = 1024

// All has the go statement first and lfpool second. The names tell what is
// exchanged: "idle" the queue of parked workers, "tasks" the queue of tasks,
// "handoff" the dispatch.
var All = []Contestant{
	{"go", "the go statement", func() Pool { return statement{} }},
	{"lfpool", "the wake chain over lock-free queues, as shipped", with()},
	{"idle-ms", "lfpool with parked workers in the Michael-Scott queue, garbage-collected nodes", with(pool.WithIdleQueue(func() pool.IdleQueue { return lfqueue.NewMS[*pool.Worker]() }))},
	{"idle-counted", "lfpool with parked workers in the Michael-Scott queue, counted indices", with(pool.WithIdleQueue(func() pool.IdleQueue { return lfqueue.NewCounted[pool.Worker]() }))},
	{"idle-mutex", "lfpool with parked workers in a list under sync.Mutex", with(pool.WithIdleQueue(func() pool.IdleQueue { return mutexQueue[*pool.Worker]() }))},
	{"idle-spin", "lfpool with parked workers in a list under a spinlock with back-off", with(pool.WithIdleQueue(func() pool.IdleQueue { return spinQueue[*pool.Worker]() }))},
	{"idle-xsync", "lfpool with parked workers in xsync's MPMC ring", with(pool.WithIdleQueue(func() pool.IdleQueue { return NewRing[*pool.Worker](idleRing) }))},
	{"tasks-sharded", "lfpool with tasks in eight segmented queues side by side", with(pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewSharded[func()](8) }))},
	{"tasks-ms", "lfpool with tasks in the Michael-Scott queue, garbage-collected nodes", with(pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewMS[func()]() }))},
	{"tasks-mutex", "lfpool with tasks in a list under sync.Mutex", with(pool.WithTaskQueue(func() pool.TaskQueue { return mutexQueue[func()]() }))},
	{"tasks-spin", "lfpool with tasks in a list under a spinlock with back-off", with(pool.WithTaskQueue(func() pool.TaskQueue { return spinQueue[func()]() }))},
	{"handoff-ms", "each task handed to a parked worker, as TiDB does, workers in the Michael-Scott queue", with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return lfqueue.NewMS[*pool.Worker]() }))},
	{"handoff-mutex", "each task handed to a parked worker, workers in a stack under sync.Mutex", with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return NewLocked[*pool.Worker](new(sync.Mutex), true) }))},
	{"handoff-spin", "each task handed to a parked worker, workers in a stack under a spinlock with back-off", with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return NewLocked[*pool.Worker](new(SpinLock), true) }))},
	{"grpc-style", "64 workers on an unbuffered channel, else the go statement, as gRPC-Go does", newGRPCStyle},
}

func with(opts ...pool.Option) func() Pool {
	return func() Pool { return pool.New(opts...) }
}

func mutexQueue[T any]() *Locked[T] { return NewLocked[T](new(sync.Mutex), false) }
func spinQueue[T any]() *Locked[T]  { return NewLocked[T](new(SpinLock), false) }
