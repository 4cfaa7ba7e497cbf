package machine

// A Workload is a way of submitting tasks and waiting for them: the one of that
// name in bench/internal/load, with waiting that the machine sees.
type Workload struct {
	Name, Doc string
	// producers is how many goroutines submit on so many processors, batch how
	// many tasks each has at a time.
	producers func(processors int) int
	batch     int
	work      float64 // nanoseconds that a task computes
}

// Workloads lists those that can be simulated.
var Workloads = []Workload{
	{Name: "parallel", Doc: "8 producers a processor, each 32 tasks, then wait for its own", producers: func(n int) int { return 8 * n }, batch: 32},
	{Name: "parallel-1us", Doc: "parallel, each task computing for 1 us", producers: func(n int) int { return 8 * n }, batch: 32, work: 1000},
	{Name: "callers", Doc: "a caller a processor, each submits one task and waits for it", producers: func(n int) int { return n }, batch: 1},
	{Name: "callers-2us", Doc: "callers, each task computing for 2 us", producers: func(n int) int { return n }, batch: 1, work: 2000},
	{Name: "burst100", Doc: "100 tasks from one goroutine, then wait for all", producers: func(int) int { return 1 }, batch: 100},
}

// A Trial is one run of a machine.
type Trial struct {
	Model      Model
	Processors int
	Operations int
	// Seed is of the random part of the times between atomics, without which
	// goroutines could keep step for ever as they do on no machine.
	Seed int
}
