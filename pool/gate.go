package pool

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lfpool/lfpool/internal/hook"
	"github.com/lfpool/lfpool/padded"
)

// gate bounds how many accepted tasks have not ended. Whoever finds no room
// waits in a line and is served in order. Only pools with a backlog bound have
// one.
//
// Who enters does so by one CAS as long as nobody waits. Who leaves sees in the
// very word that it changes whether somebody waits, and then serves the line
// under the lock. Either the leaver's step is first: then the waiter, which
// looks at the word after it has counted itself, sees the room; or the waiter's
// is: then the leaver sees the waiter. What is passed on is a count of free
// places and not a place, so a waiter that gives up takes nothing with it.
type gate struct {
	word     padded.Uint64 // an occupancy
	capacity atomic.Uint32 // written under mu

	mu   sync.Mutex
	line []chan struct{} // guarded by mu: first come, first served; closed when let in
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
		if hook.On {
			hook.At("gate.enter.load")
		}
		old := occupancy(g.word.Load())
		if old.waiting() > 0 || old.inside() >= g.capacity.Load() {
			return false
		}
		if hook.On {
			hook.At("gate.enter.take")
		}
		if g.word.CompareAndSwap(uint64(old), uint64(old+oneInside)) {
			return true
		}
	}
}

// enter waits for room. If ctx is done first it returns its error, and the
// caller has not entered.
func (g *gate) enter(ctx context.Context) error {
	if g.tryEnter() {
		return nil
	}
	in := make(chan struct{})
	if hook.On {
		hook.At("gate.wait")
	}
	g.mu.Lock()
	g.word.Add(uint64(oneWaiting)) // edge gate: pairs with the Add in leave
	g.line = append(g.line, in)
	g.admit() // needs store-load: count the waiter, then look for room
	g.mu.Unlock()
	select {
	case <-in:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	i := slices.Index(g.line, in)
	if i >= 0 {
		g.line = slices.Delete(g.line, i, i+1)
		g.word.Add(^uint64(oneWaiting - 1))
	}
	g.mu.Unlock()
	if i < 0 {
		g.leave() // let in at the same time
	}
	return ctx.Err()
}

// leave makes room for one, and lets in who waits for it. Lock-free while
// nobody waits.
func (g *gate) leave() {
	if hook.On {
		hook.At("gate.leave")
	}
	// edge gate: pairs with the Add in enter, and with the load in admit
	if occupancy(g.word.Add(^uint64(oneInside-1))).waiting() > 0 {
		if hook.On {
			hook.At("gate.admit")
		}
		g.mu.Lock()
		g.admit()
		g.mu.Unlock()
	}
}

// admit lets in those for whom there is room. The caller has the lock.
func (g *gate) admit() {
	for len(g.line) > 0 {
		old := occupancy(g.word.Load()) // edge gate: pairs with the Add in leave
		if old.inside() >= g.capacity.Load() {
			return
		}
		if g.word.CompareAndSwap(uint64(old), uint64(old+oneInside-oneWaiting)) {
			close(g.line[0])
			g.line[0] = nil
			g.line = g.line[1:]
		}
	}
	g.line = nil // else its array would move on through memory for ever
}

// setCapacity changes how many may be inside. Those that are too many now stay
// until they leave.
func (g *gate) setCapacity(n uint32) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.capacity.Store(n)
	g.admit()
}

// waiting returns how many wait for room.
func (g *gate) waiting() int { return int(occupancy(g.word.Load()).waiting()) }
