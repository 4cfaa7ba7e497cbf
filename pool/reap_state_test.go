package pool

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestATickHasBusyWorkersTell what they have counted when the task that they are in
// has ended, and not at the end of their batch.
func TestATickHasBusyWorkersTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(WithLimit(1), WithLinger(false))
		for range firstBatch {
			p.Go(func() { time.Sleep(2 * time.Second) })
		}
		time.Sleep(3 * time.Second)
		p.tick()
		synctest.Wait()
		assert.Equal(t, int64(1), p.lane(0).finished.Load(), "a new worker tells of its first task")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Equal(t, int64(2), p.lane(0).finished.Load())
		require.NoError(t, p.Drain(t.Context()))
	})
}
