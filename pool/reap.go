package pool

import (
	"github.com/lfpool/lfpool/idle"
)

// The pool's side of its reaper (package idle): what brings it up, what it does to
// the pool, and what wakes it.
//
// While no worker is parked the reaper has nothing to wait for but that one
// parks, or that the last one goes. Then it has no timer: a program all of whose
// goroutines wait for each other is told so by the runtime, as with the go
// statement. Who parks, or goes, tells it:
//
//	reaper                              worker
//	1 it stores that it sleeps          1 it enlists, or is counted off
//	2 it looks for parked workers,      2 it loads whether the reaper sleeps
//	  and whether there are workers       (tellReaper)
//
// Either the reaper's look finds the worker's step, or the worker's load finds
// that the reaper sleeps, and wakes it.

// startReaper is called by who was told to by Control.Hire.
func (p *Pool) startReaper() {
	if p.keepNone {
		return // nobody parks, and the bit in the control word stays
	}
	p.followProcs()
	nudge := make(chan struct{}, 1) // its own, so that it belongs to the reaper's bubble if that is in one
	p.nudge.Store(&nudge)
	r := &idle.Reaper{
		Control: &p.control, Gauge: &p.gauge,
		Timeout: p.idleTimeout, Rule: p.retention(), Nudge: nudge, Asleep: &p.asleep,
		Settle: p.flushSlots, Retire: p.retireOne, Labels: p.reaperLabels(),
		OnTick: p.tick,
	}
	if exempt() {
		startClean(r.Run)
	} else {
		go r.Run()
	}
}

// tick follows the number of processors, and has workers see to their threads, and
// tell what they have counted, so that Stats does not lag for long.
func (p *Pool) tick() {
	p.followProcs()
	p.respread()
	p.forget()
	p.notify()
}

// retireOne ends one parked worker and reports whether there was one.
func (p *Pool) retireOne() bool {
	w, ok := p.parked.Dequeue()
	if !ok {
		return false
	}
	p.gauge.Unpark()
	p.control.Leave()
	p.reaped.Add(1)
	w.retire()
	p.settle() // there is room under the limit
	return true
}

// remove counts one worker less.
func (p *Pool) remove() { p.removed(p.control.Leave()) }

// removed is called by who has counted a worker off, and lets the reaper go at
// once if that was the last.
func (p *Pool) removed(left int) {
	if left == 0 {
		p.nudgeReaper()
	} else {
		p.tellReaper()
	}
}

// tellReaper wakes the reaper if it sleeps, so that it looks at what the caller
// has done.
func (p *Pool) tellReaper() {
	// needs store-load: enlist or leave, then look. edge asleep: pairs with the store in Reaper.fallsAsleep
	if p.asleep.Load() != 0 {
		p.nudgeReaper()
	}
}

// nudgeReaper has the reaper look at once.
func (p *Pool) nudgeReaper() {
	if nudge := p.nudge.Load(); nudge != nil {
		select {
		case *nudge <- struct{}{}: // edge nudge: pairs with the receive in Reaper.Run
		default: // there is one on the way
		}
	}
}
