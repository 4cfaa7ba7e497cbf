package parallel

import (
	"context"
	"sync"
	"time"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/inside"
	"github.com/lfpool/lfpool/padded"
	"github.com/lfpool/lfpool/pool"
)

// ForEach calls f for each element of in, with its index, in the calling goroutine
// and on workers, and returns when all calls have ended. They start roughly in
// order.
//
// The first call to return an error decides what ForEach returns, and cancels the
// context of the others, with that error as its cause; no more are started. When
// ctx is done no more are started either, and ForEach returns ctx's error, unless
// all have been. The end of each call synchronizes before the return.
//
// It panics if ctx, f or an option is nil. For other panics, and runtime.Goexit,
// see the package.
func ForEach[T any](ctx context.Context, in []T, f func(ctx context.Context, i int, v T) error, opts ...Option) error {
	mustBe("ForEach", ctx, f == nil)
	return each(ctx, len(in), settle("ForEach", opts), func(ctx context.Context, i int) error { return f(ctx, i, in[i]) })
}

// Map is [ForEach] for a function with a result: it returns the results in the
// order of in, or, with the first error, nil.
func Map[T, R any](ctx context.Context, in []T, f func(ctx context.Context, v T) (R, error), opts ...Option) ([]R, error) {
	mustBe("Map", ctx, f == nil)
	out := make([]R, len(in))
	err := each(ctx, len(in), settle("Map", opts), func(ctx context.Context, i int) (err error) {
		out[i], err = f(ctx, in[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func mustBe(name string, ctx context.Context, noFunc bool) {
	if ctx == nil {
		panic("parallel." + name + ": the context is nil")
	}
	if noFunc {
		panic("parallel." + name + ": the function is nil")
	}
}

// loop is a call of each. The caller and the workers take indexes until there are
// none.
//
// Workers are asked for one by one, by whoever takes a chunk and leaves something,
// so there are soon as many as there is use for. The caller waits only for those
// that have entered: one that comes when the loop is closed goes at once, so a loop
// never waits for the pool.
type loop struct {
	settings
	ctx    context.Context
	cancel context.CancelCauseFunc
	body   func(context.Context, int) error
	worker func() // what a worker does
	n      int
	next   padded.Int64 // below: taken, but for what is in spare
	spares atomic.Int32 // len(spare)
	asked  atomic.Int32 // workers asked for that have not gone
	cut    atomic.Bool  // somebody has seen that ctx is done before all were taken

	mu      sync.Mutex
	changed sync.Cond // on mu: a worker has left, or put something into spare
	spare   []span    // taken and given back
	inside  int       // workers that have entered and have not left
	closed  bool      // no worker may enter
	err     error     // the first
}

// span is the indexes from first to before last.
type span struct{ first, last int }

func (s span) len() int { return s.last - s.first }

func each(parent context.Context, n int, s settings, body func(context.Context, int) error) error {
	if err := parent.Err(); err != nil {
		return err
	}
	l := &loop{settings: s, body: body, n: n}
	l.worker = s.pool.Then(l.help, l.over)
	l.changed.L = &l.mu
	l.ctx, l.cancel = context.WithCancelCause(parent)
	defer l.cancel(nil)
	l.callersPart()
	if l.err != nil {
		return l.err
	}
	if l.cut.Load() {
		return parent.Err()
	}
	return nil
}

// callersPart returns, or panics, or exits, when nobody else is in the loop.
func (l *loop) callersPart() {
	returned := false
	defer func() {
		if !returned {
			l.cancel(pool.ErrNoResult) // the workers stop
			l.close()
		}
	}()
	for more := true; more; {
		l.work(time.Time{})
		more = l.close()
	}
	returned = true
}

// close waits for the workers inside and then keeps others from entering. It
// returns true, and has not, if there is something to do again.
func (l *loop) close() (more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		// Before the look at inside: the last worker may have given something back and
		// gone.
		if len(l.spare) > 0 && l.ctx.Err() == nil {
			return true
		}
		if l.inside == 0 {
			break
		}
		l.changed.Wait()
	}
	if len(l.spare) > 0 {
		l.cut.Store(true) // nobody comes to it, nor sees so
	}
	l.closed = true
	return false
}

// ask asks for one more worker, if there may be one.
func (l *loop) ask() {
	for {
		n := l.asked.Load()
		if int(n) >= l.limit-1 {
			return
		}
		if l.asked.CompareAndSwap(n, n+1) {
			break
		}
	}
	if !inside.Offer(l.pool, l.worker) {
		l.asked.Add(-1) // the next who takes a chunk asks again
	}
}

// help is the part of a worker.
func (l *loop) help() {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.inside++
	l.mu.Unlock()
	more := l.work(time.Now().Add(shift))
	l.asked.Add(-1)
	if more {
		l.ask() // a successor
	}
	l.leave()
}

// over is called when help is. A call that panicked or exited has not left.
func (l *loop) over(end pool.End) {
	if end != pool.Returned {
		l.fail(pool.ErrNoResult)
		l.leave()
	}
}

func (l *loop) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inside--
	l.changed.Signal() // only the caller waits
}

// take takes a part of what is left for about chunk items, so that all have
// something to do at the end. more reports whether there is something else; nothing
// is left if the span is empty.
func (l *loop) take(chunk int) (s span, more bool) {
	part := func(left int) int { return min(chunk, max(left/(2*l.limit), 1)) }
	if l.spares.Load() > 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		if n := len(l.spare); n > 0 {
			top := &l.spare[n-1]
			s = span{top.first, top.first + part(top.len())}
			if top.first = s.last; top.len() == 0 {
				l.spare = l.spare[:n-1]
				l.spares.Store(int32(n - 1))
			}
			return s, len(l.spare) > 0 || int(l.next.Load()) < l.n
		}
	}
	left := l.n - int(l.next.Load())
	if left <= 0 {
		return span{}, false
	}
	n := part(left)
	last := int(l.next.Add(int64(n)))
	s = span{min(last-n, l.n), min(last, l.n)}
	return s, s.last < l.n
}

// giveBack lets others have s.
func (l *loop) giveBack(s span) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare = append(l.spare, s)
	l.spares.Store(int32(len(l.spare)))
	l.changed.Signal()
}

// work takes indexes and calls the body for them. It returns false if there is
// nothing more to do, and true at the end of the shift; the zero time has none.
func (l *loop) work(end time.Time) (more bool) {
	done := l.ctx.Done()
	chunk, now := 1, time.Now()
	for {
		s, more := l.take(chunk)
		if s.len() == 0 {
			return false
		}
		if more {
			l.ask()
		}
		began, ran := now, 0
		for i := s.first; i < s.last; i++ {
			select {
			case <-done:
				l.cut.Store(true)
				return false
			default:
			}
			if err := l.body(l.ctx, i); err != nil {
				l.fail(err)
				return false
			}
			if ran++; ran%checkEvery == 0 && i+1 < s.last && time.Since(began) > 4*chunkTime {
				l.giveBack(span{i + 1, s.last})
				break
			}
		}
		now = time.Now()
		chunk = resize(ran, now.Sub(began))
		if !end.IsZero() && now.After(end) {
			return true
		}
	}
}

// fail cancels the loop if err is its first error.
func (l *loop) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		l.cancel(err)
	}
}
