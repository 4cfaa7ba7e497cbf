package pool

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/lfqueue"
)

// slowToEnd is an idle queue in which a Dequeue that finds nothing takes a while.
type slowToEnd struct {
	IdleQueue
	takes *atomic.Int64 // nanoseconds
}

func (q slowToEnd) Dequeue() (*Worker, bool) {
	w, ok := q.IdleQueue.Dequeue()
	if !ok {
		time.Sleep(time.Duration(q.takes.Load()))
	}
	return w, ok
}

// TestTheReaperSeesWhomACullHasKept: while a cull has the parked workers in hand the
// reaper finds none and falls asleep.
func TestTheReaperSeesWhomACullHasKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout = time.Second
		takes := new(atomic.Int64)
		p := New(WithLimit(3), WithLinger(false), WithIdleTimeout(timeout), WithIdleQueue(func() IdleQueue {
			return slowToEnd{lfqueue.NewSeg[*Worker](), takes}
		}))
		for range 3 {
			p.Go(func() { time.Sleep(time.Millisecond) })
		}
		time.Sleep(idle.Tick(timeout) / 2)
		require.Equal(t, 3, p.idleWorkers())
		takes.Store(int64(idle.Tick(timeout) * 3 / 2))
		go p.SetLimit(1)
		time.Sleep(idle.Tick(timeout))
		require.Equal(t, uint32(1), p.asleep.Load(), "the cull lasts, and nobody is parked")
		takes.Store(0)
		time.Sleep(idle.Tick(timeout) + idle.ShrinkBound(timeout))
		synctest.Wait()
		assert.Zero(t, p.Stats().Workers)
	})
}
