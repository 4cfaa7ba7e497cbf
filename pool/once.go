package pool

import (
	"runtime/pprof"

	"github.com/lfpool/lfpool/internal/binary"
)

// A pool that keeps no worker, in a race build or in a bubble of testing/synctest:
// without a limit each task gets a worker of its own, which its submitter starts.
// So nothing but the go statement stands between the two, and when the task has
// ended nothing is left of it. With a limit the pool dispatches as others do, but
// that a worker that finds no task ends.
//
// In a race build tasks must be ordered by what orders goroutines and by nothing
// else, or the race detector does not see that they race. So it takes no note of
// what the pool does for its own ends: not of a submitter's steps, which would
// order it after others, nor of those at a task's end but the last one, which
// Drain waits for. What the steps touch are atomics, or the caller's own.

// keepsNone makes p a pool that keeps no worker.
func (p *Pool) keepsNone() { p.keepNone, p.linger.off = true, true }

// ignoreSync and heedSync stand about steps that order nothing: see above.
func (p *Pool) ignoreSync() {
	if p.keepNone {
		binary.IgnoreSync()
	}
}

func (p *Pool) heedSync() {
	if p.keepNone {
		binary.HeedSync()
	}
}

// startOnce starts a worker for f alone. It does not, and returns false, if the
// pool has a limit.
func (p *Pool) startOnce(f func()) bool {
	w := p.workerOnce()
	if w != nil {
		go w.runOnce(f)
	}
	return w != nil
}

// workerOnce makes and counts a worker for one task, or returns nil if the pool
// has a limit.
func (p *Pool) workerOnce() *Worker {
	p.ignoreSync()
	defer p.heedSync()
	if p.control.Limit() > 0 {
		return nil
	}
	if hired, _ := p.control.Hire(); !hired {
		return nil // it has one now
	}
	p.once.Add(1)
	return p.newWorker(nil)
}

// runOnce is the goroutine of a worker for f alone.
func (w *Worker) runOnce(f func()) {
	stopped := false
	defer w.gone(&stopped)
	pprof.SetGoroutineLabels(w.pool.labels)
	if frames := w.pool.reserveFrames; frames > 0 {
		below(frames, func() { w.serveOnce(f) })
	} else {
		w.serveOnce(f)
	}
	stopped = true
	w.pool.ignoreSync()
	w.flush()
	w.pool.reaped.Add(1)
	w.pool.remove()
	w.pool.heedSync()
	w.pool.look() // there is room, should the pool have a limit now
}

func (w *Worker) serveOnce(f func()) {
	stopped, again := false, false
	defer w.unwind(&stopped, &again)
	f()
	stopped = true
	w.endTask()
}
