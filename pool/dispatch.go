package pool

// The wake chain.
//
// Handing each task to a parked worker costs one wake-up a task, about as much
// as the go statement. The chain hands most tasks over through the task queue
// and wakes nobody, by the rule with which the Go scheduler keeps its
// processors busy (runtime/proc.go, "Worker thread parking/unparking"): while
// there is work, somebody is on the way to look for it.
//
// There is such a chain in each of the pool's lanes (lane.go); what follows is about
// one. The search word says who is looking. It has two duties, each held by one
// worker at most:
//
//	searcher  a worker that has been woken, or is new, and has neither taken a
//	          task nor parked since; also the goroutine that is about to wake it
//	lingerer  a worker that has found nothing and looks on for a moment before
//	          it parks (linger.go)
//
//	Invariant. If a task is queued, somebody has a duty, or some goroutine has
//	yet to look at the search word (in wakeOne) after that task was queued. (Or,
//	with a limit, a search is owed: see limit.go.)
//
// Why it holds. A submitter looks at the word after it has enqueued. A goroutine that
// releases the last duty looks at the queue after that (in passOn). With
// sequentially consistent atomics one of the two sees the other: either the
// submitter finds the word free and takes the searcher's duty, or the other
// finds the task and does.
//
// Why every task starts. A worker with a duty takes a task, and before it runs it
// (the task may never end) it sees to it in passOn that somebody has a duty if
// more is queued. A searcher is an ordinary runnable goroutine, a lingerer a
// running one; neither is ever in user code or blocked. So k tasks that block
// for ever bring up k workers, one after the other.
//
// Why it is fast. A worker that has finished a task has no duty and takes the
// next task with one queue operation, no shared word, no wake-up. A submitter that
// waits for each of its tasks finds the worker of the last one in its lane's slot,
// and hands over without a duty (handOver).

// duty is a set of duties.
type duty = uint32

const (
	none     duty = 0
	searcher duty = 1 << 0
	lingerer duty = 1 << 1
	owed     duty = 1 << 2 // nobody's: no worker was to be had for a search (limit.go)
)

// submit gives f to a worker if nobody has a duty in the submitter's lane, or else
// queues it there. A pool that hands off gives it to a worker in any case, and one
// whose tasks are apart starts one for it unless it has a limit.
func (p *Pool) submit(f func()) {
	if p.apart && p.startOnce(f) {
		return
	}
	p.submitIn(p.homeLane(), f)
}

// submitIn is submit for a submitter whose lane is l.
func (p *Pool) submitIn(l *lane, f func()) {
	if !p.handOff && l.search.Load() != none {
		p.enqueue(l, f)
	} else {
		p.give(l, f)
	}
}

// enqueue queues f in l, for the worker that has a duty there, or gets one.
func (p *Pool) enqueue(l *lane, f func()) {
	l.tasks.Enqueue(f)
	p.wakeOne(l, nil) // needs store-load: enqueue, then look at the word
}

// give gives f to a worker if nobody has a duty in l when it looks.
func (p *Pool) give(l *lane, f func()) {
	switch {
	case p.control.Limit() > 0 && !l.tasks.Empty():
		// Some worker is about to look at the queue. It may have parked already, but f
		// must not overtake what its submitter has queued before.
		p.enqueue(l, f)
	case p.handOff:
		p.wake(l, f, nil)
	case p.giveLingerer(f):
	case l.calls.Load() && p.handOver(l, f):
	case l.trySearch():
		p.wake(l, f, nil)
	default:
		p.enqueue(l, f)
	}
}

// giveLingerer queues f in the lane where a worker lingers, if one does in any, and
// reports whether it did: that worker starts f soonest. If it has gone meanwhile f
// is a task of that lane like any other.
func (p *Pool) giveLingerer(f func()) bool {
	at := p.linger.at.Load()
	if at == 0 {
		return false
	}
	l := p.lane(int(at - 1))
	if l.search.Load() != lingerer {
		return false
	}
	p.enqueue(l, f)
	return true
}

// handOver gives f to the worker that parked last in l, if it is still there, and
// reports whether it did. The worker gets no duty with f: the submitter has queued
// nothing, so it owes nobody a look at the queue. (A worker that has a duty by now is
// about to look at the queue, and f wakes nobody there.)
func (p *Pool) handOver(l *lane, f func()) bool {
	w := l.takeSlot()
	if w == nil || !p.stays(w) {
		return false
	}
	w.unpark(l, f, none)
	return true
}

// learn notes, when the worker is about to park, whether the lane's submitters wait
// for their tasks (calls), so that a hand-over without a duty is right for them:
// the task that the worker was given was the only one that it has found. In a burst
// it finds more, and there a worker that has the duty wakes the next one, and not
// the submitter.
func (w *runner) learn() {
	if !w.handed {
		return
	}
	if calls := w.ran() == 1; calls != w.lane.calls.Load() {
		w.lane.calls.Store(calls)
	}
}

// startSearch makes the caller the searcher of l if nobody has a duty there and no search
// is owed. The load keeps submitters from writing to the line meanwhile.
func (l *lane) startSearch() bool {
	return l.search.Load() == none && l.trySearch()
}

// trySearch is startSearch for a caller that has looked.
func (l *lane) trySearch() bool {
	// Not retried: if it fails somebody has a duty, or a search is owed.
	return l.search.CompareAndSwap(none, searcher) // edge search: pairs with the And in release
}

// wakeOne makes sure that a worker is searching in l, or lingers there, or is owed. See
// wake for what only may be.
func (p *Pool) wakeOne(l *lane, only *generation) {
	if p.handOff || l.startSearch() {
		p.wake(l, nil, only)
	}
}

// wakeIfQueued wakes one if a task is queued in l, or a Drain's mark. If it is a mark, a
// worker is needed in this generation only.
func (p *Pool) wakeIfQueued(l *lane) {
	g := p.generation.Load()
	if !l.tasks.Empty() {
		p.wakeOne(l, g)
	}
}

// passOn releases the caller's duty in l, or what is owed there. If nobody has a duty
// then and tasks are queued, it sees to it that a successor is woken.
func (p *Pool) passOn(l *lane, mine duty) {
	// If the other duty is taken, its worker will do as we do here. If a search is
	// owed, no worker is to be had.
	if l.release(mine) == none {
		p.startMore(l)
		p.wakeIfQueued(l) // needs store-load: free the word, then look at the queue
	}
}

// release releases the caller's duty and returns those that others have.
func (l *lane) release(mine duty) (left duty) {
	return l.search.And(^mine) &^ mine // edge search: pairs with the CAS in trySearch
}

// wake gives f, and the searcher's duty of l with it unless the pool hands off, to a
// parked worker or to a new one. f may be nil: the worker then looks for a
// task. If there is no worker to be had under the limit it queues f, and the search
// is owed.
//
// If only is not nil, f is nil, and a new worker is of that generation or is not needed:
// what it was to look for was queued in that generation, and once it is over its mark
// has been taken, with all that was before it. So no worker is left behind by a
// Drain for whose mark it was woken. (What was queued since is looked for anew.)
func (p *Pool) wake(l *lane, f func(), only *generation) {
	for {
		w := l.takeSlot()
		if w == nil {
			if w = p.takeParked(l); w != nil && f != nil && !p.handOff {
				// The worker that usually parks in l is busy. Its task may be done before
				// the one that is woken here gets a processor, so let either have f.
				p.queue(l, f)
				f = nil
			}
		}
		if w != nil {
			if !p.stays(w) {
				continue
			}
			w.unpark(l, f, p.wakerGives())
			return
		}
		if p.spawn(l, f, only) {
			return
		}
		if f != nil {
			p.queue(l, f)
			f = nil
		}
		if !p.owe(l) {
			return
		}
	}
}

// queue queues f in l. The caller is the searcher, or hands off and looks at the queue
// afterwards.
func (p *Pool) queue(l *lane, f func()) {
	l.tasks.Enqueue(f)
}

// stays reports whether a worker that the caller owns may serve on, and ends it if
// not. The room under the limit is then for any lane's tasks, and the caller uses it
// for one lane alone if it does.
func (p *Pool) stays(w *Worker) bool {
	if !p.leave(w.generation) {
		return true
	}
	w.retire()
	p.settle() // needs store-load: count it off, then look
	return false
}

// wakeInstead wakes a parked worker, if there is one, to look for tasks on the
// processor that the caller is about to leave.
func (p *Pool) wakeInstead(l *lane) {
	if w := p.popParked(l); w != nil && p.stays(w) {
		w.unpark(l, nil, none)
	}
}
