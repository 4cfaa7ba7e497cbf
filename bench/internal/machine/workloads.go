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

// QueueWorkload is the name of producers and consumers at a queue.
const QueueWorkload = "queue"

// Docs tells by name what is simulated.
func Docs() map[string]string {
	all := map[string]string{QueueWorkload: "as many producers as consumers, each on a processor, pass values through a queue"}
	for _, q := range Queues {
		all[q.Name] = q.Doc
	}
	for _, w := range Workloads {
		all[w.Name] = w.Doc
	}
	for _, c := range Contestants() {
		all[c.Name] = c.Doc
	}
	return all
}

// QueueNames lists the queues by name.
func QueueNames() (names []string) {
	for _, q := range Queues {
		names = append(names, q.Name)
	}
	return names
}
