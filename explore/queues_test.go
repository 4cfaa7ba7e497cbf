package explore_test

import (
	"fmt"
	"testing"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
	"github.com/lfpool/lfpool/explore/linear"
)

// ring is Vyukov's bounded queue for many producers and consumers (2010).
type ring struct {
	cells      []cell
	head, tail atomic.Uint64
}

type cell struct {
	turn  atomic.Uint64
	value int
}

func newRing(capacity int) *ring {
	r := &ring{cells: make([]cell, capacity)}
	for i := range r.cells {
		r.cells[i].turn.Store(uint64(i))
	}
	return r
}

func (r *ring) Put(v int) bool {
	for {
		at := r.tail.Load()
		c := &r.cells[at%uint64(len(r.cells))]
		switch turn := c.turn.Load(); {
		case turn == at:
			if r.tail.CompareAndSwap(at, at+1) {
				c.value = v
				c.turn.Store(at + 1)
				return true
			}
		case turn < at:
			return false
		}
	}
}

func (r *ring) Take() (v int, ok bool) {
	for {
		at := r.head.Load()
		c := &r.cells[at%uint64(len(r.cells))]
		switch turn := c.turn.Load(); {
		case turn == at+1:
			if r.head.CompareAndSwap(at, at+1) {
				v = c.value
				c.turn.Store(at + uint64(len(r.cells)))
				return v, true
			}
		case turn < at+1:
			return 0, false
		}
	}
}

// bounded is a queue with a capacity.
type bounded interface {
	Put(v int) bool
	Take() (v int, ok bool)
}

// queueScenario runs a program, a string for each goroutine: p puts, t takes.
func queueScenario(capacity int, newQueue func() bounded, program ...string) func(x *explore.Run) {
	return func(x *explore.Run) {
		q := newQueue()
		h := linear.Watch(x, linear.Queue(capacity))
		for g, ops := range program {
			x.Go(ops, func() {
				for i, op := range ops {
					if v := 10*(g+1) + i; op == 'p' {
						linear.Do(h, linear.Put{V: v}, func() bool { return q.Put(v) })
					} else {
						linear.Do(h, linear.Take{}, func() linear.Taken {
							v, ok := q.Take()
							return linear.Taken{V: v, OK: ok}
						})
					}
				}
			})
		}
	}
}

func TestRing(t *testing.T) {
	for _, program := range [][]string{{"p", "t"}, {"pp", "tt"}, {"pt", "pt"}, {"p", "p", "t"}, {"p", "p", "t", "t"}} {
		t.Run(fmt.Sprint(program), func(t *testing.T) {
			r := explore.Explore(queueScenario(2, func() bounded { return newRing(2) }, program...))
			t.Log(r)
			if r.Failure != nil {
				t.Log(r.Failure, r.Failure.Trace)
			}
		})
	}
}
