// Package route lets tests put other pools in the place of lfpool's default
// pool. In production nobody does.
package route

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/pool"
)

// Submitter is what lfpool.Go hands its tasks to: the default pool, or in a test
// whatever asks Default first. An interface and not a look at Default, so that
// the compiler puts lfpool.Go into its callers. Written in the initialization of
// lfpool, and then of lfpooltest.
var Submitter interface{ Go(f func()) }

// Default, if set, is asked for the default pool at each use: it looks at who
// asks. It returns nil for the pool that the program has. Goroutines may use the
// default pool when lfpooltest sets it, so it is an atomic.
var Default atomic.Pointer[func() *pool.Pool]

// Asked is a Submitter that asks for the pool at each task.
type Asked func() *pool.Pool

// Go runs f in the pool that is the default one here.
func (d Asked) Go(f func()) { d().Go(f) }

// InTest reports whether a program with these arguments is a test binary in
// which nothing is measured. (Its flags are not there yet when packages are
// initialized, and package testing is not for production.)
func InTest(args []string) bool {
	test := len(args) > 0 && (strings.HasSuffix(args[0], ".test") || strings.HasSuffix(args[0], ".test.exe"))
	for _, arg := range args[min(len(args), 1):] {
		switch flag := strings.Replace(arg, "--", "-", 1); {
		case strings.HasPrefix(flag, "-test.bench"):
			return false
		case strings.HasPrefix(flag, "-test."):
			test = true
		}
	}
	return test
}

// InBubble reports whether the caller is in a bubble of testing/synctest: times
// in bubbles have no monotonic part (runtime/time.go, time_runtimeNow), which is
// rare elsewhere.
func InBubble() bool {
	now := time.Now()
	return now == now.Round(0)
}

// Refuse panics if the caller is in a bubble.
func Refuse() *pool.Pool {
	if InBubble() {
		panic("lfpool: the default pool is used in a bubble of testing/synctest and would outlive it: call lfpooltest.Isolate(t), of github.com/lfpool/lfpool/lfpooltest, at the beginning of the bubble, or give the code a pool of its own")
	}
	return nil
}
