// Package multi spreads tasks over several pools, as the MultiPool of ants and
// go-workpool does.
//
// It is there to be compared, and for those who want pools with limits of their
// own side by side: one [pool.Pool] with its lock-free queues serves as many
// submitters at least as well (see DESIGN.md, Pools of pools).
package multi

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/lfpool/lfpool/padded"
	"github.com/lfpool/lfpool/pool"
)

// Strategy says which pool a task goes to. The load of a pool is what
// [pool.Pool.Load] returns.
type Strategy int

const (
	RoundRobin          Strategy = iota // each in turn
	LeastLoaded                         // the least loaded one; looks at all
	TwoChoices                          // the less loaded of two that are drawn at random
	RoundRobinThenLeast                 // each in turn, but the least loaded one in place of one whose load has reached its limit
)

var strategyNames = [...]string{"round robin", "least loaded", "two choices", "round robin, then least loaded"}

func (s Strategy) String() string {
	if s < 0 || int(s) >= len(strategyNames) {
		return fmt.Sprintf("Strategy(%d)", int(s))
	}
	return strategyNames[s]
}

// Pool is several pools. Make one with [New].
type Pool struct {
	pools    []*pool.Pool
	strategy Strategy
	turn     padded.Uint64 // of RoundRobin: the number of tasks so far
}

// New returns n pools, each with the options opts, so that a limit is one for
// each. It panics if n is not positive or the strategy is none of those above.
func New(n int, s Strategy, opts ...pool.Option) *Pool {
	if n < 1 {
		panic(fmt.Sprintf("multi.New(%d, %v): want a positive number of pools", n, s))
	}
	if s < 0 || int(s) >= len(strategyNames) {
		panic(fmt.Sprintf("multi.New(%d, %v): want one of the strategies of this package", n, s))
	}
	p := &Pool{pools: make([]*pool.Pool, n), strategy: s}
	for i := range p.pools {
		p.pools[i] = pool.New(opts...)
	}
	return p
}

// Pools returns the pools.
func (p *Pool) Pools() []*pool.Pool { return append([]*pool.Pool(nil), p.pools...) }

// choose returns the pool for the next task.
func (p *Pool) choose() *pool.Pool {
	switch p.strategy {
	case LeastLoaded:
		return p.least()
	case TwoChoices:
		a, b := p.pools[rand.IntN(len(p.pools))], p.pools[rand.IntN(len(p.pools))]
		if b.Load() < a.Load() {
			return b
		}
		return a
	}
	next := p.pools[(p.turn.Add(1)-1)%uint64(len(p.pools))]
	if p.strategy == RoundRobinThenLeast {
		if limit := next.Limit(); limit != pool.NoLimit && next.Load() >= limit {
			return p.least()
		}
	}
	return next
}

// least returns the least loaded pool, the first of several.
func (p *Pool) least() *pool.Pool {
	least, load := p.pools[0], p.pools[0].Load()
	for _, q := range p.pools[1:] {
		if l := q.Load(); l < load {
			least, load = q, l
		}
	}
	return least
}

// Go is [pool.Pool.Go] of the pool that the strategy chooses.
func (p *Pool) Go(f func()) { p.choose().Go(f) }

// TryGo is [pool.Pool.TryGo] of the pool that the strategy chooses; it may
// refuse although another pool has room.
func (p *Pool) TryGo(f func()) bool { return p.choose().TryGo(f) }

// GoContext is [pool.Pool.GoContext] of the pool that the strategy chooses.
func (p *Pool) GoContext(ctx context.Context, f func(context.Context)) error {
	return p.choose().GoContext(ctx, f)
}

// SetLimit is [pool.Pool.SetLimit] for each pool.
func (p *Pool) SetLimit(n int) {
	for _, q := range p.pools {
		q.SetLimit(n)
	}
}

// Drain is [pool.Pool.Drain] for each pool, one after the other.
func (p *Pool) Drain(ctx context.Context) error {
	for _, q := range p.pools {
		if err := q.Drain(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Stats returns the sums over the pools. Limit is 0 if one of them has none,
// and Queued -1 if one of them cannot tell.
func (p *Pool) Stats() pool.Stats {
	var sum pool.Stats
	limited, known := true, true
	for _, q := range p.pools {
		s := q.Stats()
		limited, known = limited && s.Limit > 0, known && s.Queued >= 0
		sum.Workers += s.Workers
		sum.Idle += s.Idle
		sum.Running += s.Running
		sum.Limit += s.Limit
		sum.Queued += s.Queued
		sum.Waiting += s.Waiting
		sum.Spawned += s.Spawned
		sum.Reaped += s.Reaped
		sum.Replaced += s.Replaced
		sum.Exited += s.Exited
		sum.Tasks += s.Tasks
		sum.Reused += s.Reused
		sum.Panics += s.Panics
		sum.Skipped += s.Skipped
	}
	if !limited {
		sum.Limit = 0
	}
	if !known {
		sum.Queued = -1
	}
	return sum
}
