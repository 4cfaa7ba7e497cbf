package load

import (
	"sync"

	"golang.org/x/sys/cpu"

	"github.com/lfpool/lfpool/internal/baseline"
)

// burst submits size tasks from one goroutine and waits for them.
func burst(size int, work func()) func(baseline.Pool, int) Load {
	return func(p baseline.Pool, _ int) Load {
		var wg sync.WaitGroup
		task := func() {
			work()
			wg.Done()
		}
		return Load{Tasks: size, Run: func(n int) {
			for range n {
				wg.Add(size)
				for range size {
					p.Go(task)
				}
				wg.Wait()
			}
		}}
	}
}

// produce starts one producer for each list that lists returns. In each
// iteration a producer submits the whole of its list and waits for it; it does
// not wait for other producers.
func produce(lists func(procs int) [][]func()) func(baseline.Pool, int) Load {
	return func(p baseline.Pool, procs int) Load {
		var (
			producing  sync.WaitGroup
			iterations int // written by run, read by the producers it starts
			producers  []func()
			tasks      int
		)
		for _, list := range lists(procs) {
			var own struct { // on lines of its own, since producers share nothing but the pool
				_ cpu.CacheLinePad
				sync.WaitGroup
				_ cpu.CacheLinePad
			}
			wg := &own.WaitGroup
			prepared := make([]func(), len(list))
			for i, work := range list {
				prepared[i] = func() {
					work()
					wg.Done()
				}
			}
			tasks += len(prepared)
			producers = append(producers, func() {
				for range iterations {
					wg.Add(len(prepared))
					for _, task := range prepared {
						p.Go(task)
					}
					wg.Wait()
				}
				producing.Done()
			})
		}
		return Load{Tasks: tasks, Run: func(n int) {
			iterations = n
			producing.Add(len(producers))
			for _, producer := range producers {
				go producer()
			}
			producing.Wait()
		}}
	}
}

// flood is many producers of one kind of task.
func flood(work func()) func(procs int) [][]func() {
	const (
		producersPerProc = 8
		batch            = 32
	)
	return func(procs int) [][]func() {
		lists := make([][]func(), producersPerProc*procs)
		for i := range lists {
			for range batch {
				lists[i] = append(lists[i], work)
			}
		}
		return lists
	}
}

// equal gives each of a number of producers as many tasks.
func equal(producers, each int, work func()) func(int) [][]func() {
	return func(int) [][]func() {
		lists := make([][]func(), producers)
		for i := range lists {
			lists[i] = make([]func(), each)
			for j := range lists[i] {
				lists[i][j] = work
			}
		}
		return lists
	}
}
