package multi_test

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

	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// spread is a set of pools under test and what is known of it.
type spread struct {
	*multi.Pool
	limits  []int         // of each pool, that was set last, or pool.NoLimit
	backlog int           // -1: no bound
	release chan struct{} // one value ends one task that runs
	free    func()        // ends all tasks, those to come included

	mu       sync.Mutex
	running  int // tasks that run
	allowed  int // the most that may: the sum of the limits, and as many more as were above them when they were lowered
	tasks    []*record
	breaches []string
}

// record is one task and how it fared.
type record struct {
	accepted    bool // the call that submitted it has returned and said so
	refused     bool // not accepted: it must not run
	optional    bool // its context may be done before it starts
	runs, ended int
}

func drawLimit(t *rapid.T) int {
	return rapid.SampledFrom([]int{1, 1, 2, 3, 5, pool.NoLimit}).Draw(t, "limit")
}

func drawSpread(t *rapid.T) *spread {
	n, limit := rapid.IntRange(1, 4).Draw(t, "pools"), drawLimit(t)
	s := &spread{limits: slices.Repeat([]int{limit}, n), backlog: -1, release: make(chan struct{})}
	s.free = sync.OnceFunc(func() { close(s.release) })
	opts := []pool.Option{pool.WithLimit(limit), pool.WithIdleTimeout(time.Second), pool.WithPanicHandler(func(any, []byte) {})}
	if rapid.Bool().Draw(t, "with backlog") {
		s.backlog = rapid.IntRange(0, 3).Draw(t, "backlog")
		opts = append(opts, pool.WithBacklog(s.backlog))
	}
	s.Pool = multi.New(n, rapid.SampledFrom(strategies).Draw(t, "strategy"), opts...)
	s.allow()
	return s
}

// allow works out how many tasks may run, all being quiet.
func (s *spread) allow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowed = 0
	for i, q := range s.Pools() {
		if s.limits[i] == pool.NoLimit {
			s.allowed = pool.NoLimit
			return
		}
		s.allowed += max(s.limits[i], q.Stats().Running)
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

// submitted notes what became of a submission.
func (s *spread) submitted(r *record, accepted bool) {
	s.mu.Lock()
	r.accepted, r.refused = accepted, !accepted
	s.mu.Unlock()
}

// task returns a task that waits for its release, then does f, which may panic
// or exit, and is entered in the records.
func (s *spread) task(r *record, f func()) func() {
	s.mu.Lock()
	s.tasks = append(s.tasks, r)
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		r.runs++
		s.running++
		if s.allowed != pool.NoLimit && s.running > s.allowed {
			s.breaches = append(s.breaches, fmt.Sprintf("%d tasks run, %d may", s.running, s.allowed))
		}
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			r.ended++
			s.running--
			s.mu.Unlock()
		}()
		<-s.release
		f()
	}
}

// drain starts a Drain and, when it has returned, notes whether a task that had
// been accepted before has not ended.
func (s *spread) drain(patience time.Duration) {
	s.mu.Lock()
	before := slices.DeleteFunc(slices.Clone(s.tasks), func(r *record) bool { return !r.accepted || r.optional })
	s.mu.Unlock()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := s.Drain(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			if err != context.DeadlineExceeded {
				s.breaches = append(s.breaches, fmt.Sprintf("Drain has returned %q", err))
			}
			return
		}
		for id, r := range before {
			if r.ended == 0 {
				s.breaches = append(s.breaches, fmt.Sprintf("Drain has returned before task %d of %d has ended", id, len(before)))
			}
		}
	}()
}

// requireQuiet compares quiet pools with what pools that are never lazy do.
func (s *spread) requireQuiet(t require.TestingT) {
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Empty(t, s.breaches)
	sum := s.Stats()
	require.Equal(t, s.running, sum.Running, "%+v", sum)
	for i, q := range s.Pools() {
		stats := q.Stats()
		if stats.Queued > 0 {
			require.NotEqual(t, pool.NoLimit, s.limits[i], "pool %d: without a limit no task waits: %+v", i, stats)
			require.GreaterOrEqual(t, stats.Running, s.limits[i], "pool %d: a task waits only while all places are taken: %+v", i, stats)
		}
	}
	for id, r := range s.tasks {
		require.LessOrEqual(t, r.runs, 1, "runs of task %d", id)
		require.False(t, r.refused && r.runs > 0, "task %d was refused", id)
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
		s.free()
		time.Sleep(time.Minute)
		synctest.Wait()
	})
	end := func(t *rapid.T) func() {
		return []func(){func() {}, func() {}, func() { panic("handled") }, runtime.Goexit}[rapid.IntRange(0, 3).Draw(t, "end")]
	}
	t.Repeat(map[string]func(*rapid.T){
		"go": func(t *rapid.T) {
			for range rapid.IntRange(1, 5).Draw(t, "tasks") {
				r := new(record)
				f := s.task(r, end(t))
				go func() { s.Go(f); s.submitted(r, true) }()
			}
		},
		"try at once": func(t *rapid.T) {
			n := rapid.IntRange(1, 8).Draw(t, "tasks")
			places := s.places(n)
			records := make([]*record, n)
			var calls sync.WaitGroup
			for i := range records {
				records[i] = new(record)
				f := s.task(records[i], end(t))
				calls.Go(func() { s.submitted(records[i], s.TryGo(f)) })
			}
			calls.Wait()
			accepted := 0
			for _, r := range records {
				if r.accepted {
					accepted++
				}
			}
			require.Equal(t, places, accepted, "accepted of %d at once, now %+v", n, s.Stats())
		},
		"patience": func(t *rapid.T) {
			r := &record{optional: true}
			f := s.task(r, end(t))
			patience := time.Duration(rapid.Int64Range(1, int64(time.Second)).Draw(t, "patience"))
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				s.submitted(r, s.GoContext(ctx, func(context.Context) { f() }) == nil)
			}()
		},
		"release": func(t *rapid.T) {
			for range rapid.IntRange(1, 10).Draw(t, "tasks") {
				select {
				case s.release <- struct{}{}:
				default:
				}
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
			s.drain(time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "patience")))
		},
		"idle": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "idle for")))
		},
		"": func(t *rapid.T) {
			synctest.Wait()
			s.requireQuiet(t)
		},
	})
	s.free()
	synctest.Wait()
	s.requireQuiet(t)
	for id, r := range s.tasks {
		require.True(t, r.runs == 1 && r.ended == 1 || r.runs == 0 && (r.refused || r.optional), "task %d: %+v", id, *r)
	}
	require.NoError(t, s.Drain(context.Background()))
	require.Zero(t, s.Stats().Workers)
}
