package parallel

import (
	"context"
	"sync"
	"time"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/internal/inside"
	"github.com/lfpool/lfpool/pool"
)

// Group is a set of tasks that work on one thing, as [lfpool.Group] is, whose Wait
// runs those of them that no worker has begun. So groups may be nested under any
// limit, and a task that splits its work and waits for the parts (fork-join) wakes
// workers only for what it does not come to itself. The zero value uses the
// default pool and does not cancel on error.
//
// Go never blocks, whatever the pool's bounds: a task that the pool has no room for
// is run by Wait, or by a worker that has ended another task of the group, or when
// the next task is given. If the pool has room every task starts, whatever the
// others do. Workers begin with the task that was given first, Wait with the one
// that was given last. The pool's figures count the tasks that workers run.
//
// The first error decides what Wait returns. A task that calls [runtime.Goexit]
// ends like one that returns nil; one that panics in a pool with a panic handler
// like one that returns [pool.ErrNoResult].
type Group struct {
	pool   *pool.Pool // nil: the default pool
	cancel context.CancelCauseFunc
	apart  sync.WaitGroup // the tasks that goApart has started

	mu      sync.Mutex
	changed sync.Cond // on mu: a task is pending, or none runs any more
	help    func()    // made with the first task
	pending []func() error
	buf     [4]func() error // of pending, while that is short
	coming  bool            // the pool has accepted a worker that has not begun
	running int
	err     error // the first
}

// NewGroup returns a group whose tasks run in p and in Wait. It panics if p is nil.
func NewGroup(p *pool.Pool) *Group {
	if p == nil {
		panic("parallel.NewGroup(nil): the pool is nil")
	}
	return &Group{pool: p}
}

// NewGroupContext is [NewGroup] and a context that is cancelled when a task first
// returns an error, with that error as its cause, or when Wait first returns. It
// panics if p or ctx is nil.
func NewGroupContext(ctx context.Context, p *pool.Pool) (*Group, context.Context) {
	if ctx == nil {
		panic("parallel.NewGroupContext: the context is nil")
	}
	g := NewGroup(p)
	ctx, g.cancel = context.WithCancelCause(ctx)
	return g, ctx
}

// Go has f run, and does not wait. The call synchronizes before the start of f. It
// panics if f is nil.
func (g *Group) Go(f func() error) {
	if f == nil {
		panic("parallel: Group.Go(nil): the task is a nil func")
	}
	p := g.in()
	if inside.Apart(p) {
		g.goApart(p, f)
		return
	}
	g.mu.Lock()
	if g.help == nil {
		g.changed.L, g.help, g.pending = &g.mu, p.Then(g.work, g.over), g.buf[:0]
	}
	g.pending = append(g.pending, acceptedTask(p, f))
	g.changed.Signal() // one that waits has something to do
	g.ask()
	g.mu.Unlock()
}

// in returns the pool in which the group's tasks run.
func (g *Group) in() *pool.Pool {
	if g.pool == nil {
		return lfpool.Default()
	}
	return g.pool
}

// acceptedTask is accepted for a task without a result.
func acceptedTask(p *pool.Pool, f func() error) func() error {
	if !inside.Aside(p) {
		return f
	}
	g := accepted(p, func() (struct{}, error) { return struct{}{}, f() })
	return func() error { _, err := g(); return err }
}

// goApart is Go where the race detector is to see tasks as apart as goroutines: p
// starts one for each, and no lock of the group's orders it after another.
func (g *Group) goApart(p *pool.Pool, f func() error) {
	g.apart.Add(1)
	p.Go(p.Then(func() {
		if err := f(); err != nil {
			g.fail(err)
		}
	}, func(end pool.End) {
		if end == pool.Panicked {
			g.fail(pool.ErrNoResult)
		}
		g.apart.Done()
	}))
}

// ask asks the pool for a worker, unless one comes or there is nothing to do. The
// caller has the lock, and has it again afterwards.
//
// One is enough: whoever takes a task asks for the next worker before it runs it.
// So a task that does not end holds up no other, and a burst of short tasks is done
// by few workers.
func (g *Group) ask() {
	if g.coming || len(g.pending) == 0 {
		return
	}
	g.coming = true
	g.mu.Unlock()
	ok := inside.OfferTurn(g.in(), g.help)
	g.mu.Lock()
	if !ok {
		g.coming = false // the next who takes a task asks again
	}
}

// work is what a worker does: task after task, for a shift, and then others of the
// pool have their turn.
func (g *Group) work() {
	g.mu.Lock()
	g.coming = false
	var end time.Time
	n, told := 0, inside.Told(g.in())
	defer func() { inside.EndTurn(g.in(), n) }()
	for len(g.pending) > 0 {
		if n > 0 {
			inside.NextTask(g.in())
		}
		n++
		f := g.pending[0]
		g.pending[0] = nil
		if g.pending = g.pending[1:]; len(g.pending) == 0 {
			g.pending = g.buf[:0]
		}
		g.run(f)
		over := inside.Told(g.in()) != told
		if n%checkEvery == 0 {
			now := time.Now()
			if end.IsZero() {
				end = now.Add(shift)
			}
			over = over || now.After(end)
		}
		if over {
			if g.ask(); g.coming {
				break // it goes on
			}
		}
	}
	g.mu.Unlock()
}

// over is called when work is. A task that panicked or exited has not been ended
// by it.
func (g *Group) over(end pool.End) {
	if end == pool.Returned {
		return
	}
	g.mu.Lock()
	g.cutOff(end)
	g.ask()
	g.mu.Unlock()
}

// Wait runs tasks of the group until there are none that nobody has begun, waits
// for those that others run, cancels the group's context, and returns the first
// error. It blocks only while each of the group's tasks is in a worker or in
// another Wait. The end of each task synchronizes before the return.
//
// A task that Wait runs is part of the goroutine that has called it: it has that
// one's pprof labels; [runtime.Goexit] ends that goroutine, and the group's task
// with it; and its panic goes on through Wait. If the pool has no panic handler
// the task has not ended then, for the others that wait for the group: the panic is
// to end the program.
func (g *Group) Wait() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		if last := len(g.pending) - 1; last >= 0 {
			f := g.pending[last]
			g.pending[last] = nil
			g.pending = g.pending[:last]
			g.runHere(f)
		} else if g.running > 0 {
			g.changed.Wait()
		} else {
			break
		}
	}
	g.mu.Unlock()
	g.apart.Wait()
	g.mu.Lock()
	if g.cancel != nil {
		g.cancel(g.err)
	}
	return g.err
}

// run runs f. The caller has the lock, and has it again when f has returned.
func (g *Group) run(f func() error) {
	g.running++
	g.ask()
	g.mu.Unlock()
	err := f()
	g.mu.Lock()
	g.ended(err)
}

// runHere is run for the goroutine that waits. The caller has the lock again
// however f ends.
func (g *Group) runHere(f func() error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		end, told := ending(g.in())
		g.mu.Lock()
		if told {
			g.cutOff(end)
		}
	}()
	g.run(f)
	returned = true
}

// cutOff counts a task as ended that has not returned. The caller has the lock.
func (g *Group) cutOff(end pool.End) {
	if end == pool.Panicked {
		g.ended(pool.ErrNoResult)
	} else {
		g.ended(nil)
	}
}

// fail notes err, and cancels the group's context, if it is the first.
func (g *Group) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note(err)
}

// note is fail for a caller that has the lock.
func (g *Group) note(err error) {
	if err != nil && g.err == nil {
		g.err = err
		if g.cancel != nil {
			g.cancel(err)
		}
	}
}

// ended counts a task as ended. The caller has the lock.
func (g *Group) ended(err error) {
	g.note(err)
	if g.running--; g.running == 0 {
		g.changed.Broadcast()
	}
}
