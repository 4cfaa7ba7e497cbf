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

// producers has so many a processor, each with so many tasks, which do one work after the
// other, over and over.
func producers(perProc, each int, works ...func()) func(procs int) [][]func() {
	return func(procs int) [][]func() {
		lists := make([][]func(), perProc*procs)
		for i := range lists {
			for j := range each {
				lists[i] = append(lists[i], works[j%len(works)])
			}
		}
		return lists
	}
}

// flood is many producers of one kind of task.
func flood(work func()) func(baseline.Pool, int) Load { return produce(producers(8, 32, work)) }
