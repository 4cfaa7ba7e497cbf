//go:build lfpoolhooks

package explore

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"unsafe"

	every "github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/point"
	"github.com/lfpool/lfpool/lfqueue"
)

type queue interface {
	Enqueue(v int)
	Dequeue() (v int, ok bool)
	Empty() bool
}

// counted is the queue of pointers as one of ints.
type counted struct{ *lfqueue.Counted[int] }

func (q counted) Enqueue(v int) { q.Counted.Enqueue(&v) }

func (q counted) Dequeue() (int, bool) {
	v, ok := q.Counted.Dequeue()
	if !ok {
		return 0, false
	}
	return *v, true
}

// segUsed returns a segmented queue after n values have gone through it.
func segUsed(n int) queue {
	q := lfqueue.NewSeg[int]()
	for range n {
		q.Enqueue(0)
		q.Dequeue()
	}
	return q
}

// segFilled returns one with n values in it, all of them 0 from -n on.
func segFilled(used, n int) func(h *history) queue {
	return func(h *history) queue {
		q := segUsed(used)
		for v := range n {
			q.Enqueue(-v - 1)
			*h = append(*h, &operation{"before", "enqueue", -v - 1, true, int64(2*v) - 1<<20, int64(2*v) + 1 - 1<<20, nil})
		}
		return q
	}
}

var queues = []struct {
	name   string
	new    func(h *history) queue
	passes string // a point that some schedule must pass, or the scenario is not what it says
}{
	{"MS", func(*history) queue { return lfqueue.NewMS[int]() }, "MS.Enqueue.tail.CompareAndSwap"},
	{"Counted", func(*history) queue { return counted{lfqueue.NewCounted[int]()} }, "Counted.Enqueue.tail.CompareAndSwap"},
	{"Counted used", func(*history) queue {
		q := counted{lfqueue.NewCounted[int]()}
		for range 3 {
			q.Enqueue(0)
			q.Dequeue()
		}
		return q
	}, "Counted.allocate.free.CompareAndSwap"},
	{"Seg", func(*history) queue { return lfqueue.NewSeg[int]() }, "segment.put.state.Store"},
	{"Seg at a segment's end", segFilled(segmentCells-1, 0), "Seg.Dequeue.head.CompareAndSwap"},
	{"Seg at a segment's end, two values in", segFilled(segmentCells-3, 2), "Seg.Dequeue.head.CompareAndSwap"},
	// 512 values fill the first segment's cells; the next comes over them again
	// once the 513th has been taken.
	{"Seg over used cells", segFilled(2*segmentCells-1, 0), "Seg.segmentWith.spares.Get"},
}

// program is what each goroutine does, a letter for each operation: e, d, ? for
// Empty, or b for two values in one EnqueueAll.
type program []string

// queueScenario runs a program on a queue and wants it linearizable, what is
// left in the queue included. The queue's operations are told to watch.
func queueScenario(newQueue func(h *history) queue, p program, watch func(kind uint8, addr unsafe.Pointer, size uintptr)) func(x *every.Run) {
	return func(x *every.Run) {
		var h history
		atomic.Watch(nil)
		q := newQueue(&h)
		atomic.Watch(watch)
		do := func(who string, kind byte, value int) {
			o := &operation{who: who, value: value}
			x.Call()
			switch kind {
			case 'e':
				o.kind = "enqueue"
				q.Enqueue(value)
			case 'b':
				o.kind = "enqueue"
				q.(interface{ EnqueueAll([]int) }).EnqueueAll([]int{value, value + 100})
			case 'd':
				o.kind = "dequeue"
				o.value, o.ok = q.Dequeue()
			case '?':
				o.kind = "empty"
				o.ok = q.Empty()
			}
			o.call, o.ret = x.Return()
			h = append(h, o)
			if kind == 'b' {
				h = append(h, &operation{who: who, kind: "enqueue", value: value + 100, call: o.call, ret: o.ret, after: o})
			}
		}
		for g, ops := range p {
			who := fmt.Sprintf("goroutine-%d", g+1)
			x.Go(who, func() {
				for i := range len(ops) {
					do(who, ops[i], 10*(g+1)+i)
				}
			})
		}
		x.Check(func() error {
			for {
				do("afterwards", 'd', 0)
				if !h[len(h)-1].ok {
					return h.linearizable()
				}
			}
		})
	}
}

var programs = []program{{"e", "d"}, {"ee", "dd"}, {"ed", "ed"}, {"e", "e", "d"}, {"e", "d", "d"}, {"ee", "d", "?"}, {"e", "e", "d", "d"}}

// bound returns how many preemptions the schedules of a program on a queue are
// limited to where all are too many, or -1. In segments of 512 cells an enqueuer
// and a dequeuer can meet in one cell after the other, 512 times; the tag
// lfpooltiny makes segments of two.
func (p program) bound(queue string) int {
	ops := strings.Join(p, " ")
	switch seg := strings.HasPrefix(queue, "Seg"); {
	case ops == "e e d d", seg && segmentCells > 2 && ops != "ed ed":
		return bounded(2)
	case seg && ops == "e d d", queue == "Counted used" && (ops == "ed ed" || ops == "e e d"):
		return bounded(3)
	}
	return -1
}

// naive has the queues' tests run every schedule of two preemptions at most, also those
// that differ in the order of steps which do not depend on each other: what the reduced
// search finds can be held against that. Over used cells it is one preemption: two take
// ten minutes.
var naive = flag.Bool("naive", false, "explore queues without reduction, with two preemptions at most")

// explored explores a program on a queue with at most bound preemptions, or, if
// that is negative, any number, and notes some of the points that were passed.
func explored(t *testing.T, newQueue func(h *history) queue, p program, bound int, seen map[string]bool) {
	var options []every.Option
	if *naive {
		bound, options = 2, append(options, every.Naive())
		if strings.Contains(t.Name(), "over_used_cells") {
			bound = 1
		}
	}
	if bound >= 0 {
		options = append(options, every.Bound(bound))
	}
	every.Test(t, queueScenario(newQueue, p, every.Step), options...)
	every.Explore(queueScenario(newQueue, p, func(kind uint8, addr unsafe.Pointer, size uintptr) {
		seen[point.Caller()] = true
		every.Step(kind, addr, size)
	}), every.Bound(1))
}

// TestQueuesAreLinearizable: in every schedule, without a bound where none is
// said.
func TestQueuesAreLinearizable(t *testing.T) {
	defer atomic.Watch(nil)
	for _, impl := range queues {
		t.Run(impl.name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, p := range programs {
				t.Run(strings.Join(p, " "), func(t *testing.T) {
					explored(t, impl.new, p, p.bound(impl.name), seen)
				})
			}
			if !seen[impl.passes] && !replaying() {
				t.Errorf("no schedule came to %s", impl.passes)
			}
		})
	}
}

// TestBatchesAreLinearizable: a batch is so many Enqueues, in its order.
func TestBatchesAreLinearizable(t *testing.T) {
	defer atomic.Watch(nil)
	for _, impl := range queues {
		if !strings.HasPrefix(impl.name, "Seg") {
			continue
		}
		t.Run(impl.name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, p := range []program{{"b", "dd", "dd"}, {"b", "b", "d"}, {"be", "d", "?"}} {
				t.Run(strings.Join(p, " "), func(t *testing.T) {
					explored(t, impl.new, p, bounded(2), seen)
				})
			}
			if !seen[impl.passes] && !replaying() {
				t.Errorf("no schedule came to %s", impl.passes)
			}
		})
	}
}

// TestUsedCellsHaveNoGuests: while one operation is stopped somewhere in a
// segment, others go through four segments in one step, so that the segment's
// cells would come up again. They must not, with the slow one still in them. A
// step that is many operations depends on all others, so the search is not
// reduced.
func TestUsedCellsHaveNoGuests(t *testing.T) {
	defer atomic.Watch(nil)
	for _, slow := range []string{"enqueues", "dequeues"} {
		t.Run(slow, func(t *testing.T) {
			seen := map[string]bool{} // in the first run
			every.Test(t, func(x *every.Run) {
				atomic.Watch(nil)
				q := segUsed(segmentCells - 2)
				atomic.Watch(every.Step)
				count := map[int]int{}
				put := func(v int) { count[v]++; q.Enqueue(v) }
				take := func() bool {
					v, ok := q.Dequeue()
					if ok {
						count[v]--
					}
					return ok
				}
				var begin atomic.Bool
				x.Go("slow", func() {
					if slow == "enqueues" {
						put(1)
					} else {
						take()
					}
				})
				x.Go("enqueuer", func() { put(2) })
				x.Go("fast", func() {
					begin.Store(true) // the step that all the rest belongs to
					atomic.Watch(nil)
					if len(seen) == 0 {
						atomic.Watch(func(uint8, unsafe.Pointer, uintptr) { seen[point.Caller()] = true })
					}
					for v := range 4 * segmentCells {
						put(100 + v)
						take()
					}
					atomic.Watch(every.Step)
				})
				x.Check(func() error {
					for take() {
					}
					for v, n := range count {
						if n != 0 {
							return fmt.Errorf("value %d came out %d times", v, 1-n)
						}
					}
					return nil
				})
			}, every.Naive(), every.Bound(bounded(3)))
			if !seen["Seg.segmentWith.spares.Get"] {
				t.Error("no schedule came to the end of a segment")
			}
		})
	}
}

// TestShardsLoseNothing: each value that goes into shards comes out once, by when nobody puts
// any in. They are not linearizable, and do not claim it. Schedules are random: which shard
// a goroutine has depends on where its stack is, so a search from one schedule to the
// next would find another scenario now and then.
func TestShardsLoseNothing(t *testing.T) {
	defer atomic.Watch(nil)
	for _, p := range []program{{"ee", "ee", "dd"}, {"e", "ee", "d", "dd"}, {"ede", "ded", "ed"}} {
		t.Run(strings.Join(p, " "), func(t *testing.T) {
			every.Test(t, func(x *every.Run) {
				atomic.Watch(nil)
				q, came, values := lfqueue.NewSharded[int](2), map[int]int{}, 0
				for range segmentCells - 1 { // so that both are at a segment's end
					q.EnqueueEach(0)
					q.Dequeue()
					q.Dequeue()
				}
				atomic.Watch(every.Step)
				take := func() bool {
					v, ok := q.Dequeue()
					if ok {
						came[v]++
					}
					return ok
				}
				for g, ops := range p {
					values += strings.Count(ops, "e")
					x.Go(fmt.Sprintf("goroutine-%d", g+1), func() {
						for i, op := range ops {
							if op == 'e' {
								q.Enqueue(10*(g+1) + i)
							} else {
								take()
							}
						}
					})
				}
				x.Check(func() error {
					for take() {
					}
					for v, n := range came {
						if n != 1 {
							return fmt.Errorf("value %d came out %d times", v, n)
						}
					}
					if len(came) != values || !q.Empty() {
						return fmt.Errorf("%d of %d values came out; empty: %t", len(came), values, q.Empty())
					}
					return nil
				})
			}, every.PCT(2, 3000, 1))
		})
	}
}

// randomly is how many random schedules each scenario has that is not searched completely.
var randomly = flag.Int("random", 300, "random schedules of each scenario that is searched with a bound")

var deeper = flag.Int("deeper", 0, "how many preemptions more to explore than usual")

// bounded is for bounds that should be lower with -short and higher with
// -deeper.
func bounded(n int) int {
	switch {
	case n == slow && testing.Short():
		return 1
	case n == slow, n == complete:
		return complete
	}
	if testing.Short() && n <= 2 { // more are for scenarios of few steps
		return min(n, 1)
	}
	return n + *deeper
}
