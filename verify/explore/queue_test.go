//go:build lfpoolhooks

package explore

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

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

// segmentCells is lfqueue's; scenarios at a segment's end check that they got
// there.
const segmentCells = 512

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
			*h = append(*h, &operation{"before", "enqueue", -v - 1, true, 2*v - 1<<20, 2*v + 1 - 1<<20, nil})
		}
		return q
	}
}

var queues = []struct {
	name   string
	new    func(h *history) queue
	passes string // a point that some schedule must pass, or the scenario is not what it says
}{
	{"MS", func(*history) queue { return lfqueue.NewMS[int]() }, "ms.enqueue.help"},
	{"Counted", func(*history) queue { return counted{lfqueue.NewCounted[int]()} }, "counted.enqueue.help"},
	{"Counted used", func(*history) queue {
		q := counted{lfqueue.NewCounted[int]()}
		for range 3 {
			q.Enqueue(0)
			q.Dequeue()
		}
		return q
	}, "counted.allocate.take"},
	{"Seg", func(*history) queue { return lfqueue.NewSeg[int]() }, "seg.put.done"},
	{"Seg at a segment's end", segFilled(segmentCells-1, 0), "seg.dequeue.advance"},
	{"Seg at a segment's end, two values in", segFilled(segmentCells-3, 2), "seg.dequeue.advance"},
	// 512 values fill the first segment's cells; the next comes over them again
	// once the 513th has been taken.
	{"Seg over used cells", segFilled(2*segmentCells-1, 0), "seg.segment.spare"},
}

// program is what each goroutine does, a letter for each operation: e, d, ? for
// Empty, or b for two values in one EnqueueAll.
type program []string

// queueScenario runs a program on a queue and wants it linearizable, what is
// left in the queue included.
func queueScenario(newQueue func(h *history) queue, p program, seen map[string]bool) Scenario {
	return Scenario{Setup: func(x *Run) func() error {
		x.onStop = func(point string) { seen[point] = true }
		var h history
		q := newQueue(&h)
		do := func(who string, kind byte, value int) {
			o := &operation{who: who, value: value, call: x.Now()}
			switch kind {
			case 'e':
				o.kind = "enqueue"
				q.Enqueue(value)
			case 'b':
				o.kind = "enqueue"
				second := &operation{who: who, kind: "enqueue", value: value + 100, call: o.call, after: o}
				q.(interface{ EnqueueAll([]int) }).EnqueueAll([]int{value, value + 100})
				second.ret = x.Now()
				defer func() { h = append(h, second) }()
			case 'd':
				o.kind = "dequeue"
				o.value, o.ok = q.Dequeue()
			case '?':
				o.kind = "empty"
				o.ok = q.Empty()
			}
			o.ret = x.Now()
			h = append(h, o)
		}
		for g, ops := range p {
			who := fmt.Sprintf("goroutine %d", g+1)
			x.Go(who, func() {
				for i := range len(ops) {
					if i > 0 {
						x.Stop("call")
					}
					do(who, ops[i], 10*(g+1)+i)
				}
			})
		}
		return func() error {
			for {
				do("afterwards", 'd', 0)
				if !h[len(h)-1].ok {
					return h.linearizable()
				}
			}
		}
	}}
}

func TestQueuesAreLinearizable(t *testing.T) {
	programs := []struct {
		p     program
		bound int
	}{
		{program{"e", "e", "d", "d"}, 2},
		{program{"ee", "ee", "dd", "dd"}, 1},
		{program{"ed", "ed", "ed"}, 2},
		{program{"ee", "d", "?"}, 2},
		{program{"e", "d"}, 6},
	}
	for _, impl := range queues {
		t.Run(impl.name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, c := range programs {
				sc := queueScenario(impl.new, c.p, seen)
				sc.Bound = bounded(c.bound)
				report(t, fmt.Sprint(c.p), sc)
			}
			if !seen[impl.passes] {
				t.Errorf("no schedule came to %s", impl.passes)
			}
		})
	}
}

// TestBatchesAreLinearizable: a batch is so many Enqueues, in its order.
func TestBatchesAreLinearizable(t *testing.T) {
	for _, impl := range queues {
		if !strings.HasPrefix(impl.name, "Seg") {
			continue
		}
		t.Run(impl.name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, p := range []program{{"b", "dd", "dd"}, {"b", "b", "d"}, {"be", "d", "?"}} {
				sc := queueScenario(impl.new, p, seen)
				sc.Bound = bounded(2)
				report(t, fmt.Sprint(p), sc)
			}
			if !seen[impl.passes] {
				t.Errorf("no schedule came to %s", impl.passes)
			}
		})
	}
}

// TestUsedCellsHaveNoGuests: while one operation is stopped somewhere in a
// segment, others go through four segments in one step, so that the segment's
// cells would come up again. They must not, with the slow one still in them.
func TestUsedCellsHaveNoGuests(t *testing.T) {
	for _, slow := range []string{"enqueues", "dequeues"} {
		reused := false
		sc := Scenario{Bound: bounded(3), Setup: func(x *Run) func() error {
			q := segUsed(segmentCells - 2)
			count := map[int]int{}
			quick := false
			put := func(v int) { count[v]++; q.Enqueue(v) }
			take := func() bool {
				v, ok := q.Dequeue()
				if ok {
					count[v]--
				}
				return ok
			}
			x.stops = func(string) bool { return !quick }
			x.onStop = func(point string) { reused = reused || point == "seg.segment.spare" }
			x.Go("slow", func() {
				if slow == "enqueues" {
					put(1)
				} else {
					take()
				}
			})
			x.Go("enqueuer", func() { put(2) })
			x.Go("fast", func() {
				quick = true
				for v := range 4 * segmentCells {
					put(100 + v)
					take()
				}
				quick = false
			})
			return func() error {
				for take() {
				}
				for v, n := range count {
					if n != 0 {
						return fmt.Errorf("value %d came out %d times", v, 1-n)
					}
				}
				return nil
			}
		}}
		report(t, "somebody "+slow+" slowly", sc)
		if !reused {
			t.Error("no schedule came to the end of a segment")
		}
	}
}

var deeper = flag.Int("deeper", 0, "how many preemptions more to explore than usual")

// bounded is for bounds that should be lower with -short and higher with
// -deeper.
func bounded(n int) int {
	if testing.Short() && n <= 2 { // more are for scenarios of few steps
		return min(n, 1)
	}
	return n + *deeper
}

// report explores and says how much there was.
func report(t *testing.T, what string, sc Scenario) Outcome {
	t.Helper()
	out := Explore(t, sc)
	if out.Replayed {
		t.Logf("%s: %v\n%s", what, out.Failure, out.Trace)
		if out.Failure != nil && !errors.Is(out.Failure, errDiverged) {
			t.Fail()
		}
		return out
	}
	if out.Failure != nil {
		t.Fatalf("%s: %v\n%s\nto see it again: LFPOOL_SCHEDULE='%s' and -run for this test", what, out.Failure, out.Trace, out.Schedule)
	}
	if out.Repeated > 0 {
		t.Logf("%s: %d schedules were run again, for the same choices had led elsewhere; %d times the former run was the odd one", what, out.Repeated, out.Resumed)
	}
	t.Logf("%-40s %7d schedules of up to %4d steps, at most %d preemptions, %v", what, out.Schedules, out.Steps, sc.Bound, out.Took.Round(time.Millisecond))
	return out
}
