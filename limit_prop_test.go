package lfpool_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// limited is a pool under test and what is known of it.
type limited struct {
	*pool.Pool
	limit   int // that was set last, or pool.NoLimit
	backlog int // -1: no bound
	timeout time.Duration
	release chan struct{} // one value ends one task that runs
	free    func()        // ends all tasks, those to come included

	mu       sync.Mutex
	running  int // tasks that run
	allowed  int // the most that may: the limit, or more, if more ran when it was lowered
	tasks    []*record
	line     []*record // submissions that may wait for room, in order
	drains   int       // Drains that have not returned
	handled  int64     // panics
	breaches []string
}

// record is one task and how it fared.
type record struct {
	accepted    bool      // the call that submitted it has returned and said so
	refused     bool      // not accepted: it must not run
	deadline    time.Time // if not zero: it must not start after that, and must run if it can start before
	runs, ended int
}

// lost reports whether the task was accepted and has not run.
func (r *record) lost() bool { return r.accepted && r.runs == 0 }

func (r *record) over() bool { return !r.deadline.IsZero() && !time.Now().Before(r.deadline) }

func drawLimit(t *rapid.T) int {
	return rapid.SampledFrom([]int{1, 1, 2, 3, 7, pool.NoLimit}).Draw(t, "limit")
}

func drawLimited(t *rapid.T) *limited {
	l := &limited{limit: drawLimit(t), backlog: -1, timeout: drawTimeout(t), release: make(chan struct{})}
	l.allowed, l.free = l.limit, sync.OnceFunc(func() { close(l.release) })
	exit := rapid.Bool().Draw(t, "handler exits")
	opts := append(drawDispatch(t),
		pool.WithIdleTimeout(l.timeout), pool.WithLimit(l.limit), pool.WithPanicHandler(func(any, []byte) {
			l.mu.Lock()
			l.handled++
			l.mu.Unlock()
			if exit {
				runtime.Goexit()
			}
		}))
	if rapid.Bool().Draw(t, "with backlog") {
		l.backlog = rapid.IntRange(0, 5).Draw(t, "backlog")
		opts = append(opts, pool.WithBacklog(l.backlog))
	}
	if rapid.Bool().Draw(t, "with replacement") {
		opts = append(opts, pool.WithMaxTasksPerWorker(rapid.IntRange(1, 5).Draw(t, "tasks per worker")))
	}
	if rule := rapid.IntRange(0, 4).Draw(t, "retention"); rule > 0 {
		opts = append(opts, pool.WithRetention([]func() idle.Retention{idle.LowWater, idle.ByAge, idle.Adaptive, idle.Never}[rule-1]))
	}
	l.Pool = pool.New(opts...)
	return l
}

// room reports whether the pool, all being quiet, accepts a task at once.
func (l *limited) room() bool {
	s := l.Stats()
	return l.backlog < 0 || l.limit == pool.NoLimit || s.Waiting == 0 && s.Running+s.Queued < l.limit+l.backlog
}

// submitted notes what became of a submission.
func (l *limited) submitted(r *record, accepted bool) {
	l.mu.Lock()
	r.accepted, r.refused = accepted, !accepted
	l.mu.Unlock()
}

// enter submits r as the last in line, in a goroutine of its own, for it may wait.
func (l *limited) enter(r *record, submit func() error) {
	l.mu.Lock()
	l.line = append(l.line, r)
	l.mu.Unlock()
	go func() { l.submitted(r, submit() == nil) }()
	synctest.Wait()
}

// task returns a task that waits for its release, then does f, which may panic
// or exit, and is entered in the records.
func (l *limited) task(r *record, f func()) func() {
	l.mu.Lock()
	l.tasks = append(l.tasks, r)
	l.mu.Unlock()
	return func() {
		l.mu.Lock()
		r.runs++
		l.running++
		if !r.deadline.IsZero() && time.Now().After(r.deadline) {
			l.breaches = append(l.breaches, "a task has started after its context was done")
		}
		if l.allowed != pool.NoLimit && l.running > l.allowed {
			l.breaches = append(l.breaches, fmt.Sprintf("%d tasks run, %d may", l.running, l.allowed))
		}
		l.mu.Unlock()
		defer func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			r.ended++
			l.running--
			if l.allowed != pool.NoLimit {
				l.allowed = max(l.limit, l.running)
			}
		}()
		<-l.release
		f()
	}
}

func (l *limited) setLimit(n int) {
	l.mu.Lock()
	l.limit, l.allowed = n, n
	if n != pool.NoLimit {
		l.allowed = max(n, l.running)
	}
	l.mu.Unlock()
	l.SetLimit(n)
}

// drain starts a Drain and, when it has returned, notes whether a task that had
// been accepted before has not ended.
func (l *limited) drain(patience time.Duration) {
	l.mu.Lock()
	before := slices.DeleteFunc(slices.Clone(l.tasks), func(r *record) bool { return !r.accepted })
	l.drains++
	l.mu.Unlock()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := l.Drain(ctx)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.drains--
		if err != nil {
			return
		}
		for id, r := range before {
			if r.ended == 0 && !r.over() {
				l.breaches = append(l.breaches, fmt.Sprintf("Drain has returned before task %d of %d has ended", id, len(before)))
			}
		}
	}()
}

// requireQuiet compares a quiet pool with what a pool that is never lazy does.
func (l *limited) requireQuiet(t require.TestingT) {
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Empty(t, l.breaches)
	s := l.Stats()
	require.Equal(t, l.running, s.Running, "%+v", s)
	require.Equal(t, int64(s.Workers)+s.Reaped+s.Replaced+s.Exited, s.Spawned, "every worker is accounted for: %+v", s)
	if s.Queued > 0 {
		require.NotEqual(t, pool.NoLimit, l.limit, "without a limit no task waits: %+v", s)
		require.GreaterOrEqual(t, s.Running, l.limit, "a task waits only while all places are taken: %+v", s)
	}
	if s.Waiting > 0 {
		require.False(t, l.backlog < 0 || l.limit == pool.NoLimit, "nobody waits without a bound: %+v", s)
		require.GreaterOrEqual(t, s.Running+s.Queued, l.limit+l.backlog, "nobody waits while there is room: %+v", s)
	}
	if l.limit != pool.NoLimit {
		require.LessOrEqual(t, s.Workers, max(l.limit, l.running), "no parked workers above the limit: %+v", s)
	}
	for id, r := range l.tasks {
		require.LessOrEqual(t, r.runs, 1, "runs of task %d", id)
		require.False(t, r.refused && r.runs > 0, "task %d was refused", id)
	}
	if s.Running+s.Queued+s.Waiting == 0 {
		require.Zero(t, l.drains, "no Drain waits for nothing: %+v", s)
	}
	require.GreaterOrEqual(t, s.Tasks, int64(0))
	require.Equal(t, l.handled, s.Panics)
	waiting := false
	for _, r := range l.line {
		require.False(t, waiting && r.accepted, "who came later has been let in before")
		waiting = waiting || !r.accepted && !r.refused
	}
	l.line = slices.DeleteFunc(l.line, func(r *record) bool { return r.accepted || r.refused })
}

// TestRandomLimits drives one to three pools with limits, backlogs, contexts,
// changes of the limit and drains.
func TestRandomLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, randomLimits)
	})
}

func randomLimits(t *rapid.T) {
	var pools []*limited
	drainAtEnd(t, 10*time.Second)
	t.Cleanup(func() {
		for _, l := range pools {
			l.free()
		}
	})
	for range rapid.IntRange(1, 3).Draw(t, "pools") {
		pools = append(pools, drawLimited(t))
	}
	some := func(t *rapid.T) *limited { return pools[rapid.IntRange(0, len(pools)-1).Draw(t, "pool")] }
	end := func(t *rapid.T) func() {
		return []func(){func() {}, func() {}, func() { panic("handled") }, runtime.Goexit}[rapid.IntRange(0, 3).Draw(t, "end")]
	}
	// In half of the runs all durations are parts of the first pool's timeout, so
	// that things happen at its reaper's own instants.
	part := time.Duration(1)
	if rapid.Bool().Draw(t, "in step with the reaper") {
		part = idle.Tick(pools[0].timeout)
	}
	duration := func(t *rapid.T, most time.Duration, name string) time.Duration {
		return part * time.Duration(rapid.Int64Range(1, max(int64(most/part), 8)).Draw(t, name))
	}
	t.Repeat(map[string]func(*rapid.T){
		"go": func(t *rapid.T) {
			l := some(t)
			for range rapid.IntRange(1, 5).Draw(t, "tasks") {
				r := new(record)
				f := l.task(r, end(t))
				l.enter(r, func() error { l.Go(f); return nil })
			}
		},
		"go at once": func(t *rapid.T) {
			l := some(t)
			for range rapid.IntRange(2, 5).Draw(t, "tasks") {
				r := new(record)
				f := l.task(r, end(t))
				go func() { l.Go(f); l.submitted(r, true) }()
			}
			synctest.Wait()
		},
		"try": func(t *rapid.T) {
			l, r := some(t), new(record)
			f, room := l.task(r, end(t)), l.room()
			took := l.TryGo(f)
			l.submitted(r, took)
			require.Equal(t, room, took, "TryGo, with %+v", l.Stats())
		},
		"nested": func(t *rapid.T) {
			l, to := some(t), some(t)
			r, outer := new(record), new(record)
			inner := to.task(r, end(t))
			submit := func() { to.submitted(r, to.TryGo(inner)) }
			if rapid.Bool().Draw(t, "while panicking") {
				now := submit
				submit = func() {
					defer now()
					panic("handled, after the submission")
				}
			}
			f := l.task(outer, submit)
			l.enter(outer, func() error { l.Go(f); return nil })
		},
		"context": func(t *rapid.T) {
			l := some(t)
			d := duration(t, time.Second, "patience")
			r := &record{deadline: time.Now().Add(d)}
			ctx, cancel := context.WithDeadline(context.Background(), r.deadline)
			t.Cleanup(cancel)
			f := l.task(r, end(t))
			l.enter(r, func() error {
				err := l.GoContext(ctx, func(context.Context) { f() })
				if err != nil && !r.over() {
					l.mu.Lock()
					l.breaches = append(l.breaches, "GoContext has given up before its context was done")
					l.mu.Unlock()
				}
				return err
			})
		},
		"release": func(t *rapid.T) {
			l := some(t)
			for range rapid.IntRange(1, 10).Draw(t, "tasks") {
				select {
				case l.release <- struct{}{}:
				default:
				}
				synctest.Wait()
			}
		},
		"limit": func(t *rapid.T) { some(t).setLimit(drawLimit(t)) },
		"drain": func(t *rapid.T) {
			some(t).drain(duration(t, time.Minute, "patience"))
		},
		"idle": func(t *rapid.T) {
			time.Sleep(duration(t, 15*time.Second, "idle for"))
		},
		"": func(t *rapid.T) {
			synctest.Wait()
			for _, l := range pools {
				l.requireQuiet(t)
			}
		},
	})
	for _, l := range pools {
		l.free()
	}
	synctest.Wait()
	for _, l := range pools {
		l.requireQuiet(t)
		require.NoError(t, l.Drain(context.Background()))
		s := l.Stats()
		require.Zero(t, s.Workers)
		var accepted, skipped int64
		for id, r := range l.tasks {
			require.True(t, r.runs == 1 && r.ended == 1 || r.runs == 0 && (r.refused || r.over()), "task %d: %+v", id, *r)
			if r.accepted {
				accepted++
			}
			if r.lost() {
				skipped++
			}
		}
		require.Equal(t, accepted, s.Tasks)
		require.Equal(t, skipped, s.Skipped)
		require.LessOrEqual(t, s.Reused, max(s.Tasks-1, 0))
	}
}
