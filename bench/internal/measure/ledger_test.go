package measure

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// TestJudgeTakesWorkersForAlike: it does not matter which of them is woken.
func TestJudgeTakesWorkersForAlike(t *testing.T) {
	woken := func(from, to time.Duration) stay { return stay{from, to, true, true} }
	ended := func(from, to time.Duration) stay { return stay{from, to, true, false} }
	open := func(from time.Duration) stay { return stay{from: from} }
	for name, c := range map[string]struct {
		stays        []stay
		needed, vain time.Duration
	}{
		"nothing": {nil, 0, 0},
		"woken":   {[]stay{woken(0, 3), open(4)}, 3, 6},
		"ended":   {[]stay{ended(0, 3)}, 0, 3},
		"late":    {[]stay{woken(0, 12), woken(11, 15)}, 0, 10},
		// One task at a time, each on the worker parked longest: one would have done.
		"in turn": {[]stay{woken(0, 4), woken(0, 6), woken(5, 8), open(7), open(9)}, 4 + 1 + 1, 10 + 1},
		// The one that parked last is ended; it might have been the other.
		"either": {[]stay{woken(0, 8), ended(2, 5), open(9)}, 8 - 2, 5 + 1},
	} {
		needed, vain := judge(c.stays, 10)
		assert.Equal(t, c.needed, needed, name)
		assert.Equal(t, c.vain, vain, name)
	}
}

func TestLedgerTellsWokenFromEnded(t *testing.T) {
	l := newLedger(lfqueue.NewSeg[*pool.Worker](), 8)
	a, b := new(pool.Worker), new(pool.Worker)
	l.Enqueue(a)
	l.Enqueue(b)
	for _, want := range []*pool.Worker{a, b} {
		w, ok := l.Dequeue()
		require.True(t, ok)
		assert.Same(t, want, w)
	}
	l.Enqueue(a)
	_, _ = l.Dequeue()
	_, ok := l.Dequeue()
	assert.False(t, ok)
	require.Len(t, l.stays, 3)
	assert.Equal(t, []bool{true, false, false}, []bool{l.stays[0].woken, l.stays[1].woken, l.stays[2].woken})
	needed, vain := l.close(time.Hour)
	assert.Positive(t, needed)
	assert.Positive(t, vain)
	assert.Less(t, needed+vain, time.Minute)
}
