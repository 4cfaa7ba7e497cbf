package pool

import (
	"context"
	"fmt"

	"github.com/lfpool/lfpool/internal/atomic"
)

// A generation is the time between two turns, each of which is made by a Drain.
// Workers belong to the generation in which they were started, and go when it is over:
// a parked one at once, a busy one when its task has ended. So to wait for
// every task that some worker had taken is to wait until the generation is empty. That
// costs a task nothing but the look for notices: see due.
//
// The count of a generation has its workers, one more while the generation is current, and
// one more until the generation before it is empty; so a generation that is empty leaves
// none of earlier ones behind. A count that has come to 0 stays there.
type generation struct {
	word  atomic.Uint64 // bits 0 to 31: the count; bit 32: a worker has joined
	next  *generation   // written before the current generation's one is taken off count
	empty chan struct{} // made by the Drain that ends the generation, which waits for it; closed when count has come to 0
}

const touched = 1 << 32

func newGeneration(count uint64) *generation {
	g := new(generation)
	g.word.Store(count)
	return g
}

// untouched reports whether no worker has ever joined g.
func (g *generation) untouched() bool { return g.word.Load()&touched == 0 }

// join makes the caller a member of the current generation or, if only is not nil, of
// that one. It returns nil if only is empty.
//
// The generation may be over by then. The Drain that ended it waits for the new member as
// for all others, and the worker goes when it checks in. So join comes to a second
// generation only if the first one has emptied meanwhile, and a Drain finds no new member
// in the next generation because it has overtaken a joiner. (A joiner that had to be in
// the current generation would join the next one, and be overtaken by the Drain's next
// turn, for ever if the two keep step.)
func (p *Pool) join(only *generation) *generation {
	for {
		g := only
		if g == nil {
			g = p.generation.Load() // edge generation: pairs with the store in turn
		}
		if g.enter() {
			return g
		}
		if only != nil {
			return nil
		}
	}
}

// enter counts one more member, unless g is empty.
func (g *generation) enter() bool {
	for {
		old := g.word.Load()
		if uint32(old) == 0 {
			return false
		}
		if g.word.CompareAndSwap(old, (old|touched)+1) {
			return true
		}
	}
}

func (g *generation) leave() {
	// edge leave: pairs with the Add of leave that comes to 0, of the last member
	if uint32(g.word.Add(^uint64(0))) == 0 {
		close(g.empty) // edge drained: pairs with the receive in mark.await
		g.next.leave()
	}
}

// turn makes the next generation the current one. Turns come one after the other. The
// caller goes on with finish, for the generation that is over.
func (p *Pool) turn(m *mark) (over *generation) {
	over = p.generation.Load()
	over.next, over.empty = newGeneration(2), m.empty
	m.next = over.next
	p.generation.Store(over.next) // edge generation: pairs with the load in join
	return over
}

// finish has the workers of a generation that is over go.
func (p *Pool) finish(over *generation) {
	p.notify()
	over.leave()
	p.cull()
}

// Drain returns at an instant at which no task that the pool has accepted is
// queued or running, tasks that tasks have submitted included, or with the
// context's error when ctx is done. The pool may be used throughout and
// afterwards; idle workers have gone. There is nothing else to a shutdown: stop
// submitting from outside, and drain.
//
// While goroutines outside go on submitting, or beside tasks that submit the next
// one for ever, there may be no such instant before ctx is done. Called by a task
// of the pool itself, Drain cannot return before ctx is done. The end of each
// task waited for synchronizes before the return. It panics if ctx is nil.
//
// With a [TaskQueue] of one's own that is not first in, first out, tasks that
// are queued at the call may not be waited for.
func (p *Pool) Drain(ctx context.Context) error { return drain(ctx, "Drain", p) }

// DrainAll is [Pool.Drain] for pools whose tasks submit to each other: it returns
// at an instant at which none of them has a task that is queued or running, or
// with the context's error when ctx is done. It panics if ctx or a pool is nil.
func DrainAll(ctx context.Context, pools ...*Pool) error {
	for i, p := range pools {
		if p == nil {
			panic(fmt.Sprintf("pool.DrainAll: the pool at index %d is nil", i))
		}
	}
	return drain(ctx, "DrainAll", pools...)
}

// drain waits until all tasks that were accepted before have ended, and does so
// again until nothing was started meanwhile.
func drain(ctx context.Context, function string, pools ...*Pool) error {
	if ctx == nil {
		panic(fmt.Sprintf("lfpool: %s(nil): the context is nil", function))
	}
	here := make([]*Pool, len(pools))
	for i, p := range pools {
		p.mustBeMade()
		here[i] = p.here()
		defer here[i].away()
	}
	marks := make([]*mark, len(here))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i, p := range here {
			marks[i] = p.orderTurn()
		}
		for i := range here {
			if err := marks[i].await(ctx); err != nil {
				for j, p := range here {
					p.forgo(marks[j])
				}
				return err
			}
		}
		quiet := true
		for i, p := range here {
			quiet = quiet && p.quietSince(marks[i].next)
		}
		if quiet {
			for _, p := range here {
				p.nudgeReaper()
			}
			return nil
		}
	}
}

// quietSince reports whether no task has been started since the generation g began and
// none is queued: only workers take tasks, and none has joined g or a later generation.
// The generations before g are empty.
//
// So the pool had neither when the list of lanes was loaded, before the look at the
// first lane's queue: when the looks were over no worker had joined g, nor one after
// it, for the current one was found after the looks as well. While there is no worker
// no task is taken, so a queue that was found empty later was empty then too.
func (p *Pool) quietSince(g *generation) bool {
	if !p.empty() {
		return false
	}
	for ; g.untouched(); g = g.next {
		if g == p.generation.Load() {
			return true // Linearization point: the load of the list of lanes
		}
	}
	return false
}
