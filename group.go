package lfpool

import (
	"context"
	"fmt"
	"sync"

	"github.com/lfpool/lfpool/pool"
)

// Group is a set of tasks that work on one thing: golang.org/x/sync/errgroup's
// Group, method for method, with its tasks in a pool. The zero value has no
// limit, does not cancel on error, and uses the default pool.
//
// A task that panics ends the program, unless its pool has a panic handler: then
// it ends, when the handler has returned, like one that returns
// [ErrNoResult]. A task that calls [runtime.Goexit] ends like one that returns
// nil, as in errgroup.
type Group struct {
	pool   *Pool // nil: the default pool
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	limit  chan struct{} // one element for each task; nil: no limit
	once   sync.Once
	err    error // written once, in once; read after wg.Wait
}

// NewGroup returns a group whose tasks run in p. It panics if p is nil.
func NewGroup(p *Pool) *Group {
	if p == nil {
		panic("lfpool.NewGroup(nil): the pool is nil")
	}
	return &Group{pool: p}
}

// WithContext returns a group, on the default pool, and a context that is
// cancelled when a task first returns an error, with that error as its cause,
// or when Wait first returns.
func WithContext(ctx context.Context) (*Group, context.Context) {
	g := new(Group)
	return g, g.derive(ctx)
}

// NewGroupContext is [WithContext] for a group whose tasks run in p. It panics
// if p is nil.
func NewGroupContext(ctx context.Context, p *Pool) (*Group, context.Context) {
	g := NewGroup(p)
	return g, g.derive(ctx)
}

func (g *Group) derive(ctx context.Context) context.Context {
	ctx, g.cancel = context.WithCancelCause(ctx)
	return ctx
}

// Go runs f in the group's pool. It blocks while the group has as many tasks as
// SetLimit allows, and as long as [pool.Pool.Go] does. The first task to return a
// non-nil error decides what Wait returns, and cancels the group's context. The call
// synchronizes before the start of f. It panics if f is nil.
func (g *Group) Go(f func() error) {
	checkTask("Go", f)
	if g.limit != nil {
		g.limit <- struct{}{}
	}
	g.wg.Add(1)
	p := g.in()
	p.Go(g.task(p, f))
}

// GoAll is [Group.Go] for each of fs, in order, by one [pool.Pool.GoAll] unless the
// group has a limit. It panics if one of fs is nil, and then none of them runs.
func (g *Group) GoAll(fs ...func() error) {
	for i, f := range fs {
		if f == nil {
			panic(fmt.Sprintf("lfpool: Group.GoAll: the task at index %d is a nil func", i))
		}
	}
	if g.limit != nil {
		for _, f := range fs {
			g.Go(f)
		}
		return
	}
	p := g.in()
	tasks := make([]func(), len(fs))
	for i, f := range fs {
		tasks[i] = g.task(p, f)
	}
	g.wg.Add(len(fs))
	p.GoAll(tasks...)
}

// TryGo runs f if the limit, and that of the pool, allow it now, and reports
// whether it does. It never blocks. It panics if f is nil.
func (g *Group) TryGo(f func() error) bool {
	checkTask("TryGo", f)
	if g.limit != nil {
		select {
		case g.limit <- struct{}{}:
		default:
			return false
		}
	}
	g.wg.Add(1)
	if p := g.in(); !p.TryGo(g.task(p, f)) {
		g.done()
		return false
	}
	return true
}

func checkTask(method string, f func() error) {
	if f == nil {
		panic("lfpool: Group." + method + "(nil): the task is a nil func")
	}
}

// in returns the pool in which the group's tasks run.
func (g *Group) in() *Pool {
	if g.pool == nil {
		return Default()
	}
	return g.pool
}

// task returns f as a task of the pool p.
func (g *Group) task(p *Pool, f func() error) func() {
	return p.Then(func() {
		if err := f(); err != nil {
			g.fail(err)
		}
	}, func(end pool.End) {
		if end == pool.Panicked {
			g.fail(ErrNoResult)
		}
		g.done()
	})
}

// fail cancels the group if err is its first error.
func (g *Group) fail(err error) {
	g.once.Do(func() {
		g.err = err
		if g.cancel != nil {
			g.cancel(err)
		}
	})
}

func (g *Group) done() {
	if g.limit != nil {
		<-g.limit
	}
	g.wg.Done()
}

// SetLimit lets the group have at most n tasks at a time; a negative n means no
// limit, and zero keeps every task from starting. It panics if the group has
// tasks now.
func (g *Group) SetLimit(n int) {
	if n < 0 {
		g.limit = nil
		return
	}
	if active := len(g.limit); active != 0 {
		panic(fmt.Sprintf("lfpool: Group.SetLimit(%d): %d tasks of the group are still active", n, active))
	}
	g.limit = make(chan struct{}, n)
}

// Wait blocks until all tasks of the group have ended, cancels its context, and
// returns the first error. The end of each task synchronizes before the return
// of Wait.
func (g *Group) Wait() error {
	g.wg.Wait()
	if g.cancel != nil {
		g.cancel(g.err)
	}
	return g.err
}
