package load

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// A countingPool runs tasks with the go statement and counts them. It bounds
// the goroutines that live at a time, as the race detector needs.
type countingPool struct {
	submitted, finished atomic.Int64
	room                chan struct{}
}

func newCountingPool() *countingPool {
	return &countingPool{room: make(chan struct{}, 1000)}
}

func (p *countingPool) Go(f func()) {
	p.submitted.Add(1)
	p.room <- struct{}{}
	go func() {
		defer func() { <-p.room }()
		p.finished.Add(1) // before f, which may release the waiter
		f()
	}()
}

func TestWorkloadsRunWhatTheyClaim(t *testing.T) {
	workloads := slices.Concat(Main, headlines(1000), Sweeps(), Neighbours)
	for _, l := range limitedHeadlines(10_000) { // countingPool has room for 1000 that wait
		workloads = append(workloads, l.Workload)
	}
	for _, w := range workloads {
		t.Run(fmt.Sprint(w.Name, w.X), func(t *testing.T) {
			for _, procs := range []int{1, 3} {
				p := newCountingPool()
				l := w.Bind(p, procs)
				want := int64(0)
				for _, n := range []int{0, 1, 2} {
					l.Run(n)
					want += int64(n * l.Tasks)
					assert.Equal(t, want, p.submitted.Load())
					assert.Equal(t, want, p.finished.Load())
				}
			}
		})
	}
}

func TestProducersScaleWithProcs(t *testing.T) {
	p := newCountingPool()
	assert.Equal(t, 8*32, flood(shallow)(p, 1).Tasks)
	assert.Equal(t, 8*32*5, flood(shallow)(p, 5).Tasks)
	assert.Equal(t, 2*16*5, produce(served)(p, 5).Tasks)
	assert.Equal(t, 4*500, produce(mixed)(p, 5).Tasks)
	assert.Equal(t, 5, callers(1, shallow)(p, 5).Tasks)
	assert.Equal(t, 8*5, callers(8, shallow)(p, 5).Tasks)
	assert.Equal(t, 5, call(timed)(p, 5).Tasks)
}

// A slowPool starts each task only when the caller's first patience may be over.
type slowPool struct{ after time.Duration }

func (p slowPool) Go(f func()) { time.AfterFunc(p.after, f) }

// TestLateAnswers are waited for all the same, and leave nothing stale behind for
// the next call that uses the channel and the timer.
func TestLateAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fresh := waits.New // channels and timers belong to one bubble
		waits = sync.Pool{New: fresh}
		defer func() { waits = sync.Pool{New: fresh} }()
		for question, after := range []time.Duration{patience / 2, 3 * patience, 0, patience / 2} {
			begun := time.Now()
			assert.Equal(t, question, timed(slowPool{after}, question))
			assert.Equal(t, after, time.Since(begun))
		}
	})
}

// TestCallersWaitForTheirOwnTask only: one whose task is long does not hold back
// the others.
func TestCallersWaitForTheirOwnTask(t *testing.T) {
	const others = 7
	open := make(chan struct{})
	var calls atomic.Int32
	l := callers(1+others, func() {
		switch n := calls.Add(1); n {
		case 1:
			<-open
		case 1 + 3*others:
			close(open) // reached only if all the others' tasks run meanwhile
		}
	})(newCountingPool(), 1)
	l.Run(3)
	assert.EqualValues(t, 3*(1+others), calls.Load())
}

// TestNames checks that a name can stand in a benchmark's name, where a number
// at the end would be taken for GOMAXPROCS, and that a name with its X is the
// workload's own.
func TestNames(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$`)
	type id struct {
		name string
		x    float64
	}
	seen := map[id]bool{}
	for _, w := range slices.Concat(Main, Sweeps()) {
		assert.Regexp(t, valid, w.Name)
		assert.False(t, seen[id{w.Name, w.X}], "%s %v twice", w.Name, w.X)
		assert.NotEmpty(t, w.Doc, w.Name)
		seen[id{w.Name, w.X}] = true
	}
	assert.Len(t, Named(Main, "wait", "json"), 2)
	for _, way := range Ways() {
		assert.Len(t, Named(slices.Concat(Main, Sweeps()), DepthSweep+way), len(Depths))
		assert.Len(t, Named(slices.Concat(Main, Sweeps()), SizeSweep+way), len(Sizes))
		assert.Len(t, Named(slices.Concat(Main, Sweeps()), SleepSweep+way), len(Sleeps))
	}
}

// TestSpinTakesItsTime at least, and a task twice as long about twice as much.
func TestSpinTakesItsTime(t *testing.T) {
	best := func(d time.Duration) time.Duration {
		least := time.Hour
		for range 20 {
			start := time.Now()
			Spin(d)
			least = min(least, time.Since(start))
		}
		return least
	}
	short, long := best(100*time.Microsecond), best(400*time.Microsecond)
	assert.Greater(t, short, 30*time.Microsecond)
	assert.InDelta(t, 4, float64(long)/float64(short), 2)
}
