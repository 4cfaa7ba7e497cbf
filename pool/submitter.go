package pool

import (
	"unsafe"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/home"
)

// A submitter's home is the lane to which it submits. It follows from the address of its
// stack by a hash, which costs 1 ns, and which gives some submitters the same lane. Two that
// each wait for their tasks are then served one after the other. So one of the two moves
// to a lane that nobody uses, as a thread that meets another in a striped counter does
// (java.util.concurrent.atomic.Striped64).
//
// A lane notes who submitted last, and who before. Two that are busy at the same time
// are told from many that come and go by that they come back: after one other, the
// submitter is again the one that is noted. Where many share a lane, as hundreds of
// callers a processor do, each has been forgotten when it comes again, and nobody moves.
//
// Nothing relies on that: a submitter may choose a lane anew for each task. So what is
// noted is written by loads and stores, and some of it is lost.

// moves is how far submitters have moved from the lanes of their hashes, by other bits of
// the hash. The next goroutine on a stack begins where the one before has moved to, which
// is as good as any.
type moves [1 << 10]atomic.Uint32

func (m *moves) of(id uint64) *atomic.Uint32 { return &m[id>>1%uint64(len(m))] }

const (
	// stackHash is a factor by which stacks of one size that lie side by side, as
	// those of goroutines do that are started together, come to different lanes: of
	// 2, 4, ... 64 stacks of 2 to 256 KiB no two share a lane of four times as many
	// (TestStacksSideBySide). By random numbers 12 % would, and the golden ratio is
	// good for one size alone. Found by trying 20 million.
	stackHash = 0x363effbe70bc6817

	idBits = 24
	idMask = 1<<idBits - 1
	// movesAt is how often submitters come back to a lane until one moves.
	movesAt = 2
	// pause is how often they come back after a vain look before the next.
	pause = 1000
	// moveTries is how many lanes it looks at.
	moveTries = 8
)

// homeLane returns the lane of the calling goroutine.
//
// Unsafe, but only to look at an address, which is never used as one.
func (p *Pool) homeLane() *lane {
	var here byte
	return p.homeOf(uint64(uintptr(unsafe.Pointer(&here))) >> 11) // stacks are 2 KiB or more
}

// homeOf returns the lane of the goroutine on the stack.
func (p *Pool) homeOf(stack uint64) *lane {
	mask := p.spread.Load()
	if mask == 0 {
		return p.lane(0)
	}
	i, id := hashed(stack, mask), idOf(stack)
	if m := p.moved.Load(); m != nil { // edge moved: pairs with the CAS in Pool.move
		i += m.of(id).Load()
	}
	l := p.lane(int(home.Of(i) & mask))
	if last := l.submitters.Load() & idMask; last == id {
		return l
	}
	return p.meet(l, id, i, mask)
}

// hashed returns one of mask + 1 lanes.
func hashed(stack uint64, mask uint32) uint32 {
	return uint32(stack * stackHash >> 32 * uint64(mask+1) >> 32)
}

// idOf returns what tells a stack's submitter from others: bits of the hash that the
// lane has not.
func idOf(stack uint64) uint64 { return stack*stackHash>>(32-idBits)&idMask | 1 }

// meet notes a submitter that is not the one that submitted to l last, and returns the
// lane that it is to use: another if it comes back to this one over and over, and so
// does somebody else. i is what the submitter's lane is made from.
//
//go:noinline
func (p *Pool) meet(l *lane, id uint64, i, mask uint32) *lane {
	noted := l.submitters.Load()
	last, before, back := noted&idMask, noted>>idBits&idMask, noted>>(2*idBits)
	if id == before && l.calls.Load() {
		back++
	}
	to := l
	if uint16(back) == movesAt {
		if to, back = p.move(l, id, i, mask), 0; to == l {
			back -= pause
		}
	}
	l.submitters.Store(back<<(2*idBits) | last<<idBits | id)
	return to
}

// move returns a lane that nobody seems to use for a submitter whose lane is l, and has
// the submitter use it from now on; or l if it finds none.
func (p *Pool) move(l *lane, id uint64, i, mask uint32) *lane {
	for n := range uint32(moveTries) {
		by := (n + 1) * uint32(id)
		to := p.at[(i+by)&mask].Load()
		if to != nil && to.isUsed() {
			continue
		}
		if p.moved.Load() == nil {
			// Not retried: if it fails somebody else has done it. edge moved: pairs with the load in Pool.homeOf
			p.moved.CompareAndSwap(nil, new(moves))
		}
		p.moved.Load().of(id).Add(by)
		return p.lane(int((i + by) & mask))
	}
	return l
}

// isUsed reports whether somebody seems to submit to l.
func (l *lane) isUsed() bool {
	if l.submitters.Load() != 0 {
		return true
	}
	return l.search.Load() != none || !l.tasks.Empty()
}

// forget has lanes count as unused until somebody submits to them.
func (p *Pool) forget() {
	for _, l := range p.all() {
		if l.submitters.Load() != 0 {
			l.submitters.Store(0)
		}
	}
}
