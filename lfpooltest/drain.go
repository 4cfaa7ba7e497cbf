package lfpooltest

import (
	"bytes"
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/pool"
)

// Patience is how long [New] and [Drain] wait for tasks that have not ended.
const Patience = 10 * time.Second

// New returns a pool for one test, or one bubble. When the test ends it is
// drained as [Drain] does.
func New(t testing.TB, opts ...pool.Option) *pool.Pool {
	p := pool.New(opts...)
	Drain(t, p)
	return p
}

// Drain drains the pools when the test ends, the default pool if none is given:
// it waits until their tasks have ended and their workers have gone. If they
// have not after [Patience] the test fails with the stacks of the tasks that
// run.
//
// A pool that tests use at the same time is drained of the tasks of all.
func Drain(t testing.TB, pools ...*pool.Pool) { DrainWithin(t, Patience, pools...) }

// DrainWithin is [Drain] with a patience of one's own, for all pools together.
func DrainWithin(t testing.TB, patience time.Duration, pools ...*pool.Pool) {
	t.Helper()
	if len(pools) == 0 {
		pools = []*pool.Pool{lfpool.Default()}
	}
	for i, p := range pools {
		if p == nil {
			t.Fatalf("lfpooltest.Drain: the pool at index %d is nil", i)
		}
	}
	t.Cleanup(func() {
		t.Helper()
		// Not t.Context, which is done when cleanups run.
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if pool.DrainAll(ctx, pools...) == nil {
			return
		}
		for i, p := range pools {
			if s := p.Stats(); s.Running > 0 || s.Queued > 0 {
				t.Errorf("lfpooltest.Drain: the pool at index %d: %v after the end of the test %d tasks have not ended and %d have not started; tasks that run, of all pools:\n\n%s",
					i, patience, s.Running, s.Queued, busy(stacks()))
			}
		}
	})
}

// stacks returns the stacks of all goroutines.
func stacks() []byte {
	for size := 1 << 20; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return buf[:n]
		}
	}
}

// busy returns the stacks of workers that run a task.
func busy(stacks []byte) []byte {
	var tasks [][]byte
	for s := range bytes.SplitSeq(bytes.TrimSpace(stacks), []byte("\n\n")) {
		if bytes.Contains(s, []byte("\n"+serving)) && !bytes.Contains(s, []byte("\n"+parked+"(")) {
			tasks = append(tasks, s)
		}
	}
	return bytes.Join(tasks, []byte("\n\n"))
}
