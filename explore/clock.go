package explore

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Time is one more that can have the turn. Its step, a tick, wakes the goroutines whose
// timers are due, up to their first operation. Any step may read the clock, set a timer or
// stop one, so a tick is taken to depend on all other steps: it is put at each place among
// them, and between two ticks the search is as reduced as ever.

// Clock has time pass, in a bubble of testing/synctest: by tick, n times at most while a
// goroutine could go on, and n times when none can. The first counts as a preemption for
// [Bound], and time is one more goroutine for [PCT]; in schedules its name is time. Without
// Clock, or when the ticks are used up, a goroutine of the scenario that nothing but time
// would help is a failure. It needs [Bubble], or [Outside] in a bubble. It panics unless
// tick and n are positive.
func Clock(tick time.Duration, n int) Option {
	if tick <= 0 || n < 1 {
		panic(fmt.Sprintf("explore.Clock(%v, %d): want a positive duration, and 1 or more ticks", tick, n))
	}
	return func(s *settings) { s.tick, s.ticks = tick, n }
}

// clockwork is the time of a run.
type clockwork struct {
	thread *thread // nil if time stands still
	tick   time.Duration
	ticks  int   // how often it may still pass while a goroutine could go on
	waits  int   // and because none can
	last   int32 // index after that of the last tick

	passing atomic.Bool // for the watch on stalls, which in a bubble has its time
}

// timeName is time's in schedules.
const timeName = "time"

// wind lets time pass in r, before there are other goroutines.
func (r *Run) wind(tick time.Duration, n int) {
	th := r.add(timeName, nil)
	th.begun, th.next = nil, op{kind: ticking, word: -1}
	r.time.thread, r.time.tick, r.time.ticks, r.time.waits = th, tick, n, n
}

// set has time alone, or nobody.
func (c *clockwork) set() uint64 {
	if c.thread == nil {
		return 0
	}
	return 1 << c.thread.id
}

// mayPass reports whether a tick can be next, when those can go on that are enabled.
func (r *Run) mayPass(enabled uint64) bool {
	return r.time.thread != nil && (enabled != 0 && r.time.ticks > 0 || enabled == 0 && r.time.waits > 0)
}

// passes makes a tick, which has been chosen.
func (r *Run) passes(enabled uint64) {
	if enabled == r.time.set() {
		r.time.waits--
	} else {
		r.time.ticks--
	}
	r.crowd.mu.Lock() // pairs with the lock in arrive, for a goroutine that a timer wakes
	r.time.passing.Store(true)
	r.crowd.mu.Unlock()
	time.Sleep(r.time.tick)
	r.time.passing.Store(false)
}

// goroutines returns how many there have been.
func (r *Run) goroutines() int {
	if r.time.thread != nil {
		return len(r.threads) - 1
	}
	return len(r.threads)
}

// timeless is said of those that are blocked for ever.
func (r *Run) timeless() string {
	switch {
	case r.outside.settle == nil:
		return ""
	case r.time.thread == nil:
		return "; if time is to pass, say so with explore.Clock"
	}
	n := 0
	for i := range r.trace {
		if r.trace[i].kind == ticking {
			n++
		}
	}
	return fmt.Sprintf("; time has passed %d times by %v, and may no more: explore.Clock", n, r.time.tick)
}
