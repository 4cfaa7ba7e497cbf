package pool

import (
	"runtime/pprof"

	"github.com/lfpool/lfpool/internal/binary"
)

// In a race build, and in a bubble of testing/synctest, a pool without a limit
// gives each task a worker of its own, which the task's submitter starts: its
// tasks are apart. So nothing but the go statement stands between the two, and
// when the task has ended nothing is left of it. In a bubble the pool keeps no
// other worker either: under a limit one that finds no task ends.
//
// In a race build tasks must be ordered by what orders goroutines and by nothing
// else, or the race detector does not see that they race. So it takes no note of
// what the pool does for its own ends: not of a submitter's steps, which would
// order it after others, nor of those at a task's end but the last one, which
// Drain waits for. What the steps touch are atomics, or the caller's own.

// keepsNone makes p a pool that keeps no worker.
func (p *Pool) keepsNone() { p.apart, p.keepNone, p.linger.off, p.byPlace = true, true, true, false }

// ignoreSync and heedSync stand about steps that order nothing: see above.
func (p *Pool) ignoreSync() {
	if p.apart {
		binary.IgnoreSync()
	}
}

func (p *Pool) heedSync() {
	if p.apart {
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
	g, startReaper := p.joinOnce()
	if startReaper {
		p.startReaper()
	}
	switch {
	case g == nil:
		return false
	case exempt(): // a turn has other submitters' tasks, too
		startClean(func() { p.runOnce(g, f) })
	default:
		go p.runOnce(g, f)
	}
	return true
}

// joinOnce counts a worker for one task, which joins the generation that it returns, or
// returns nil if the pool has a limit. It says whether the caller must start the
// reaper.
func (p *Pool) joinOnce() (g *generation, startReaper bool) {
	p.ignoreSync()
	defer p.heedSync()
	if p.control.Limit() > 0 {
		return nil, false
	}
	hired, startReaper := p.control.Hire()
	if !hired {
		return nil, false // it has a limit now
	}
	p.once.Add(1)
	return p.join(nil), startReaper
}

// runOnce is the goroutine of a worker for f alone.
func (p *Pool) runOnce(g *generation, f func()) {
	w := runner{alone: true}
	stopped := false
	w.init(p, g, p.lane(0))
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
	left := p.control.Leave()
	w.heedSync()
	p.removed(left)
	p.settle() // there is room, should the pool have a limit now
}

func (w *runner) serveOnce(f func()) {
	stopped, again := false, false
	defer w.unwind(&stopped, &again)
	f()
	stopped = true
	w.endTask()
}
