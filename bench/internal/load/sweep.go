package load

import (
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
)

// Depths are the frames of the depth sweep: a frame takes 150 bytes or so, and
// a new stack has 2 KiB.
var Depths = []int{1, 2, 5, 10, 15, 30, 60, 100, 200, 500, 1000}

// Sizes are the lengths of shallow tasks in the size sweep.
var Sizes = []time.Duration{0, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000}

// Sleeps are how long tasks wait in the sleep sweep.
var Sleeps = []time.Duration{0, 100_000, 1_000_000, 10_000_000}

// ways are the loads under which sweeps are made.
var ways = []struct {
	name, doc string
	bind      func(work func()) func(baseline.Pool, int) Load
}{
	{"wait", "one task, waited for before the next", func(work func()) func(baseline.Pool, int) Load { return burst(1, work) }},
	{"burst", "100 tasks, then wait for all", func(work func()) func(baseline.Pool, int) Load { return burst(100, work) }},
	{"parallel", "8 x GOMAXPROCS producers, each 32 tasks, then wait for its own", flood},
}

// Ways names the loads under which sweeps are made.
func Ways() []string {
	var names []string
	for _, w := range ways {
		names = append(names, w.name)
	}
	return names
}

// The sweeps are named for what varies and for the load.
const (
	DepthSweep = "depth-" // one call, X frames deep
	SizeSweep  = "size-"  // X nanoseconds of computing in one frame
	SleepSweep = "sleep-" // X nanoseconds of sleep, as tasks wait on something else
)

// Sweeps lists, under each load, tasks of every depth, size and sleep.
func Sweeps() []Workload {
	var ws []Workload
	for _, way := range ways {
		for _, depth := range Depths {
			ws = append(ws, Workload{Name: DepthSweep + way.name, Doc: "tasks of X frames; " + way.doc, X: float64(depth), Bind: way.bind(frames(depth))})
		}
		for _, size := range Sizes {
			ws = append(ws, Workload{Name: SizeSweep + way.name, Doc: "tasks that compute for X ns; " + way.doc, X: float64(size), Bind: way.bind(func() { Spin(size) })})
		}
		for _, sleep := range Sleeps {
			ws = append(ws, Workload{Name: SleepSweep + way.name, Doc: "tasks that sleep for X ns; " + way.doc, X: float64(sleep), Least: sleep, Bind: way.bind(func() { time.Sleep(sleep) })})
		}
	}
	return ws
}

// frames makes a task that recurses so many frames.
func frames(n int) func() { return func() { descend(n, 1) } }
