package pool_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

// chains starts endless chains, each of whose tasks submits the next one, and
// returns how many links there have been and what ends them.
func chains(p *pool.Pool, n int, work func()) (links *atomic.Int64, stop func()) {
	links = new(atomic.Int64)
	var ended atomic.Bool
	var link func()
	link = func() {
		links.Add(1)
		work()
		if !ended.Load() {
			p.Go(link)
		}
	}
	for range n {
		p.Go(link)
	}
	return links, func() { ended.Store(true) }
}

// TestBusyWorkersPassTheScheduler: a goroutine that sleeps beside a pool which is
// never idle wakes far more often than every 10 ms, after which the runtime
// preempts a goroutine that does not pass the scheduler. bench's row lateness
// measures how late.
func TestBusyWorkersPassTheScheduler(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, limit := range []int{pool.NoLimit, 1} {
		for name, work := range map[string]func(){"short": func() {}, "long": func() { spin(50 * time.Microsecond) }} {
			p := pool.New(pool.WithLimit(limit))
			links, stop := chains(p, 4, work)
			for links.Load() < 1000 {
				time.Sleep(time.Millisecond)
			}
			turns, begin := 0, time.Now()
			for time.Since(begin) < 200*time.Millisecond {
				time.Sleep(100 * time.Microsecond)
				turns++
			}
			assert.Greater(t, time.Duration(turns)*4*time.Millisecond, time.Since(begin), "%s, limit %d: %d turns", name, limit, turns)
			stop()
			require.NoError(t, p.Drain(t.Context()))
		}
	}
}

func spin(d time.Duration) {
	for begin := time.Now(); time.Since(begin) < d; {
	}
}

// TestEndlessChainsNeedFewWorkers: workers that pass the scheduler are not
// replaced by new ones.
func TestEndlessChainsNeedFewWorkers(t *testing.T) {
	const n = 8
	p := pool.New()
	links, stop := chains(p, n, func() {})
	for links.Load() < 1_000_000 {
		time.Sleep(time.Millisecond)
	}
	stop()
	require.NoError(t, p.Drain(t.Context()))
	assert.LessOrEqual(t, p.Stats().Spawned, int64(2*(n+runtime.GOMAXPROCS(0))))
}
