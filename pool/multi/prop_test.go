package multi_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/internal/ledger"
	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// spread is a set of pools under test and what is known of it.
type spread struct {
	*multi.Pool
	*ledger.Ledger
	limits  []int // of each pool, that was set last, or pool.NoLimit
	backlog int   // -1: no bound
}

func drawLimit(t *rapid.T) int {
	return rapid.SampledFrom([]int{1, 1, 2, 3, 5, pool.NoLimit}).Draw(t, "limit")
}

func drawSpread(t *rapid.T) *spread {
	n, limit := rapid.IntRange(1, 4).Draw(t, "pools"), drawLimit(t)
	s := &spread{limits: slices.Repeat([]int{limit}, n), backlog: -1, Ledger: ledger.New(pool.NoLimit)}
	opts := []pool.Option{pool.WithLimit(limit), pool.WithIdleTimeout(time.Second), pool.WithPanicHandler(func(any, []byte) {})}
	if rapid.Bool().Draw(t, "with backlog") {
		s.backlog = rapid.IntRange(0, 3).Draw(t, "backlog")
		opts = append(opts, pool.WithBacklog(s.backlog))
	}
	s.Pool = multi.New(n, rapid.SampledFrom(strategies).Draw(t, "strategy"), opts...)
	s.allow()
	return s
}

// allow works out how many tasks may run, all being quiet: the sum of the limits,
// and as many more as were above them when they were lowered.
func (s *spread) allow() {
	s.Lock()
	defer s.Unlock()
	s.Allowed = 0
	for i, q := range s.Pools() {
		if s.limits[i] == pool.NoLimit {
			s.Allowed = pool.NoLimit
			return
		}
		s.Allowed += max(s.limits[i], q.Stats().Running)
	}
}

// places returns how many of n tasks the pools accept at once, all being quiet.
func (s *spread) places(n int) int {
	free := 0
	for i, q := range s.Pools() {
		if s.backlog < 0 || s.limits[i] == pool.NoLimit {
			return n
		}
		stats := q.Stats()
		free += max(0, s.limits[i]+s.backlog-stats.Running-stats.Queued)
	}
	return min(n, free)
}

// requireQuiet compares quiet pools with what pools that are never lazy do.
func (s *spread) requireQuiet(t require.TestingT) {
	s.Lock()
	defer s.Unlock()
	require.Empty(t, s.Breaches)
	sum := s.Stats()
	require.Equal(t, s.Running, sum.Running, "%+v", sum)
	for i, q := range s.Pools() {
		stats := q.Stats()
		if stats.Queued > 0 {
			require.NotEqual(t, pool.NoLimit, s.limits[i], "pool %d: without a limit no task waits: %+v", i, stats)
			require.GreaterOrEqual(t, stats.Running, s.limits[i], "pool %d: a task waits only while all places are taken: %+v", i, stats)
		}
	}
}

// TestRandomUse drives pools through random sequences of submissions, limits
// and drains. The bubble's end is itself the proof that no goroutine leaks.
func TestRandomUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, randomUse)
	})
}

func randomUse(t *rapid.T) {
	s := drawSpread(t)
	t.Cleanup(func() { // however the property ends, so that the bubble can
		s.ReleaseAll()
		time.Sleep(time.Minute)
		synctest.Wait()
	})
	end := func(t *rapid.T) func() {
		return []func(){func() {}, func() {}, func() { panic("handled") }, runtime.Goexit}[rapid.IntRange(0, 3).Draw(t, "end")]
	}
	t.Repeat(map[string]func(*rapid.T){
		"go": func(t *rapid.T) {
			for range rapid.IntRange(1, 5).Draw(t, "tasks") {
				r := new(ledger.Record)
				f := s.Task(r, end(t))
				go func() { s.Go(f); s.Submitted(r, true) }()
			}
		},
		"try at once": func(t *rapid.T) {
			n := rapid.IntRange(1, 8).Draw(t, "tasks")
			places := s.places(n)
			records := make([]*ledger.Record, n)
			var calls sync.WaitGroup
			for i := range records {
				records[i] = new(ledger.Record)
				f := s.Task(records[i], end(t))
				calls.Go(func() { s.Submitted(records[i], s.TryGo(f)) })
			}
			calls.Wait()
			accepted := 0
			for _, r := range records {
				if r.Accepted {
					accepted++
				}
			}
			require.Equal(t, places, accepted, "accepted of %d at once, now %+v", n, s.Stats())
		},
		"patience": func(t *rapid.T) {
			patience := time.Duration(rapid.Int64Range(1, int64(time.Second)).Draw(t, "patience"))
			r := &ledger.Record{Deadline: time.Now().Add(patience)}
			f := s.Task(r, end(t))
			ctx, cancel := context.WithDeadline(context.Background(), r.Deadline)
			t.Cleanup(cancel)
			go func() {
				s.Submitted(r, s.GoContext(ctx, func(context.Context) { f() }) == nil)
			}()
		},
		"release": func(t *rapid.T) {
			for range rapid.IntRange(1, 10).Draw(t, "tasks") {
				s.ReleaseOne()
				synctest.Wait()
				s.allow() // what was above a lowered limit has no place once it has ended
			}
		},
		"limit": func(t *rapid.T) {
			limit := drawLimit(t)
			i := rapid.IntRange(-1, len(s.limits)-1).Draw(t, "pool")
			if i < 0 {
				for j := range s.limits {
					s.limits[j] = limit
				}
				s.allow()
				s.SetLimit(limit)
				return
			}
			s.limits[i] = limit
			s.allow()
			s.Pools()[i].SetLimit(limit)
		},
		"drain": func(t *rapid.T) {
			s.Ledger.Drain(s.Pool.Drain, time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "patience")))
		},
		"idle": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "idle for")))
		},
		"": func(t *rapid.T) {
			synctest.Wait()
			s.requireQuiet(t)
		},
	})
	s.ReleaseAll()
	synctest.Wait()
	s.requireQuiet(t)
	_, _, err := s.Close()
	require.NoError(t, err)
	require.NoError(t, s.Pool.Drain(context.Background()))
	require.Zero(t, s.Stats().Workers)
}
