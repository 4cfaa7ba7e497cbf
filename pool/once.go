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

// ignoreSync and heedSync are those of the pool for a worker with a task of its
// own. Under a limit the end of a task makes room for another, which orders them.
func (w *runner) ignoreSync() {
	if w.alone {
		w.pool.ignoreSync()
	}
}

func (w *runner) heedSync() {
	if w.alone {
		w.pool.heedSync()
	}
}

// startOnce starts a worker for f alone. It does not, and returns false, if the
// pool has a limit.
func (p *Pool) startOnce(f func()) bool {
	e := p.joinOnce()
	if e != nil {
		go p.runOnce(e, f)
	}
	return e != nil
}

// joinOnce counts a worker for one task, which joins the era that it returns, or
// returns nil if the pool has a limit.
func (p *Pool) joinOnce() *era {
	p.ignoreSync()
	defer p.heedSync()
	if p.control.Limit() > 0 {
		return nil
	}
	if hired, _ := p.control.Hire(); !hired {
		return nil // it has one now
	}
	p.once.Add(1)
	return p.join(nil)
}

// runOnce is the goroutine of a worker for f alone.
func (p *Pool) runOnce(e *era, f func()) {
	w := runner{alone: true}
	stopped := false
	w.init(p, e)
	defer w.gone(&stopped)
	pprof.SetGoroutineLabels(p.labels)
	if frames := p.reserveFrames; frames > 0 {
		below(frames, func() { w.serveOnce(f) })
	} else {
		w.serveOnce(f)
	}
	stopped = true
	w.ignoreSync()
	w.flush()
	p.reaped.Add(1)
	p.remove()
	w.heedSync()
	p.look() // there is room, should the pool have a limit now
}

func (w *runner) serveOnce(f func()) {
	stopped, again := false, false
	defer w.unwind(&stopped, &again)
	f()
	stopped = true
	w.endTask()
}
