package pool

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/lfqueue"
)

// meanwhile is a task queue that has something happen while somebody looks whether
// it is empty, and says then what it would have said before.
type meanwhile struct {
	*lfqueue.Seg[func()]
	happens func()
}

func (q *meanwhile) Empty() bool {
	if f := q.happens; f != nil {
		q.happens = nil
		f()
		return false
	}
	return q.Seg.Empty()
}

// TestNobodyIsStartedForWhatADrainHasTaken: a look at the queue finds it not empty,
// and before it is over a Drain returns, so what it has found is gone. A worker that
// was started for it would be left behind by the Drain.
func TestNobodyIsStartedForWhatADrainHasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &meanwhile{Seg: lfqueue.NewSeg[func()]()}
		p := New(WithTaskQueue(func() TaskQueue { return q }))
		p.lane(0)
		q.happens = func() { require.NoError(t, p.Drain(t.Context())) }
		p.wakeIfQueued(p.lane(0))
		synctest.Wait()
		assert.Nil(t, q.happens)
		assert.Zero(t, p.Stats().Spawned)
		assert.Zero(t, p.Stats().Workers)
		ran := false
		p.Go(func() { ran = true }) // and the search word is free again
		require.NoError(t, p.Drain(t.Context()))
		assert.True(t, ran)
	})
}
