package pool_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

func TestBadLanes(t *testing.T) {
	for want, n := range map[string]int{
		"pool.WithLanes(0): want 1 to 256":   0,
		"pool.WithLanes(-1): want 1 to 256":  -1,
		"pool.WithLanes(257): want 1 to 256": 257,
	} {
		assert.PanicsWithValue(t, want, func() { pool.WithLanes(n) })
	}
}

// TestLanesRunEveryTaskOnce: goroutines submit to a pool with lanes while its limit,
// the number of processors and its generations change. Every task runs once, Drain leaves
// nobody, and workers that nobody needs are gone after the shrink bound.
func TestLanesRunEveryTaskOnce(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(procs)
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, randomLanes) })
}

func randomLanes(t *rapid.T) {
	const timeout = 10 * time.Millisecond
	opts := []pool.Option{pool.WithIdleTimeout(timeout), pool.WithLinger(rapid.Bool().Draw(t, "lingers"))}
	if lanes := rapid.SampledFrom([]int{0, 1, 2, 3, 8, 64}).Draw(t, "lanes"); lanes > 0 {
		opts = append(opts, pool.WithLanes(lanes))
	}
	p := pool.New(opts...)
	defer func() { // so that a failure shows as what it is
		p.SetLimit(pool.NoLimit)
		time.Sleep(2 * idle.ShrinkBound(timeout))
	}()
	var runs []atomic.Int32
	for range rapid.IntRange(1, 4).Draw(t, "rounds") {
		submitters := rapid.IntRange(1, 16).Draw(t, "submitters")
		each := rapid.IntRange(1, 40).Draw(t, "tasks each")
		calls := rapid.Bool().Draw(t, "submitters wait for their tasks")
		limits := rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 3, pool.NoLimit}), 0, 4).Draw(t, "limits")
		drains := rapid.IntRange(0, 3).Draw(t, "drains")
		counts := rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 3, 8}), 0, 3).Draw(t, "processors")

		runs = make([]atomic.Int32, 2*submitters*each)
		var others sync.WaitGroup
		for s := range submitters {
			others.Go(func() {
				for i := range each {
					n := 2 * (s*each + i)
					ended := make(chan struct{})
					p.Go(func() {
						defer close(ended)
						runs[n].Add(1)
						p.Go(func() { runs[n+1].Add(1) })
					})
					if calls {
						<-ended
					}
				}
			})
		}
		others.Go(func() {
			for _, limit := range limits {
				p.SetLimit(limit)
				runtime.Gosched()
			}
		})
		others.Go(func() {
			for _, n := range counts {
				runtime.GOMAXPROCS(n)
				runtime.Gosched()
			}
		})
		for range drains {
			others.Go(func() { assert.NoError(t, p.Drain(context.Background())) })
		}
		others.Wait()
		drained := rapid.Bool().Draw(t, "drained")
		if drained {
			require.NoError(t, p.Drain(context.Background()))
		} else {
			synctest.Wait()
		}
		for i := range runs {
			require.Equal(t, int32(1), runs[i].Load(), "runs of task %d of %d", i, len(runs))
		}
		synctest.Wait()
		stats := p.Stats()
		require.Equal(t, stats.Idle, stats.Workers, "at rest all are parked")
		require.Zero(t, stats.Queued)
		if drained {
			require.Zero(t, stats.Workers, "after Drain")
		}
		time.Sleep(idle.ShrinkBound(timeout))
		synctest.Wait()
		require.Zero(t, p.Stats().Workers, "after the shrink bound")
	}
}

// TestALimitedPoolTakesTasksInTheOrderOfSubmission: tasks that wait for the only
// worker stand in one queue, whoever has submitted them and however many lanes the
// pool is to have.
func TestALimitedPoolTakesTasksInTheOrderOfSubmission(t *testing.T) {
	for name, opts := range map[string][]pool.Option{
		"from the beginning": {pool.WithLanes(64), pool.WithLimit(1)},
		"one lane":           {pool.WithLanes(1), pool.WithLimit(1)},
		"later":              {pool.WithLanes(64)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(opts...)
				p.SetLimit(1)
				release := make(chan struct{})
				p.Go(func() { <-release })
				const n = 100
				var want, order []int
				for i := range n {
					want = append(want, i)
					var submitted sync.WaitGroup
					submitted.Go(func() { p.Go(func() { order = append(order, i) }) }) // each from a stack of its own
					submitted.Wait()
				}
				close(release)
				synctest.Wait()
				assert.Equal(t, want, order)
				assert.NoError(t, p.Drain(t.Context()))
			})
		})
	}
}

// TestALaneWithOneTaskAfterTheOther: a submitter that waits for each of its tasks
// finds the worker of the last one, in whichever lane it is.
func TestALaneWithOneTaskAfterTheOther(t *testing.T) {
	for _, lanes := range []int{1, 64} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pool.WithLanes(lanes), pool.WithLinger(false))
			for range 100 {
				p.Go(func() {})
				synctest.Wait()
			}
			stats := p.Stats()
			assert.Equal(t, int64(1), stats.Spawned)
			assert.Equal(t, int64(100), stats.Ended)
			assert.NoError(t, p.Drain(t.Context()))
		})
	}
}
