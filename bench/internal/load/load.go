// Package load has the workloads: ways of submitting tasks and waiting for
// them, and what the tasks do.
package load

import (
	"slices"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
)

// A Workload is a way of submitting tasks and waiting for them. Those of a
// sweep have one name, and differ in X.
type Workload struct {
	Name, Doc string
	X         float64
	// Least is how long an iteration takes at least, where that is long: about, of the
	// contestants together.
	Least time.Duration
	// Warm is how many iterations bring it to its steady state, where that is more than
	// one: the tasks of an iteration need workers that are started, and used once, by and
	// by.
	Warm int
	// Bind prepares the workload on a pool, for a GOMAXPROCS value.
	Bind func(p baseline.Pool, procs int) Load
}

// A Load is a workload bound to a pool. All that it submits is prepared, so
// that what a sample allocates is the pool's or the task's own; but callers-fresh
// and ask make a func for each task, as programs do.
type Load struct {
	// Tasks is the number of tasks in one iteration.
	Tasks int
	// Run does n iterations. When it returns, every task has run to its end, or to
	// its answer, exactly once: a task that is lost hangs Run, one that runs twice
	// makes its WaitGroup panic, or gives a later call the wrong answer.
	Run func(n int)
}

// Main lists what a run measures unless it is told otherwise, in this order.
// Those that leave many idle workers behind come last: every garbage
// collection scans their stacks until they retire.
var Main = []Workload{
	{Name: "wait", Doc: "one task, waited for before the next", Bind: burst(1, shallow)},
	{Name: "burst100", Doc: "100 tasks, then wait for all", Bind: burst(100, shallow)},
	{Name: "parallel", Doc: "8 x GOMAXPROCS producers, each 32 tasks, then wait for its own", Bind: flood(shallow)},
	{Name: "callers", Doc: "a caller a processor, each submits one task and waits for it", Bind: callers(1, shallow)},
	{Name: "callers-2us", Doc: "callers, each task computing for 2 us", Bind: callers(1, func() { Spin(2 * time.Microsecond) })},
	{Name: "callers-10us", Doc: "callers, each task computing for 10 us", Bind: callers(1, func() { Spin(10 * time.Microsecond) })},
	{Name: "callers-fresh", Doc: "callers, each call with a channel and a func of its own", Bind: call(fresh)},
	{Name: "callers8", Doc: "8 callers a processor, each submits one task and waits for it", Bind: callers(8, shallow)},
	{Name: "ask", Doc: "a caller a processor, each submits a task that answers through a channel, and waits for the answer or a timer", Bind: call(timed)},
	{Name: "wait-deep", Doc: "wait, each task recursing 60 frames", Bind: burst(1, Deep)},
	{Name: "burst100-deep", Doc: "burst100, each task recursing 60 frames", Bind: burst(100, Deep)},
	{Name: "parallel-deep", Doc: "parallel, each task recursing 60 frames", Bind: flood(Deep)},
	{Name: "json", Doc: "2 x GOMAXPROCS producers, each 16 tasks that parse and hash a JSON document of 3 KB", Bind: produce(served)},
	{Name: "mixed", Doc: "4 producers, each 500 tasks: 64 % shallow, 30 % deep, 5 % json, 1 % sleep, shuffled", Bind: produce(mixed)},
	{Name: "sleep1ms", Doc: "10 000 tasks that sleep 1 ms, then wait for all", Least: 15 * time.Millisecond, Warm: 15, Bind: burst(10_000, nap)},
	{Name: "burst10k", Doc: "10 000 tasks, then wait for all", Bind: burst(10_000, shallow)},
	{Name: "burst10k-deep", Doc: "burst10k, each task recursing 60 frames", Least: 15 * time.Millisecond, Bind: burst(10_000, Deep)},
}

// Named returns those of ws with one of the names.
func Named(ws []Workload, names ...string) []Workload {
	return slices.DeleteFunc(slices.Clone(ws), func(w Workload) bool { return !slices.Contains(names, w.Name) })
}
