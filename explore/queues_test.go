package explore_test

import (
	"fmt"
	"testing"

	"github.com/anishathalye/porcupine"

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

// pipe is a ring or another queue with a capacity.
type pipe interface {
	Put(v int) bool
	Take() (v int, ok bool)
}

// program runs operations on a queue, a string for each goroutine: p puts, t
// takes.
func program(newQueue func() pipe, model porcupine.Model, goroutines ...string) func(x *explore.Run) {
	return func(x *explore.Run) {
		q := newQueue()
		h := linear.Watch(x, model)
		for g, ops := range goroutines {
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

func ring2() pipe { return newRing(2) }

// TestRing: the values come out of Vyukov's ring first in, first out, each once.
// But Take may find nothing although a value is in: one was put there before,
// by a Put that is not yet done.
func TestRing(t *testing.T) {
	for _, goroutines := range [][]string{{"p", "t"}, {"pp", "tt"}, {"pt", "pt"}, {"p", "p", "t"}, {"p", "p", "t", "t"}} {
		t.Run(fmt.Sprint(goroutines), func(t *testing.T) {
			explore.Test(t, program(ring2, linear.MayFail(linear.Queue(2)), goroutines...))
		})
	}
	failure(t, program(ring2, linear.Queue(2), "p", "p", "t"), nil, "not linearizable", "take: nothing")
}

// TestRingIsTooLongForACompleteSearch: what the bounded search and PCT say of
// such scenarios.
func TestRingIsTooLongForACompleteSearch(t *testing.T) {
	long := program(ring2, linear.MayFail(linear.Queue(2)), "ptpt", "ptpt", "ptpt")
	if r := explore.Explore(long, explore.AtMost(1000)); r.Failure != nil || r.Complete || r.Naive < 1e12 {
		t.Errorf("%v, want an incomplete search", r)
	}
	if r := explore.Test(t, long, explore.Bound(1)); !r.Complete {
		t.Errorf("%v", r)
	}
	if r := explore.Test(t, long, explore.PCT(3, 1000, 1)); r.Complete || r.Missed <= 0 || r.Missed >= 1 {
		t.Errorf("%v", r)
	}
}

// TestStack is the Treiber stack again, with its nodes in a history.
func TestStack(t *testing.T) {
	scenario := func(again bool) func(x *explore.Run) {
		return func(x *explore.Run) {
			var s Stack
			h := linear.Watch(x, linear.Stack(0))
			names := map[*Node]string{}
			push := func(n *Node) { linear.Do(h, linear.Put{V: names[n]}, func() bool { s.Push(n); return true }) }
			pop := func() (n *Node) {
				linear.Do(h, linear.Take{}, func() linear.Taken {
					n = s.Pop()
					return linear.Taken{V: names[n], OK: n != nil}
				})
				return n
			}
			names[nil] = "nil"
			for _, name := range []string{"B", "A"} {
				n := new(Node)
				names[n] = name
				push(n)
			}
			x.Go("slow", func() { pop() })
			x.Go("fast", func() {
				n := pop()
				pop()
				if again && n != nil {
					push(n)
				}
			})
			x.Check(func() error { // what is left
				for range 3 {
					if pop() == nil {
						break
					}
				}
				return nil
			})
		}
	}
	explore.Test(t, scenario(false))
	r := failure(t, scenario(true), nil, "not linearizable")
	if r.Failure.Schedule != "slow>Stack.Pop.CompareAndSwap fast slow" || r.Failure.Preemptions != 1 || !r.Failure.Fewest {
		t.Errorf("%+v", r.Failure)
	}
	t.Logf("%v\n%s", r.Failure, r.Failure.Trace)
}
