package pool

import (
	"runtime/debug"
	"runtime/pprof"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/internal/hook"
)

// flushEvery is how many tasks a worker runs at most before it adds them to the
// pool's counter, so that Stats lags by less than this for each busy worker
// while the counter, a line that all workers write, costs a task next to
// nothing.
const flushEvery = 64

// spawn starts a new worker with f, if the limit allows one more; see wake for
// what f and only may be.
func (p *Pool) spawn(f func(), only *era) bool {
	hired, startReaper := p.control.Hire()
	if startReaper {
		if hook.On {
			hook.At("pool.spawn.reaper")
		}
		nudge := make(chan struct{}, 1) // its own, so that it belongs to the reaper's bubble if that is in one
		p.nudge.Store(&nudge)
		go p.reaper(nudge).Run()
	}
	if mine := p.wakerGives(); hired && !p.start(f, mine, only) {
		p.control.Leave()
		p.nudgeReaper()
		p.passOn(mine)
	}
	return hired
}

// start starts the goroutine of a new worker, which is counted already. It does
// not, and returns false, if the worker was to be of one era only and that is
// over.
func (p *Pool) start(f func(), mine duty, only *era) bool {
	e := p.join(only)
	if e == nil {
		return false
	}
	p.spawned.Inc()
	w := &Worker{
		pool: p, slot: make(chan func(), 1), era: e, share: p.share,
		heard: p.notices.Load() - 1, // it has yet to look
	}
	w.beginChunk()
	if hook.On {
		hook.At("pool.spawn.worker")
	}
	go w.run(f, mine) // edge hand: pairs with the start of Worker.run
	return true
}

func (p *Pool) reaper(nudge <-chan struct{}) *idle.Reaper {
	return &idle.Reaper{
		Control: &p.control, Gauge: &p.gauge,
		Timeout: p.idleTimeout, Rule: p.retention(), Nudge: nudge,
		Settle: p.settle, Retire: p.retireOne, Labels: p.reaperLabels(),
	}
}

// settle is what the reaper does before it looks.
func (p *Pool) settle() {
	p.demote()
	p.notify() // so that Stats does not lag for long
}

// retireOne ends one parked worker and reports whether there was one.
func (p *Pool) retireOne() bool {
	if hook.On {
		hook.At("pool.retire.dequeue")
	}
	w, ok := p.parked.Dequeue()
	if !ok {
		return false
	}
	p.gauge.Unpark()
	p.control.Leave()
	p.reaped.Add(1)
	w.retire()
	p.look() // there is room under the limit
	return true
}

// run is the worker's goroutine. It starts as if it had been unparked with f
// and the duty mine.
func (w *Worker) run(f func(), mine duty) { // edge hand: pairs with the go statement in Pool.start
	if hook.On {
		hook.At("pool.run")
	}
	// A new goroutine inherits the pprof labels of its creator: some submitter,
	// or another worker amid a task.
	pprof.SetGoroutineLabels(w.pool.labels)
	if frames := w.pool.reserveFrames; frames > 0 {
		below(frames, func() { w.live(f, mine) })
		return
	}
	w.live(f, mine) // the frame of below alone would make a parked worker's stack grow
}

// live serves until the worker is retired or aborted.
func (w *Worker) live(f func(), mine duty) {
	for w.serve(f, mine) {
		f, mine = nil, none
	}
}

// serve runs f, then queued tasks, and parks when there is none. mine is the
// worker's duty.
//
// It returns false when the worker has been retired or goes by itself, and true
// after a panic that the pool's handler has taken: then it is to be called
// again. A task that calls Goexit, and a panic that nobody takes, leave through
// unwind. One deferred call a serve, not one a task, sees to all of them.
func (w *Worker) serve(f func(), mine duty) (again bool) {
	p, gate, retired := w.pool, w.pool.gate, false
	defer w.unwind(&retired, &again)
	for {
		if f == nil {
			if w.due() && w.goes(mine) {
				retired = true
				return false
			}
			if hook.On {
				hook.At("pool.serve.dequeue")
			}
			var ok bool
			f, ok = p.tasks.Dequeue()
			if f != nil && p.handOff {
				p.look() // nobody has a duty to
			}
			if f == nil && ok {
				p.passMark()
				continue
			}
		}
		if f != nil {
			if mine != none {
				p.passOn(mine) // before user code, which may never return
				mine = none
			}
			f()
			f = nil
			w.count()
			if gate != nil {
				gate.leave()
			}
			continue
		}
		if f, mine = w.linger(mine); f != nil {
			continue
		}
		var unparked bool
		f, unparked = w.rest(mine)
		if !unparked {
			retired = true
			return false
		}
		mine = w.given
	}
}

// wakerGives is the duty that goes with a task, or the search for one, to a worker.
func (p *Pool) wakerGives() duty {
	if p.handOff {
		return none
	}
	return searcher
}

// rest parks the worker until it is unparked or, with ok false, retired.
func (w *Worker) rest(mine duty) (f func(), ok bool) {
	p := w.pool
	w.flush()
	p.enlist(w) // from here on w is not the worker's own
	if mine != none {
		p.passOn(mine)
	}
	// Without a limit a worker that has no duty does not look at the queue
	// again: who queues a task looks at the lookout word, and a waker that finds
	// no parked worker starts a new one.
	p.lookIfLimited() // needs store-load: enlist, then look at the queue
	return w.park()
}

// notify has every worker look up before it takes another task: see goes.
func (p *Pool) notify() {
	if hook.On {
		hook.At("cull.notify")
	}
	p.notices.Add(1) // edge notice: pairs with the load in Worker.goes
}

// due reports whether the worker is to look up. There is one word for all the
// reasons that others may have, so that they cost a task one load.
func (w *Worker) due() bool { return w.share == 0 || w.heard != w.pool.notices.Load() }

// goes tells the pool's counter what the worker has counted, and ends the
// worker, before it takes another task, if it must not serve on: its share is
// done, its era is over, or the limit was lowered. It reports whether it does.
//
// Who has a reason acts on it and then notifies; the worker counts the notice as
// heard and then looks for reasons. So it sees this one, or is due again.
func (w *Worker) goes(mine duty) bool {
	p := w.pool
	w.heard = p.notices.Load() // edge notice: pairs with the Add in Pool.notify
	if hook.On {
		hook.At("cull.goes")
	}
	w.flush()
	if !p.leave(w) {
		if w.share != 0 {
			return false
		}
		// It has just ended a task, so it has no duty. The successor takes its
		// place in every count.
		p.replaced.Add(1)
		if p.start(nil, none, w.era) {
			return true
		}
		p.control.Leave()
	}
	if mine != none {
		p.passOn(mine)
	}
	p.look() // there is room under the limit
	return true
}

// unwind is deferred by serve, and the end of every task that did not return.
func (w *Worker) unwind(retired, again *bool) {
	if *retired {
		w.era.leave()
		return
	}
	p := w.pool
	defer func() {
		// After the handler, which is part of the task.
		w.count()
		if p.gate != nil {
			p.gate.leave()
		}
		if !*again {
			// Goexit, in the task or in the handler, or a panic that is about to
			// end the program: this goroutine goes, and nothing else.
			p.exited.Add(1)
			w.flush()
			p.control.Leave()
			p.look() // there is room under the limit
			w.era.leave()
		}
	}()
	if p.onPanic == nil {
		return // no recover: the program must crash with the task's own stack
	}
	// A Goexit, and with GODEBUG=panicnil=1 a panic(nil), gives nil.
	if v := recover(); v != nil {
		p.panicked.Add(1)
		p.onPanic(v, debug.Stack())
		*again = true
	}
}

// count counts a finished task.
func (w *Worker) count() {
	w.left--
	if w.left == 0 {
		w.flush()
	}
}

// flush tells the pool's counter what the worker has counted. It is kept out of
// line so that count, which each task calls, is not.
//
//go:noinline
func (w *Worker) flush() {
	finished := w.chunk - w.left
	if finished > 0 {
		w.pool.finished.Add(finished)
		if !w.veteran {
			w.veteran = true
			w.pool.veterans.Add(1)
		}
		w.share -= finished
	}
	w.beginChunk()
}

// beginChunk has the worker count from 0, to flushEvery or as far as its share
// goes.
func (w *Worker) beginChunk() {
	w.chunk = flushEvery
	if w.share > 0 {
		w.chunk = min(w.share, flushEvery)
	}
	w.left = w.chunk
}
