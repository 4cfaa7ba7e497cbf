package pool_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

// chains starts n endless chains, each of whose tasks submits the next one, and
// returns how many links there have been and what ends them.
func chains(submit func(func()), n int, work func()) (links *atomic.Int64, stop func()) {
	links = new(atomic.Int64)
	var ended atomic.Bool
	var all sync.WaitGroup
	var link func()
	link = func() {
		links.Add(1)
		work()
		if ended.Load() {
			all.Done()
		} else {
			submit(link)
		}
	}
	all.Add(n)
	for range n {
		submit(link)
	}
	return links, func() { ended.Store(true); all.Wait() }
}

// turns returns how often a goroutine that sleeps 100 us at a time wakes in 200 ms
// beside chains.
func turns(submit func(func()), work func()) (n int) {
	links, stop := chains(submit, 4, work)
	defer stop()
	for links.Load() < 1000 {
		time.Sleep(time.Millisecond)
	}
	for begin := time.Now(); time.Since(begin) < 200*time.Millisecond; n++ {
		time.Sleep(100 * time.Microsecond)
	}
	return n
}

// TestBusyWorkersPassTheScheduler: a goroutine that sleeps beside a pool which is
// never idle wakes nearly as often as beside the go statement. A worker that does
// not pass the scheduler is preempted by the runtime after 10 ms, and lets it wake
// sixty times as seldom. bench's row lateness measures how late.
func TestBusyWorkersPassTheScheduler(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, limit := range []int{pool.NoLimit, 1} {
		for name, work := range map[string]func(){"short": func() {}, "long": func() { spin(50 * time.Microsecond) }} {
			p := pool.New(pool.WithLimit(limit))
			with, without := 0, 0
			for range 3 { // the best of each: the machine may have other work
				with = max(with, turns(p.Go, work))
				without = max(without, turns(func(f func()) { go f() }, work))
			}
			assert.Greater(t, 16*with, without, "%s, limit %d", name, limit)
			require.NoError(t, p.Drain(t.Context()))
		}
	}
}

func spin(d time.Duration) {
	for begin := time.Now(); time.Since(begin) < d; {
	}
}

// TestEndlessChainsNeedFewWorkers: workers that pass the scheduler are not
// replaced by new ones. If they were, this would take several hundred; some are
// replaced after the reaper has taken them for surplus, and others when the
// machine has other work.
func TestEndlessChainsNeedFewWorkers(t *testing.T) {
	const n = 8
	p := pool.New(pool.WithLanes(1)) // in lanes of their own the chains need no other's worker
	links, stop := chains(p.Go, n, func() {})
	for links.Load() < 1_000_000 {
		time.Sleep(time.Millisecond)
	}
	stop()
	require.NoError(t, p.Drain(t.Context()))
	assert.LessOrEqual(t, p.Stats().Spawned, int64(10*(n+runtime.GOMAXPROCS(0))))
}

// TestBusyWorkersPassByTheClock: beside a pool that is never idle, a goroutine
// that sleeps for 100 us wakes before many tasks have been run, each of which
// takes a part of that. Counted in tasks, for the machine may stand still at any
// time, and the tasks with it.
func TestBusyWorkersPassByTheClock(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, limit := range []int{pool.NoLimit, 1} {
		for _, c := range []struct {
			task time.Duration
			most int64 // tasks a sleep: a multiple of what 200 us have, and a part of what 10 ms have
		}{{5 * time.Microsecond, 400}, {50 * time.Microsecond, 40}} {
			p := pool.New(pool.WithLimit(limit))
			links, stop := chains(p.Go, 4, func() { spin(c.task) })
			for links.Load() < 1000 {
				time.Sleep(time.Millisecond)
			}
			const sleeps = 50
			before := links.Load()
			for range sleeps {
				time.Sleep(100 * time.Microsecond)
			}
			assert.Less(t, (links.Load()-before)/sleeps, c.most, "limit %d, tasks of %v", limit, c.task)
			stop()
			require.NoError(t, p.Drain(t.Context()))
		}
	}
}

// TestAWorkerWhoseShareIsDoneIsReplaced also if it is to pass the scheduler at the
// same time: it must not park then, and its duty goes to its successor.
func TestAWorkerWhoseShareIsDoneIsReplaced(t *testing.T) {
	p := pool.New(pool.WithMaxTasksPerWorker(16)) // two batches, so that the second is timed
	const rounds = 100
	var all sync.WaitGroup
	for range rounds {
		for range 48 {
			all.Add(1)
			p.Go(func() { defer all.Done(); spin(10 * time.Microsecond) })
		}
		all.Wait()
		for range 2 {
			all.Add(1)
			p.Go(all.Done)
			all.Wait() // a lost duty strands it; the test's timeout is the failure
		}
	}
	require.NoError(t, p.Drain(t.Context()))
	s := p.Stats()
	assert.LessOrEqual(t, s.Ended, 16*s.Spawned, "no worker has run more than its share")
}
