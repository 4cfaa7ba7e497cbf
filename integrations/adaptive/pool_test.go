package adaptive_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/integrations/adaptive"
	"github.com/lfpool/lfpool/pool"
)

// server answers in base while it has no more calls than places, and shares its
// places between the calls when there are more.
type server struct {
	mu            sync.Mutex
	places, calls int
	base          time.Duration
}

func (s *server) call() {
	s.mu.Lock()
	s.calls++
	took := s.base * time.Duration(max(s.calls, s.places)) / time.Duration(s.places)
	s.mu.Unlock()
	time.Sleep(took)
	s.mu.Lock()
	s.calls--
	s.mu.Unlock()
}

func (s *server) resize(places int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places = places
}

// TestASlowServer: in fake time a server loses nine tenths of its places, and gets
// them back. The limiter's mean limit falls below 0.6 of what it was, and comes back
// to 0.8 of that or more; so calls wait in the pool and not at the server. Through
// hundreds of changes the pool's limit is the limiter's, and within its bounds.
//
// failsafe-go has one limiter: a gradient, which the thresholds of Vegas and the
// correlations of a window judge. Where it settles depends on the windows, so the test
// has some. With a correlation window of 20 in place of 50 the limit does not fall: 59
// of 65 in six runs.
func TestASlowServer(t *testing.T) {
	for name, setUp := range map[string]func(adaptivelimiter.Builder[any]){
		"failsafe-go's defaults": func(adaptivelimiter.Builder[any]) {},
		"a short recent window":  func(b adaptivelimiter.Builder[any]) { b.WithRecentWindow(time.Second, 10*time.Second, 20) },
		"of medians": func(b adaptivelimiter.Builder[any]) {
			b.WithRecentWindow(time.Second, 10*time.Second, 20).WithRecentQuantile(0.5)
		},
		"a long baseline": func(b adaptivelimiter.Builder[any]) {
			b.WithRecentWindow(time.Second, 10*time.Second, 20).WithBaselineWindow(100)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const lowest, highest = 1, 200
				b := adaptivelimiter.NewBuilder[any]().WithLimits(lowest, highest, 20)
				setUp(b)
				settled, changes := meanLimits(t, b, lowest, highest)
				t.Logf("mean limits with 40, 4 and 40 places: %.1f", settled)
				assert.Less(t, settled[1], 0.6*settled[0])
				assert.Greater(t, settled[2], 0.8*settled[0])
				assert.Greater(t, changes, 100)
			})
		})
	}
}

// TestALimitThatStaysDoesNotFollow: what TestASlowServer measures is the limiter, and
// not the server.
func TestALimitThatStaysDoesNotFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settled, changes := meanLimits(t, adaptivelimiter.NewBuilder[any]().WithLimits(20, 20, 20), 20, 20)
		assert.Equal(t, []float64{20, 20, 20}, settled)
		assert.Zero(t, changes)
	})
}

// meanLimits has more callers than the pool ever lets in call a server with 40 places,
// then 4, then 40, for 360 s each. It returns the mean limit of the last 120 s of each
// phase, and how often the limit was another than a second before.
func meanLimits(t *testing.T, b adaptivelimiter.Builder[any], lowest, highest int) (settled []float64, changes int) {
	s := &server{base: 300 * time.Millisecond}
	s.resize(40)
	p := adaptive.New(b, pool.WithBacklog(10))
	stop := make(chan struct{})
	var load sync.WaitGroup
	for range highest + 50 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					p.Go(s.call)
				}
			}
		})
	}
	const phase, tail = 360, 120
	last := p.Limit()
	for _, places := range []int{40, 4, 40} {
		s.resize(places)
		sum := 0
		for second := range phase {
			time.Sleep(time.Second)
			synctest.Wait()
			limit := p.Limit()
			require.Equal(t, limit, p.Pool().Limit())
			require.GreaterOrEqual(t, limit, lowest)
			require.LessOrEqual(t, limit, highest)
			if limit != last {
				changes, last = changes+1, limit
			}
			if second >= phase-tail {
				sum += limit
			}
		}
		settled = append(settled, float64(sum)/tail)
	}
	close(stop)
	load.Wait()
	require.NoError(t, p.Pool().Drain(context.Background()))
	return settled, changes
}

// TestTheEndThatDoesNotCountMayChangeTheLimit: the limiter looks at what tasks before
// it have recorded when it gets a permit back, whatever the reason.
func TestTheEndThatDoesNotCountMayChangeTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := adaptivelimiter.NewBuilder[any]().WithLimits(1, 2, 1).WithRecentWindow(time.Millisecond, time.Millisecond, 1)
		p := adaptive.New(b, pool.WithPanicHandler(func(any, []byte) {}))
		p.Go(func() {})
		time.Sleep(time.Millisecond)
		p.Go(func() { panic("handled") })
		synctest.Wait()
		assert.Equal(t, 2, p.Limit())
		assert.Equal(t, 2, p.Pool().Limit())
		require.NoError(t, p.Pool().Drain(t.Context()))
	})
}

// TestPermitsAreGivenBack, however a task ends.
func TestPermitsAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := adaptivelimiter.NewBuilder[any]().WithLimits(1, 1, 1)
		p := adaptive.New(b, pool.WithPanicHandler(func(any, []byte) {}))
		ran := 0
		for range 10 {
			p.Go(func() { ran++ })
			p.Go(func() { ran++; panic("handled") })
			p.Go(func() { ran++; runtime.Goexit() })
			ctx, cancel := context.WithCancel(t.Context())
			require.NoError(t, p.GoContext(ctx, func(context.Context) { ran++; cancel() }))
			synctest.Wait()
			assert.True(t, p.TryGo(func() { ran++ }))
		}
		require.NoError(t, p.Pool().Drain(context.Background()))
		assert.Equal(t, 50, ran)
		assert.Zero(t, p.Inflight())
	})
}

func TestNilsPanicInTheCaller(t *testing.T) {
	p := adaptive.New(adaptivelimiter.NewBuilder[any]())
	assert.PanicsWithValue(t, "adaptive.New: the builder is nil", func() { adaptive.New(nil) })
	assert.PanicsWithValue(t, "lfpool: Go(nil): the task is a nil func", func() { p.Go(nil) })
	assert.PanicsWithValue(t, "lfpool: TryGo(nil): the task is a nil func", func() { p.TryGo(nil) })
	assert.PanicsWithValue(t, "lfpool: GoContext(ctx, nil): the task is a nil func", func() { _ = p.GoContext(t.Context(), nil) })
}

// BenchmarkAdaptive: bursts of 1000 tasks in a pool whose limit follows, beside one with
// the limit that it begins with.
func BenchmarkAdaptive(b *testing.B) {
	const burst, limit = 1000, 4
	follows := adaptive.New(adaptivelimiter.NewBuilder[any]().WithLimits(1, 100, limit))
	fixed := pool.New(pool.WithLimit(limit))
	for name, p := range map[string]interface{ Go(func()) }{"follows": follows, "fixed": fixed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var all sync.WaitGroup
			f := all.Done
			for b.Loop() {
				all.Add(burst)
				for range burst {
					p.Go(f)
				}
				all.Wait()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/burst, "ns/task")
		})
	}
	if err := pool.DrainAll(b.Context(), follows.Pool(), fixed); err != nil {
		b.Fatal(err)
	}
}
