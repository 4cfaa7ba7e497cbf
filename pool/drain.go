package pool

import (
	"context"
	"sync/atomic"

	"github.com/lfpool/lfpool/internal/hook"
)

// An era is the time between two turns, each of which is made by a Drain.
// Workers belong to the era in which they were started, and go when it is over:
// a parked one at once, a busy one when its task has ended. So to wait for
// every task that some worker had taken is to wait until the era is empty. That
// costs a task nothing but the look for notices: see due.
//
// The count of an era has its workers, one more while the era is current, and
// one more until the era before it is empty; so an era that is empty leaves
// none of earlier ones behind.
type era struct {
	count atomic.Int64
	next  *era          // written before the current era's one is taken off count
	empty chan struct{} // made by the Drain that ends the era, which waits for it; closed when count has come to 0
	ended atomic.Bool   // set by who brings count to 0 first: a late joiner may raise it from there for an instant
}

func newEra(count int64) *era {
	e := new(era)
	e.count.Store(count)
	return e
}

// join makes the caller a member of the current era. If that must be the era
// only and it is not, join returns nil.
func (p *Pool) join(only *era) *era {
	for {
		e := only
		if e == nil {
			e = p.era.Load()
		}
		if hook.On {
			hook.At("era.join.count")
		}
		e.count.Add(1)
		if hook.On {
			hook.At("era.join.look")
		}
		if p.era.Load() == e { // needs store-load: count, then look. edge era: pairs with the store in turn
			return e
		}
		e.leave()
		if only != nil {
			return nil
		}
	}
}

func (e *era) leave() {
	if hook.On {
		hook.At("era.leave")
	}
	// edge leave: pairs with the Add of leave that comes to 0, of whoever is last
	if e.count.Add(-1) == 0 && e.ended.CompareAndSwap(false, true) {
		close(e.empty) // edge drained: pairs with the receive in Pool.Drain
		e.next.leave()
	}
}

// turn makes the next era the current one. Turns come one after the other. The
// caller goes on with finish, for the era that is over.
func (p *Pool) turn(empty chan struct{}) (over *era) {
	over = p.era.Load()
	over.next, over.empty = newEra(2), empty
	p.era.Store(over.next) // edge era: pairs with the second load in join
	return over
}

// finish has the workers of an era that is over go, and tells those who wait for
// m, which has ended it.
func (p *Pool) finish(over *era, m *mark) {
	p.notify()
	over.leave()
	close(m.out)
}

// Drain returns when every task that was accepted before the call has ended and
// the workers there were have gone, or, with the context's error, when ctx is
// done. The pool may be used throughout and afterwards. There is nothing else to
// a shutdown: stop submitting, and drain.
//
// A task that was submitted during the call is waited for only if that was before
// all the earlier ones had started; a Drain that overlaps with earlier ones counts
// from when those have come that far. Called
// by a task of the pool itself, Drain cannot return before ctx is done. The end
// of each task waited for synchronizes before the return. It panics if ctx is
// nil.
//
// With a [TaskQueue] of one's own that is not first in, first out, tasks that
// are queued at the call may not be waited for.
func (p *Pool) Drain(ctx context.Context) error {
	if ctx == nil {
		panic("lfpool: Pool.Drain(nil): the context is nil")
	}
	p.mustBeMade("Drain")
	if err := ctx.Err(); err != nil {
		return err
	}
	m := p.orderTurn()
	select {
	case <-m.out:
	case <-ctx.Done():
		p.forgo(m)
		return ctx.Err()
	}
	p.cull()
	// edge drained: pairs with the close in era.leave
	select {
	case <-m.empty:
		p.nudgeReaper()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nudgeReaper lets the reaper see at once that there is nothing left to do.
func (p *Pool) nudgeReaper() {
	if hook.On {
		hook.At("era.nudge")
	}
	if nudge := p.nudge.Load(); nudge != nil {
		select {
		case *nudge <- struct{}{}: // edge nudge: pairs with the receive in Reaper.Run
		default: // there is one on the way
		}
	}
}
