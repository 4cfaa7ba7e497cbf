package pool

import (
	"context"
	"errors"
)

// ErrNoResult is what a [Future] holds if its function neither returned nor
// ended the program: it called [runtime.Goexit], or panicked in a pool with a
// panic handler. It is also the error of a group of package lfpool one of whose
// tasks panicked so.
var ErrNoResult = errors.New("pool: the function ended without a result")

// Future is the result, to come, of a function that runs in a pool.
type Future[T any] struct {
	done  chan struct{} // closed when value and err have been written
	value T
	err   error
}

// Async runs f in p and returns its result to come. It blocks as long as [Pool.Go]
// does, that is never unless p has a backlog bound. The call
// synchronizes before the start of f. If f panics the program ends, unless p has
// a panic handler: then the result is [ErrNoResult], and is there when the
// handler has returned. It panics if p or f is nil.
//
// A task that waits for a result keeps its place under a limit, which f may need: see
// package parallel, whose Async has Wait run what no worker has begun.
func Async[T any](p *Pool, f func() (T, error)) *Future[T] {
	if p == nil {
		panic("pool.Async: the pool is nil")
	}
	if f == nil {
		panic("pool.Async: the function is nil")
	}
	r := &Future[T]{done: make(chan struct{}), err: ErrNoResult}
	p.Go(p.Then(func() { r.value, r.err = f() }, func(End) { close(r.done) }))
	return r
}

// Done returns a channel that is closed when the result is there. The end of
// the function synchronizes before the close.
func (r *Future[T]) Done() <-chan struct{} { return r.done }

// Wait blocks until the result is there, and returns it, or until ctx is done,
// and returns ctx's error; the function runs on in that case. If both are so, it
// returns the result. It panics if ctx is nil.
func (r *Future[T]) Wait(ctx context.Context) (T, error) {
	if ctx == nil {
		panic("pool: Future.Wait(nil): the context is nil")
	}
	select {
	case <-r.done:
		return r.value, r.err
	default:
	}
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}
