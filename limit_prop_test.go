package lfpool_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/internal/ledger"
	"github.com/lfpool/lfpool/pool"
)

// limited is a pool under test and what is known of it.
type limited struct {
	*pool.Pool
	*ledger.Ledger
	limit   int // that was set last, or pool.NoLimit
	backlog int // -1: no bound
	timeout time.Duration

	// Guarded by the ledger's lock.
	line    []*ledger.Record // submissions that may wait for room, in order
	handled int64            // panics
}

func drawLimit(t *rapid.T) int {
	return rapid.SampledFrom([]int{1, 1, 2, 3, 7, pool.NoLimit}).Draw(t, "limit")
}

func drawLimited(t *rapid.T) *limited {
	l := &limited{limit: drawLimit(t), backlog: -1, timeout: drawTimeout(t)}
	l.Ledger = ledger.New(l.limit)
	l.AtEnd = l.allow
	exit := rapid.Bool().Draw(t, "handler exits")
	opts := append(drawDispatch(t),
		pool.WithIdleTimeout(l.timeout), pool.WithLimit(l.limit), pool.WithPanicHandler(func(any, []byte) {
			l.Lock()
			l.handled++
			l.Unlock()
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

// enter submits r as the last in line, in a goroutine of its own, for it may wait.
func (l *limited) enter(r *ledger.Record, submit func() error) {
	l.Lock()
	l.line = append(l.line, r)
	l.Unlock()
	go func() { l.Submitted(r, submit() == nil) }()
	synctest.Wait()
}

// allow says how many tasks may run: the limit, or more, if more ran when it was
// lowered. The caller has the lock.
func (l *limited) allow() {
	l.Allowed = l.limit
	if l.limit != pool.NoLimit {
		l.Allowed = max(l.limit, l.Running)
	}
}

func (l *limited) setLimit(n int) {
	l.Lock()
	l.limit = n
	l.allow()
	l.Unlock()
	l.SetLimit(n)
}

// requireQuiet compares a quiet pool with what a pool that is never lazy does.
func (l *limited) requireQuiet(t require.TestingT) {
	l.Lock()
	defer l.Unlock()
	require.Empty(t, l.Breaches)
	s := l.Stats()
	require.Equal(t, l.Running, s.Running, "%+v", s)
	require.Equal(t, int64(s.Workers)+s.Reaped+s.Replaced+s.Goexits, s.Spawned, "every worker is accounted for: %+v", s)
	if s.Queued > 0 {
		require.NotEqual(t, pool.NoLimit, l.limit, "without a limit no task waits: %+v", s)
		require.GreaterOrEqual(t, s.Running, l.limit, "a task waits only while all places are taken: %+v", s)
	}
	if s.Waiting > 0 {
		require.False(t, l.backlog < 0 || l.limit == pool.NoLimit, "nobody waits without a bound: %+v", s)
		require.GreaterOrEqual(t, s.Running+s.Queued, l.limit+l.backlog, "nobody waits while there is room: %+v", s)
	}
	if l.limit != pool.NoLimit {
		require.LessOrEqual(t, s.Workers, max(l.limit, l.Running), "no parked workers above the limit: %+v", s)
	}
	if s.Running+s.Queued+s.Waiting == 0 {
		require.Zero(t, l.Drains, "no Drain waits for nothing: %+v", s)
	}
	require.GreaterOrEqual(t, s.Ended, int64(0))
	require.Equal(t, l.handled, s.Panics)
	waiting := false
	for _, r := range l.line {
		require.False(t, waiting && r.Accepted, "who came later has been let in before")
		waiting = waiting || !r.Accepted && !r.Refused
	}
	l.line = slices.DeleteFunc(l.line, func(r *ledger.Record) bool { return r.Accepted || r.Refused })
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
			l.ReleaseAll()
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
				r := new(ledger.Record)
				f := l.Task(r, end(t))
				l.enter(r, func() error { l.Go(f); return nil })
			}
		},
		"go at once": func(t *rapid.T) {
			l := some(t)
			for range rapid.IntRange(2, 5).Draw(t, "tasks") {
				r := new(ledger.Record)
				f := l.Task(r, end(t))
				go func() { l.Go(f); l.Submitted(r, true) }()
			}
			synctest.Wait()
		},
		"try": func(t *rapid.T) {
			l, r := some(t), new(ledger.Record)
			f, room := l.Task(r, end(t)), l.room()
			took := l.TryGo(f)
			l.Submitted(r, took)
			require.Equal(t, room, took, "TryGo, with %+v", l.Stats())
		},
		"nested": func(t *rapid.T) {
			l, to := some(t), some(t)
			r, outer := new(ledger.Record), new(ledger.Record)
			inner := to.Task(r, end(t))
			submit := func() { to.Submitted(r, to.TryGo(inner)) }
			if rapid.Bool().Draw(t, "while panicking") {
				now := submit
				submit = func() {
					defer now()
					panic("handled, after the submission")
				}
			}
			f := l.Task(outer, submit)
			l.enter(outer, func() error { l.Go(f); return nil })
		},
		"context": func(t *rapid.T) {
			l := some(t)
			d := duration(t, time.Second, "patience")
			r := &ledger.Record{Deadline: time.Now().Add(d)}
			ctx, cancel := context.WithDeadline(context.Background(), r.Deadline)
			t.Cleanup(cancel)
			f := l.Task(r, end(t))
			l.enter(r, func() error {
				err := l.GoContext(ctx, func(context.Context) { f() })
				if err != nil && !r.Over() {
					l.Breach("GoContext has given up before its context was done")
				}
				return err
			})
		},
		"release": func(t *rapid.T) {
			l := some(t)
			for range rapid.IntRange(1, 10).Draw(t, "tasks") {
				l.ReleaseOne()
				synctest.Wait()
			}
		},
		"limit": func(t *rapid.T) { some(t).setLimit(drawLimit(t)) },
		"drain": func(t *rapid.T) {
			l := some(t)
			l.Ledger.Drain(l.Pool.Drain, duration(t, time.Minute, "patience"))
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
		l.ReleaseAll()
	}
	synctest.Wait()
	for _, l := range pools {
		l.requireQuiet(t)
		require.NoError(t, l.Pool.Drain(context.Background()))
		s := l.Stats()
		require.Zero(t, s.Workers)
		accepted, skipped, err := l.Close()
		require.NoError(t, err)
		require.Equal(t, accepted, s.Ended)
		require.Equal(t, skipped, s.Skipped)
		require.LessOrEqual(t, s.Reused, max(s.Ended-1, 0))
	}
}
