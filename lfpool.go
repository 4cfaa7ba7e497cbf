// Package lfpool runs functions as the go statement does, on goroutines that
// are used again: [Go](f) has the meaning of go f() and costs less.
//
// It is unbounded, every task starts whatever the other tasks do, there is
// nothing to close, and no goroutine is left behind: a worker that nobody needs
// goes after 10 to 12.5 seconds. A goroutine that is used again has kept its
// grown stack, so a task with deep calls does not pay for growing it; and in a
// burst most tasks are taken from a lock-free queue by workers that are awake
// already, so they cost no goroutine start and no wake-up at all.
//
// Package pool has pools of one's own, with options.
package lfpool

import (
	"os"

	"github.com/lfpool/lfpool/internal/route"
	"github.com/lfpool/lfpool/pool"
)

var defaultPool = pool.New(pool.WithName("lfpool"))

// Go runs f in a goroutine of the default pool: see [pool.Pool.Go], which says
// what blocks (nothing), what synchronizes with what, and what panics and
// runtime.Goexit do (as in a goroutine of their own). Go panics if f is nil.
//
// Code that calls Go can be tested in a bubble of testing/synctest: see Isolate
// in package lfpooltest. In a test binary Go panics in a bubble that has not
// called it, unless the binary runs benchmarks.
func Go(f func()) { route.Submitter.Go(f) }

func init() {
	route.Submitter = defaultPool
	if route.InTest(os.Args) {
		refuse := route.Refuse
		route.Default.Store(&refuse)
		route.Submitter = route.Asked(Default)
	}
}

// Default returns the pool that [Go] uses. It has the default options and the
// name "lfpool", which profiles show. There is one for the whole program; only a
// test may give a bubble another one.
func Default() *pool.Pool {
	if to := route.Default.Load(); to != nil {
		return routed(*to)
	}
	return defaultPool
}

// routed is apart so that Default can be inlined.
func routed(to func() *pool.Pool) *pool.Pool {
	if p := to(); p != nil {
		return p
	}
	return defaultPool
}
