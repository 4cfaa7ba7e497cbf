package pool

import (
	"context"
	"fmt"
	"runtime/debug"
)

// Call runs f in p and returns its result. It blocks until f has ended, or until
// ctx is done: then it returns ctx's error. A call that gives up before f starts
// keeps f from running; one that gives up later leaves f running, with a context
// that is done, and drops the result. If the result is there and ctx is done,
// Call returns the result.
//
// Call waits for room in the pool as [Pool.GoContext] does, and f has the pprof
// labels and the trace task of ctx. A task that calls on its own pool with a
// limit keeps its place meanwhile: if all places are kept so, all wait until
// their contexts are done.
//
// A panic in f is what it is in any task: it ends the program, unless p has a
// panic handler: then Call returns [ErrNoResult] when the handler has returned.
// [Caught] makes it an error. After [runtime.Goexit] the result is
// [ErrNoResult] too. Call panics if ctx, p or f is nil.
//
// The call synchronizes before the start of f, and the end of f before the
// return of its result.
func Call[T any](ctx context.Context, p *Pool, f func(context.Context) (T, error)) (T, error) {
	if ctx == nil {
		panic("pool.Call: the context is nil")
	}
	if p == nil {
		panic("pool.Call: the pool is nil")
	}
	if f == nil {
		panic("pool.Call: the function is nil")
	}
	r := &Future[T]{done: make(chan struct{}), err: ErrNoResult}
	err := p.GoContext(ctx, func(ctx context.Context) {
		p.Then(func() { r.value, r.err = f(ctx) }, func(End) { close(r.done) })()
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return r.Wait(ctx)
}

// PanicError is the error of a function that panicked: see [Caught].
type PanicError struct {
	Value any    // given to panic
	Stack []byte // of the goroutine, from the panic on
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// Unwrap returns the value given to panic if that is an error, or else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Caught returns f with its panic as its error, a *[PanicError]:
//
//	v, err := pool.Call(ctx, p, pool.Caught(f))
//
// The panic of a call that has given up is seen by nobody then. [runtime.Goexit]
// is not a panic. It panics if f is nil.
func Caught[T any](f func(context.Context) (T, error)) func(context.Context) (T, error) {
	if f == nil {
		panic("pool.Caught(nil): the function is nil")
	}
	return func(ctx context.Context) (value T, err error) {
		defer func() {
			if v := recover(); v != nil {
				err = &PanicError{Value: v, Stack: debug.Stack()}
			}
		}()
		return f(ctx)
	}
}
