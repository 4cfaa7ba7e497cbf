package load

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
)

// A Feature is a thing that a pool does beside starting tasks, in several ways.
type Feature struct {
	Name, Doc string
	Ways      []Way
}

// A Way is a contestant of one feature: "lfpool" is the feature itself, "go" how it is
// written without a pool.
type Way struct {
	Name, Doc string
	Bind      func(procs int) Load
}

// Features lists them.
var Features = []Feature{
	{"goall", "100 tasks submitted with lfpool's GoAll, then wait for all", []Way{
		{"go", "", func(int) Load { return together(each(statement)) }},
		{"lfpool", "", func(int) Load { return together(pool.New().GoAll) }},
		{"singles", "lfpool's Go for each task", func(int) Load { return together(each(pool.New().Go)) }},
	}},
	{"times", "100 tasks, then wait for all, in an lfpool that takes the times of one in 64", []Way{
		{"go", "", func(int) Load { return together(each(statement)) }},
		{"lfpool", "", func(int) Load { return together(each(pool.New(pool.WithTimes(64)).Go)) }},
		{"times-off", "lfpool without WithTimes", func(int) Load { return together(each(pool.New().Go)) }},
		{"times-all", "lfpool with WithTimes(1)", func(int) Load { return together(each(pool.New(pool.WithTimes(1)).Go)) }},
	}},
	{"keyed", "64 keys, 4 tasks of each, one at a time of a key, with lfpool's Keyed; go has a mutex a key", serial(false)},
	{"keyed-slow", "keyed, beside one more key whose task sleeps 1 ms: the time of the others", serial(true)},
	{"fair", "100 tasks of two tenants in turn, then wait for all, with a place a processor that lfpool's Fair shares: what that costs (how soon a tenant's task starts beside a flood, pool's BenchmarkFair tells)", []Way{
		{"go", "", func(int) Load { return together(each(statement)) }},
		{"lfpool", "", func(procs int) Load {
			fair := pool.NewFair(pool.New(pool.WithLimit(procs)))
			one, other := fair.Tenant(), fair.Tenant()
			return together(each(func(task func()) {
				one, other = other, one
				one.Go(task)
			}))
		}},
		{"one-queue", "lfpool's Go for both tenants", func(procs int) Load { return together(each(pool.New(pool.WithLimit(procs)).Go)) }},
	}},
	{"call", "4 callers a processor, each a call with a result, a context and 2 places a processor, with lfpool's Call; go has a channel of places", []Way{
		{"go", "", func(procs int) Load {
			places := make(chan struct{}, 2*procs)
			return calls(procs, func(ctx context.Context, f answer) (int, error) {
				select {
				case places <- struct{}{}:
				case <-ctx.Done():
					return 0, ctx.Err()
				}
				type result struct {
					v   int
					err error
				}
				results := make(chan result, 1)
				go func() {
					defer func() { <-places }()
					v, err := f(ctx)
					results <- result{v, err}
				}()
				select {
				case r := <-results:
					return r.v, r.err
				case <-ctx.Done():
					return 0, ctx.Err()
				}
			})
		}},
		{"lfpool", "", func(procs int) Load {
			p := pool.New(pool.WithLimit(2 * procs))
			return calls(procs, func(ctx context.Context, f answer) (int, error) { return pool.Call(ctx, p, f) })
		}},
		{"x-sync", "golang.org/x/sync: an errgroup in a place of a semaphore", func(procs int) Load {
			places := semaphore.NewWeighted(int64(2 * procs))
			return calls(procs, func(ctx context.Context, f answer) (v int, err error) {
				if err := places.Acquire(ctx, 1); err != nil {
					return 0, err
				}
				defer places.Release(1)
				g, ctx := errgroup.WithContext(ctx)
				g.Go(func() (err error) {
					v, err = f(ctx)
					return err
				})
				err = g.Wait() // before v is read
				return v, err
			})
		}},
	}},
}

// submitter is how a way submits a task.
type submitter func(task func())

func statement(f func()) { go f() }

func each(submit submitter) func(tasks ...func()) {
	return func(tasks ...func()) {
		for _, task := range tasks {
			submit(task)
		}
	}
}

// together submits 100 tasks in an iteration, and waits for them.
func together(submit func(tasks ...func())) Load {
	const size = 100
	var running sync.WaitGroup
	tasks := slices.Repeat([]func(){running.Done}, size)
	return Load{Tasks: size, Run: func(n int) {
		for range n {
			running.Add(size)
			submit(tasks...)
			running.Wait()
		}
	}}
}

// keys is how many there are, beside a slow one.
const keys = 64

// serial has ways to run one task of a key at a time.
func serial(slow bool) []Way {
	locked := func(submit submitter) func(int, func()) {
		locks := make([]sync.Mutex, keys+1)
		return func(key int, task func()) {
			submit(func() {
				locks[key].Lock()
				defer locks[key].Unlock()
				task()
			})
		}
	}
	return []Way{
		{"go", "", func(int) Load { return keyed(slow, locked(statement)) }},
		{"lfpool", "", func(int) Load { return keyed(slow, pool.NewKeyed[int](pool.New()).Go) }},
		{"mutex-per-key", "lfpool's Go, with a mutex a key", func(int) Load { return keyed(slow, locked(pool.New().Go)) }},
		{"hash-to-worker", "4 goroutines a processor, each with a channel and those keys that hash to it", func(procs int) Load {
			// What a slow key holds up here is why this is wrong: all keys of its worker.
			workers := make([]chan func(), 4*procs)
			for i := range workers {
				workers[i] = make(chan func(), 1024)
				go func() {
					for task := range workers[i] {
						task()
					}
				}()
			}
			l := keyed(slow, func(key int, task func()) { workers[key%len(workers)] <- task })
			l.End = func() {
				for _, tasks := range workers {
					close(tasks)
				}
			}
			return l
		}},
	}
}

// keyed submits 4 tasks of each key in an iteration, and waits for them. A slow key has a
// task of its own whenever its last one has ended.
func keyed(slow bool, submit func(key int, task func())) Load {
	const size = 4
	var running sync.WaitGroup
	return Load{Tasks: keys * size, Run: func(n int) {
		sleeping := make(chan struct{}, 1)
		for range n {
			if slow {
				select {
				case sleeping <- struct{}{}:
					submit(keys, func() {
						nap()
						<-sleeping
					})
				default:
				}
			}
			running.Add(keys * size)
			for i := range keys * size {
				submit(i%keys, running.Done)
			}
			running.Wait()
		}
		sleeping <- struct{}{} // the last has ended
	}}
}

// answer is what a call runs.
type answer = func(context.Context) (int, error)

// calls has 4 callers a processor.
func calls(procs int, do func(context.Context, answer) (int, error)) Load {
	ctx, cancel := context.WithCancel(context.Background())
	l := call(func(_ baseline.Pool, question int) int {
		v, err := do(ctx, func(context.Context) (int, error) { return question, nil })
		if err != nil {
			panic(err) // nobody has cancelled
		}
		return v
	})(nil, 4*procs)
	l.End = cancel
	return l
}
