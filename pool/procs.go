package pool

import (
	"fmt"
	"math"
	"runtime"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/internal/atomic"
)

// A limit that follows GOMAXPROCS, which changes while the program runs: since Go
// 1.25 the runtime sets it anew when a container's CPU quota changes.
//
// Nobody is told of that, so the pool looks. A timer of its own would keep a
// program whose goroutines all wait for each other from being told so by the
// runtime. A look at each task would take a lock of the scheduler for each task.
// So those look who have stopped for another reason:
//
//	a worker      when it checks in: as a new one with its first task ended, once in
//	              a millisecond or so if it finds task after task, or after eight
//	              tasks that are longer
//	the reaper    when it starts, with the first worker, and at each tick while a
//	              worker is parked
//	a submitter   that has found no room in the backlog and is about to wait
//	Stats         at each call, so at each scrape
//
// Between them they miss a change only as long as nothing of that happens: at
// worst, while tasks take very long, for eight of them. Each looks after the
// change or is followed by one that does, so a pool in use comes to follow.

// WithLimitPerProc sets the limit to x times GOMAXPROCS, rounded, and at least 1,
// and keeps it so when GOMAXPROCS changes, as it does with a container's CPU quota,
// until [Pool.SetLimit] is called. The pool notices a change within milliseconds
// while short tasks run, with the next ticks of the idle timeout's quarters while
// workers are parked, at the next call of [Pool.Stats], or else after some more
// tasks. Higher and lower limits then hold as with SetLimit. It costs nothing a
// task. It panics if x is not positive and finite.
func WithLimitPerProc(x float64) Option {
	if !(x > 0) || math.IsInf(x, 1) {
		panic(fmt.Sprintf("pool.WithLimitPerProc(%v): want a positive number", x))
	}
	return Option{limits: true, set: func(p *Pool) {
		n := runtime.GOMAXPROCS(0)
		p.perProc.x = x
		p.perProc.seen.Store(int64(n))
		p.control.SetLimit(p.perProc.limitFor(n))
	}}
}

// perProc is how a pool's limit follows GOMAXPROCS.
type perProc struct {
	x    float64      // never written after New
	seen atomic.Int64 // GOMAXPROCS as the limit has it; 0: the limit does not follow. Written under settings
}

// limitFor returns the limit for n processors.
func (f *perProc) limitFor(n int) int {
	return int(min(max(math.Round(f.x*float64(n)), 1), idle.MaxLimit))
}

// stop has the limit follow no more. The caller has the lock of the settings.
func (f *perProc) stop() { f.seen.Store(0) }

// followProcs has the limit follow GOMAXPROCS, if it does and that has changed.
func (p *Pool) followProcs() {
	seen := p.perProc.seen.Load()
	if seen == 0 {
		return
	}
	if int64(runtime.GOMAXPROCS(0)) == seen {
		return
	}
	p.settings.Lock()
	if p.perProc.seen.Load() == 0 {
		p.settings.Unlock() // SetLimit has been called meanwhile
		return
	}
	// Read under the lock, so that of two goroutines that follow the later one
	// does not set what the earlier has read.
	n := runtime.GOMAXPROCS(0)
	p.perProc.seen.Store(int64(n))
	p.setLimit(p.perProc.limitFor(n))
}
