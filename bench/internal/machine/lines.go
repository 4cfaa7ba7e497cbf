package machine

import (
	"math"
	"math/bits"
)

// lineSize is that of all models, in bytes.
const lineSize = 64

// MaxProcessors is how many a line can note.
const MaxProcessors = 512

// A set is a set of processors.
type set [MaxProcessors / 64]uint64

func (s *set) add(p int)      { s[p/64] |= 1 << (p % 64) }
func (s *set) has(p int) bool { return s[p/64]&(1<<(p%64)) != 0 }

func (s *set) each(f func(p int)) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			f(64*i + bits.TrailingZeros64(word))
		}
	}
}

// A line is a cache line: its holders, and whether one of them alone may write.
//
//	modified or exclusive  one holder, owned
//	shared                 holders, not owned
//	invalid everywhere     no holders: in the last-level cache if it was ever
//	                       held, else with whoever asks first, who has allocated it
type line struct {
	holders set
	held    bool    // some processor holds it
	known   bool    // some processor has held it
	owned   bool    // by owner, its only holder
	owner   int     // or who had it last
	free    float64 // when it can next be moved
}

// Kinds of operations, as internal/atomic reports them.
const (
	load  = 1
	store = 2
)

// cost is what an operation does: how long it takes its processor, for how long
// it keeps the line from others, and whether it moves it.
type cost struct {
	takes, keeps float64
	moved, cold  bool
}

// costOf is what kind of operation by p on l costs.
func (m *Model) costOf(l *line, p int, kind uint8) cost {
	if m.FarEvery > 0 && kind != load {
		return m.far(l, p, kind)
	}
	switch {
	case kind == load && l.held && l.holders.has(p):
		return cost{takes: m.Hit}
	case l.owned && l.owner == p:
		return cost{takes: m.Atomic, keeps: m.Atomic}
	}
	takes, others := m.fetch(l, p, kind != load)
	switch {
	case !others && l.held: // the only holder
		return cost{takes: m.Atomic, keeps: m.Atomic}
	case !others && l.known:
		takes = m.Near
	case !others:
		takes = 0
	}
	c := cost{takes: takes + m.Hit, keeps: takes, moved: l.known, cold: !l.known}
	if kind != load {
		c.takes, c.keeps = takes+m.Atomic, takes+m.Atomic
	} else if l.held && !l.owned {
		c.keeps = 0 // copies of a shared line are made side by side
	}
	return c
}

// far is costOf for operations that are made in the last-level cache. A line that
// one processor alone holds is written there.
func (m *Model) far(l *line, p int, kind uint8) cost {
	if l.owned && l.owner == p {
		return cost{takes: m.Atomic, keeps: m.Atomic}
	}
	if !l.known {
		return cost{takes: m.Atomic, keeps: m.FarEvery, cold: true}
	}
	takes := m.Near + m.FarEvery
	if kind == store {
		takes = m.Hit // the processor goes on: a store is no exchange there
	}
	return cost{takes: takes, keeps: m.FarEvery, moved: true}
}

// fetch is how long it takes to get l to p from the nearest holder, and if p is
// to be the only one also to have the farthest let go of it.
func (m *Model) fetch(l *line, p int, alone bool) (takes float64, others bool) {
	nearest, farthest := math.Inf(1), 0.0
	if l.held {
		l.holders.each(func(q int) {
			if q != p {
				others = true
				d := m.distance(p, q)
				nearest, farthest = min(nearest, d), max(farthest, d)
			}
		})
	}
	if alone {
		return farthest, others
	}
	return nearest, others
}

// touch has l held as it is after the operation.
func (m *Model) touch(l *line, p int, kind uint8) {
	switch {
	case m.FarEvery > 0 && kind != load && l.known && !(l.owned && l.owner == p):
		*l = line{known: true, owner: p, free: l.free} // in the last-level cache alone
	case kind == load:
		l.owned = l.owned && l.owner == p || !l.held
		if l.owned {
			l.owner = p
		}
		l.holders.add(p)
		l.held, l.known = true, true
	default:
		l.holders = set{}
		l.holders.add(p)
		l.owned, l.owner, l.held, l.known = true, p, true, true
	}
}

// A heap gives the addresses of a processor's small objects.
type heap struct{ next uintptr }

// allocate returns a place for an object in the allocator's size classes below a
// line: no object lies across two.
func (h *heap) allocate(size uintptr, p int) uintptr {
	class := uintptr(8)
	for _, c := range []uintptr{16, 24, 32, 48, 64} {
		if class < size {
			class = c
		}
	}
	if h.next == 0 {
		h.next = uintptr(p+1) << 40
	}
	at := h.next
	if at%lineSize+class > lineSize {
		at += lineSize - at%lineSize
	}
	h.next = at + class
	return at
}
