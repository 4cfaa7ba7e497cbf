package keep

import (
	"slices"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// A ledger is a queue of parked workers that notes who comes and goes. Who is
// taken and comes back was woken; who does not was ended.
type ledger struct {
	pool.IdleQueue
	begun time.Time

	mu    sync.Mutex // covers stays and open, not the queue
	stays []stay
	open  map[weak.Pointer[pool.Worker]]int // of who is in the queue, or was last: the index into stays
}

// A stay is the time from a worker's coming to its going.
type stay struct {
	from, to time.Duration
	gone     bool // the worker has been taken out
	woken    bool // and has come back since
}

func newLedger(q pool.IdleQueue, events int) *ledger {
	return &ledger{IdleQueue: q, begun: time.Now(), stays: make([]stay, 0, events), open: make(map[weak.Pointer[pool.Worker]]int, events)}
}

// Enqueue notes the time before the worker can be found.
func (l *ledger) Enqueue(w *pool.Worker) {
	id := weak.Make(w) // does not keep it from the collector
	l.mu.Lock()
	if before, ok := l.open[id]; ok {
		l.stays[before].woken = true
	}
	l.open[id] = len(l.stays)
	l.stays = append(l.stays, stay{from: time.Since(l.begun)})
	l.mu.Unlock()
	l.IdleQueue.Enqueue(w)
}

// Dequeue notes the time after the worker was taken.
func (l *ledger) Dequeue() (w *pool.Worker, ok bool) {
	if w, ok = l.IdleQueue.Dequeue(); ok {
		l.mu.Lock()
		s := &l.stays[l.open[weak.Make(w)]]
		s.to, s.gone = time.Since(l.begun), true
		l.mu.Unlock()
	}
	return w, ok
}

// close returns the worker-time parked until end that was needed, and that was
// in vain.
func (l *ledger) close(end time.Duration) (needed, vain time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return judge(l.stays, end)
}

// judge says of the time that workers were parked how much was of use, if one
// worker is as good as another: had each task woken the worker that parked last,
// and each one that was ended been the one that parked first, then a stay that
// ends with a task was needed, and one that ends otherwise, or not before end,
// was in vain. So a crowd that is woken in turn, though two of it would do,
// counts as two that were needed and a crowd that was not.
func judge(stays []stay, end time.Duration) (needed, vain time.Duration) {
	const (
		parks = iota
		wakes
		ends
	)
	type event struct {
		at   time.Duration
		what int
	}
	var events []event
	for _, s := range stays {
		if s.from >= end {
			continue
		}
		events = append(events, event{s.from, parks})
		switch {
		case !s.gone || s.to >= end:
		case s.woken:
			events = append(events, event{s.to, wakes})
		default:
			events = append(events, event{s.to, ends})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return int(a.at - b.at) })
	var parked []time.Duration // since when, the last one at the end
	for _, e := range events {
		switch n := len(parked); {
		case e.what == parks:
			parked = append(parked, e.at)
		case e.what == wakes:
			needed += e.at - parked[n-1]
			parked = parked[:n-1]
		default:
			vain += e.at - parked[0]
			parked = parked[1:]
		}
	}
	for _, since := range parked {
		vain += end - since
	}
	return needed, vain
}

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
