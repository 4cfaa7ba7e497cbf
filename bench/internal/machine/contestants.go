package machine

import (
	"slices"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// unseen are the parts of baseline's tables that are not made of the library's
// atomics, or wait by yielding the processor, which the machine does not see.
var unseen = []string{"xsync", "xsync-ring", "chan", "spin"}

// Contestants lists the pools that can be simulated. Their workers do not linger:
// before a worker does it asks the Go runtime how many goroutines wait, and would
// be told of the real machine.
func Contestants() []baseline.Contestant {
	cs := []baseline.Contestant{
		{Name: "go", Doc: "the go statement", New: baseline.All[0].New},
		{Name: "lfpool", Doc: "lfpool without lingering", New: with()},
		{Name: "handoff", Doc: "each task handed to a parked worker", New: with(pool.WithHandOff())},
	}
	for _, q := range baseline.TaskQueues {
		if q.Name != "seg" && !slices.Contains(unseen, q.Name) {
			cs = append(cs, baseline.Contestant{Name: "tasks-" + q.Name, Doc: "tasks in " + q.Doc, New: with(pool.WithTaskQueue(q.New))})
		}
	}
	for _, q := range baseline.IdleQueues {
		if q.Name != "seg" && !slices.Contains(unseen, q.Name) {
			cs = append(cs, baseline.Contestant{Name: "idle-" + q.Name, Doc: "parked workers in " + q.Doc, New: with(pool.WithIdleQueue(q.New))})
		}
	}
	return append(cs, baseline.Contestant{Name: "multi-rr", Doc: "four lfpools, tasks in turn", New: func() baseline.Pool {
		return multi.New(4, multi.RoundRobin, pool.WithLinger(false))
	}})
}

func with(opts ...pool.Option) func() baseline.Pool {
	return func() baseline.Pool { return pool.New(append(opts, pool.WithLinger(false))...) }
}

// A Queue is what producers and consumers meet at.
type Queue interface {
	Enqueue(v *int)
	Dequeue() (v *int, ok bool)
}

// A QueueEntry is a queue that can be simulated.
type QueueEntry struct {
	Name, Doc string
	New       func() Queue
}

// Queues lists those that can be simulated.
var Queues = []QueueEntry{
	{"seg", "segments with fetch-and-add inside", func() Queue { return lfqueue.NewSeg[*int]() }},
	{"sharded", "eight segmented queues side by side", func() Queue { return lfqueue.NewSharded[*int](8) }},
	{"ms", "Michael and Scott's non-blocking queue, a new node for each value", func() Queue { return lfqueue.NewMS[*int]() }},
	{"ms-counted", "the same as published, counted indices, nodes used again", func() Queue { return lfqueue.NewCounted[int]() }},
	{"two-lock", "Michael and Scott's two-lock queue", func() Queue { return baseline.NewTwoLock[*int](true) }},
}
