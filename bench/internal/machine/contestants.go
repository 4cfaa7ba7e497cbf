package machine

import (
	"slices"

	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// unseen are the parts of baseline's tables that are not made of the library's
// atomics, or wait by yielding the processor, which the machine does not see.
var unseen = []string{"xsync", "xsync-ring", "chan", "spin"}

// Contestants lists the pools that can be simulated on so many processors. Their
// workers do not linger: before a worker does it asks the Go runtime how many
// goroutines wait, and would be told of the real machine.
func Contestants(processors int) []baseline.Contestant {
	n := baseline.Lanes(processors)
	cs := []baseline.Contestant{
		{Name: "go", Doc: "the go statement", New: baseline.All[0].New},
		{Name: "lfpool", Doc: "lfpool without lingering", New: with(pool.WithLanes(n))},
		{Name: "lanes-1", Doc: "lfpool with one wake chain, and one task queue, for all submitters", New: oneLane},
		{Name: "lanes-1-sharded", Doc: "lfpool with one wake chain over eight segmented queues", New: oneLaneSharded},
		{Name: "handoff", Doc: "each task handed to a parked worker", New: handOff},
	}
	for _, q := range baseline.TaskQueues {
		if q.Name != "seg" && q.Name != "sharded" && !slices.Contains(unseen, q.Name) {
			cs = append(cs, baseline.Contestant{Name: "tasks-" + q.Name, Doc: "tasks in " + q.Doc, New: with(pool.WithTaskQueue(q.New), pool.WithLanes(n))})
		}
	}
	for _, q := range baseline.IdleQueues {
		if q.Name != "seg" && !slices.Contains(unseen, q.Name) {
			cs = append(cs, baseline.Contestant{Name: "idle-" + q.Name, Doc: "parked workers in " + q.Doc, New: with(pool.WithIdleQueue(q.New), pool.WithLanes(n))})
		}
	}
	return append(cs, baseline.Contestant{Name: "multi-rr", Doc: "four lfpools of a lane each, tasks in turn", New: func() baseline.Pool {
		return multi.New(4, multi.RoundRobin, pool.WithLinger(false), pool.WithLanes(1))
	}})
}

func with(opts ...pool.Option) func() baseline.Pool {
	return func() baseline.Pool { return pool.New(append(opts, pool.WithLinger(false))...) }
}

// Queues lists those that can be simulated.
var Queues = append(slices.DeleteFunc(slices.Clone(measure.Queues), func(q measure.Entry) bool {
	return !slices.Contains([]string{"seg", "ms", "ms-counted", "two-lock"}, q.Name)
}),
	measure.Entry{Name: "sharded", Doc: "eight segmented queues side by side", New: func() measure.Queue { return lfqueue.NewSharded[*int](8) }})

func queueNamed(name string) func() measure.Queue {
	return Queues[slices.IndexFunc(Queues, func(q measure.Entry) bool { return q.Name == name })].New
}
