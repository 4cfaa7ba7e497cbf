package pool_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// of returns the histogram of durations, made the plain way.
func of(all []time.Duration) (h pool.Histogram) {
	for _, d := range all {
		h.Count++
		h.Sum += d
		h.Buckets[indexOf(h, d)]++
	}
	return h
}

// indexOf returns the first bucket whose bound d does not exceed.
func indexOf(h pool.Histogram, d time.Duration) int {
	for i := range pool.HistogramBuckets {
		if d.Seconds() <= h.Bound(i) {
			return i
		}
	}
	return -1
}

// TestTimes: in fake time, what a pool measures is what its callers see, in
// whatever way tasks are submitted and end.
func TestTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			opts := []pool.Option{pool.WithTimes(1), pool.WithPanicHandler(func(any, []byte) {})}
			if rapid.Bool().Draw(t, "limited") {
				opts = append(opts, pool.WithLimit(rapid.IntRange(1, 3).Draw(t, "limit")))
				if rapid.Bool().Draw(t, "bounded") {
					opts = append(opts, pool.WithBacklog(rapid.IntRange(0, 3).Draw(t, "backlog")))
				}
			}
			p := pool.New(opts...)
			var mu sync.Mutex
			var waited, ran []time.Duration
			var all sync.WaitGroup
			for range rapid.IntRange(0, 20).Draw(t, "tasks") {
				length := rapid.OneOf(rapid.Int64Range(0, int64(10*time.Second)), rapid.Just(int64(time.Second))).Draw(t, "length") // a second is a bound
				end := []func(){func() {}, func() { panic("handled") }, runtime.Goexit}[rapid.IntRange(0, 2).Draw(t, "end")]
				how := rapid.IntRange(0, 2).Draw(t, "how")
				called := time.Now()
				f := func() {
					mu.Lock()
					waited, ran = append(waited, time.Since(called)), append(ran, time.Duration(length))
					mu.Unlock()
					time.Sleep(time.Duration(length))
					end()
				}
				all.Go(func() {
					switch how {
					case 0:
						p.Go(f)
					case 1:
						p.TryGo(f)
					case 2:
						ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
						defer cancel()
						_ = p.GoContext(ctx, func(context.Context) { f() })
					}
				})
				if rapid.Bool().Draw(t, "later") {
					time.Sleep(time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "pause")))
				}
			}
			all.Wait()
			require.NoError(t, p.Drain(context.Background()))
			s := p.Stats()
			require.Equal(t, of(waited), s.QueueTime)
			require.Equal(t, of(ran), s.RunTime)
		})
	})
}

// TestTimesOfASample: about one in n, however tasks come, and without the option none.
func TestTimesOfASample(t *testing.T) {
	const tasks, n = 20_000, 64
	together := func(p *pool.Pool, t *testing.T) {
		for range tasks {
			p.Go(func() {})
		}
	}
	for _, c := range []struct {
		name   string
		submit func(p *pool.Pool, t *testing.T)
		opts   []pool.Option
	}{
		{"together", together, nil},
		{"together/limit", together, []pool.Option{pool.WithLimit(1)}},
		{"together/backlog", together, []pool.Option{pool.WithLimit(1), pool.WithBacklog(10)}},
		{"together/hand-off", together, []pool.Option{pool.WithHandOff()}},
		{"together/another queue", together, []pool.Option{pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewMS[func()]() })}},
		{"TryGo", func(p *pool.Pool, t *testing.T) {
			for range tasks {
				p.TryGo(func() {})
			}
		}, nil},
		{"GoAll", func(p *pool.Pool, t *testing.T) {
			p.GoAll(slices.Repeat([]func(){func() {}}, tasks)...)
		}, nil},
		{"GoContext", func(p *pool.Pool, t *testing.T) {
			for range tasks {
				require.NoError(t, p.GoContext(t.Context(), func(context.Context) {}))
			}
		}, nil},
		{"one after the other", func(p *pool.Pool, t *testing.T) {
			ended := make(chan bool)
			for range tasks {
				p.Go(func() { ended <- true })
				<-ended
			}
		}, nil},
	} {
		measure := func(t *testing.T) {
			sampled, none := pool.New(append(c.opts, pool.WithTimes(n))...), pool.New(c.opts...)
			c.submit(sampled, t)
			c.submit(none, t)
			require.NoError(t, pool.DrainAll(t.Context(), sampled, none))
			s := sampled.Stats()
			const p = 1. / n
			assert.InDelta(t, tasks*p, float64(s.RunTime.Count), 6*math.Sqrt(tasks*p*(1-p)), "six standard deviations")
			assert.Equal(t, s.RunTime.Count, s.QueueTime.Count)
			assert.Zero(t, none.Stats().RunTime)
			assert.Zero(t, none.Stats().QueueTime)
		}
		t.Run(c.name, measure)
		t.Run(c.name+"/bubble", func(t *testing.T) { synctest.Test(t, measure) })
	}
}

func TestHistogram(t *testing.T) {
	var h pool.Histogram
	assert.Equal(t, math.Ldexp(1, -20), h.Bound(0))
	assert.Equal(t, 128., h.Bound(pool.HistogramBuckets-2))
	assert.True(t, math.IsInf(h.Bound(pool.HistogramBuckets-1), 1))
	assert.Zero(t, h.Mean())
	assert.Zero(t, h.Quantile(0.99))
	assert.PanicsWithValue(t, "pool: Histogram.Bound(-1): want 0 to 28", func() { h.Bound(-1) })
	assert.PanicsWithValue(t, "pool: Histogram.Bound(29): want 0 to 28", func() { h.Bound(29) })
	assert.PanicsWithValue(t, "pool: Histogram.Quantile(1.5): want 0 to 1", func() { h.Quantile(1.5) })
	assert.PanicsWithValue(t, "pool: Histogram.Quantile(NaN): want 0 to 1", func() { h.Quantile(math.NaN()) })
	assert.PanicsWithValue(t, "pool.WithTimes(0): want a positive number", func() { pool.WithTimes(0) })

	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(1, int64(100*time.Second)).Draw(t, "d"))
		}), 1, 50).Draw(t, "durations")
		h, q := of(all), rapid.Float64Range(0, 1).Draw(t, "q")
		slices.Sort(all)
		exact := all[max(int(math.Ceil(q*float64(len(all)))), 1)-1]
		got := h.Quantile(q)
		require.GreaterOrEqual(t, got+1, exact, "a bound may be no whole number of nanoseconds")
		require.LessOrEqual(t, got, max(2*exact, time.Microsecond))
	})
}

func TestTimesInLogsAndJSON(t *testing.T) {
	s := pool.Stats{QueueTime: of([]time.Duration{time.Second}), RunTime: of([]time.Duration{2 * time.Second, 4 * time.Second})}
	assert.Contains(t, s.String(), "queue_time=[count=1 mean=1s p50=1s p99=1s] run_time=[count=2 mean=3s p50=2s p99=4s]")
	text, err := json.Marshal(s)
	require.NoError(t, err)
	var back pool.Stats
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, s, back)
	text, err = json.Marshal(pool.Stats{})
	require.NoError(t, err)
	assert.NotContains(t, string(text), "Time")
}

func ExampleWithTimes() {
	p := pool.New(pool.WithLimit(1), pool.WithTimes(1)) // all, for the example; 64 is for a pool with many tasks
	p.Go(func() { time.Sleep(20 * time.Millisecond) })
	p.Go(func() {}) // waits for the first one
	p.Drain(context.Background())
	s := p.Stats()
	fmt.Println(s.QueueTime.Count, s.QueueTime.Quantile(1) > 20*time.Millisecond, s.RunTime.Mean() > 10*time.Millisecond)
	// Output: 2 true true
}

// BenchmarkTimes is what a pool without the option pays, beside one that measures
// one task in 64 and one that measures all.
func BenchmarkTimes(b *testing.B) {
	for _, c := range []struct {
		name string
		opts []pool.Option
	}{{"none", nil}, {"one in 64", []pool.Option{pool.WithTimes(64)}}, {"all", []pool.Option{pool.WithTimes(1)}}} {
		b.Run(c.name, func(b *testing.B) {
			p := pool.New(c.opts...)
			var wg sync.WaitGroup
			done := wg.Done
			for n := 0; b.Loop(); {
				wg.Add(1)
				p.Go(done)
				if n++; n%100 == 0 {
					wg.Wait()
				}
			}
			wg.Wait()
		})
	}
}
