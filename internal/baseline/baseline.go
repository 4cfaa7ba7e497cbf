// Package baseline is the one table of what lfpool is compared with, for tests
// and benchmarks alike: the go statement, lfpool, lfpool with one part
// exchanged, and the classic ways to build a pool.
package baseline

import (
	"runtime"
	"slices"

	"github.com/lfpool/lfpool/internal/atomic"
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

// All has the go statement first and lfpool second. The names tell what is
// exchanged: "idle" the queue of parked workers, "tasks" the queue of tasks,
// "lanes" how many wake chains there are, "retention" the rule that ends parked
// workers, "multi" one pool for several, "handoff" the dispatch.
var All = slices.Concat(
	[]Contestant{
		{"go", "the go statement", func() Pool { return statement{} }},
		{"lfpool", "the wake chain over lock-free queues, as shipped", with()},
	},
	variants(IdleQueues, "idle-", "lfpool with parked workers in ", func(newQueue func() pool.IdleQueue) []pool.Option {
		return []pool.Option{pool.WithIdleQueue(newQueue)}
	}),
	variants(TaskQueues, "tasks-", "lfpool with tasks in ", inLanes),
	[]Contestant{
		{"lanes-1", "lfpool with one wake chain, and one task queue, for all submitters", with(pool.WithLanes(1))},
		{"lanes-1-sharded", "lfpool with one wake chain over eight segmented queues", with(pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewSharded[func()](8) }))},
	},
	retained(Retentions),
	several(Strategies),
	[]Contestant{
		{"handoff", "lfpool with each task handed to a parked worker", with(pool.WithHandOff())},
		{"handoff-ms", "each task handed to a parked worker, as TiDB does, workers in the Michael-Scott queue", with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return lfqueue.NewMS[*pool.Worker]() }))},
		{"handoff-mutex", "each task handed to a parked worker, workers in a stack under sync.Mutex", with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return NewLocked[*pool.Worker](new(atomic.Mutex), true) }))},
		{"handoff-spin", "each task handed to a parked worker, workers in a stack under a spinlock with back-off", with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return NewLocked[*pool.Worker](new(SpinLock), true) }))},
		{"grpc-style", "64 workers on an unbuffered channel, else the go statement, as gRPC-Go does", newGRPCStyle},
	})

// inLanes has a pool keep its tasks in queues of another kind, in as many lanes as it
// would have by itself.
func inLanes(newQueue func() pool.TaskQueue) []pool.Option {
	return []pool.Option{pool.WithTaskQueue(newQueue), pool.WithLanes(Lanes(runtime.GOMAXPROCS(0)))}
}

// Lanes is how many lanes a pool gives itself on so many processors.
func Lanes(processors int) int {
	if processors == 1 {
		return 1
	}
	return min(4*processors, 256)
}

func with(opts ...pool.Option) func() Pool {
	return func() Pool { return pool.New(opts...) }
}
