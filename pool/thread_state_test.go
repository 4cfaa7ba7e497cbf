package pool

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/internal/goroutine"
)

// inACrowd calls f as a worker of a pool in which so many are parked, and returns what f
// does. The goroutine ends with it, and its thread if that is locked.
func inACrowd(parked int, f func(w *runner) bool) bool {
	done := make(chan bool)
	go func() {
		p := New(WithLanes(1))
		for range parked {
			p.gauge.Park()
		}
		var w runner
		w.init(p, p.join(nil), p.lane(0))
		done <- f(&w)
	}()
	return <-done
}

// TestAWorkerPutsOffALookInACrowdAlone, once for each time that it parks, and if it has
// nothing else to do.
func TestAWorkerPutsOffALookInACrowdAlone(t *testing.T) {
	run := func(w *runner) {
		w.count()
		w.pool.notify()
	}
	putsOff := func(w *runner) bool { // whether it is due again
		assert.True(t, w.due())
		assert.True(t, w.checkIn(nil, none))
		return w.due()
	}
	for parked, want := range map[int]bool{0: false, crowd - 1: false, crowd: true, 100 * crowd: true} {
		assert.Equal(t, want, inACrowd(parked, func(w *runner) bool { run(w); return putsOff(w) }), "%d parked", parked)
	}
	for name, f := range map[string]func(w *runner){
		"it has run nothing":      func(w *runner) { w.looked = notLooked; w.pool.notify() },
		"a task is queued":        func(w *runner) { run(w); w.lane.tasks.Enqueue(func() {}) },
		"it has put one off":      func(w *runner) { run(w); assert.True(t, putsOff(w)); run(w) },
		"it has looked since":     func(w *runner) { run(w); w.locked() },
		"nobody has told it to":   func(w *runner) { w.count() },
		"it is woken with a task": func(w *runner) { w.looked = notLooked; assert.True(t, w.checkIn(func() {}, none)) },
	} {
		assert.False(t, inACrowd(crowd, func(w *runner) bool { f(w); return putsOff(w) }), name)
	}
}

// TestABusyWorkerLooksByItself when it has passed the scheduler often enough.
func TestABusyWorkerLooksByItself(t *testing.T) {
	assert.True(t, inACrowd(0, func(w *runner) bool {
		assert.True(t, w.checkIn(nil, none))
		w.passes, w.flushed, w.passed = passesPerCheck-1, 1, -passAfter
		for range firstBatch {
			w.count()
		}
		assert.True(t, w.due(), "without a notice")
		assert.Zero(t, w.looked)
		assert.True(t, w.checkIn(nil, none))
		return w.looked == firstBatch
	}))
}

// TestAFloodsWorkersSeldomLook at their first parks; the workers of a small pool always do.
func TestAFloodsWorkersSeldomLook(t *testing.T) {
	looks := func(parked int) (n int) {
		inACrowd(parked, func(w *runner) bool {
			for range 100 * parksPerCheck {
				w.parks, w.looked = 1, notLooked
				w.maybeLocked()
				if w.looked == 0 {
					n++
				}
			}
			return false
		})
		return n
	}
	assert.Equal(t, 100*parksPerCheck, looks(crowd-1))
	assert.InDelta(t, 100, looks(crowd), 60, "one in parksPerCheck")
}

// TestALockedThreadInACrowdIsANotice: the others have not looked at theirs.
func TestALockedThreadInACrowdIsANotice(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread is all there is")
	}
	for parked, want := range map[int]bool{crowd - 1: false, crowd: true} {
		assert.Equal(t, want, inACrowd(parked, func(w *runner) bool {
			runtime.LockOSThread()
			before := w.pool.notices.Load()
			assert.True(t, w.locked())
			return w.pool.notices.Load() != before
		}), "%d parked", parked)
	}
}

// TestNoTaskRunsOnAThreadThatWasLockedBeforeTheNotice, in a crowd whose workers have not
// looked.
func TestNoTaskRunsOnAThreadThatWasLockedBeforeTheNotice(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("one thread is all there is")
	}
	for _, early := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			const lockers = 20
			p := New(WithLinger(false), WithIdleTimeout(DefaultIdleTimeout))
			flood := func(n int, f func()) (end func()) {
				hold := make(chan struct{})
				for range n {
					p.Go(func() { f(); <-hold })
				}
				synctest.Wait()
				return func() { close(hold); synctest.Wait() }
			}
			endCrowd := flood(2*crowd, func() {})
			endLockers := flood(lockers, runtime.LockOSThread)
			if early {
				p.notify()
			}
			endCrowd()
			endLockers()
			assert.Greater(t, p.idleWorkers(), 2*crowd, "some have parked without a look")
			if !early {
				p.notify()
			}
			flood(2*crowd+lockers, func() { assert.False(t, goroutine.Locked()) })()
			assert.NoError(t, p.Drain(t.Context()))
		})
	}
}
