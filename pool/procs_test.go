package pool_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// keepProcs has GOMAXPROCS be n, until the test is over.
func keepProcs(t *testing.T, n int) {
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
	if runtime.GOMAXPROCS(0) != n {
		t.Skip("this port has one processor, whatever it is told")
	}
}

// TestLimitFollowsProcs: random changes of GOMAXPROCS amid tasks. After a look at
// Stats as many tasks run as the limit allows, or as there are; above a lowered
// limit none starts.
func TestLimitFollowsProcs(t *testing.T) {
	keepProcs(t, 2)
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			x := rapid.SampledFrom([]float64{0.1, 0.5, 1, 1.5, 3}).Draw(t, "x")
			procs := rapid.IntRange(1, 4).Draw(t, "procs")
			runtime.GOMAXPROCS(procs)
			p := pool.New(pool.WithLimitPerProc(x), pool.WithIdleTimeout(time.Second))
			release := make(chan struct{})
			tasks, running, follows, limit := 0, 0, true, 0
			look := func() {
				if follows {
					limit = max(1, int(math.Round(x*float64(procs))))
				}
			}
			look()
			t.Cleanup(func() {
				close(release)
				time.Sleep(time.Minute)
			})
			t.Repeat(map[string]func(*rapid.T){
				"go": func(t *rapid.T) {
					for range rapid.IntRange(1, 5).Draw(t, "tasks") {
						p.Go(func() { <-release })
						tasks++
					}
				},
				"end": func(t *rapid.T) {
					for range rapid.IntRange(1, 5).Draw(t, "tasks") {
						synctest.Wait()
						select {
						case release <- struct{}{}:
							tasks--
							running--
						default:
						}
					}
				},
				"procs": func(t *rapid.T) {
					procs = rapid.IntRange(1, 4).Draw(t, "procs")
					runtime.GOMAXPROCS(procs)
				},
				"limit": func(t *rapid.T) {
					if rapid.IntRange(0, 5).Draw(t, "rarely") == 0 {
						follows, limit = false, rapid.IntRange(1, 5).Draw(t, "limit")
						p.SetLimit(limit)
					}
				},
				"time": func(*rapid.T) { time.Sleep(300 * time.Millisecond) },
				"": func(t *rapid.T) {
					look()
					require.Equal(t, limit, p.Stats().Limit)
					synctest.Wait()
					running = max(min(running, tasks), min(limit, tasks)) // those above a lowered limit go on
					s := p.Stats()
					require.Equal(t, tasks, s.Running+s.Queued, "%v", s)
					require.Equal(t, running, s.Running, "%v", s)
				},
			})
		})
	})
}

// TestWhoLooksAtProcs: each of those that procs.go names, without a call of Stats.
func TestWhoLooksAtProcs(t *testing.T) {
	for name, use := range map[string]func(t *testing.T, p *pool.Pool, release <-chan struct{}){
		"a worker with long tasks, within eight": func(t *testing.T, p *pool.Pool, _ <-chan struct{}) {
			for range 2 * 2 * 9 {
				p.Go(func() { time.Sleep(time.Second) })
			}
			synctest.Wait()
			runtime.GOMAXPROCS(4)
			assert.Equal(t, 2, p.Limit())
			time.Sleep(9 * time.Second)
		},
		"the reaper, beside a parked worker": func(t *testing.T, p *pool.Pool, _ <-chan struct{}) {
			p.Go(func() {})
			synctest.Wait()
			runtime.GOMAXPROCS(4)
			assert.Equal(t, 2, p.Limit())
			time.Sleep(idle.Tick(time.Minute) + 1)
		},
		"the reaper, with the first worker": func(_ *testing.T, p *pool.Pool, release <-chan struct{}) {
			runtime.GOMAXPROCS(4)
			p.Go(func() { <-release })
		},
		"a submitter that waits for room": func(t *testing.T, p *pool.Pool, release <-chan struct{}) {
			for range 3 {
				p.Go(func() { <-release })
			}
			synctest.Wait()
			runtime.GOMAXPROCS(4)
			assert.Equal(t, 2, p.Limit())
			p.Go(func() { <-release })
		},
	} {
		t.Run(name, func(t *testing.T) {
			keepProcs(t, 2)
			synctest.Test(t, func(t *testing.T) {
				opts := []pool.Option{pool.WithLimitPerProc(1), pool.WithIdleTimeout(time.Minute)}
				if name == "a submitter that waits for room" {
					opts = append(opts, pool.WithBacklog(1))
				}
				p, release := pool.New(opts...), make(chan struct{})
				use(t, p, release)
				assert.Equal(t, 4, p.Limit())
				close(release)
				require.NoError(t, p.Drain(context.Background()))
			})
		})
	}
}

func TestLimitPerProcRefusesNonsense(t *testing.T) {
	for _, x := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		assert.PanicsWithValue(t, fmt.Sprintf("pool.WithLimitPerProc(%v): want a positive number", x), func() { pool.WithLimitPerProc(x) })
	}
	assert.Equal(t, idle.MaxLimit, pool.New(pool.WithLimitPerProc(1e300)).Limit())
	assert.Equal(t, 3, pool.New(pool.WithLimitPerProc(2), pool.WithLimit(3)).Limit(), "the last option counts")
}

func ExampleWithLimitPerProc() {
	p := pool.New(pool.WithLimitPerProc(2), pool.WithBacklog(100)) // tasks that wait half of the time
	fmt.Println(p.Limit() == 2*runtime.GOMAXPROCS(0))
	// Output: true
}

// BenchmarkLimits: bursts of 1000 tasks under each rule that a pool may have for how
// many run and wait at a time, and that is not in the way here.
func BenchmarkLimits(b *testing.B) {
	limit, backlog := pool.WithLimit(runtime.GOMAXPROCS(0)), pool.WithBacklog(1000)
	for _, c := range []struct {
		name string
		opts []pool.Option
	}{
		{"none", nil},
		{"WithLimit", []pool.Option{limit}},
		{"WithLimitPerProc", []pool.Option{pool.WithLimitPerProc(1)}},
		{"WithBacklog", []pool.Option{limit, backlog}},
		{"WithShedding", []pool.Option{limit, backlog, pool.WithShedding(pool.Shedding{Target: time.Second})}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := pool.New(c.opts...)
			inBursts(b, func(_ int, f func()) { p.Go(f) })
			if err := p.Drain(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
