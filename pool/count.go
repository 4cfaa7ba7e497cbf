package pool

import (
	"runtime"
	"runtime/pprof"
	"time"
)

// What a worker does between tasks and not at each of them: it adds what it has
// counted to the pool's counter, takes its labels back, and lets others have the
// processor.
//
// A goroutine that the go statement starts passes the scheduler when it ends, and
// the scheduler sees to timers, to the network and to those that wait. A worker
// that finds task after task would not, until the runtime preempts it after 10
// ms. So it passes the scheduler by the clock. To read the clock costs as much as
// half a task, so a worker reads it once for a batch of tasks, and a batch is as
// large as lasts for a part of the time.

const (
	// maxBatch is how many tasks a batch has at most, so that Stats lags by less
	// than this for each busy worker, and the clock costs a task less than half a
	// nanosecond.
	maxBatch = 64
	// passAfter is for how long a worker serves before it passes the scheduler.
	passAfter = 100 * time.Microsecond
	// batchTime is how long a batch is to last at most: the worker is that late.
	batchTime = passAfter / 4
	// passesPerCheck is how often it does until it checks in by itself, which is to
	// see to its thread, once in a millisecond or so.
	passesPerCheck = 8
	// firstBatch is the most for a worker that has parked: nobody knows how long
	// the next tasks take.
	firstBatch = 8
)

// batch is a worker's count of the tasks that it has not told the pool of.
type batch struct {
	left, size int32         // left counts down from size to the flush
	before     int32         // the tasks flushed since the worker was started or unparked
	next       int32         // the size that the clock allows
	flushed    time.Duration // on the clock, when the last full batch ended; 0: the worker has parked since
	passed     time.Duration // when the worker last passed the scheduler, as far as it knows
	passes     uint32        // how often it was to
	overdue    bool          // it is to pass the scheduler now
}

// begin begins a new batch, for a worker that may run quota tasks; negative: any
// number.
func (b *batch) begin(quota int64) {
	b.size = b.next
	if quota > 0 {
		b.size = int32(min(quota, int64(b.size)))
	}
	b.left = b.size
}

// ran returns how many tasks the worker has run since it was started or unparked.
func (b *batch) ran() int32 { return b.before + b.size - b.left }

// hasRun reports whether the worker has run a task.
func (w *runner) hasRun() bool { return w.veteran || w.left < w.size }

// count counts a finished task.
func (w *runner) count() {
	w.left--
	if w.left == 0 {
		w.endBatch()
	}
}

// endBatch flushes, and passes the scheduler if it is time. It is kept out of
// line so that count, which each task calls, is not.
//
//go:noinline
func (w *runner) endBatch() {
	full := w.size == w.next
	w.flush()
	if !full {
		return // its quota is done
	}
	now := clock()
	if w.flushed == 0 {
		w.flushed, w.passed = now, now
		return
	}
	took := max(now-w.flushed, 1)
	w.next = int32(min(max(int64(w.next)*int64(batchTime)/int64(took), 1), 2*int64(w.next), maxBatch))
	w.flushed = now
	if now-w.passed >= passAfter {
		w.overdue = true
		if w.passes++; w.passes%passesPerCheck == 0 {
			w.heard, w.sight = w.heard-1, w.sight-1 // check in: nobody has told it to, while no worker is parked
		}
	}
	w.begin(w.quota)
}

// park is called when the worker is about to park, and so passes the scheduler.
func (b *batch) park() { b.flushed, b.next = 0, min(b.next, firstBatch) }

// pass lets others have the processor. The worker has no duty, so no task relies
// on it, and it may park like one that has found none: the searcher, if tasks are
// queued, comes next and wakes it as its successor. (With Gosched it would stand
// in the scheduler's global queue, where wakers do not find it, and they would
// start new workers, more with each pass.)
//
// Under a limit the worker could find itself parked when it looks at the queue
// afterwards, and there wakers start no more workers than the limit allows.
func (w *runner) pass() (f func(), ok bool) {
	w.overdue = false
	if w.pool.control.Limit() > 0 {
		runtime.Gosched()
		w.flushed = clock()
		w.passed = w.flushed
		return nil, true
	}
	w.pool.wakeInstead(w.lane)
	next := w.next
	f, ok = w.rest(none)
	w.next = next // it knows how long tasks take
	return f, ok
}

// flush tells the pool's counter what the worker has counted, and gives the
// worker its own labels back, which a task may have changed.
func (w *runner) flush() {
	if finished := int64(w.size - w.left); finished > 0 {
		w.lane.finished.Add(finished)
		w.before += int32(finished)
		if !w.veteran {
			w.veteran = true
			w.pool.veterans.Add(1)
		}
		w.quota -= finished
		pprof.SetGoroutineLabels(w.pool.labels)
	}
	w.begin(w.quota)
}

var birth = time.Now()

// clock returns the time since the program began. In a bubble of testing/synctest
// it may be negative, and stands still while goroutines run.
func clock() time.Duration { return time.Since(birth) }
