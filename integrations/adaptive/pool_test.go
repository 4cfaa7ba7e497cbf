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
// them back. The pool's limit is the limiter's at all times, through hundreds of
// changes, and within the limiter's bounds. Where it settles is the limiter's business:
// with 4 places it was from 5 to 56 in 24 runs.
func TestASlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places, slow, lowest, highest = 40, 4, 1, 200
		s := &server{places: places, base: 300 * time.Millisecond}
		p := adaptive.New(adaptivelimiter.NewBuilder[any]().WithLimits(lowest, highest, 20).WithRecentWindow(time.Second, 10*time.Second, 20), pool.WithBacklog(10))
		stop := make(chan struct{})
		var load sync.WaitGroup
		for range 250 { // more callers than the pool ever lets in
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
		changes, last := 0, p.Limit()
		for _, n := range []int{places, slow, places} {
			s.resize(n)
			for range 360 {
				time.Sleep(time.Second)
				synctest.Wait()
				limit := p.Limit()
				require.Equal(t, limit, p.Pool().Limit())
				require.GreaterOrEqual(t, limit, lowest)
				require.LessOrEqual(t, limit, highest)
				if limit != last {
					changes, last = changes+1, limit
				}
			}
		}
		assert.Greater(t, changes, 100)
		close(stop)
		load.Wait()
		require.NoError(t, p.Pool().Drain(context.Background()))
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
