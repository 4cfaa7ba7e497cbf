package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// subject is a pool under test and what its Stats must come to.
type subject struct {
	*pool.Pool
	options string
	handles bool // panics
	limited bool // may have a limit

	tasks, panics, exits, skipped atomic.Int64 // how many of its tasks were so
}

func (s *subject) String() string { return s.options }

var idleQueues = []struct {
	name string
	new  func() pool.IdleQueue
}{
	{"seg", func() pool.IdleQueue { return lfqueue.NewSeg[*pool.Worker]() }},
	{"ms", func() pool.IdleQueue { return lfqueue.NewMS[*pool.Worker]() }},
	{"counted", func() pool.IdleQueue { return lfqueue.NewCounted[pool.Worker]() }},
	{"sharded", func() pool.IdleQueue { return lfqueue.NewSharded[*pool.Worker](4) }},
	{"mutex", func() pool.IdleQueue { return baseline.NewLocked[*pool.Worker](new(sync.Mutex), false) }},
	{"mutex stack", func() pool.IdleQueue { return baseline.NewLocked[*pool.Worker](new(sync.Mutex), true) }},
	{"spin", func() pool.IdleQueue { return baseline.NewLocked[*pool.Worker](new(baseline.SpinLock), false) }},
	{"xsync", func() pool.IdleQueue { return baseline.NewRing[*pool.Worker](8) }},
}

var taskQueues = []struct {
	name string
	new  func() pool.TaskQueue
}{
	{"seg", func() pool.TaskQueue { return lfqueue.NewSeg[func()]() }},
	{"ms", func() pool.TaskQueue { return lfqueue.NewMS[func()]() }},
	{"sharded 2", func() pool.TaskQueue { return lfqueue.NewSharded[func()](2) }},
	{"sharded 8", func() pool.TaskQueue { return lfqueue.NewSharded[func()](8) }},
	{"mutex", func() pool.TaskQueue { return baseline.NewLocked[func()](new(sync.Mutex), false) }},
	{"spin", func() pool.TaskQueue { return baseline.NewLocked[func()](new(baseline.SpinLock), false) }},
}

var timeouts = []time.Duration{1, 4 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond}

// newSubject returns a pool with options that rng chooses, a limit among them if
// it may be.
func newSubject(rng *rand.Rand, broken fault, mayLimit bool) *subject {
	s := new(subject)
	idleQueue, taskQueue := idleQueues[rng.IntN(len(idleQueues))], taskQueues[rng.IntN(len(taskQueues))]
	timeout := timeouts[rng.IntN(len(timeouts))]
	reserve := []int{0, 0, 4 << 10, 16 << 10}[rng.IntN(4)]
	linger := rng.IntN(2) == 0
	opts := []pool.Option{
		pool.WithIdleQueue(func() pool.IdleQueue { return broken.idleQueue(idleQueue.new()) }),
		pool.WithTaskQueue(func() pool.TaskQueue { return broken.taskQueue(taskQueue.new()) }),
		pool.WithIdleTimeout(timeout),
		pool.WithStackReserve(reserve),
		pool.WithLinger(linger),
	}
	handOff := rng.IntN(4) == 0
	if handOff && broken.keepsTasks() {
		opts = append(opts, pool.WithHandOff())
	}
	if s.handles = rng.IntN(2) == 0; s.handles {
		opts = append(opts, pool.WithPanicHandler(func(v any, _ []byte) {
			if v == exitInHandler {
				runtime.Goexit()
			}
		}))
	}
	share := []int{0, 0, 1, 10, 100}[rng.IntN(5)]
	if share > 0 {
		opts = append(opts, pool.WithMaxTasksPerWorker(share))
	}
	limit, backlog := pool.NoLimit, -1
	if s.limited = mayLimit && rng.IntN(2) == 0; s.limited {
		limit = 1 + rng.IntN(8)
		opts = append(opts, pool.WithLimit(limit))
		if rng.IntN(2) == 0 {
			backlog = rng.IntN(100)
			opts = append(opts, pool.WithBacklog(backlog))
		}
	}
	s.options = fmt.Sprintf("a pool with parked workers in %s, tasks in %s, hand-off %t, linger %t, idle timeout %v, reserve %d, panic handler %t, limit %d at first, backlog %d, workers replaced after %d",
		idleQueue.name, taskQueue.name, handOff, linger, timeout, reserve, s.handles, limit, backlog, share)
	s.Pool = pool.New(opts...)
	return s
}

// atRest says what is not yet as it must be when every task has ended and the
// idle timeout has passed.
func (s *subject) atRest() error {
	got := s.Stats()
	want := pool.Stats{
		Spawned: got.Reaped + got.Replaced + s.exits.Load(), Reaped: got.Reaped, Replaced: got.Replaced, Exited: s.exits.Load(),
		Tasks: s.tasks.Load(), Reused: got.Reused, Panics: s.panics.Load(), Limit: got.Limit, Queued: min(got.Queued, 0), Skipped: s.skipped.Load(),
	}
	if got != want {
		return fmt.Errorf("at rest Stats says %+v, want %+v", got, want)
	}
	return nil
}
