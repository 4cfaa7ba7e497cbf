// Package route lets tests put other pools in the place of lfpool's default
// pool. In production nobody sets it.
package route

import (
	"sync/atomic"

	"github.com/lfpool/lfpool/pool"
)

// Default, if set, is asked for the default pool at each use: it looks at who
// asks. It returns nil for the pool that the program has.
//
// nil to a func once, in the initialization of lfpooltest. Goroutines may use
// the default pool by then, so it is an atomic.
var Default atomic.Pointer[func() *pool.Pool]
