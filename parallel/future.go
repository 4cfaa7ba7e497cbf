package parallel

import (
	"context"
	"sync"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/inside"
	"github.com/lfpool/lfpool/pool"
)

// Future is the result, to come, of a function that runs in a pool, as
// [pool.Future] is, but Wait runs the function if no worker has begun it. So tasks
// may wait for futures of their own pool under any limit.
//
// Take [pool.Async] if the function is to run without a wait for it, if it needs
// the pool's panic handler, or if a wait must end with its context whatever the
// function does.
type Future[T any] struct {
	pool    *pool.Pool
	f       func() (T, error)          // of the goroutine that begins it; nil from then on
	unbegun *atomic.Pointer[Future[T]] // the future; to nil, once, by the goroutine that begins f

	mu    sync.Mutex
	again func()        // a worker's part, if the pool has refused it and was not asked again
	done  chan struct{} // made for the first that waits, closed when over
	over  bool          // to true, once: value and err are there
	value T
	err   error
}

// Async offers f to p and returns its result to come. It never blocks, whatever
// p's bounds. If p has no room for f, f runs in [Future.Wait], or after a call of
// [Future.Done]; a future that p has refused and nobody asks for does not run f,
// and p's Drain does not know of it. The call synchronizes before the start of f,
// which runs once. It panics if p or f is nil.
//
// In p's figures f is a task even if Wait has run it. What stands in p's queue for
// it then does nothing, and keeps neither f nor the result.
func Async[T any](p *pool.Pool, f func() (T, error)) *Future[T] {
	if p == nil {
		panic("parallel.Async: the pool is nil")
	}
	if f == nil {
		panic("parallel.Async: the function is nil")
	}
	r := &Future[T]{pool: p, f: accepted(p, f), err: pool.ErrNoResult}
	// The worker's part knows the future by this word alone. So a part that comes too
	// late finds nothing, and keeps nothing while it is queued.
	unbegun := new(atomic.Pointer[Future[T]])
	unbegun.Store(r)
	r.unbegun = unbegun
	work := func() {
		if r := unbegun.Swap(nil); r != nil {
			p.Then(r.run, func(pool.End) { r.end() })()
		}
	}
	if !inside.OfferTurn(p, work) {
		r.again = work
	}
	return r
}

// Wait returns the result. If no worker has begun the function, and ctx is not
// done, Wait runs it in the calling goroutine to its end, whatever ctx does
// meanwhile. Otherwise it blocks until the result is there, or until ctx is done:
// then it returns ctx's error, unless the result is there too. The end of the
// function synchronizes before the return of its result. Wait panics if ctx is nil.
//
// So Wait blocks only while the function runs, in a worker or in another Wait. Tasks
// that wait for each other's futures in no circle all end, whatever the limit.
//
// A function that Wait runs uses no place under the pool's limit, and is part of the
// goroutine that has called Wait: it has that one's pprof labels; [runtime.Goexit]
// ends that goroutine, and the result is [pool.ErrNoResult] for others; and a
// panic goes on through Wait. If the pool has a panic handler, which is not called,
// the result is [pool.ErrNoResult] for others. If it has none, others get no
// result: the panic is to end the program. In a worker the function ends as that of
// [pool.Async] does.
func (r *Future[T]) Wait(ctx context.Context) (T, error) {
	if ctx == nil {
		panic("parallel: Future.Wait(nil): the context is nil")
	}
	if ctx.Err() == nil && !inside.Apart(r.pool) && r.unbegun.Swap(nil) != nil {
		r.runHere()
		return r.value, r.err
	}
	done := r.channel()
	select {
	case <-done:
		return r.value, r.err
	default:
	}
	select {
	case <-done:
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

// Done returns a channel that is closed when the result is there. The end of the
// function synchronizes before the close. Nobody need call Wait: if the pool has
// refused the function, the first call of Done has a goroutine offer it again and
// wait for room.
func (r *Future[T]) Done() <-chan struct{} {
	r.mu.Lock()
	again := r.again
	r.again = nil
	r.mu.Unlock()
	if again != nil && r.unbegun.Load() != nil {
		inside.WaitWithTurn(r.pool, again)
	}
	return r.channel()
}

// channel returns the channel that is closed when the result is there.
func (r *Future[T]) channel() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == nil {
		if r.done = make(chan struct{}); r.over {
			close(r.done)
		}
	}
	return r.done
}

// run runs the function. The caller has begun it, by the word unbegun.
func (r *Future[T]) run() {
	f := r.f
	r.f = nil
	r.value, r.err = f()
}

// runHere is run for a goroutine that waits.
func (r *Future[T]) runHere() {
	returned := false
	defer func() {
		if !returned {
			if _, told := ending(r.pool); !told {
				return
			}
		}
		r.end()
	}()
	r.run()
	returned = true
}

// end tells those that wait that the result is there.
func (r *Future[T]) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	if r.done != nil {
		close(r.done)
	}
}
