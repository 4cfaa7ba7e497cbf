package pool

import (
	"context"
	"math"
	"time"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/padded"
)

// gate bounds how many accepted tasks have not ended. A submitter that finds no
// room waits in a line, and the line is served in order. Only pools with a
// backlog bound have a gate.
//
// A submitter enters by one CAS as long as nobody waits. The end of a task, the
// leaver, serves the line under the lock if somebody waits. Both sides change one
// word: the waiter adds itself and then reads it; the leaver subtracts itself and
// reads it in the same step. So the later of the two sees the other. What is passed
// on is a count of free places and not a place, so a waiter that gives up takes
// nothing with it.
//
// No step under the lock takes longer the longer the line is: a waiter that gives
// up takes itself out of the middle, and the line is served admitBatch at a time.
type gate struct {
	word     padded.Uint64 // an occupancy
	capacity atomic.Uint32 // written under mu

	refused atomic.Int64 // submitters that would not wait
	givenUp atomic.Int64 // submitters whose context was done first

	mu      atomic.Mutex
	line    line     // guarded by mu: as many as the word says wait
	shedder *shedder // nil: all that wait are served in order. Never written after New
}

// admitBatch bounds how many waiters are let in while the lock is held, some
// microseconds' work, when a limit is raised by very many.
const admitBatch = 64

// line is those that wait, first come, first served.
type line struct{ first, last *waiter }

// waiter is a submitter in the line.
type waiter struct {
	in         chan struct{} // closed by the goroutine that lets it in
	stands     bool          // in the line: true to false, once; guarded by the gate's lock
	firm       bool          // it has no way to be told of a refusal
	err        error         // of a refusal: written before in is closed, once
	joined     time.Duration // on the clock; for the shedder
	prev, next *waiter       // guarded by that lock too, and then owned by the goroutine that lets it in
}

func (l *line) add(w *waiter) {
	w.stands, w.prev = true, l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
}

// remove takes w out, which stands in l, and leaves no link in it.
func (l *line) remove(w *waiter) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.stands, w.prev, w.next = false, nil, nil
}

// moveTo takes w out, which stands in l, and adds it to out, where nobody stands.
func (l *line) moveTo(out *line, w *waiter) {
	l.remove(w)
	out.add(w)
	w.stands = false
}

// shift takes the first n waiters out, of at least as many.
func (l *line) shift(n uint32) (out line) {
	for range n {
		l.moveTo(&out, l.first)
	}
	return out
}

// occupancy is the packed word: bits 32 to 63 count those that wait, bits 0 to
// 31 the tasks inside. Waiting changes under the gate's lock.
type occupancy uint64

const (
	oneInside  occupancy = 1
	oneWaiting occupancy = 1 << 32
	unbounded            = math.MaxUint32 // a capacity that is never reached
)

func (o occupancy) inside() uint32  { return uint32(o) }
func (o occupancy) waiting() uint32 { return uint32(o >> 32) }

// tryEnter enters if there is room and nobody waits. Lock-free.
func (g *gate) tryEnter() bool {
	for {
		old := occupancy(g.word.Load())
		if old.waiting() > 0 || old.inside() >= g.capacity.Load() {
			return false
		}
		if g.word.CompareAndSwap(uint64(old), uint64(old+oneInside)) {
			return true
		}
	}
}

// enter waits for room. If ctx is done first, or the caller is refused, it returns
// an error, and the caller has not entered. One that is firm is not refused.
func (g *gate) enter(ctx context.Context, firm bool) error {
	if g.tryEnter() {
		return nil
	}
	w := &waiter{in: make(chan struct{}), firm: firm}
	g.mu.Lock()
	if g.shedder != nil {
		if err := g.shedder.join(g, w, ctx); err != nil {
			g.mu.Unlock()
			return err
		}
	}
	g.word.Add(uint64(oneWaiting)) // edge gate: pairs with the Add in leave
	g.line.add(w)
	g.admit() // needs store-load: count the waiter, then look for room
	select {
	case <-w.in:
		return w.err
	case <-ctx.Done():
	}
	g.mu.Lock()
	stood := w.stands
	if stood {
		g.line.remove(w)
		g.word.Add(^uint64(oneWaiting - 1))
	}
	g.mu.Unlock()
	if w.err != nil {
		return w.err // refused at the same time
	}
	if !stood {
		g.leave() // let in at the same time
	}
	g.givenUp.Add(1)
	return ctx.Err()
}

// leave makes room for one, and lets the first waiter in. Lock-free while nobody
// waits.
func (g *gate) leave() {
	// edge gate: pairs with the Add in enter, and with the load in admit
	if occupancy(g.word.Add(^uint64(oneInside-1))).waiting() > 0 {
		g.mu.Lock()
		g.admit()
	}
}

// admit lets in those for whom there is room, and tells those that are refused.
// The caller has the lock; admit gives it up.
func (g *gate) admit() {
	for {
		in, more := g.take()
		g.mu.Unlock()
		// A waiter that gives up from here on sees that it has a place, and leaves, or
		// that it was refused.
		for w := in.first; w != nil; {
			next := w.next
			w.prev, w.next = nil, nil // a waiter that is slow to run keeps no other
			close(w.in)
			w = next
		}
		if !more {
			return
		}
		g.mu.Lock()
	}
}

// take gives places to the first in line, as far as there is room, to admitBatch
// at most, and takes them out of it. There may be room for more only if it says
// so. The caller has the lock.
func (g *gate) take() (in line, more bool) {
	if g.shedder != nil {
		return g.shedder.take(g)
	}
	for {
		old := occupancy(g.word.Load()) // edge gate: pairs with the Add in leave
		capacity := g.capacity.Load()
		if old.waiting() == 0 || old.inside() >= capacity {
			return line{}, false
		}
		n := min(old.waiting(), capacity-old.inside(), admitBatch)
		// A place that is left after this is filled by its leaver, which sees
		// those who still wait.
		if g.word.CompareAndSwap(uint64(old), uint64(old)+uint64(n)*uint64(oneInside)-uint64(n)*uint64(oneWaiting)) {
			return g.line.shift(n), n == admitBatch
		}
	}
}

// setCapacity changes how many may be inside. Those that are too many now stay
// until they leave.
func (g *gate) setCapacity(n uint32) {
	g.mu.Lock()
	g.capacity.Store(n)
	g.admit()
}

// figures writes what the gate knows of itself into s.
func (g *gate) figures(s *Stats) {
	s.Waiting = g.waiting()
	if n := g.capacity.Load(); n != unbounded {
		s.Capacity = int(n)
	}
	s.Refused, s.GivenUp = g.refused.Load(), g.givenUp.Load()
	if g.shedder != nil {
		s.Shed = g.shedder.refused.Load()
	}
}

// waiting returns how many wait for room.
func (g *gate) waiting() int { return int(occupancy(g.word.Load()).waiting()) }
