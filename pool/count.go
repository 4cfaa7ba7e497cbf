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
// the scheduler sees to timers, to the network and to whoever waits. A worker
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
	// firstBatch is the most for a worker that has parked: nobody knows how long
	// the next tasks take.
	firstBatch = 8
)

// batch is a worker's count of the tasks that it has not told the pool of.
type batch struct {
	left, size int64         // left counts down from size to the flush
	next       int64         // the size that the clock allows
	flushed    time.Duration // on the clock, when the last full batch ended; 0: the worker has parked since
	passed     time.Duration // when the worker last passed the scheduler, if flushed is not 0
}

// begin begins a new batch, for a worker that may run share tasks; negative: any
// number.
func (b *batch) begin(share int64) {
	b.size = b.next
	if share > 0 {
		b.size = min(share, b.size)
	}
	b.left = b.size
}

// count counts a finished task.
func (w *Worker) count() {
	w.left--
	if w.left == 0 {
		w.endBatch()
	}
}

// endBatch flushes, and passes the scheduler if it is time. It is kept out of
// line so that count, which each task calls, is not.
//
//go:noinline
func (w *Worker) endBatch() {
	full := w.size == w.next
	w.flush()
	if !full {
		return // its share is done
	}
	now := clock()
	if w.flushed == 0 {
		w.flushed, w.passed = now, now
		return
	}
	took := now - w.flushed
	w.next = min(max(w.next*int64(batchTime)/max(int64(took), 1), 1), 2*w.next, maxBatch)
	w.flushed = now
	if now-w.passed >= passAfter {
		runtime.Gosched() // the worker has no duty, so no task relies on it
		w.flushed = clock()
		w.passed = w.flushed
	}
	w.begin(w.share)
}

// parked is called when the worker is about to park, and so passes the scheduler.
func (b *batch) parked() { b.flushed, b.next = 0, min(b.next, firstBatch) }

// flush tells the pool's counter what the worker has counted, and gives the
// worker its own labels back, which a task may have changed.
func (w *Worker) flush() {
	if finished := w.size - w.left; finished > 0 {
		w.pool.finished.Add(finished)
		if !w.veteran {
			w.veteran = true
			w.pool.veterans.Add(1)
		}
		w.share -= finished
		pprof.SetGoroutineLabels(w.pool.labels)
	}
	w.begin(w.share)
}

var birth = time.Now()

// clock returns the time since the program began. In a bubble of testing/synctest
// it may be negative, and stands still while goroutines run.
func clock() time.Duration { return time.Since(birth) }
