package lfpooltest_test

import (
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

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/pool"
)

// TestIsolatedBubblesAtOnce: each of many bubbles has its own default pool, with
// its own clock, while the program's is in use outside.
func TestIsolatedBubblesAtOnce(t *testing.T) {
	const bubbles, tasks = 50, 20
	var (
		mu       sync.Mutex
		pools    = map[*pool.Pool]bool{}
		all      sync.WaitGroup
		inside   = make(chan struct{}, bubbles)
		together = make(chan struct{})
	)
	for i := range bubbles {
		all.Go(func() {
			t.Run("", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					lfpooltest.Isolate(t)
					mine := lfpool.Default()
					inside <- struct{}{}
					<-together // until all bubbles are there
					mu.Lock()
					assert.False(t, pools[mine], "another bubble's pool")
					pools[mine] = true
					mu.Unlock()
					sleep := time.Duration(i+1) * time.Second
					begin, ran := time.Now(), 0
					for range tasks {
						lfpool.Go(func() {
							lfpool.Go(func() { // from a worker, in the same bubble
								time.Sleep(sleep)
								mu.Lock()
								defer mu.Unlock()
								assert.True(t, lfpool.Default() == mine)
								ran++
							})
						})
					}
					synctest.Wait()
					assert.Equal(t, tasks, mine.Stats().Running)
					time.Sleep(sleep)
					synctest.Wait()
					assert.Equal(t, tasks, ran)
					assert.Equal(t, sleep, time.Since(begin))
				})
			})
		})
	}
	for range bubbles {
		<-inside
	}
	close(together)
	for range 1000 {
		use(lfpool.Default())
		assert.True(t, lfpool.Default() == program)
	}
	all.Wait()
	assert.Equal(t, bubbles, len(pools))
	assert.False(t, pools[program])
}

// TestIsolateDrains: the bubble ends, so no goroutine is left, whatever tasks
// still submit then.
func TestIsolateDrains(t *testing.T) {
	for i := range 100 {
		var ended atomic.Int32
		synctest.Test(t, func(t *testing.T) {
			lfpooltest.Isolate(t)
			lfpooltest.Isolate(t) // changes nothing
			for n := range i % 4 {
				lfpool.Go(func() {
					time.Sleep(time.Duration(n+1) * time.Second) // after the test's function has ended
					lfpool.Go(func() { lfpool.Go(func() { ended.Add(1) }) })
				})
			}
			lfpool.Go(func() { lfpool.Go(func() { lfpool.Go(func() { ended.Add(1) }) }) })
		})
		assert.EqualValues(t, i%4+1, ended.Load())
	}
}

func TestIsolateIsForGroupsToo(t *testing.T) {
	failed := errors.New("failed")
	synctest.Test(t, func(t *testing.T) {
		lfpooltest.Isolate(t)
		g, ctx := lfpool.WithContext(t.Context())
		g.Go(func() error { <-ctx.Done(); return nil })
		g.Go(func() error { time.Sleep(time.Hour); return failed })
		assert.ErrorIs(t, g.Wait(), failed)
		assert.EqualValues(t, 2, lfpool.Default().Stats().Spawned)
	})
}

// TestIsolateKnowsTheBubble where the clock and the labels may mislead.
func TestIsolateKnowsTheBubble(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1") // stacks show labels
	labels := pprof.Labels("a", "[running, synctest bubble 77]:", "synctest bubble 78", "]:\n")
	synctest.Test(t, func(t *testing.T) {
		lfpooltest.Isolate(t)
		mine := lfpool.Default()
		time.Sleep(100 * 365 * 24 * time.Hour)
		assert.True(t, lfpool.Default() == mine, "in the year %d", time.Now().Year())
		pprof.Do(t.Context(), labels, func(context.Context) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			assert.True(t, lfpool.Default() == mine)
		})
	})
	pprof.Do(t.Context(), labels, func(context.Context) { assert.True(t, lfpool.Default() == program) })
}

func TestIsolateOutsideOfABubble(t *testing.T) {
	assert.PanicsWithValue(t, "lfpooltest.Isolate: the caller is not in a bubble of testing/synctest", func() {
		lfpooltest.Isolate(&recorder{})
	})
	assert.True(t, lfpool.Default() == program)
}

// TestNoPoolIsKept: when a bubble's test has ended its pool is garbage.
func TestNoPoolIsKept(t *testing.T) {
	var gone atomic.Bool
	synctest.Test(t, func(t *testing.T) {
		lfpooltest.Isolate(t)
		lfpool.Go(func() {})
		runtime.AddCleanup(lfpool.Default(), func(gone *atomic.Bool) { gone.Store(true) }, &gone)
	})
	for !gone.Load() {
		runtime.GC() // the test's timeout is the failure
	}
}
