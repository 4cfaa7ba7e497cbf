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
// them back. The limit follows it down and up, so that the calls that reach the
// slow server do not pile up in it.
func TestASlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places, slow = 40, 4
		s := &server{places: places, base: 300 * time.Millisecond}
		p := adaptive.New(adaptivelimiter.NewBuilder[any]().WithLimits(1, 200, 20).WithRecentWindow(time.Second, 10*time.Second, 20), pool.WithBacklog(10))
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
		// settled returns the mean limit of the last two of six minutes: the limiter
		// seeks up and down, and takes minutes to believe that a change stays.
		settled := func() (mean float64) {
			time.Sleep(4 * time.Minute)
			for range 120 {
				time.Sleep(time.Second)
				mean += float64(p.Pool().Limit()) / 120
			}
			return mean
		}
		quick := settled()
		s.resize(slow)
		low := settled()
		s.resize(places)
		again := settled()
		t.Logf("mean limits: %.1f with %d places, %.1f with %d, %.1f with %d again", quick, places, low, slow, again, places)
		assert.Greater(t, quick, places/2.)
		assert.Less(t, low, quick/2)
		assert.Greater(t, again, 2*low)
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
