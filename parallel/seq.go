package parallel

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/lfpool/lfpool/internal/inside"
	"github.com/lfpool/lfpool/pool"
)

// ForEachSeq calls f for each value of in, on workers, and returns when all calls
// have ended. in runs in the calling goroutine, and is ahead of f by a bounded
// number of values: at first twice the limit; more, up to 2048 times the limit, if
// the calls are short. Errors and contexts are as in [ForEach].
func ForEachSeq[T any](ctx context.Context, in iter.Seq[T], f func(ctx context.Context, v T) error, opts ...Option) error {
	mustBe("ForEachSeq", ctx, f == nil)
	if in == nil {
		panic("parallel.ForEachSeq: the sequence is nil")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s := newStream(ctx, settle("ForEachSeq", opts), func(ctx context.Context, v T) (struct{}, error) { return struct{}{}, f(ctx, v) })
	s.stopAtError = true
	defer s.close()
	cut := false // not all values have calls
	for v := range in {
		if cut = s.ctx.Err() != nil; cut {
			break
		}
		s.add(v)
		s.await(func() bool { return s.pending < s.ahead() })
	}
	s.await(func() bool { return s.pending == 0 && s.inside == 0 })
	if s.err == nil && cut {
		return ctx.Err()
	}
	return s.err
}

// MapSeq returns the results of f for the values of in, in their order. Each time
// it is ranged over it runs in in the goroutine that does so, and f on workers;
// in is ahead of the results by a bounded number of values: at first twice the
// limit; more, up to 2048 times the limit, if the calls are short. A result is
// yielded when the next value of in is there, or in has ended; so in must not wait
// for what comes of a result.
//
// The first error, in the order of in, is yielded with a zero value, and is the
// last pair; calls for values after it may have been made. When ctx is done no more
// calls are made, and the first value without one has ctx's error. When the loop
// over MapSeq is left the context of the calls that run is cancelled, and they are
// waited for. The end of each call synchronizes before the yield of its result.
//
// It panics if ctx, in, f or an option is nil. For other panics, and
// runtime.Goexit, see the package.
func MapSeq[T, R any](ctx context.Context, in iter.Seq[T], f func(ctx context.Context, v T) (R, error), opts ...Option) iter.Seq2[R, error] {
	mustBe("MapSeq", ctx, f == nil)
	if in == nil {
		panic("parallel.MapSeq: the sequence is nil")
	}
	set := settle("MapSeq", opts)
	return func(yield func(R, error) bool) {
		s := newStream(ctx, set, f)
		defer s.close()
		var line []*item[T, R] // not yielded, in order
		// ended yields the results from the front on that are there, and returns
		// false when that is over.
		ended := func() bool {
			for len(line) > 0 {
				first := line[0]
				if !s.ended(first) {
					break
				}
				line[0], line = nil, line[1:]
				if !yield(first.result, first.err) || first.err != nil {
					return false
				}
			}
			return true
		}
		for v := range in {
			it, ahead := s.add(v)
			line = append(line, it)
			if len(line) >= ahead {
				s.await(func() bool { return line[0].over })
			}
			if !ended() {
				return
			}
		}
		for len(line) > 0 {
			s.await(func() bool { return line[0].over })
			if !ended() {
				return
			}
		}
	}
}

// item is a value and its result.
type item[T, R any] struct {
	value  T
	result R
	err    error
	over   bool        // guarded by the stream's lock: result and err are there
	next   *item[T, R] // of those that are pending, or were taken together
}

// stream hands values that come one by one to workers. The caller, who adds them,
// works itself only if it must wait and no worker is inside: so it goes on whether
// the pool has room or not, and else is free to bring more.
type stream[T, R any] struct {
	settings
	f           func(context.Context, T) (R, error)
	ctx         context.Context
	cancel      context.CancelCauseFunc
	stopAtError bool // the first error, in time, ends all

	mu          sync.Mutex
	changed     sync.Cond   // on mu: items are over, or err is there
	first, last *item[T, R] // pending: nobody has taken them
	pending     int
	asked       int   // workers asked for that have not gone
	inside      int   // those in work, the caller counted: limit at most
	chunk       int   // how many items to take at once
	err         error // the first, if that ends all
	closed      bool  // what nobody has begun is not wanted
}

func newStream[T, R any](ctx context.Context, s settings, f func(context.Context, T) (R, error)) *stream[T, R] {
	st := &stream[T, R]{settings: s, f: f, chunk: 1}
	st.ctx, st.cancel = context.WithCancelCause(ctx)
	st.changed.L = &st.mu
	return st
}

// add queues v, and asks for a worker if there may be one more. It returns how
// many items the caller may be ahead.
func (s *stream[T, R]) add(v T) (it *item[T, R], ahead int) {
	it = &item[T, R]{value: v}
	s.mu.Lock()
	if s.last == nil {
		s.first = it
	} else {
		s.last.next = it
	}
	s.last = it
	s.pending++
	ahead = s.ahead()
	s.askAndUnlock()
	return it, ahead
}

// askAndUnlock asks for a worker, if there is something to do and there may be one
// more. The caller has the lock, and has it no more.
func (s *stream[T, R]) askAndUnlock() {
	ask := s.pending > 0 && s.inside < s.limit && s.asked < s.limit
	if ask {
		s.asked++
	}
	s.mu.Unlock()
	if ask && !inside.Offer(s.pool, s.worker()) {
		s.mu.Lock()
		s.asked--
		s.mu.Unlock()
	}
}

// ahead returns how many items may wait. The caller has the lock.
func (s *stream[T, R]) ahead() int { return 2 * s.limit * s.chunk }

// ended reports whether the result of it is there.
func (s *stream[T, R]) ended(it *item[T, R]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return it.over
}

// await waits until cond holds, under the lock, and works if nobody does. A panic
// or a Goexit of the caller's goes on when all is in order.
func (s *stream[T, R]) await(cond func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !cond() {
		if s.inside > 0 || s.pending == 0 {
			s.changed.Wait()
			continue
		}
		var c chunk[T, R]
		func() {
			defer s.end(&c)
			s.work(&c)
		}()
		s.askAndUnlock() // a worker that came meanwhile may have found no place
		s.mu.Lock()
	}
}

// close leaves what nobody has begun, and waits for what somebody has.
func (s *stream[T, R]) close() {
	s.cancel(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first, s.last, s.pending, s.closed = nil, nil, 0, true
	for s.inside > 0 {
		s.changed.Wait()
	}
}

// worker returns what a worker does: one chunk after the other, for a shift.
func (s *stream[T, R]) worker() func() {
	var c chunk[T, R]
	return s.pool.Then(func() {
		s.mu.Lock()
		for end := time.Now().Add(shift); s.pending > 0 && s.inside < s.limit && time.Now().Before(end); {
			s.work(&c)
			s.end(&c)
		}
		s.asked--
		s.askAndUnlock() // a successor
	}, func(end pool.End) {
		if end != pool.Returned {
			s.end(&c)
			s.asked--
			s.askAndUnlock()
		}
	})
}

// chunk is what a worker, or the caller, has taken.
type chunk[T, R any] struct {
	first, last *item[T, R]
	now         *item[T, R] // the first that is not over, or nil
	n, ran      int         // how many there are, and are over
	began       time.Time
	returned    bool // the last call has
}

// work takes some items and calls f for them. The caller has the lock, and has it
// no more when work returns or does not; it is to call end then.
func (s *stream[T, R]) work(c *chunk[T, R]) {
	n := min(s.chunk, max(s.pending/(2*s.limit), 1))
	*c = chunk[T, R]{first: s.first, last: s.first, now: s.first, n: n}
	for range n - 1 {
		c.last = c.last.next
	}
	if s.first, c.last.next = c.last.next, nil; s.first == nil {
		s.last = nil
	}
	s.pending -= n
	s.inside++
	s.askAndUnlock() // for the next, as long as something is left
	for c.began = time.Now(); c.now != nil; {
		it := c.now
		if err := s.ctx.Err(); err != nil {
			it.err = err
		} else {
			var v R
			if v, it.err = s.f(s.ctx, it.value); it.err == nil {
				it.result = v
			}
		}
		c.now = it.next
		if c.ran++; it.err != nil && s.stopAtError {
			break
		}
		if c.ran%checkEvery == 0 && time.Since(c.began) > 4*chunkTime {
			break // they have become longer: somebody else may have the rest
		}
	}
	c.returned = true
}

// end says of c what is over, and gives back the rest. The caller has the lock
// afterwards.
func (s *stream[T, R]) end(c *chunk[T, R]) {
	took := time.Since(c.began)
	s.mu.Lock()
	if !c.returned {
		c.now.err = pool.ErrNoResult
		c.now = c.now.next
		c.ran++
	}
	for it := c.first; it != c.now; it = it.next {
		it.over = true
		if it.err != nil && s.stopAtError && s.err == nil {
			s.err = it.err
			s.cancel(it.err)
		}
	}
	if c.now != nil && !s.closed { // before the others
		if c.last.next = s.first; s.first == nil {
			s.last = c.last
		}
		s.first = c.now
		s.pending += c.n - c.ran
	}
	s.chunk = resize(c.ran, took)
	s.inside--
	*c = chunk[T, R]{}
	s.changed.Broadcast()
}
