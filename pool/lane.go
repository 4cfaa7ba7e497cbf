package pool

import (
	"fmt"
	"math/bits"
	"runtime"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/padded"
)

// A lane is a wake chain of its own: a queue of tasks, the word that says who is
// looking for them, and the worker that parked last. Submitters that have nothing
// to do with each other use different lanes, so their tasks do not wait for each
// other, and share no line that each task writes.
//
// A worker works for one lane at a time, the one for which it was started or woken
// last. Workers belong to the pool, parked ones too, but for the one that parked
// last in a lane.
//
// The argument at the head of dispatch.go holds lane by lane: a submitter that
// enqueues into a lane looks at that lane's search word, and a worker that releases
// a duty of that lane looks at that lane's queue. What else a worker or a
// submitter does in other lanes adds nothing to their queues, so it cannot make the
// invariant false:
//
//   - a submitter may choose any lane, but it enqueues and seeks in the same one;
//   - a waker takes any parked worker for the lane that it wakes for.
//
// A worker that finds its lane empty does not look into the others, though it could
// start a task there a little sooner: a lane with queued tasks has a searcher, which
// the scheduler runs when the worker parks, and the look would have every worker
// write to every lane's lines (see DESIGN.md, Rejected).
//
// A pool with a limit submits to lane 0 alone. If it gets the limit later, tasks that
// are in other lanes, and those of submitters that have chosen a lane already, stay
// there; so the rules of limit.go look at all lanes.
//
// A pool whose tasks are apart has one lane, which is made with the pool. In a race
// build it may look at its lanes while it has the race detector take no note of
// what atomics order, so a lane must be older than all who look.
type lane struct {
	search     padded.Uint32          // who is looking for tasks: see dispatch.go
	slot       padded.Pointer[Worker] // the worker that parked last, or nil: see park.go
	submitters padded.Uint64          // the last two, and how often such as they came back: see submitter.go
	finished   padded.Int64           // tasks ended; workers add to it when they park, or after a batch
	calls      atomic.Bool            // submitters wait for their tasks: see learn
	ramp       atomic.Uint32          // how many searchers in a row were new workers: see ramp.go
	tasks      TaskQueue              // waiting for a worker; never written after
	index      int                    // never written after
}

const (
	// maxLanes bounds what a look at all lanes costs.
	maxLanes = 256
	// lanesPerProc makes it unlikely that two of as many submitters as there are
	// processors share a lane, and lets many submitters share one, whose tasks then
	// need fewer wake-ups.
	lanesPerProc = 4
)

// WithLanes gives the pool n lanes, rounded up to a power of two: wake chains with a
// task queue each, between which submitting goroutines are divided. With 1 all tasks
// that wait stand in one queue, first in, first out. The default is 4 for each
// processor (GOMAXPROCS, which it follows) and at most 256, and 1 on one processor and
// with [WithTaskQueue]. A pool with a limit or [WithHandOff] has one lane whatever n
// is. A lane costs about 9 KB once a submitter has used it, and a parked worker while
// it is in use. It panics if n is not from 1 to 256.
func WithLanes(n int) Option {
	if n < 1 || n > maxLanes {
		panic(fmt.Sprintf("pool.WithLanes(%d): want 1 to %d", n, maxLanes))
	}
	return Option{set: func(p *Pool) { p.wanted = n }}
}

// lanes has a pool's lanes, which are made when a submitter first needs them, and
// stay.
type lanes struct {
	// list has those that are there, in no order. A lane is in it before at has it,
	// and so before any task is in the lane: who looks at the lanes of the list
	// misses no task that was queued before.
	list   atomic.Pointer[[]*lane]
	at     [maxLanes]atomic.Pointer[lane] // nil to lane, once
	moved  atomic.Pointer[moves]          // nil: nobody has
	spread atomic.Uint32                  // how many of them submitters use, less one: a mask; written under Pool.settings
	wanted int                            // how many the user wants; 0: as suits the number of processors

	newTasks func() TaskQueue // makes the lanes' queues; nil: the default's
	tasks    TaskQueue        // the first that it has made, for lane 0
}

// setSpread lets submitters use as many lanes as suits the pool's options and the
// number of processors. The caller has the settings' lock, or is New.
func (p *Pool) setSpread() {
	n := p.wanted
	if procs := runtime.GOMAXPROCS(0); n == 0 && procs > 1 && p.newTasks == nil {
		n = min(procs*lanesPerProc, maxLanes)
	}
	if n == 0 || p.handOff || p.apart || p.control.Limit() > 0 {
		n = 1
	}
	mask := uint32(1)<<bits.Len(uint(n-1)) - 1
	if p.spread.Load() != mask {
		p.spread.Store(mask)
	}
}

// respread follows the number of processors.
func (p *Pool) respread() {
	p.settings.Lock()
	p.setSpread()
	p.settings.Unlock()
}

// lane returns lane i.
func (p *Pool) lane(i int) *lane {
	if l := p.at[i&(maxLanes-1)].Load(); l != nil { // edge lane: pairs with the CAS in makeLane
		return l
	}
	return p.makeLane(i)
}

// makeLane makes lane i, unless somebody else does.
//
//go:noinline
func (p *Pool) makeLane(i int) *lane {
	p.mustBeMade()
	made := &lane{index: i, tasks: p.newQueue(i)}
	for {
		old, all := p.list.Load(), p.all()
		for _, l := range all {
			if l.index == i {
				// Not retried: if it fails somebody else has done it. edge lane: pairs with the load in Pool.lane
				p.at[i].CompareAndSwap(nil, l)
				return l
			}
		}
		list := append([]*lane{made}, all...)
		// Retried unless i is in the list by now. edge lane: pairs with the load in lanes.all
		p.list.CompareAndSwap(old, &list)
	}
}

// newQueue returns a queue for lane i.
func (p *Pool) newQueue(i int) TaskQueue {
	if p.newTasks == nil {
		return lfqueue.NewSeg[func()]()
	}
	if i == 0 {
		return p.tasks
	}
	q := p.newTasks()
	if q == nil {
		panic("lfpool: the constructor given to WithTaskQueue returned no queue")
	}
	return q
}

// all returns the lanes that had a task before the call, or may have.
func (s *lanes) all() []*lane {
	if list := s.list.Load(); list != nil { // edge lane: pairs with the CAS in Pool.makeLane
		return *list
	}
	return nil
}

// empty looks at one lane after the other, and reports true only if every task
// that was queued when the call began has been taken.
func (s *lanes) empty() bool {
	for _, l := range s.all() {
		if !l.tasks.Empty() {
			return false
		}
	}
	return true
}
