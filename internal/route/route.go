// Package route lets tests put other pools in the place of lfpool's default
// pool. In production nobody sets it.
package route

import (
	"sync/atomic"

	"github.com/lfpool/lfpool/pool"
)

// Submitter is what lfpool.Go hands its tasks to: the default pool, or in a test
// whatever asks Default first. An interface and not a look at Default, so that
// the compiler puts lfpool.Go into its callers. Written in the initialization of
// lfpool, and then of lfpooltest.
var Submitter interface{ Go(f func()) }

// Default, if set, is asked for the default pool at each use: it looks at who
// asks. It returns nil for the pool that the program has.
//
// nil to a func once, in the initialization of lfpooltest. Goroutines may use
// the default pool by then, so it is an atomic.
var Default atomic.Pointer[func() *pool.Pool]
