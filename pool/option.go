package pool

import (
	"fmt"
	"time"

	"github.com/lfpool/lfpool/idle"
)

// DefaultIdleTimeout is the idle timeout of a pool without [WithIdleTimeout], but
// for test binaries: see the package's documentation.
const DefaultIdleTimeout = 10 * time.Second

// testIdleTimeout takes its place in test binaries: workers are gone within 20 ms,
// before a leak check gives up.
const testIdleTimeout = 16 * time.Millisecond

// Option sets up a pool: see [New]. The functions that begin with With return one.
type Option struct {
	set    func(*Pool)
	limits bool // it is WithLimit's, of NoLimit too
}

// WithIdleTimeout sets for how long a pool keeps workers that nobody needs.
// When demand falls, the pool has shrunk to the demand that is left within one
// and a quarter d (at least 5 ms, see idle.ShrinkBound). The default is
// [DefaultIdleTimeout]. It panics if d is not positive.
func WithIdleTimeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("pool.WithIdleTimeout(%v): want a positive duration", d))
	}
	return Option{set: func(p *Pool) { p.idleTimeout = d }}
}

// WithRetention exchanges the rule by which the pool keeps workers that nobody
// needs: [idle.LowWater], the default, [idle.ByAge], [idle.Adaptive],
// [idle.Never], or one of your own, of which rule returns a new one whenever the
// pool begins to watch. It panics if rule is nil.
func WithRetention(rule func() idle.Retention) Option {
	if rule == nil {
		panic("pool.WithRetention(nil): the constructor is a nil func")
	}
	return Option{set: func(p *Pool) {
		p.retention = rule
		p.gauge.CountTaken() // for rules that ask
	}}
}

// WithPanicHandler makes tasks' panics survivable: h is called with the value
// given to panic and the stack of the task, in the worker that ran the task,
// and then the worker goes on with other tasks. A panic in h itself ends the
// program; h may call [runtime.Goexit]. Without this option a panic ends the
// program, as in any goroutine. WithPanicHandler panics if h is nil.
func WithPanicHandler(h func(v any, stack []byte)) Option {
	if h == nil {
		panic("pool.WithPanicHandler(nil): the handler is a nil func")
	}
	return Option{set: func(p *Pool) { p.onPanic = h }}
}

// WithLinger says whether a worker that finds no task may keep looking for up
// to about 8 us before it parks, which starts tasks up to a hundred times sooner
// than waking a thread would where they come at that rate, and uses a processor
// that nobody else waits for. The default is true: a worker lingers if that has
// paid lately (see linger.go).
func WithLinger(on bool) Option {
	return Option{set: func(p *Pool) { p.linger.off = !on }}
}

// WithStackReserve makes each worker keep a stack of n bytes, rounded up to a
// power of two, once a deep task has made it grow that far. Otherwise each
// garbage collection halves a parked worker's stack, for it uses less than a
// quarter, until the next deep task lets it grow again. A worker holds a
// quarter of n for itself, so tasks that use up to three quarters profit.
//
// It pays where many workers run one deep task each from one collection to the
// next, and costs up to n bytes for each worker (see DESIGN.md). The default is
// 0: no reserve. It panics if n is negative or above 1 MiB.
func WithStackReserve(n int) Option {
	if n < 0 || n > maxStackReserve {
		panic(fmt.Sprintf("pool.WithStackReserve(%d): want 0 to %d bytes", n, maxStackReserve))
	}
	return Option{set: func(p *Pool) { p.reserveFrames = reserveFrames(n) }}
}

// TaskQueue is where tasks wait. Any linearizable queue or bag will do, for
// any number of goroutines, with Empty as in
// [github.com/lfpool/lfpool/lfqueue.Queue]; the pool needs no order, only
// users and [Pool.Drain] do. Enqueue must not block or fail, and takes a nil,
// Drain's mark, like any func.
type TaskQueue interface {
	Enqueue(f func())
	Dequeue() (f func(), ok bool)
	Empty() bool
}

// IdleQueue is where parked workers wait, in any order, for any number of
// goroutines. Enqueue must not block or fail.
type IdleQueue interface {
	Enqueue(w *Worker)
	Dequeue() (w *Worker, ok bool)
}

// WithTaskQueue makes the pool keep its waiting tasks in a queue that newQueue
// returns; with [WithLanes], too, in one for each lane. It is there to compare
// queues; the default is the fastest one known. It panics if newQueue is nil.
func WithTaskQueue(newQueue func() TaskQueue) Option {
	if newQueue == nil {
		panic("pool.WithTaskQueue(nil): the constructor is a nil func")
	}
	return Option{set: func(p *Pool) {
		p.newTasks, p.tasks = newQueue, newQueue()
		if p.tasks == nil {
			panic("pool.New: the constructor given to WithTaskQueue returned no queue")
		}
	}}
}

// WithIdleQueue makes the pool keep its parked workers in a queue that
// newQueue returns. It is there to compare queues. It panics if newQueue is
// nil.
func WithIdleQueue(newQueue func() IdleQueue) Option {
	if newQueue == nil {
		panic("pool.WithIdleQueue(nil): the constructor is a nil func")
	}
	return Option{set: func(p *Pool) { p.parked = newQueue() }}
}

// WithHandOff makes the pool dispatch as the classic pools do: every task is
// handed to a parked worker, or to a new one, and every worker parks after
// every task. It is there to compare; the wake chain is the faster way.
func WithHandOff() Option {
	return Option{set: func(p *Pool) { p.handOff = true }}
}
