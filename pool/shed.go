package pool

import (
	"context"
	"fmt"
	"time"

	"github.com/lfpool/lfpool/internal/atomic"
)

// Shedding load.
//
// A line of callers absorbs a burst. One that stands there all the time absorbs
// nothing: it makes each call late, until callers give up that have been served all
// but the work. CoDel (Nichols and Jacobson, Controlling Queue Delay, ACM Queue 10(5),
// 2012, doi:10.1145/2208917.2209336; RFC 8289) tells the two apart by the time in
// the queue and nothing else: the queue is bad if its first has waited for more
// than a target each time that somebody looked, for an interval. Those who look are
// the callers that come and the tasks that end.
//
// Differs from the paper in what is done then. There one packet is dropped, and the
// next one after interval / sqrt(n), since each drop has a sender slow down. Callers
// do not slow down: to shed 1000 calls a second that law needs 10 000 drops, 20 s.
// So all are refused that have waited for twice the target, as Facebook's servers
// do it (Maurer, Fail at Scale, ACM Queue 13(8), 2015, doi:10.1145/2838344.2839461,
// which also has the newest first). As in the paper the last in line stays, so that
// no place is free while somebody wants it.
//
// Only callers that wait for room are refused, never a task that was accepted; and
// of them only those of GoContext, for Go has nothing to say no with. All of it is
// done under the gate's lock, by those who have it anyway.

// Shedding says when a pool refuses callers that wait: see [WithShedding].
type Shedding struct {
	// Target is how long the wait for room may be as a lasting state, 0 for 5 ms. Let
	// it be no shorter than a task.
	Target time.Duration
	// Interval is for how long the wait must have been longer than that before any
	// caller is refused, 0 for 100 ms: as long as bursts are, or as a caller takes to
	// come again.
	Interval time.Duration
	// NewestFirst has the newest caller served first while callers are being refused.
	// So those that are served hardly wait, and those that waited long, and have
	// likely given up, go without. It is not fair, and Go may wait for as long as the
	// overload lasts.
	NewestFirst bool
}

// WithShedding has the pool refuse calls of [Pool.GoContext], with an
// [*OverloadError], that would wait for room too long:
//
//   - Once the first in line has waited for longer than Target throughout an
//     Interval, each caller that has waited for twice Target is refused, but the last
//     in line, until the first one has waited for no longer than Target.
//   - A caller with a deadline is refused at once if others wait and its task would
//     start after the deadline, at the rate at which callers were let in of late: after
//     the tasks that are queued and those of the callers before it. (While nobody waits
//     for room that rate is not known, and nobody is refused.)
//
// The defaults are those of RFC 8289. Tasks that were accepted run in any case, and
// [Pool.Go] is never refused. It needs [WithBacklog], best with a short one: what is
// accepted waits, too. It panics if a duration is negative.
func WithShedding(s Shedding) Option {
	if s.Target < 0 || s.Interval < 0 {
		panic(fmt.Sprintf("pool.WithShedding(%+v): want durations that are not negative", s))
	}
	if s.Target == 0 {
		s.Target = 5 * time.Millisecond
	}
	if s.Interval == 0 {
		s.Interval = 100 * time.Millisecond
	}
	return Option{set: func(p *Pool) { p.shedder = &shedder{Shedding: s, pool: p} }}
}

// armShedding has the gate shed, if that was asked for.
func (p *Pool) armShedding() {
	if p.shedder == nil {
		return
	}
	if p.gate == nil {
		panic("pool.New: WithShedding needs WithBacklog: without it no caller waits")
	}
	p.gate.shedder = p.shedder
}

// OverloadError is the error of a call that a pool with [WithShedding] has refused.
type OverloadError struct {
	Pool    string        // its name
	Waiting int           // callers in line
	Delay   time.Duration // until the task of the last of them starts, at the rate of late
	Waited  time.Duration // by the caller that is refused
}

func (e *OverloadError) Error() string {
	name := "a pool"
	if e.Pool != "" {
		name = fmt.Sprintf("pool %q", e.Pool)
	}
	return fmt.Sprintf("%s is overloaded: %d callers wait, for about %v; this one has waited for %v", name, e.Waiting, e.Delay, e.Waited)
}

// shedder is the part of a gate that refuses. All but refused is guarded by the
// gate's lock.
type shedder struct {
	Shedding
	pool    *Pool
	refused atomic.Int64

	late       bool          // the first in line had waited for longer than Target at each look since
	since      time.Duration // on the clock; if late
	overloaded bool          // since that is an Interval ago

	entered time.Duration // on the clock: when a caller was let in last, or the line began
	gap     time.Duration // from one that was let in to the next, a moving average
}

// gapWeight is the part of a new gap in the average, as in TCP's round-trip times
// (RFC 6298).
const gapWeight = 8

// join has w, with ctx, come to the line, or refuses it with an error. The caller
// has the lock of g.
func (s *shedder) join(g *gate, w *waiter, ctx context.Context) error {
	now := clock()
	w.joined = now
	if g.line.first == nil {
		s.late, s.overloaded, s.entered = false, false, now
		return nil // the first in line is never refused: it tells how long it takes
	}
	if w.firm {
		return nil
	}
	deadline, ok := ctx.Deadline()
	if ok && s.delay(g, g.waiting()+1) > time.Until(deadline) {
		return s.refuse(g, 0)
	}
	return nil
}

// delay is how long it takes until the task of the n-th in line starts: those before it in
// line, and those that are queued in the pool, each start a gap after the other.
func (s *shedder) delay(g *gate, n int) time.Duration {
	if s.overloaded && s.NewestFirst {
		n = 1
	}
	queued := int(occupancy(g.word.Load()).inside()) - s.pool.control.Limit()
	return time.Duration(n+max(queued, 0)) * s.gap
}

// refuse counts a refusal of a caller that has waited, and returns its error.
func (s *shedder) refuse(g *gate, waited time.Duration) error {
	s.refused.Add(1)
	n := g.waiting()
	return &OverloadError{Pool: s.pool.name, Waiting: n, Delay: s.delay(g, n), Waited: waited}
}

// look sees whether the queue is bad.
func (s *shedder) look(g *gate, now time.Duration) {
	late := g.line.first != nil && now-g.line.first.joined > s.Target
	if late && !s.late {
		s.since = now
	}
	s.late = late
	s.overloaded = late && now-s.since >= s.Interval
}

// take is the gate's take: it refuses those who have waited too long, lets others
// in as far as there is room, and returns both, admitBatch of each at most. The
// caller has the lock of g.
func (s *shedder) take(g *gate) (out line, more bool) {
	now := clock()
	s.look(g, now)
	shed := 0
	// Only admitBatch are looked at, callers of Go among them, which stay: behind so
	// many of these nobody is refused.
	w := g.line.first
	for range admitBatch {
		if !s.overloaded || w == g.line.last || now-w.joined <= 2*s.Target {
			break // those behind it have waited for no longer
		}
		next := w.next
		if !w.firm {
			g.word.Add(^uint64(oneWaiting - 1))
			w.err = s.refuse(g, now-w.joined)
			g.line.moveTo(&out, w)
			shed++
		}
		w = next
	}
	in := 0
	for in < admitBatch {
		old := occupancy(g.word.Load()) // edge gate: pairs with the Add in gate.leave
		if old.waiting() == 0 || old.inside() >= g.capacity.Load() {
			break // a place that is left after this is filled by its leaver, which sees those who still wait
		}
		if !g.word.CompareAndSwap(uint64(old), uint64(old+oneInside-oneWaiting)) {
			continue
		}
		w := g.line.first
		if s.overloaded && s.NewestFirst {
			w = g.line.last
		}
		g.line.moveTo(&out, w)
		s.gap += (now - s.entered - s.gap) / gapWeight
		s.entered = now
		in++
	}
	return out, in == admitBatch || shed == admitBatch
}
