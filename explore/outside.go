package explore

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// Code under test may start goroutines with the go statement, and let them wait for
// channels: then the explorer cannot see who goes on after a step. It can if somebody
// tells it when all have stopped. A step is then what a goroutine does from one
// operation on a word to the next, and what others do that it has started or woken, up
// to their first operation. They are taken to depend on that step, and what they do before
// that operation to be said by Touch if it concerns others: channels and locks of Go's that
// several goroutines use at a time are not searched.
//
// Whether a goroutine blocks depends on what was sent before, but where all stand after two
// independent steps does not depend on their order: a goroutine that finds a value goes on
// in its own step, and one that does not in the sender's. Under a bound there is a
// difference all the same: when it has blocked, another can go on without a preemption. A
// reduced search with a bound does not look for that.

// Outside takes in goroutines that the code under test starts itself, and lets them
// block where the explorer does not see it. settle is called after each step, and
// returns when every goroutine has come to an operation, is blocked, or has ended:
// synctest.Wait, in a bubble that Explore is called in. goroutine returns a number
// that no other goroutine has, or has had. A goroutine that was not started by
// [Run.Go] may be blocked at the end of a run: see [Run.Cleanup]. It panics if an argument is
// nil.
func Outside(settle func(), goroutine func() uint64) Option {
	if settle == nil || goroutine == nil {
		panic("explore.Outside: an argument is nil")
	}
	return func(s *settings) { s.outside = outside{settle, goroutine, nil} }
}

// Bubble is [Outside] with a bubble of testing/synctest for each run, so that runs begin at
// the same instant and a run that leaves a goroutine behind fails. Explore is called outside
// any bubble, by the test t. goroutine is as for Outside; nil has the number taken from a
// stack, which takes a microsecond. Bubble panics if t is nil.
func Bubble(t *testing.T, goroutine func() uint64) Option {
	if t == nil {
		panic("explore.Bubble: the test is nil")
	}
	if goroutine == nil {
		goroutine = goid
	}
	return func(s *settings) { s.outside = outside{synctest.Wait, goroutine, t} }
}

type outside struct {
	settle    func()
	goroutine func() uint64
	test      *testing.T // each run has a bubble of this test; nil: it has not
}

// playApart plays r in a bubble of its own.
func (x *explorer) playApart(r *Run) {
	defer func() {
		// A bubble whose goroutines are blocked for ever ends in a panic, here.
		if v := recover(); v != nil && r.err == nil && !r.gaveUp() {
			r.err = fmt.Errorf("after the end: %v", v)
		}
		active.CompareAndSwap(r, nil)
		current.CompareAndSwap(r, nil)
		x.exitIfDead()
	}()
	synctest.Test(x.outside.test, func(*testing.T) { x.play(r) })
}

// crowd is what a run knows of goroutines, its own and others.
type crowd struct {
	mu      sync.Mutex
	by      map[uint64]*thread
	arrived []*thread // since the last step; guarded by mu
}

// Cleanup has f called at the end of each run, also of one that was given up, when the
// goroutines run freely.
func (r *Run) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

// arrive is step for goroutines that are let go by drive.
func (r *Run) arrive(o op) (watched, over bool) {
	id := r.outside.goroutine()
	r.crowd.mu.Lock()
	if r.abandoned.Load() {
		r.crowd.mu.Unlock()
		return true, false
	}
	th := r.crowd.by[id]
	if th == nil {
		if left.some() && left.has(goid()) {
			r.crowd.mu.Unlock()
			runtime.Goexit()
		}
		th = &thread{id: -1, number: id, wake: make(chan struct{})}
		r.crowd.by[id] = th
	}
	if r.noted {
		pcs := make([]uintptr, 16)
		o.sites = pcs[:runtime.Callers(3, pcs)]
	}
	o.call, th.called = th.called, false
	th.next, th.away = o, false
	r.crowd.arrived = append(r.crowd.arrived, th)
	r.crowd.mu.Unlock()
	<-th.wake
	return true, false
}

// liveOutside is a goroutine of the scenario.
func (r *Run) liveOutside(th *thread) {
	r.crowd.mu.Lock()
	r.crowd.by[r.outside.goroutine()] = th
	r.crowd.mu.Unlock()
	returned := false
	defer func() {
		v := recover()
		r.crowd.mu.Lock()
		defer r.crowd.mu.Unlock()
		if !returned && v != nil && r.err == nil {
			r.err = fmt.Errorf("panic in goroutine %s: %v", th.name, v)
		}
		th.done = true
	}()
	th.f()
	returned = true
}

// drive makes step after step, from the goroutine that runs the scenario.
func (r *Run) drive() {
	for _, th := range r.threads {
		if th == r.time.thread {
			continue
		}
		th.away, th.begun = true, nil
		go r.liveOutside(th)
		r.settled(nil)
	}
	for {
		next, enabled := r.decide()
		if next == nil {
			break
		}
		r.begin(next, enabled)
		if next == r.time.thread {
			r.passes(enabled)
		} else {
			next.away = true
			next.wake <- struct{}{}
		}
		r.settled(next)
	}
	r.crowd.mu.Lock()
	r.abandoned.Store(true)
	r.crowd.mu.Unlock()
	for _, th := range r.threads {
		if !th.done && !th.away && th != r.time.thread {
			th.wake <- struct{}{}
		}
	}
	r.outside.settle()
}

// settled waits for the end of a step of th, and takes in those that have come to an
// operation in it.
func (r *Run) settled(th *thread) {
	r.outside.settle()
	r.crowd.mu.Lock()
	arrived := r.crowd.arrived
	r.crowd.arrived = nil
	r.crowd.mu.Unlock()
	// In an order that is the same in each run: those that are known, and then the new
	// ones as they were started.
	slices.SortFunc(arrived, func(a, b *thread) int {
		return cmp.Or(cmp.Compare(uint(a.id), uint(b.id)), cmp.Compare(a.number, b.number))
	})
	for _, a := range arrived {
		if a.id < 0 {
			r.takeIn(a, th)
		}
		a.next.word = -1
		if a.next.addr != nil {
			a.next.word = r.number(a.next.addr)
		}
	}
	if th == nil {
		return
	}
	r.ended(len(r.trace) - 1)
	for _, a := range arrived {
		if a != th { // th has started or woken it
			a.clock = r.join(r.copyClock(a.clock), th.clock)
		}
	}
}

// takeIn gives a goroutine from outside, which has come to its first operation in a step of
// th, a number and a name.
func (r *Run) takeIn(a, th *thread) {
	by := "scenario"
	if th != nil {
		th.children++
		by = fmt.Sprintf("%s.%d", th.name, th.children)
	}
	named := r.add(by, nil)
	a.id, a.name = named.id, named.name
	r.threads[a.id] = a
}
