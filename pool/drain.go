package pool

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/lfpool/lfpool/internal/hook"
)

// An era is the time between two turns, each of which is made by a Drain.
// Workers belong to the era in which they were started, and go when it is over:
// a parked one at once, a busy one when its task has ended. So to wait for
// every task that some worker had taken is to wait until the era is empty. That
// costs a task nothing but the look at which era it is.
//
// The count of an era has its workers, one more while the era is current, and
// one more until the era before it is empty; so an era that is empty leaves
// none of earlier ones behind.
type era struct {
	count atomic.Int64
	next  *era          // written before the current era's one is taken off count
	empty chan struct{} // made by the Drain that ends the era, which waits for it; closed when count has come to 0
	once  sync.Once     // a late joiner may raise count from 0 for an instant
}

func newEra(count int64) *era {
	e := new(era)
	e.count.Store(count)
	return e
}

// join makes the caller a member of the current era.
func (p *Pool) join() *era {
	for {
		e := p.era.Load()
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
	}
}

func (e *era) leave() {
	if hook.On {
		hook.At("era.leave")
	}
	// edge leave: pairs with the Add of leave that comes to 0, of whoever is last
	if e.count.Add(-1) == 0 {
		e.once.Do(func() {
			close(e.empty) // edge drained: pairs with the receive in Pool.Drain
			e.next.leave()
		})
	}
}

// turn ends the current era, and has empty closed when it is empty.
func (p *Pool) turn(empty chan struct{}) {
	if hook.On {
		hook.At("era.turn")
	}
	p.settings.Lock()
	defer p.settings.Unlock()
	e := p.era.Load()
	e.next, e.empty = newEra(2), empty
	p.era.Store(e.next) // edge era: pairs with the second load in join
	e.leave()
}

// sweep ends the parked workers of former eras.
func (p *Pool) sweep() {
	current := p.era.Load()
	var keep []*Worker
	for w := p.dismiss(); w != nil; w = p.dismiss() {
		if w.era == current {
			keep = append(keep, w)
		} else {
			p.discharge(w)
		}
	}
	for _, w := range keep {
		p.queueUp(w)
	}
	p.look() // as whoever has enlisted a worker does
}

// Drain returns when every task that was accepted before the call has ended and
// the workers there were have gone, or, with the context's error, when ctx is
// done. The pool may be used throughout and afterwards. There is nothing else to
// a shutdown: stop submitting, and drain.
//
// A task that was submitted during the call is waited for only if it started
// before all the earlier ones had. Called by a task of the pool itself, Drain
// cannot return before ctx is done. The end of each task waited for
// synchronizes before the return. It panics if ctx is nil.
//
// With a [TaskQueue] of one's own that is not first in, first out, tasks that
// are queued at the call may not be waited for.
func (p *Pool) Drain(ctx context.Context) error {
	if ctx == nil {
		panic("lfpool: Pool.Drain(nil): the context is nil")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	over, empty := make(chan struct{}), make(chan struct{})
	turn := func() {
		p.turn(empty)
		close(over)
	}
	// In this order: what was queued has been taken by a worker that is counted.
	if p.tasks.Empty() && p.control.Workers() == 0 {
		turn()
	} else {
		// A mark goes through the queue. When it comes out, every task accepted
		// before has been taken by a worker of this era, or of an earlier one.
		p.mark(func() {
			if ctx.Err() == nil {
				turn()
			}
		})
	}
	select {
	case <-over:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.sweep()
	// edge drained: pairs with the close in era.leave
	select {
	case <-empty:
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

// sharded is a task queue that consists of several, each first in, first out.
type sharded interface {
	Shards() int
	EnqueueEach(f func()) // puts f into each
}

// mark queues f behind every queued task; it is called when they all have been
// taken.
func (p *Pool) mark(f func()) {
	several, _ := p.tasks.(sharded)
	n := 1
	if several != nil {
		n = several.Shards()
	}
	var left atomic.Int64
	left.Store(int64(n))
	out := func() {
		p.finished.Add(-1) // it is no task
		if left.Add(-1) == 0 {
			f()
		}
	}
	if p.gate != nil {
		for range n {
			p.gate.enterAnyway()
		}
	}
	if several != nil {
		several.EnqueueEach(out)
	} else {
		p.tasks.Enqueue(out)
	}
	p.seek()
}
