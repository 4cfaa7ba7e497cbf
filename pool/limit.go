package pool

import (
	"fmt"

	"github.com/lfpool/lfpool/idle"
)

// A limit bounds how many workers a pool has, and so how many of its tasks run
// at a time. It stands in the control word, so that no worker is ever added
// above it. Tasks beyond it are queued.
//
// With a limit there may be no worker for a task, and none to be started. Then the
// search is owed: the searcher's duty in the search word becomes a bit that is nobody's,
// and later submitters find the word taken and only queue.
//
//	waker                                 goroutine that makes a worker or a place available
//	1 it finds no worker and no room      1 it parks a worker, moves one, counts one
//	2 it stores that a search is owed       off, or raises the limit
//	3 it looks for a worker, and for      2 it loads whether a search is owed in any
//	  room, once more                       lane, and if so does it (settle)
//
// Either the waker's second look finds the worker or the room, or the other's load
// finds the debt.
//
//	Invariant. If a task is queued and nobody has a duty or has yet to look or to
//	settle, a search is owed, and as many workers as the limit allows are busy, each
//	of which looks at the queue before it parks or goes.

// NoLimit, given to [Pool.SetLimit], lets a pool have any number of workers.
const NoLimit = -1

// WithLimit lets the pool run at most n tasks at a time; the others are queued.
// [Pool.Go] does not block for that: see [WithBacklog]. The default is
// [NoLimit], and tasks that need each other may need it: with a limit a task
// that waits for another one keeps a place that the other may need. It panics
// if n is neither NoLimit nor from 1 to 2^31-1.
func WithLimit(n int) Option {
	checkLimit("pool.WithLimit", n)
	return Option{limits: true, set: func(p *Pool) {
		p.perProc.stop()
		p.control.SetLimit(max(n, 0))
	}}
}

// WithBacklog bounds how many tasks may be queued while the pool has a limit:
// to m more than the limit, all tasks counted that were accepted and have not
// ended. While there is no room [Pool.Go] blocks, [Pool.TryGo] refuses, and
// [Pool.GoContext] waits for as long as its context lets it; those that wait
// are served in order. With m 0 a task is accepted only if it can start at
// once.
//
// A task that calls Go on its own pool may then wait for room that only its own
// end would make. Use TryGo there, and run the function inline if it refuses.
//
// The default is no bound. WithBacklog panics if m is negative or above 2^31-1; [New]
// panics if it is not told of a limit, for a backlog bounds nothing then. Where the
// limit is set later, say WithLimit(NoLimit).
func WithBacklog(m int) Option {
	if m < 0 || m > idle.MaxLimit {
		panic(fmt.Sprintf("pool.WithBacklog(%d): want 0 to %d", m, idle.MaxLimit))
	}
	return Option{set: func(p *Pool) { p.gate, p.backlog = new(gate), uint32(m) }}
}

func checkLimit(name string, n int) {
	if n != NoLimit && (n < 1 || n > idle.MaxLimit) {
		panic(fmt.Sprintf("%s(%d): want 1 to %d, or NoLimit", name, n, idle.MaxLimit))
	}
}

// SetLimit changes the limit. A higher one holds at once: queued tasks start. A
// lower one lets no task start until fewer run than it allows, but that a worker
// which was about to take a task when SetLimit was called takes one. Parked
// workers above the limit go at once. It panics if n is neither [NoLimit] nor from 1 to
// 2^31-1.
func (p *Pool) SetLimit(n int) {
	checkLimit("lfpool: Pool.SetLimit", n)
	p.mustBeMade()
	p = p.here()
	defer p.away()
	p.keepTwin()
	p.settings.Lock()
	p.perProc.stop()
	p.setLimit(max(n, 0))
}

// setLimit sets the limit, 0 for none. The caller has the lock of the settings, and
// setLimit releases it.
func (p *Pool) setLimit(n int) {
	p.control.SetLimit(n)
	p.setSpread()
	p.openGate()
	p.settings.Unlock()
	p.notify()
	if p.control.Over() {
		p.cull()
	}
	p.settleAll()
}

// owe makes the caller's search in l a debt, for there was no worker for it, and looks
// whether there is one now. It reports true if there is room for one, and the caller
// is to try once more, with the duty.
//
// It looks by trying to take a parked worker. One that is still being put into the queue
// is missed; the goroutine that puts it there settles afterwards. A worker that was
// found is woken whether there is a duty for it or not: the waker that has the duty may
// not have found it, and owe. (Put back, it could be found and put back for ever by two
// wakers that keep step.)
func (p *Pool) owe(l *lane) (again bool) {
	mine := p.wakerGives()
	for { // in one step: a goroutine that settles leaves a debt to one that has a duty
		old := l.search.Load()
		if l.search.CompareAndSwap(old, old&^mine|owed) {
			break
		}
	}
	w := p.popParked(l) // needs store-load: owe, then look for a worker, and for room
	if w == nil && !p.control.Room() {
		return false
	}
	again = l.release(owed) == none && !l.tasks.Empty() && (p.handOff || l.startSearch()) // needs store-load: free the word, then look at the queue
	if w == nil {
		return again
	}
	if !again {
		mine = none
	}
	w.unpark(l, nil, mine)
	return false
}

// settle does the searches that are owed. It is called after a worker, or a place under
// the limit, was made available. In a pool without a limit nothing is owed: a
// waker that was refused before the limit was lifted finds room when it looks once more.
//
// In a pool that hands off a worker that is woken to look has no duty, so nobody could
// tell that it had to go before it looked. There everybody looks at the queue.
func (p *Pool) settle() {
	if p.handOff || p.control.Limit() > 0 { // edge limit: pairs with the CAS in Control.SetLimit
		p.settleAll()
	}
}

func (p *Pool) settleAll() {
	for _, l := range p.all() {
		if p.handOff || l.search.Load()&owed != 0 { // needs store-load: make it to be had, then look
			p.passOn(l, owed)
		}
	}
}

// Limit returns the limit, or [NoLimit]. Wait-free.
func (p *Pool) Limit() int {
	p.mustBeMade()
	p = p.here()
	defer p.away()
	p.ignoreSync()
	defer p.heedSync()
	if n := p.control.Limit(); n > 0 {
		return n
	}
	return NoLimit
}

// openGate tells the gate, if there is one, how many tasks the pool accepts.
func (p *Pool) openGate() {
	if p.gate == nil {
		return
	}
	capacity := uint32(unbounded)
	if limit := p.control.Limit(); limit > 0 {
		capacity = uint32(limit) + p.backlog // below 2^32-1
	}
	p.gate.setCapacity(capacity)
}

// WithMaxTasksPerWorker makes a worker hand over to a fresh goroutine after n
// tasks, as gRPC-Go's workers do, so that a stack that grew for one deep task is
// given back even while the worker is in steady use. (The collector shrinks the
// stacks of goroutines only by half each time, and only while they use less than
// a quarter.) It costs a go statement for every n tasks. The default is no bound.
// It panics if n is not positive.
func WithMaxTasksPerWorker(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("pool.WithMaxTasksPerWorker(%d): want a positive number", n))
	}
	return Option{set: func(p *Pool) { p.quota = int64(n) }}
}
