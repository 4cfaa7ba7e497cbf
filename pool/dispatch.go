package pool

import "github.com/lfpool/lfpool/internal/hook"

// The wake chain.
//
// Handing each task to a parked worker costs one wake-up a task, about as much
// as the go statement. The chain hands most tasks over through the task queue
// and wakes nobody, by the rule with which the Go scheduler keeps its
// processors busy (runtime/proc.go, "Worker thread parking/unparking"): while
// there is work, somebody is on the way to look for it.
//
// The lookout word says who that is. It has two duties, each held by one
// worker at most:
//
//	searcher  a worker that has been woken, or is new, and has neither taken a
//	          task nor parked since; also whoever is about to wake it
//	lingerer  a worker that has found nothing and looks on for a moment before
//	          it parks (linger.go)
//
//	Invariant. If a task is queued, somebody has a duty, or some goroutine has
//	yet to look at the lookout word (in seek) after that task was queued.
//
// Why it holds. A submitter looks at the word after it has enqueued. Whoever
// lays the last duty down looks at the queue after that (in passOn). With
// sequentially consistent atomics one of the two sees the other: either the
// submitter finds the word free and takes the searcher's duty, or the other
// finds the task and does.
//
// Why every task starts. Who has a duty takes a task, and before it runs it
// (the task may never end) it sees to it in passOn that somebody has a duty if
// more is queued. A searcher is an ordinary runnable goroutine, a lingerer a
// running one; neither is ever in user code or blocked. So k tasks that block
// for ever bring up k workers, one after the other.
//
// Why it is fast. A worker that has finished a task has no duty and takes the
// next task with one queue operation, no shared word, no wake-up.

// duty is a set of duties.
type duty = uint32

const (
	none     duty = 0
	searcher duty = 1 << 0
	lingerer duty = 1 << 1
)

// submit gives f to a worker if nobody has a duty, or else queues it. A pool that
// hands off gives it to a worker in any case, and one whose tasks are apart starts
// one for it unless it has a limit.
func (p *Pool) submit(f func()) {
	if p.apart && p.startOnce(f) {
		return
	}
	if p.handOff {
		p.wake(f, nil)
		return
	}
	if !p.takeSearch() {
		if hook.On {
			hook.At("pool.submit.enqueue")
		}
		p.tasks.Enqueue(f)
		p.seek(nil) // needs store-load: enqueue, then look at the word
		return
	}
	if hook.On {
		hook.At("pool.submit.busy")
	}
	if p.idleWorkers() < p.control.Workers() {
		// Some worker is busy. Its task may be done before the worker that is
		// woken here gets a processor, so let either have f.
		if hook.On {
			hook.At("pool.submit.enqueue")
		}
		p.tasks.Enqueue(f)
		f = nil
	}
	p.wake(f, nil)
}

// takeSearch makes the caller the searcher if nobody has a duty.
func (p *Pool) takeSearch() bool {
	// The load keeps submitters from writing to the line while somebody has a
	// duty.
	if hook.On {
		hook.At("pool.search.look")
	}
	if p.lookout.Load() != none {
		return false
	}
	if hook.On {
		hook.At("pool.search.take")
	}
	// Not retried: if it fails somebody has a duty.
	return p.lookout.CompareAndSwap(none, searcher) // edge lookout: pairs with the And in lay
}

// seek makes sure that somebody has a duty. See wake for what only may be.
func (p *Pool) seek(only *era) {
	if p.handOff || p.takeSearch() {
		p.wake(nil, only)
	}
}

// look seeks if a task is queued, or a Drain's mark. If it is a mark, a worker is
// needed in this era only.
func (p *Pool) look() {
	e := p.era.Load()
	if !p.tasks.Empty() {
		p.seek(e)
	}
}

// passOn lays down the caller's duty. If nobody else has one and tasks are
// queued, it sees to it that a successor is woken.
func (p *Pool) passOn(mine duty) {
	// If the other duty is taken, whoever has it will do as we do here.
	if p.lay(mine) == none {
		p.startMore()
		if hook.On {
			hook.At("pool.passon.look")
		}
		p.look() // needs store-load: free the word, then look at the queue
	}
}

// lay lays down the caller's duty and returns those that others have.
func (p *Pool) lay(mine duty) (left duty) {
	if hook.On {
		hook.At("pool.duty.lay")
	}
	return p.lookout.And(^mine) &^ mine // edge lookout: pairs with the CAS in takeSearch
}

// wake gives f, and the searcher's duty with it unless the pool hands off, to a
// parked worker or to a new one. f may be nil: the worker then looks for a
// task. If there is no worker to be had under the limit it queues f and lays
// the duty down.
//
// If only is not nil, f is nil, and a new worker is of that era or is not needed:
// what it was to look for was queued in that era, and once it is over its mark
// has been taken, with all that was before it. So no worker is left behind by a
// Drain for whose mark it was woken. (What was queued since is looked for anew.)
func (p *Pool) wake(f func(), only *era) {
	for {
		if w := p.dismiss(); w != nil {
			if p.leave(w.era) {
				w.retire()
				continue
			}
			w.unpark(f, p.wakerGives())
			return
		}
		if p.spawn(f, only) {
			return
		}
		if f != nil {
			if hook.On {
				hook.At("pool.wake.enqueue")
			}
			p.tasks.Enqueue(f)
			f = nil
		}
		if !p.giveBack() {
			return
		}
	}
}

// giveBack lays the searcher's duty down, for there was no worker for it, and
// looks whether there is one now, and a task. It reports true if there is room
// for a worker, and the caller has the duty again and is to try once more.
//
// The look is an attempt to take a parked worker, since one that is on its way
// into the queue will look at the tasks when it is there, after this. A worker
// that was found is woken whether the duty can be had for it or not: whoever has
// the duty may not have found it, and given up. (Put back, it could be found and
// put back for ever by two wakers that keep step.)
func (p *Pool) giveBack() bool {
	p.lay(searcher)
	if p.tasks.Empty() { // needs store-load: free the word, then look
		return false
	}
	w := p.dismiss()
	if w == nil {
		return p.control.Room() && (p.handOff || p.takeSearch())
	}
	mine := none
	if !p.handOff && p.takeSearch() {
		mine = searcher
	}
	w.unpark(nil, mine)
	return false
}

// wakeInstead wakes a parked worker, if there is one, to look for tasks on the
// processor that the caller is about to leave.
func (p *Pool) wakeInstead() {
	w := p.dismiss()
	switch {
	case w == nil:
	case p.leave(w.era):
		w.retire()
	default:
		w.unpark(nil, none)
	}
}
