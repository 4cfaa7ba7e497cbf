package pool_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// eachDispatch runs a test in a bubble for both ways to dispatch, and then lets
// the pool's workers go. The test finds every goroutine blocked after
// synctest.Wait.
func eachDispatch(t *testing.T, f func(t *testing.T, opts ...pool.Option)) {
	for name, opts := range map[string][]pool.Option{"chain": nil, "hand-off": {pool.WithHandOff()}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f(t, opts...)
				time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout))
			})
		})
	}
}

func with(opts []pool.Option, more ...pool.Option) []pool.Option {
	return append(append([]pool.Option(nil), opts...), more...)
}

// gauge counts the tasks that are running, and the most that ever were.
type gauge struct{ now, most atomic.Int32 }

func (g *gauge) during(f func()) func() {
	return func() {
		n := g.now.Add(1)
		defer g.now.Add(-1)
		for m := g.most.Load(); n > m && !g.most.CompareAndSwap(m, n); m = g.most.Load() {
		}
		f()
	}
}

// TestTheLimitIsNeverExceeded is for real time and all processors.
func TestTheLimitIsNeverExceeded(t *testing.T) {
	for _, opts := range [][]pool.Option{nil, {pool.WithHandOff()}, {pool.WithMaxTasksPerWorker(7)}} {
		for _, limit := range []int{1, 2, 7} {
			p := pool.New(with(opts, pool.WithLimit(limit), pool.WithIdleTimeout(time.Millisecond))...)
			var running gauge
			var tasks, submitters sync.WaitGroup
			for range 4 {
				submitters.Go(func() {
					for i := range 500 {
						tasks.Add(1)
						p.Go(running.during(func() {
							defer tasks.Done()
							switch i % 50 {
							case 0:
								time.Sleep(10 * time.Microsecond)
							case 1:
								runtime.Goexit()
							}
						}))
						if n := p.Stats().Workers; n > limit {
							t.Errorf("%d workers, limit %d", n, limit)
						}
					}
				})
			}
			submitters.Wait()
			tasks.Wait()
			assert.LessOrEqual(t, running.most.Load(), int32(limit))
		}
	}
}

func TestTasksBeyondTheLimitAreQueuedInOrder(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1))...)
		release := make(chan struct{})
		var order []int
		for i := range 10 {
			p.Go(func() { <-release; order = append(order, i) })
		}
		synctest.Wait()
		s := p.Stats()
		assert.Equal(t, 1, s.Limit)
		assert.Equal(t, 1, s.Workers)
		assert.Equal(t, 1, s.Running)
		assert.Equal(t, 9, s.Queued)
		close(release)
		synctest.Wait()
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order)
		assert.Zero(t, p.Stats().Queued)
	})
}

func TestARaisedLimitHoldsAtOnce(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1))...)
		release := make(chan struct{})
		var running gauge
		for range 10 {
			p.Go(running.during(func() { <-release }))
		}
		for _, limit := range []int{1, 3, 4, 9, pool.NoLimit} {
			p.SetLimit(limit)
			synctest.Wait()
			if limit == pool.NoLimit {
				limit = 10
			}
			assert.Equal(t, int32(limit), running.now.Load())
		}
		close(release)
	})
}

func TestALoweredLimitHoldsAsTasksEnd(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(opts...)
		release := make(chan struct{})
		var running gauge
		for range 20 {
			p.Go(running.during(func() { <-release }))
		}
		synctest.Wait()
		require.Equal(t, 20, p.Stats().Workers)
		p.SetLimit(3)
		for range 10 {
			p.Go(running.during(func() { <-release }))
		}
		for range 27 {
			release <- struct{}{}
			synctest.Wait()
			now := running.now.Load()
			assert.LessOrEqual(t, p.Stats().Workers, max(int(now), 3))
			if p.Stats().Queued > 0 {
				assert.GreaterOrEqual(t, now, int32(3), "a place that a queued task may have")
			}
		}
		assert.Equal(t, int32(3), running.now.Load())
		close(release)
	})
}

func TestParkedWorkersAboveALoweredLimitGoAtOnce(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(opts...)
		release := make(chan struct{})
		for range 20 {
			p.Go(func() { <-release })
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		require.Equal(t, 20, p.Stats().Idle)
		p.SetLimit(3)
		s := p.Stats()
		assert.Equal(t, 3, s.Workers)
		assert.Equal(t, 3, s.Idle)
		assert.Equal(t, int64(17), s.Reaped)
	})
}

// TestWhoeverIsWokenAndGoesHasOthersLook: the worker that a raised limit has started finds
// the mark of a Drain, with which its time is over, and a task behind it.
func TestWhoeverIsWokenAndGoesHasOthersLook(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1))...)
		first, second, third := make(chan struct{}), make(chan struct{}), make(chan struct{})
		p.Go(func() { <-first })
		p.Go(func() { <-second })
		go p.Drain(t.Context())
		synctest.Wait()
		started := false
		p.Go(func() { started = true; <-third })
		close(first)
		synctest.Wait()
		require.False(t, started)
		p.SetLimit(3)
		synctest.Wait()
		assert.True(t, started)
		close(second)
		close(third)
	})
}

func TestTasksThatExitGiveTheirPlaceBack(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(2), pool.WithBacklog(1))...)
		ran := 0
		var mu sync.Mutex
		for range 20 {
			p.Go(func() { mu.Lock(); ran++; mu.Unlock(); runtime.Goexit() })
		}
		synctest.Wait()
		assert.Equal(t, 20, ran)
		s := p.Stats()
		assert.Equal(t, int64(20), s.Goexits)
		assert.Equal(t, s.Idle, s.Workers)
	})
}

func TestGoWaitsForRoomInTheBacklog(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1), pool.WithBacklog(4))...)
		release := make(chan struct{})
		var order []int
		for i := range 5 {
			p.Go(func() { <-release; order = append(order, i) })
		}
		assert.False(t, p.TryGo(func() { t.Error("was refused") }))
		for i := range 4 {
			go p.Go(func() { <-release; order = append(order, 5+i) })
			synctest.Wait()
			assert.Equal(t, i+1, p.Stats().Waiting)
		}
		for n := range 4 {
			release <- struct{}{} // the task ends, and lets one in
			synctest.Wait()
			assert.Equal(t, 3-n, p.Stats().Waiting)
			assert.Equal(t, 4, p.Stats().Queued)
		}
		for range 5 {
			release <- struct{}{}
			synctest.Wait()
		}
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, order, "first come, first served")
		assert.True(t, p.TryGo(func() {}))
	})
}

func TestNobodyIsOvertakenByThoseWhoTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		release := make(chan struct{})
		p.Go(func() { <-release })
		waited := false
		go p.Go(func() { waited = true; <-release })
		synctest.Wait()
		release <- struct{}{}
		if p.TryGo(func() {}) {
			t.Error("overtook one that waited")
		}
		synctest.Wait()
		assert.True(t, waited)
		close(release)
		time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestThoseWhoWaitAreLetInWhenTheLimitIsRaised(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1), pool.WithBacklog(1))...)
		release := make(chan struct{})
		var running gauge
		for range 10 {
			go p.Go(running.during(func() { <-release }))
		}
		synctest.Wait()
		assert.Equal(t, 8, p.Stats().Waiting)
		p.SetLimit(3)
		synctest.Wait()
		assert.Equal(t, 6, p.Stats().Waiting)
		assert.Equal(t, int32(3), running.now.Load())
		p.SetLimit(1)
		synctest.Wait()
		assert.Equal(t, 6, p.Stats().Waiting)
		p.SetLimit(pool.NoLimit)
		synctest.Wait()
		assert.Zero(t, p.Stats().Waiting)
		assert.Equal(t, int32(10), running.now.Load())
		close(release)
	})
}

func TestGoContextGivesUpWithTheContextsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		never := func(context.Context) { t.Error("was given up") }
		done, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, p.GoContext(done, never), context.Canceled)
		release := make(chan struct{})
		p.Go(func() { <-release })
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		assert.ErrorIs(t, p.GoContext(soon, never), context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(started))
		assert.Zero(t, p.Stats().Waiting)
		ran := false
		go func() { assert.NoError(t, p.GoContext(t.Context(), func(context.Context) { ran = true })) }()
		synctest.Wait()
		assert.Equal(t, 1, p.Stats().Waiting)
		close(release)
		synctest.Wait()
		assert.True(t, ran, "one that waits behind one that has given up")
		time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestGoContextSkipsWhatIsCancelledBeforeItStarts(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1))...)
		release := make(chan struct{})
		p.Go(func() { <-release })
		ctx, cancel := context.WithCancel(t.Context())
		require.NoError(t, p.GoContext(ctx, func(context.Context) { t.Error("started although cancelled") }))
		cancel()
		close(release)
		synctest.Wait()
		assert.Equal(t, int64(1), p.Stats().Skipped)
		assert.Equal(t, int64(2), p.Stats().Ended)
	})
}

// labelsNow returns the pprof labels of all goroutines, as a profile has them.
func labelsNow(t *testing.T) string {
	var profile bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
	return profile.String()
}

func TestGoContextLabelsTheWorkerWhileTheTaskRuns(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithPanicHandler(func(any, []byte) {}))...)
		ctx := pprof.WithLabels(t.Context(), pprof.Labels("request", "seventeen"))
		for name, end := range map[string]func(){"return": func() {}, "panic": func() { panic("handled") }} {
			release := make(chan struct{})
			require.NoError(t, p.GoContext(ctx, func(got context.Context) {
				assert.Equal(t, ctx, got)
				<-release
				end()
			}))
			synctest.Wait()
			assert.Contains(t, labelsNow(t), `"request":"seventeen"`)
			close(release)
			synctest.Wait()
			require.Equal(t, 1, p.Stats().Idle)
			assert.NotContains(t, labelsNow(t), "seventeen", "after a "+name)
		}
	})
}

// TestTryThenInline is what a task does that submits to its own full pool.
func TestTryThenInline(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(2), pool.WithBacklog(1))...)
		var leaves atomic.Int32
		var split func(depth int) func()
		split = func(depth int) func() {
			return func() {
				if depth == 0 {
					leaves.Add(1)
					return
				}
				for range 2 {
					if f := split(depth - 1); !p.TryGo(f) {
						f()
					}
				}
			}
		}
		p.Go(split(6))
		synctest.Wait()
		assert.Equal(t, int32(64), leaves.Load())
	})
}

func TestBadLimits(t *testing.T) {
	p := pool.New()
	var noContext context.Context
	for want, call := range map[string]func(){
		"pool.WithLimit(0): want 1 to 2147483647, or NoLimit":        func() { pool.WithLimit(0) },
		"pool.WithLimit(-2): want 1 to 2147483647, or NoLimit":       func() { pool.WithLimit(-2) },
		"pool.WithBacklog(-1): want 0 to 2147483647":                 func() { pool.WithBacklog(-1) },
		"pool.WithMaxTasksPerWorker(0): want a positive number":      func() { pool.WithMaxTasksPerWorker(0) },
		"lfpool: Pool.SetLimit(0): want 1 to 2147483647, or NoLimit": func() { p.SetLimit(0) },
		"lfpool: TryGo(nil): the task is a nil func":                 func() { p.TryGo(nil) },
		"lfpool: GoContext(nil, ...): the context is nil":            func() { p.GoContext(noContext, func(context.Context) {}) },
		"lfpool: GoContext(ctx, nil): the task is a nil func":        func() { p.GoContext(context.Background(), nil) },
		"lfpool: Drain(nil): the context is nil":                     func() { p.Drain(noContext) },
	} {
		assert.PanicsWithValue(t, want, call)
	}
	assert.Equal(t, pool.Stats{Limit: pool.NoLimit}, p.Stats(), "nothing has happened")
}

func TestWorkersAreReplacedAfterTheirShare(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithMaxTasksPerWorker(10), pool.WithLimit(1), pool.WithPanicHandler(func(any, []byte) {}))...)
		ids := map[uint64]int{}
		for i := range 100 {
			p.Go(func() {
				ids[goid()]++
				if i%3 == 0 {
					panic("counts as one")
				}
			})
		}
		synctest.Wait()
		s := p.Stats()
		assert.Equal(t, int64(100), s.Ended)
		assert.Equal(t, int64(10), s.Replaced)
		assert.Equal(t, int64(11), s.Spawned)
		assert.Equal(t, int64(90), s.Reused)
		assert.InDelta(t, 90.0/(90+11), s.ReuseRate(), 1e-9)
		assert.Len(t, ids, 10)
		for _, n := range ids {
			assert.Equal(t, 10, n)
		}
	})
}

// goid returns the number of the calling goroutine.
func goid() (id uint64) {
	var stack [64]byte
	n := runtime.Stack(stack[:], false)
	for _, c := range stack[len("goroutine "):n] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uint64(c-'0')
	}
	return id
}

func TestStatsAddUp(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithMaxTasksPerWorker(5), pool.WithLimit(4), pool.WithPanicHandler(func(any, []byte) {}))...)
		for i := range 200 {
			p.Go(func() {
				switch i % 10 {
				case 0:
					runtime.Goexit()
				case 1:
					panic(errors.New("handled"))
				}
			})
		}
		synctest.Wait()
		p.SetLimit(2)
		s := p.Stats()
		assert.Equal(t, int64(200), s.Ended)
		assert.Equal(t, int64(20), s.Panics)
		assert.Equal(t, int64(20), s.Goexits)
		assert.Equal(t, s.Spawned, int64(s.Workers)+s.Reaped+s.Replaced+s.Goexits)
		assert.Zero(t, s.Running)
		assert.LessOrEqual(t, s.Idle, 2)
	})
}

// TestSubmitsWhilePanickingInAFullPool: from a deferred call, with what is to be
// tried there.
func TestSubmitsWhilePanickingInAFullPool(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		for name, end := range map[string]func(){"panic": func() { panic("handled") }, "Goexit": runtime.Goexit} {
			p := pool.New(with(opts, pool.WithLimit(1), pool.WithBacklog(1), pool.WithPanicHandler(func(any, []byte) {}))...)
			var got []bool
			ran := 0
			p.Go(func() {
				defer func() {
					for range 2 {
						got = append(got, p.TryGo(func() { ran++ }))
					}
				}()
				end()
			})
			synctest.Wait()
			assert.Equal(t, []bool{true, false}, got, "%s: one place is left beside the task's own", name)
			assert.Equal(t, 1, ran)
			assert.True(t, p.TryGo(func() {}), "and afterwards all of them are")
		}
	})
}

// TestBacklogCountsATaskUntilItsHandlerHasReturned: with bound 0 a task is
// accepted only if a worker is free.
func TestBacklogCountsATaskUntilItsHandlerHasReturned(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		for _, end := range []func(){func() {}, runtime.Goexit} {
			release := make(chan struct{})
			p := pool.New(with(opts, pool.WithLimit(1), pool.WithBacklog(0), pool.WithPanicHandler(func(any, []byte) {
				<-release
				end()
			}))...)
			p.Go(func() { panic("handled, in time") })
			synctest.Wait()
			assert.False(t, p.TryGo(func() {}))
			close(release)
			synctest.Wait()
			ran := false
			assert.True(t, p.TryGo(func() { ran = true }))
			synctest.Wait()
			assert.True(t, ran)
		}
	})
}

// TestBusyWorkersHearOfALoweredLimit: at their next task, though the queue is
// never empty, and not only when the reaper looks.
func TestBusyWorkersHearOfALoweredLimit(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(3))...)
		var running atomic.Int32
		for range 12 {
			p.Go(func() {
				running.Add(1)
				time.Sleep(time.Second)
				running.Add(-1)
			})
		}
		time.Sleep(500 * time.Millisecond)
		assert.Equal(t, int32(3), running.Load())
		p.SetLimit(1)
		time.Sleep(time.Second)
		assert.Equal(t, int32(1), running.Load())
		time.Sleep(10 * time.Second)
	})
}
