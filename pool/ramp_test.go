package pool_test

import (
	"sync"
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
		p := pool.New()
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
