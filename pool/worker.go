package pool

import (
	"runtime/debug"
)

// Worker is what a pool has of one of its goroutines while that is parked. Users
// see the type only in [IdleQueue].
//
// A worker is owned by its own goroutine until it enlists, then by the slot or
// the queue that it is in, and then by the goroutine that takes it out: a waker, which
// owes it an unpark, or the reaper, which owes it a retire.
type Worker struct {
	generation *generation // in which it was started; never written after that
	// mailbox has room for one wake-up, so that an owner never waits for a worker
	// that has enlisted and is not yet waiting. A nil func says: look for a task.
	// Closed by the reaper.
	mailbox chan func()
	// given is the duty with which the worker was unparked last, and lane what for;
	// written by its owner.
	given duty
	lane  *lane
}

// runner is a worker's own part, which only its goroutine uses. It is on that
// goroutine's stack, so that a task which blocks in a new worker costs nothing but
// the goroutine.
type runner struct {
	pool       *Pool
	lane       *lane // for which it works
	generation *generation
	parked     *Worker // made when the worker first parks
	// heard is how many of the pool's notices there were when the worker last
	// looked up.
	heard uint32
	parks uint32 // how often the worker has found nothing to do
	// looked is how many tasks the worker had run, as ran counts, when it last looked at
	// its thread, or what thread.go says, and sight how many notices there were.
	looked int32
	sight  uint32
	// quota is how many tasks the worker may still run, as of the last flush. Negative:
	// any number.
	quota int64
	batch
	veteran bool // it has told the pool of a task before
	handed  bool // it was started or unparked with a task: see learn
	alone   bool // it was started for one task: see once.go
}

// spawn starts a new worker with f, if the limit allows one more; see wake for
// what f and only may be.
func (p *Pool) spawn(l *lane, f func(), only *generation) bool {
	hired := p.hire()
	if mine := p.wakerGives(); hired && !p.start(l, f, mine, only) {
		p.remove()
		p.passOn(l, mine)
		p.settle() // the place that it had for a moment may have been another lane's task's
	}
	return hired
}

// hire counts a new worker, if the limit allows one more, and brings up the reaper if
// that is not up. It reports whether it has counted one.
func (p *Pool) hire() bool {
	hired, startReaper := p.control.Hire()
	if startReaper {
		p.startReaper()
	}
	return hired
}

// start starts the goroutine of a new worker, which is counted already. It does
// not, and returns false, if the worker was to be of one generation only and that is
// empty.
func (p *Pool) start(l *lane, f func(), mine duty, only *generation) bool {
	g := p.join(only)
	if g != nil {
		p.startIn(g, l, f, mine)
	}
	return g != nil
}

// startIn is start for a worker that has joined the generation g.
func (p *Pool) startIn(g *generation, l *lane, f func(), mine duty) {
	s := p.newStart(g, l, mine)
	s.tasks = append(s.tasks, f)
	s.launch()
}

// init makes w the own part of a new worker.
func (w *runner) init(p *Pool, g *generation, l *lane) {
	w.pool, w.generation, w.lane, w.quota = p, g, l, p.quota
	w.sight = p.notices.Load()
	w.heard = w.sight - 1 // it has yet to check in
	w.next = firstBatch
	w.begin(w.quota)
}

// live serves until the worker is retired or stops.
func (w *runner) live(f func(), mine duty) {
	w.handed = f != nil
	for w.serve(f, mine) {
		f, mine = nil, none
	}
}

// serve runs f, then queued tasks, and parks when there is none. mine is the
// worker's duty.
//
// It returns false when the worker has been retired or stops by itself, and true
// after a panic that the pool's handler has taken: then it is to be called
// again. One deferred call a serve, not one a task, sees to a task that does not
// return: see end.go.
func (w *runner) serve(f func(), mine duty) (again bool) {
	p, gate, stopped := w.pool, w.pool.gate, false
	defer w.unwind(&stopped, &again)
	for {
		if w.due() && !w.checkIn(f, mine) {
			stopped = true
			return false
		}
		if f == nil {
			var ok bool
			f, ok = w.lane.tasks.Dequeue()
			if f != nil && p.handOff {
				p.wakeIfQueued(w.lane) // nobody has a duty to
			}
			if f == nil && ok {
				p.passMark()
				continue
			}
		}
		if f != nil {
			if mine != none {
				w.foundTask()
				p.passOn(w.lane, mine) // before user code, which may never return
				mine = none
			}
			f()
			f = nil
			debug.SetPanicOnFault(false) // the task may have set it for its goroutine
			w.count()
			if gate != nil {
				gate.leave()
			}
			if !w.overdue || w.due() {
				continue // it checks in first: a worker whose quota is done must not park
			}
			var unparked bool
			if f, unparked = w.pass(); !unparked {
				stopped = true
				return false
			}
			mine = w.given()
			continue
		}
		if f, mine = w.linger(mine); f != nil {
			continue
		}
		var unparked bool
		if f, unparked = w.rest(mine); !unparked {
			stopped = true
			return false
		}
		mine = w.given()
	}
}

// given returns the duty with which the worker was unparked, and takes it. The
// worker works for the lane for which it was unparked.
func (w *runner) given() (mine duty) {
	if w.parked != nil {
		w.lane = w.parked.lane
		mine, w.parked.given = w.parked.given, none
	}
	return mine
}

// wakerGives is the duty that goes with a task, or the search for one, to a worker.
func (p *Pool) wakerGives() duty {
	if p.handOff {
		return none
	}
	return searcher
}

// rest parks the worker until it is unparked or, with ok false, retired. A pool
// that keeps no worker ends it instead, and so does the check for a thread that a
// task has left locked.
func (w *runner) rest(mine duty) (f func(), ok bool) {
	p := w.pool
	w.learn()
	worked := w.ran() > 0
	w.batch.park()
	w.flush()
	w.parks++
	if p.keepNone || w.maybeLocked() {
		w.stop(mine)
		return nil, false
	}
	if w.parked == nil {
		w.parked = &Worker{generation: w.generation, mailbox: make(chan func(), 1)}
	}
	p.enlist(w.lane, w.parked, worked) // from here on that is not the worker's own
	if mine != none {
		p.passOn(w.lane, mine)
	}
	p.settle() // needs store-load: enlist, then look
	p.tellReaper()
	f, ok = w.parked.park()
	w.handed, w.before = f != nil, 0
	return f, ok
}

// stop ends the worker, which is awake and has no task.
func (w *runner) stop(mine duty) {
	p := w.pool
	p.reaped.Add(1)
	p.remove()
	if mine != none {
		p.passOn(w.lane, mine)
	}
	p.settle() // there is room under the limit
}

// notify has every worker check in before it takes another task.
func (p *Pool) notify() {
	p.notices.Add(1) // edge notice: pairs with the load in runner.checkIn
}

// due reports whether the worker is to check in. One counter, of notices, stands for all
// reasons that others may have, so that they cost a task one load.
func (w *runner) due() bool { return w.quota == 0 || w.heard != w.pool.notices.Load() }

// checkIn tells the pool's counter what the worker has counted, and ends the
// worker, before it takes another task, if it must not serve on: its thread is
// locked, its quota is done, its generation is over, or the limit was lowered. It
// reports whether the worker goes on.
//
// The other side first acts (it ends the generation, or lowers the limit) and then
// notifies. The worker first counts the notices as heard and then looks for reasons.
// So it sees this reason now, or is due again. With a task in hand, f, it looks at its
// thread alone, counts nothing as heard, and is due again afterwards: a task that was
// given to a worker is run.
func (w *runner) checkIn(f func(), mine duty) bool {
	if f != nil {
		return w.checkThread(f, mine)
	}
	p := w.pool
	notices := p.notices.Load() // edge notice: pairs with the Add in Pool.notify
	look := w.unknown() && w.sight != notices
	w.heard = notices
	if look && w.putsOff() {
		w.heard--
	} else {
		w.sight = notices
		if look && w.locked() {
			w.flush()
			w.stop(mine)
			return false
		}
	}
	p.followProcs()
	w.flush()
	if !p.leave(w.generation) {
		if w.quota != 0 {
			return true
		}
		// It has just ended a task, so it has no duty. The successor takes its
		// place in every count; there is one, for with this worker in it the generation
		// is not empty.
		p.replaced.Add(1)
		p.start(w.lane, nil, mine, w.generation)
		return false
	}
	if mine != none {
		p.passOn(w.lane, mine)
	}
	p.settle() // there is room under the limit
	return false
}

// checkThread is checkIn for a worker with a task in hand.
func (w *runner) checkThread(f func(), mine duty) bool {
	p := w.pool
	notices := p.notices.Load()
	look := w.unknown() && w.sight != notices
	w.sight = notices
	if look && w.locked() {
		p.reaped.Add(1)
		p.start(w.lane, f, mine, nil) // takes its place in every count
		return false
	}
	return true
}
