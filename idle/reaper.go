// Package idle decides how long a pool keeps workers that have nothing to do,
// and ends them: the reaper.
//
// There is no goroutine while a pool has no worker. The first worker brings
// the reaper up, the last one's retirement ends it, and the next worker brings
// up another. So a pool needs no Close.
package idle

import (
	"context"
	"math"
	"runtime/pprof"
	"time"

	"github.com/lfpool/lfpool/padded"
)

// minTick is the shortest part of an idle timeout, so that a tiny timeout
// does not make the reaper spin.
const minTick = time.Millisecond

// Reaper retires the parked workers that nobody needed for Timeout.
//
// Shrink bound: when demand falls, the pool has shrunk to the demand that is
// left within [ShrinkBound] of Timeout, the time that the reaper waits for a
// processor not counted. (Other rules than [LowWater] have other bounds.)
type Reaper struct {
	Control *Control
	Gauge   *Gauge
	Timeout time.Duration
	// Rule decides who may go; nil is [LowWater].
	Rule Retention
	// Settle, if not nil, is called before each look at Gauge: the pool has time
	// to count parked workers that Gauge does not know of.
	Settle func()
	// OnTick, if not nil, is called at each tick.
	OnTick func()
	// Retire takes one parked worker out of the pool's idle queue, tells
	// Gauge and Control, and ends it. It reports false if none was parked.
	// Taking it out makes the reaper its owner: nobody can give it a task.
	Retire func() bool
	// Nudge, if not nil, makes the reaper look at once whether it may go, for
	// each value that is received.
	Nudge <-chan struct{}
	// Asleep, if not nil, is 1 while the reaper has no timer: nobody is parked, or
	// the rule has none to retire until something changes. A goroutine that
	// parks a worker or counts one off then looks at Asleep, and sends to Nudge if it is 1.
	Asleep *padded.Uint32
	// Labels, if not nil, has the pprof labels of the reaper's goroutine; nil is
	// for none.
	Labels context.Context
}

// ShrinkBound returns the longest time for which a worker that nobody needs is
// kept: one and a quarter timeouts, at least 5 ms. Need is noted by parts of
// the timeout, so the part in which it ended is watched to its end, and then
// as many parts as make up the timeout. A timeout too long for that, about 233
// years, has the longest Duration for its bound.
func ShrinkBound(timeout time.Duration) time.Duration {
	tick := Tick(timeout)
	if tick > math.MaxInt64/(subWindows+1) {
		return math.MaxInt64
	}
	return (subWindows + 1) * tick
}

// Tick returns how long one part of the timeout lasts, that is how often the
// reaper looks: a quarter of the timeout, at least a millisecond.
func Tick(timeout time.Duration) time.Duration { return max(timeout/subWindows, minTick) }

// Run retires workers until none is left; then it returns. It is called, in a
// goroutine of its own, when [Control.Hire] says so.
func (r *Reaper) Run() {
	// A new goroutine inherits the pprof labels of its creator, here some
	// submitter that has nothing to do with the pool.
	labels := r.Labels
	if labels == nil {
		labels = context.Background()
	}
	pprof.SetGoroutineLabels(labels)
	rule := r.Rule
	if rule == nil {
		rule = LowWater()
	}
	tick := time.NewTimer(Tick(r.Timeout))
	defer tick.Stop()
	for !r.Control.Exit() {
		if r.fallsAsleep(rule) {
			tick.Stop()
			<-r.Nudge // edge nudge: pairs with the send in Pool.nudgeReaper
			r.Asleep.Store(0)
			tick.Reset(Tick(r.Timeout))
			continue
		}
		select {
		case <-tick.C:
			tick.Reset(Tick(r.Timeout))
		case <-r.Nudge: // edge nudge: pairs with the send in Pool.nudgeReaper
			continue
		}
		if r.OnTick != nil {
			r.OnTick()
		}
		if r.Settle != nil {
			r.Settle()
		}
		// Read one after the other: what happens between makes a rule err by that
		// much, and Retire takes only workers that are parked.
		s := Sample{Taken: r.Gauge.Taken(), Low: r.Gauge.Low(), Parked: r.Gauge.Count(), Workers: r.Control.Workers()}
		n := rule.Excess(s)
		gone := 0
		for gone < n && r.Retire() {
			gone++
		}
		rule.Retired(gone)
	}
}

// fallsAsleep reports whether the reaper may wait without a timer, and has said
// so in Asleep.
func (r *Reaper) fallsAsleep(rule Retention) bool {
	if r.Asleep == nil || r.Nudge == nil || r.Control.Workers() == 0 || !r.nothingToRetire(rule) {
		return false
	}
	r.Asleep.Store(1) // edge asleep: pairs with the load in Pool.tellReaper
	// needs store-load: say that it sleeps, then look
	if r.Control.Workers() != 0 && r.nothingToRetire(rule) {
		return true
	}
	r.Asleep.Store(0)
	return false
}

// nothingToRetire reports whether no worker is parked that rule may retire while
// nothing changes.
func (r *Reaper) nothingToRetire(rule Retention) bool {
	if r.Settle != nil {
		r.Settle()
	}
	parked := r.Gauge.Count()
	if s, ok := rule.(Settled); ok && parked > 0 {
		return s.Settled(parked, r.Control.Workers())
	}
	return parked == 0
}
