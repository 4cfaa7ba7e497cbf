package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/idle"
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
	keeps   bool // its workers, until it is drained
	times   int  // of so many tasks one is measured; 0: none

	tasks, panics, exits, skipped atomic.Int64 // how many of its tasks were so
	refused, shed                 atomic.Int64 // calls, of TryGo and GoContext

	running atomic.Int64 // tasks that run now
	inline  atomic.Int64 // tasks that the pool refused and that run in those that submitted them; not in running
	bound   atomic.Int64 // how many may; written under mu
	mu      sync.Mutex
	tuning  int   // calls of SetLimit under way
	late    int64 // how many tasks may start above bound
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

var retentions = []struct {
	name string
	rule func() idle.Retention
}{
	{"low water", idle.LowWater},
	{"by age", idle.ByAge},
	{"adaptive", idle.Adaptive},
	{"never", idle.Never},
}

// newSubject returns a pool with options that rng chooses, a limit among them if
// it may be.
func newSubject(rng *rand.Rand, broken fault, mayLimit bool) *subject {
	s := &subject{options: "a pool"}
	var opts []pool.Option
	with := func(name string, value any, o pool.Option) {
		s.options += fmt.Sprintf(", %s %v", name, value)
		opts = append(opts, o)
	}
	half := func() bool { return rng.IntN(2) == 0 }

	idleQueue, taskQueue := idleQueues[rng.IntN(len(idleQueues))], taskQueues[rng.IntN(len(taskQueues))]
	with("WithIdleQueue", idleQueue.name, pool.WithIdleQueue(func() pool.IdleQueue { return broken.idleQueue(idleQueue.new()) }))
	if half() || !broken.keepsTasks() { // or else as many lanes as suit GOMAXPROCS, which changes
		with("WithTaskQueue", taskQueue.name, pool.WithTaskQueue(func() pool.TaskQueue { return broken.taskQueue(taskQueue.new()) }))
	}
	if lanes := []int{0, 0, 1, 2, 8, 64}[rng.IntN(6)]; lanes > 0 {
		with("WithLanes", lanes, pool.WithLanes(lanes))
	}
	timeout := timeouts[rng.IntN(len(timeouts))]
	with("WithIdleTimeout", timeout, pool.WithIdleTimeout(timeout))
	linger := half()
	with("WithLinger", linger, pool.WithLinger(linger))
	if reserve := []int{0, 0, 4 << 10, 16 << 10}[rng.IntN(4)]; reserve > 0 {
		with("WithStackReserve", reserve, pool.WithStackReserve(reserve))
	}
	if rng.IntN(4) == 0 && broken.keepsTasks() {
		with("WithHandOff", "", pool.WithHandOff())
	}
	if half() {
		r := retentions[rng.IntN(len(retentions))]
		s.keeps = r.name == "never"
		with("WithRetention", r.name, pool.WithRetention(r.rule))
	}
	if half() {
		with("WithName", "soaked", pool.WithName("soaked"))
	}
	if s.handles = half(); s.handles {
		with("WithPanicHandler", "", pool.WithPanicHandler(func(v any, _ []byte) {
			if v == exitInHandler {
				runtime.Goexit()
			}
		}))
	}
	if share := []int{0, 0, 1, 10, 100}[rng.IntN(5)]; share > 0 {
		with("WithMaxTasksPerWorker", share, pool.WithMaxTasksPerWorker(share))
	}
	if s.times = []int{0, 0, 1, 64}[rng.IntN(4)]; s.times > 0 {
		with("WithTimes", s.times, pool.WithTimes(s.times))
	}
	s.bound.Store(math.MaxInt64)
	if s.limited = mayLimit && half(); s.limited {
		limit := 1 + rng.IntN(8)
		if rng.IntN(4) == 0 && broken.extraPlaces() == 0 {
			with("WithLimitPerProc", limit, pool.WithLimitPerProc(float64(limit)))
			limit *= maxProcs() // until it is tuned
		} else {
			with("WithLimit", limit, pool.WithLimit(limit+broken.extraPlaces()))
		}
		s.bound.Store(int64(limit))
		if half() {
			backlog := rng.IntN(100)
			with("WithBacklog", backlog, pool.WithBacklog(backlog))
			if half() {
				shedding := pool.Shedding{Target: time.Duration(1 + rng.IntN(1e6)), Interval: time.Duration(1 + rng.IntN(1e7)), NewestFirst: half()}
				with("WithShedding", shedding, pool.WithShedding(shedding))
			}
		}
	}
	s.Pool = pool.New(opts...)
	return s
}

// retune changes the limit. From the call on tasks may start as the higher of
// the old limit and the new one allows. After its return the new one holds, but
// that each worker that is still there may have been about to take a task. If calls overlap, any of their limits may hold until all have returned.
func (s *subject) retune(limit int) {
	s.mu.Lock()
	s.tuning++
	s.bound.Store(max(s.bound.Load(), boundOf(limit)))
	s.mu.Unlock()
	s.SetLimit(limit)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tuning--; s.tuning > 0 {
		return
	}
	if now := boundOf(s.Limit()); now < s.bound.Load() {
		s.late += min(s.bound.Load(), int64(s.Stats().Workers))
		s.bound.Store(now)
	}
}

func boundOf(limit int) int64 {
	if limit == pool.NoLimit {
		return math.MaxInt64
	}
	return int64(limit)
}

// allows reports whether a task may have started, so that now so many run. It
// does not tell an inline one from others, so it allows any while there is one.
func (s *subject) allows(running int64) bool {
	if running <= s.bound.Load() || s.inline.Load() > 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if running <= s.bound.Load() {
		return true
	}
	s.late--
	return s.late >= 0
}

// drainAll ends the workers of a pool that keeps them.
func (s *subject) drainAll(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Drain(ctx)
}

// atRest says what is not yet as it must be when every task has ended and the
// idle timeout has passed.
func (s *subject) atRest() error {
	got := s.Stats()
	want := pool.Stats{
		Spawned: got.Reaped + got.Replaced + s.exits.Load(), Reaped: got.Reaped, Replaced: got.Replaced, Goexits: s.exits.Load(),
		Ended: s.tasks.Load(), Reused: got.Reused, Panics: s.panics.Load(), Limit: got.Limit, Queued: min(got.Queued, 0), Skipped: s.skipped.Load(),
		Capacity: got.Capacity, Refused: s.refused.Load(), GivenUp: got.GivenUp, Shed: s.shed.Load(),
		QueueTime: got.QueueTime, RunTime: got.RunTime,
	}
	if s.times <= 1 { // none, or all that ran
		measured := int64(s.times) * (want.Ended - want.Skipped)
		want.QueueTime.Count, want.RunTime.Count = measured, measured
	}
	if got != want {
		return fmt.Errorf("at rest Stats says %+v, want %+v", got, want)
	}
	return nil
}
