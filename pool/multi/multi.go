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

	"github.com/lfpool/lfpool/internal/binary"
	"github.com/lfpool/lfpool/internal/inside"
	"github.com/lfpool/lfpool/padded"
	"github.com/lfpool/lfpool/pool"
)

// Strategy says which pool a task goes to first; if that pool refuses it, the
// others are tried: see [Pool.TryGo]. The load of a pool is what
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
	pools    []*pool.Pool // not empty, but in the zero value
	strategy Strategy
	turn     padded.Uint64 // of RoundRobin and RoundRobinThenLeast: the number of calls so far
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

// choose returns the index of the pool that a task goes to first, for the named
// method.
func (p *Pool) choose(method string) int {
	p.mustBeMade(method)
	switch p.strategy {
	case LeastLoaded:
		return p.least()
	case TwoChoices:
		a, b := rand.IntN(len(p.pools)), rand.IntN(len(p.pools))
		if p.pools[b].InFlight() < p.pools[a].InFlight() {
			return b
		}
		return a
	}
	binary.IgnoreSync() // the turn orders nothing: see pool/once.go
	next := int((p.turn.Add(1) - 1) % uint64(len(p.pools)))
	binary.HeedSync()
	if p.strategy == RoundRobinThenLeast {
		if limit := p.pools[next].Limit(); limit != pool.NoLimit && p.pools[next].InFlight() >= limit {
			return p.least()
		}
	}
	return next
}

// least returns the index of the least loaded pool, the first of several.
func (p *Pool) least() int {
	least, load := 0, p.pools[0].InFlight()
	for i, q := range p.pools[1:] {
		if l := q.InFlight(); l < load {
			least, load = i+1, l
		}
	}
	return least
}

// tryFrom gives f to the first pool that does not refuse it: the one at the
// index first, or else the least loaded one and those after it in turn. It
// reports false if each has refused, of which no pool's figures tell.
func (p *Pool) tryFrom(first int, f func()) bool {
	if inside.Offer(p.pools[first], f) {
		return true
	}
	// A load is only a hint, so every pool is asked; the first one again, which
	// may have room by now.
	least := p.least()
	for i := range p.pools {
		if inside.Offer(p.pools[(least+i)%len(p.pools)], f) {
			return true
		}
	}
	return false
}

// mustBeMade panics in the name of the method if p is the zero value.
func (p *Pool) mustBeMade(method string) {
	if len(p.pools) == 0 {
		panic(fmt.Sprintf("multi: Pool.%s: the Pool is a zero value: make it with multi.New", method))
	}
}

// Go is [pool.Pool.Go] of the pool that the strategy chooses or, if that one
// refuses f, of one that does not. If all refuse it waits for room in the pool
// that was chosen, even if another has room first. Only pools with
// [pool.WithBacklog] refuse.
func (p *Pool) Go(f func()) {
	if f == nil {
		panic("lfpool: Go(nil): the task is a nil func") // as a pool has it; below it would name TryGo
	}
	if first := p.choose("Go"); !p.tryFrom(first, f) {
		p.pools[first].Go(f)
	}
}

// TryGo is [pool.Pool.TryGo] of the pool that the strategy chooses and, while
// f is refused, of the others, the least loaded one first. It returns false only
// if each pool had no room at some instant during the call. These may be
// different instants: while tasks end, TryGo may miss a place that is free in
// one pool when it asks another. Lock-free as Go is.
func (p *Pool) TryGo(f func()) bool {
	if f == nil {
		panic("lfpool: TryGo(nil): the task is a nil func")
	}
	first := p.choose("TryGo")
	return p.tryFrom(first, f) || p.pools[first].TryGo(f)
}

// GoContext is [pool.Pool.GoContext] of the pool that the strategy chooses.
// Unlike Go it waits for room there even if another pool has some.
func (p *Pool) GoContext(ctx context.Context, f func(context.Context)) error {
	return p.pools[p.choose("GoContext")].GoContext(ctx, f)
}

// SetLimit is [pool.Pool.SetLimit] for each pool, one after the other.
func (p *Pool) SetLimit(n int) {
	p.mustBeMade("SetLimit")
	for _, q := range p.pools {
		q.SetLimit(n)
	}
}

// Drain is [pool.DrainAll] of the pools: it returns at an instant at which none
// has a task or, with the context's error, when ctx is done. It panics if ctx is
// nil.
func (p *Pool) Drain(ctx context.Context) error {
	p.mustBeMade("Drain")
	if ctx == nil {
		panic("multi: Pool.Drain(nil): the context is nil")
	}
	return pool.DrainAll(ctx, p.pools...)
}

// Stats returns the sums over the pools: see [pool.Stats.Plus]. A call of TryGo
// that each pool has refused counts as refused once.
func (p *Pool) Stats() pool.Stats {
	var sum pool.Stats
	for i, q := range p.pools {
		if s := q.Stats(); i == 0 {
			sum = s
		} else {
			sum = sum.Plus(s)
		}
	}
	return sum
}
