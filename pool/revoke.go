package pool

import (
	"context"

	"github.com/lfpool/lfpool/internal/atomic"
)

// Letting go of cancelled tasks.
//
// A task of GoContext whose context ends must not keep its func and what that
// context refers to until its turn: with all workers busy this may never come. So
// a task that has to wait is watched: context.AfterFunc has the end of its
// context revoke it, and only a shell stays in the task queue, which counts as
// skipped when its turn comes.
//
// To watch costs more than to run an empty task (BenchmarkGoContext), so it is
// done only where a task may have to wait: see mayWait.

// revocable is a task that its context's end may revoke. One goroutine moves it
// out of each state, and owns the fields with that step.
type revocable struct {
	state atomic.Uint32 // fresh to waiting to started; from the first two to revoked
	pool  *Pool
	ctx   context.Context
	f     func(context.Context)
	stop  func() bool // of AfterFunc; it refers to ctx too
}

const (
	fresh   = iota // the submitter has yet to note stop
	waiting        // in the task queue, or on the way
	started        // by a worker, which owns the fields
	revoked        // by the context's end; the fields are cleared
)

// contextTask returns the task that GoContext submits.
func (p *Pool) contextTask(ctx context.Context, f func(context.Context)) func() {
	if !p.mayWait() || ctx.Done() == nil {
		return func() { p.unlessDone(ctx, f) }
	}
	t := &revocable{pool: p, ctx: ctx, f: f}
	t.watch()
	return t.run
}

// mayWait reports whether a task that is submitted now may have to wait for other
// tasks to end. Without a limit none has to. With one, a task that finds nothing
// queued and fewer busy workers than the limit allows is the next to start, but
// for those that other goroutines submit at this instant and for a limit that is
// lowered.
func (p *Pool) mayWait() bool {
	p.ignoreSync()
	defer p.heedSync()
	workers, limit := p.control.Look()
	return limit > 0 && (workers-p.idleWorkers() >= limit || !p.empty())
}

// watch has the end of the context revoke t. The submitter calls it before it
// submits run.
func (t *revocable) watch() {
	t.stop = context.AfterFunc(t.ctx, t.revoke)
	if !t.state.CompareAndSwap(fresh, waiting) { // edge revoke: pairs with the second CAS in revoke
		t.clear() // it has been revoked since
	}
}

// run is what the task queue has of t.
func (t *revocable) run() {
	if !t.state.CompareAndSwap(waiting, started) {
		t.pool.skipped.Add(1)
		return
	}
	t.stop()
	t.pool.unlessDone(t.ctx, t.f) // looks at ctx: its end may have come, and revoke be on the way
}

// revoke is called in a goroutine of its own when the context has ended.
func (t *revocable) revoke() {
	if t.state.CompareAndSwap(fresh, revoked) {
		return // the submitter writes stop, and then clears
	}
	// Not retried: if it fails a worker has started t and owns the fields.
	if t.state.CompareAndSwap(waiting, revoked) { // edge revoke: pairs with the CAS in watch
		t.clear()
	}
}

func (t *revocable) clear() { t.ctx, t.f, t.stop = nil, nil, nil }

// unlessDone runs f, or counts it as skipped if ctx is done.
func (p *Pool) unlessDone(ctx context.Context, f func(context.Context)) {
	if ctx.Err() != nil {
		p.skipped.Add(1)
		return
	}
	p.within(ctx, f)
}
