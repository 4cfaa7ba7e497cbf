// Package adaptive gives a pool a limit that follows what its tasks call: the
// adaptive limiter of failsafe-go, which lowers the limit when tasks take longer
// than they did (a gradient, as in Netflix' concurrency-limits, with thresholds as
// in TCP Vegas), and raises it when they do not. That is one algorithm and no choice
// of two. Its windows can be set, and matter: TestASlowServer has some under which the
// limit follows a server that loses places, and says of one under which it does not.
//
// The limiter counts and measures; the pool holds tasks back. So a task waits in
// the pool's queue, or is refused by its backlog, and not in the limiter's.
package adaptive

import (
	"context"
	"sync"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"

	"github.com/lfpool/lfpool/pool"
)

// Pool is a pool with a limit that its tasks' times decide. Make one with [New].
type Pool struct {
	pool    *pool.Pool
	limiter adaptivelimiter.AdaptiveLimiter[any]
	follow  sync.Mutex // held from when the limiter's limit is read until the pool has it
}

// New returns a pool whose limit is the one of the limiter that b builds, whose
// bounds are b.WithLimits. A limit among opts does not count. It panics if b or an option is nil.
func New(b adaptivelimiter.Builder[any], opts ...pool.Option) *Pool {
	if b == nil {
		panic("adaptive.New: the builder is nil")
	}
	limited := pool.WithLimit(pool.NoLimit) // so far, so that a backlog among opts is accepted
	p := &Pool{pool: pool.New(append([]pool.Option{limited}, opts...)...)}
	p.limiter = b.Build()
	p.pool.SetLimit(p.limiter.Limit())
	return p
}

// followLimiter gives the pool the limiter's limit. A task calls it after it has given
// its permit back, which is when the limit changes, so whoever has the lock last has
// read the last limit. (A listener is called between two changes, too,
// in any order.)
func (p *Pool) followLimiter() {
	p.follow.Lock()
	defer p.follow.Unlock()
	if n := p.limiter.Limit(); n != p.pool.Limit() {
		p.pool.SetLimit(n)
	}
}

// Pool returns the pool, for its figures and for Drain. Tasks that are submitted to
// it are not measured.
func (p *Pool) Pool() *pool.Pool { return p.pool }

// Go is [pool.Pool.Go].
func (p *Pool) Go(f func()) { p.pool.Go(p.measured(f)) }

// TryGo is [pool.Pool.TryGo].
func (p *Pool) TryGo(f func()) bool { return p.pool.TryGo(p.measured(f)) }

// GoContext is [pool.Pool.GoContext]. A task whose context ends while it runs says
// nothing of how long it would have taken, and does not count.
func (p *Pool) GoContext(ctx context.Context, f func(context.Context)) error {
	if f == nil {
		return p.pool.GoContext(ctx, nil) // it panics, in its own words
	}
	return p.pool.GoContext(ctx, func(ctx context.Context) {
		p.measure(func() { f(ctx) }, func() bool { return ctx.Err() == nil })
	})
}

// measured returns f as a task that the limiter hears of.
func (p *Pool) measured(f func()) func() {
	if f == nil {
		return nil // the pool panics, in the name of its method
	}
	return func() { p.measure(f, func() bool { return true }) }
}

// measure runs f, and tells the limiter how long it took, if it returned and counts
// says so. Above a limit that was lowered a moment ago there is no permit for f,
// and it runs without.
func (p *Pool) measure(f func(), counts func() bool) {
	permit, ok := p.limiter.TryAcquirePermit()
	if !ok {
		f()
		return
	}
	returned := false
	defer func() { // runs after a panic and a Goexit too: the permit is given back
		if returned && counts() {
			permit.Record()
		} else {
			permit.Drop() // may change the limit too, by what others have recorded
		}
		p.followLimiter()
	}()
	f()
	returned = true
}
