// Package parallel has loops, groups of tasks, and futures, that run on the workers
// of a pool and on the goroutine that waits for them.
//
// The caller does not stand by: [ForEach] and [Map] run their function in it, the
// loops over sequences do so when they would wait and no worker has come, and
// [Group.Wait] and [Future.Wait] run what no worker has begun. So a loop in a loop,
// a group in a task of a group, a future in the function of a future, does not
// deadlock, whatever the limit of the pool: who waits for something that nobody has
// begun does it.
//
// The price is that the function may run in the caller's goroutine. There a panic
// is a panic of the caller, [runtime.Goexit] ends the caller, and the pprof labels
// are the caller's. In a worker a panic is what it is in any task: it ends the
// program, unless the pool has a panic handler; when that has returned the call has
// ended, with the error [pool.ErrNoResult]. A worker has no labels but its pool's.
package parallel

import (
	"fmt"
	"runtime"
	"time"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/internal/goroutine"
	"github.com/lfpool/lfpool/internal/inside"
	"github.com/lfpool/lfpool/pool"
)

// Option sets up a loop.
type Option func(*settings)

type settings struct {
	limit int
	pool  *pool.Pool
}

// WithLimit lets a loop call its function at most n times at a time. The default
// is GOMAXPROCS, which is right for functions that compute; those that wait want
// more. It panics if n is not positive.
func WithLimit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("parallel.WithLimit(%d): want a positive number", n))
	}
	return func(s *settings) { s.limit = n }
}

// WithPool runs a loop on the workers of p, as many as p has room for, and on the
// caller. The default is [lfpool.Default]. It panics if p is nil.
func WithPool(p *pool.Pool) Option {
	if p == nil {
		panic("parallel.WithPool(nil): the pool is nil")
	}
	return func(s *settings) { s.pool = p }
}

func settle(name string, opts []Option) settings {
	var s settings
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("parallel.%s: the option at index %d is nil", name, i))
		}
		o(&s)
	}
	if s.limit == 0 {
		s.limit = runtime.GOMAXPROCS(0)
	}
	if s.pool == nil {
		s.pool = lfpool.Default()
	}
	return s
}

// Workers and the caller take several items at once, as many as last about
// chunkTime by what the last ones took, and chunkMost at most. Much shorter, and
// what it costs to take them would count; much longer, and one would still be at
// them while the others have nothing left.
//
// Each checkEvery items they look whether it takes much longer than they thought,
// and if so leave the rest to others.
//
// A worker that has been at it for shift makes room for other tasks of the pool:
// the loop asks for another one, behind those.
const (
	chunkTime  = 20 * time.Microsecond
	chunkMost  = 1 << 10
	checkEvery = 8
	shift      = 10 * time.Millisecond
)

// resize returns how many items to take after n have taken d.
func resize(n int, d time.Duration) int {
	switch {
	case d < chunkTime/2:
		return min(2*n, chunkMost)
	case d > 2*chunkTime:
		return max(int(int64(n)*int64(chunkTime)/int64(d)), 1)
	}
	return n
}

// accepted returns f as a task of its own for p, whoever runs it.
func accepted[T any](p *pool.Pool, f func() (T, error)) func() (T, error) {
	if !inside.Aside(p) {
		return f
	}
	var v T
	var err error
	run := inside.Accepted(p, func() { v, err = f() })
	return func() (T, error) { run(); return v, err }
}

// ending tells a deferred function how what the waiting goroutine has run ends,
// that has not returned, and whether others are to hear of it: nobody is told of an
// end while a panic is under way that is to end the program (go.dev/issue/76126).
func ending(p *pool.Pool) (end pool.End, told bool) {
	if goroutine.Panicking() {
		return pool.Panicked, inside.HandlesPanics(p)
	}
	return pool.Exited, true
}
