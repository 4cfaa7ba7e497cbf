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
// To watch costs more than to run an empty task (BenchmarkGoContext), so the
// submitter looks whether it has to when it has submitted the task. A look before
// would not do: of submitters that come together each may find a place that only one
// of them is to have.

// revocable is a task that its context's end may revoke. A worker that starts it
// before that owns its fields. Or else its submitter does until the state is waiting,
// and then whoever moves it on.
type revocable struct {
	state atomic.Uint32
	pool  *Pool
	ctx   context.Context
	f     func(context.Context)
	stop  func() bool // of AfterFunc; it refers to ctx too
}

const (
	fresh   = iota // not watched, or the submitter has yet to note stop
	waiting        // and watched
	revoked        // by the context's end
	started        // by a worker; the last state of each
)

// submitContext submits f, which ctx's end may revoke.
func (p *Pool) submitContext(ctx context.Context, f func(context.Context)) {
	if !p.limited() || ctx.Done() == nil {
		p.submit(inherit(func() { p.unlessDone(ctx, f) })) // it starts whatever others do, or whatever ctx does
		return
	}
	t := &revocable{pool: p, ctx: ctx, f: f}
	p.submit(inherit(t.run))
	if t.isQueued() {
		t.watch()
	}
}

// revocably has submit put f, which ctx's end may revoke, into a queue before the
// pool's. If submit fails, which it does when ctx is done, f may be there all the same.
func (p *Pool) revocably(ctx context.Context, f func(context.Context), submit func(run func()) error) error {
	if p.aside {
		q := p.here()
		defer q.away()
		f = q.measuredContext(f)
	}
	if ctx.Done() == nil {
		return submit(inherit(func() { p.within(ctx, f) }))
	}
	t := &revocable{pool: p, ctx: ctx, f: f}
	err := submit(inherit(t.run))
	if err != nil {
		p.before.givenUp.Add(1)
	}
	switch {
	case t.state.Load() == started:
	case err == nil:
		t.watch()
	case t.state.CompareAndSwap(fresh, revoked):
		t.clear()
	}
	return err
}

func (p *Pool) limited() bool {
	p.ignoreSync()
	defer p.heedSync()
	return p.control.Limit() > 0
}

// isQueued reports whether t may be in the task queue. If not, it has come into the
// hands of a worker, which starts it whatever other tasks do.
func (t *revocable) isQueued() bool {
	t.pool.ignoreSync()
	defer t.pool.heedSync()
	return !t.pool.empty() && t.state.Load() != started
}

// watch has the end of the context revoke t. The submitter calls it once it has
// submitted run.
func (t *revocable) watch() {
	t.stop = context.AfterFunc(t.ctx, t.revoke)
	if t.state.CompareAndSwap(fresh, waiting) { // edge revoke: pairs with the CAS from waiting in revoke, and the exchange in run
		return
	}
	if t.state.Load() == started {
		t.stop() // the worker has not seen it, and may be reading the other fields
		return
	}
	t.clear() // it has been revoked since
}

// run is what the task queue has of t.
func (t *revocable) run() {
	switch t.state.Swap(started) { // edge revoke: pairs with the CAS in watch
	case revoked:
		t.pool.skipped.Add(1)
		return
	case waiting:
		t.stop()
	}
	t.pool.unlessDone(t.ctx, t.f) // looks at ctx: its end may have come, and revoke be on the way
}

// revoke is called in a goroutine of its own when the context has ended. It does
// nothing if a worker has started t.
func (t *revocable) revoke() {
	if t.state.CompareAndSwap(fresh, revoked) {
		return // the submitter writes stop, and then clears
	}
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
