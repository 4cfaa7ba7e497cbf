package pool_test

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

// TestAFloodIsOverWhenItsTasksEnd: tasks that block have a worker each; afterwards
// the pool has workers enough, and starts no others for tasks that come in bursts.
func TestAFloodIsOverWhenItsTasksEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 200
		p := pool.New(pool.WithLanes(1)) // or a submitter whose stack grows may come to another lane
		hold := make(chan struct{})
		for range n {
			p.Go(func() { <-hold })
		}
		synctest.Wait()
		s := p.Stats()
		assert.Equal(t, n, s.Workers-s.Idle)
		close(hold)
		synctest.Wait()
		for range 20 {
			var all sync.WaitGroup
			for range n / 2 {
				all.Add(1)
				p.Go(all.Done)
			}
			all.Wait()
			synctest.Wait()
		}
		assert.Equal(t, s.Spawned, p.Stats().Spawned)
		require.NoError(t, p.Drain(t.Context()))
		assert.Zero(t, p.Stats().Workers)
	})
}

// TestAFloodAllocatesNoStarts: where goroutines are to be had without an allocation,
// a flood starts its workers without one.
func TestAFloodAllocatesNoStarts(t *testing.T) {
	if raceEnabled {
		t.Skip("each task of a race build has a worker that is started for it alone")
	}
	const n = 5000
	// flood returns how many objects were allocated while n tasks came to block.
	flood := func(run func(func())) uint64 {
		var started, ended sync.WaitGroup
		hold := make(chan struct{})
		started.Add(n)
		ended.Add(n)
		task := func() {
			started.Done()
			<-hold
			ended.Done()
		}
		before := mallocs()
		for range n {
			run(task)
		}
		started.Wait()
		allocated := mallocs() - before
		close(hold)
		ended.Wait()
		return allocated
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // the collector empties the runtime's lists
	flood(func(f func()) { go f() })                 // leaves goroutines to be used again
	p := pool.New()
	assert.Less(t, flood(p.Go), uint64(n/4))
	require.NoError(t, p.Drain(t.Context()))
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// TestFloodsAtOnce: floods of several pools, which share what workers are started
// with, each start every task once.
func TestFloodsAtOnce(t *testing.T) {
	const pools, n = 4, 1000
	var floods sync.WaitGroup
	for range pools {
		floods.Go(func() {
			p := pool.New()
			for range 3 {
				var runs [n]atomic.Int32
				var started, ended sync.WaitGroup
				hold := make(chan struct{})
				started.Add(n)
				ended.Add(n)
				for i := range runs {
					p.Go(func() {
						runs[i].Add(1)
						started.Done()
						<-hold
						ended.Done()
					})
				}
				started.Wait()
				close(hold)
				ended.Wait()
				for i := range runs {
					assert.Equal(t, int32(1), runs[i].Load())
				}
				assert.NoError(t, p.Drain(t.Context()))
				assert.Zero(t, p.Stats().Workers)
			}
		})
	}
	floods.Wait()
}
