package main

import "github.com/lfpool/lfpool/internal/baseline"

// A workload is a way of submitting tasks and waiting for them.
type workload struct {
	name, doc string
	// bind prepares the workload on a pool, for a GOMAXPROCS value.
	bind func(p baseline.Pool, procs int) load
}

// A load is a workload bound to a pool. All that it submits is prepared, so
// that what a sample allocates is the pool's or the task's own.
type load struct {
	// tasks is the number of tasks in one iteration.
	tasks int
	// run does n iterations. When it returns, every task has run to its end
	// exactly once: a task that is lost hangs run, one that runs twice makes
	// its WaitGroup panic.
	run func(n int)
}

// workloads lists what is measured, in this order. Those that leave many idle
// workers behind come last: every garbage collection scans their stacks until
// they retire.
var workloads = []workload{
	{"wait", "one task, waited for before the next", burst(1, shallow)},
	{"burst100", "100 tasks, then wait for all", burst(100, shallow)},
	{"parallel", "8 x GOMAXPROCS producers, each 32 tasks, then wait for its own", produce(flood(shallow))},
	{"wait-deep", "wait, each task recursing 60 frames", burst(1, deep)},
	{"burst100-deep", "burst100, each task recursing 60 frames", burst(100, deep)},
	{"parallel-deep", "parallel, each task recursing 60 frames", produce(flood(deep))},
	{"json", "2 x GOMAXPROCS producers, each 16 tasks that parse and hash a JSON document of 3 KB", produce(served)},
	{"mixed", "4 producers, each 500 tasks: 64 % shallow, 30 % deep, 5 % json, 1 % sleep, shuffled", produce(mixed)},
	{"sleep1ms", "10 000 tasks that sleep 1 ms, then wait for all", burst(10_000, nap)},
	{"burst10k", "10 000 tasks, then wait for all", burst(10_000, shallow)},
	{"burst10k-deep", "burst10k, each task recursing 60 frames", burst(10_000, deep)},
}
