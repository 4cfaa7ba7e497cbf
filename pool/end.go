package pool

import (
	"runtime/debug"

	"github.com/lfpool/lfpool/internal/goroutine"
)

// How tasks end, and what is said of it.
//
// A task returns, calls [runtime.Goexit], or panics, and its deferred calls may
// turn one into the other. Three things are to be given back then: the task's
// room in the backlog, and with Goexit the worker's place under the limit and in
// its generation. Each is given back by a deferred function, which runs whatever the end
// is:
//
//	unwind, of serve    sees to the task: one call for all tasks that return
//	gone, of run        sees to the worker
//
// A panic that nobody takes ends the program. Until it has, nobody is told that
// the task has ended: no Drain returns, no room is made, no other task starts in
// its place. Otherwise a goroutine that waits for the task could end the program
// first, with status 0.

// End is how a task has ended: see [Pool.Then].
type End int

const (
	Returned End = iota
	Exited       // by runtime.Goexit, in the task or in the panic handler
	Panicked     // and the panic handler has returned
)

func (e End) String() string { return [...]string{"returned", "exited", "panicked"}[e] }

// Then returns a task for p that runs f and, when f has ended, calls done in the
// same goroutine. If f panics, done is called after the pool's panic handler; if
// the pool has none the program ends, and done is not called, as with
// sync.WaitGroup.Go. A goroutine that waits for the task is to be told by done, and
// not by a call that f defers, which a panic runs as well.
//
// The end of f synchronizes before the call of done. It panics if f or done is
// nil.
func (p *Pool) Then(f func(), done func(End)) func() {
	if f == nil || done == nil {
		panic("lfpool: Pool.Then: the task or the function for its end is nil")
	}
	p.mustBeMade()
	return func() {
		returned := false
		defer func() {
			if returned {
				return
			}
			if p.onPanic == nil || !goroutine.Panicking() {
				unlessPanicking(func() { done(Exited) })
				return
			}
			p.handle(recover(), func(returned bool) {
				if returned {
					done(Panicked)
				} else {
					done(Exited)
				}
			})
		}()
		f()
		returned = true
		done(Returned)
	}
}

// handle gives the recovered panic v to the pool's handler, and then calls ended
// unless the handler panics itself. It is called by the function that has
// recovered.
func (p *Pool) handle(v any, ended func(returned bool)) {
	p.ignoreSync()
	p.panicked.Add(1)
	p.heedSync()
	returned := false
	defer func() {
		if returned {
			ended(true)
		} else {
			unlessPanicking(func() { ended(false) })
		}
	}()
	p.onPanic(v, debug.Stack())
	returned = true
}

// unlessPanicking calls f, unless a panic has the caller run.
func unlessPanicking(f func()) {
	if !goroutine.Panicking() {
		f()
	}
}

// unwind is deferred by serve. It sees to a task that did not return; resting
// says that there is none. It sets again if the worker can go on.
func (w *runner) unwind(resting, again *bool) {
	if *resting {
		return
	}
	p := w.pool
	if p.onPanic == nil || !goroutine.Panicking() {
		unlessPanicking(w.endTask)
		return
	}
	p.handle(recover(), func(returned bool) {
		w.endTask()
		*again = returned // unless a Goexit goes on now, which the handled panic interrupted
	})
}

// endTask is called when a task has ended.
func (w *runner) endTask() {
	debug.SetPanicOnFault(false) // as after a task that returns
	w.ignoreSync()
	w.count()
	w.heedSync()
	if w.pool.gate != nil {
		w.pool.gate.leave()
	}
}

// gone is deferred by run. It gives back what the worker has; stopped says that
// it has been counted off already.
func (w *runner) gone(stopped *bool) {
	p := w.pool
	if !*stopped {
		if goroutine.Panicking() {
			return
		}
		w.ignoreSync()
		p.exited.Add(1)
		w.flush()
		left := p.control.Leave()
		w.heedSync()
		p.removed(left)
		p.settle() // there is room under the limit
	}
	w.generation.leave()
	if p.original != nil {
		p.original.twins.release(p, 0)
	}
}
