package pool_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/pool"
)

// verdict is what became of a call of GoContext.
type verdict struct {
	at     time.Duration // since the beginning
	waited time.Duration // until it returned
	err    error
}

// submitFor makes calls of tasks of that length, one each pause for so long, and
// returns what became of them, in order.
func submitFor(p *pool.Pool, length, pause, forSo time.Duration) []verdict {
	return eachPause(pause, forSo, func() error {
		return p.GoContext(context.Background(), func(context.Context) { time.Sleep(length) })
	})
}

func eachPause(pause, forSo time.Duration, submit func() error) []verdict {
	began := time.Now()
	calls := make([]verdict, int(forSo/pause))
	var all sync.WaitGroup
	for i := range calls {
		at := time.Now()
		all.Go(func() {
			err := submit()
			calls[i] = verdict{at.Sub(began), time.Since(at), err}
		})
		time.Sleep(pause)
	}
	all.Wait()
	return calls
}

func served(calls []verdict) (n int) {
	for _, c := range calls {
		if c.err == nil {
			n++
		}
	}
	return n
}

const (
	target   = 20 * time.Millisecond
	interval = 100 * time.Millisecond
	ms       = time.Millisecond
)

func shedding(t *testing.T, newestFirst bool, test func(t *testing.T, p *pool.Pool)) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithName("jobs"), pool.WithLimit(4), pool.WithBacklog(0),
			pool.WithShedding(pool.Shedding{Target: target, Interval: interval, NewestFirst: newestFirst}))
		test(t, p)
		require.NoError(t, p.Drain(context.Background()))
	})
}

// TestNoneIsShedThatNeedNotBe: neither below the capacity, nor of a burst that is
// over within an interval.
func TestNoneIsShedThatNeedNotBe(t *testing.T) {
	for _, newestFirst := range []bool{false, true} {
		shedding(t, newestFirst, func(t *testing.T, p *pool.Pool) {
			calls := submitFor(p, 10*ms, 3*ms, 5*time.Second) // three of four places
			assert.Equal(t, len(calls), served(calls))
			calls = submitFor(p, 10*ms, 1*ms, interval/2) // two and a half times too many
			assert.Equal(t, len(calls), served(calls))
			assert.Zero(t, p.Stats().Shed)
			assert.True(t, slices.IsSortedFunc(calls, func(a, b verdict) int { return cmp.Compare(a.at+a.waited, b.at+b.waited) }), "in order")
		})
	}
}

// TestOverload: twice as many calls as can be served. From an interval on those
// that are served have waited for a bounded time, as many are served as there are
// places for, and those that are refused are told.
func TestOverload(t *testing.T) {
	for _, newestFirst := range []bool{false, true} {
		shedding(t, newestFirst, func(t *testing.T, p *pool.Pool) {
			const length, lasts = 10 * ms, 20 * time.Second
			calls := submitFor(p, length, length/8, lasts)
			n, waits := 0, []time.Duration(nil)
			for _, c := range calls {
				if c.err == nil {
					n++
					if c.at > 2*interval {
						waits = append(waits, c.waited)
					}
					continue
				}
				var o *pool.OverloadError
				require.ErrorAs(t, c.err, &o)
				assert.Equal(t, "jobs", o.Pool)
				assert.Equal(t, c.waited, o.Waited)
				assert.Greater(t, o.Waited, 2*target)
				assert.Positive(t, o.Waiting)
				assert.Positive(t, o.Delay)
			}
			slices.Sort(waits)
			assert.InDelta(t, float64(4*lasts/length), float64(n), 30, "no place is left free")
			assert.LessOrEqual(t, waits[len(waits)-1], 2*target+length, "the longest wait of one that was served")
			if newestFirst {
				assert.Less(t, waits[len(waits)/2], length, "the median")
			}
			assert.Equal(t, int64(len(calls)-n), p.Stats().Shed)
			calls = submitFor(p, length, 5*ms, 5*time.Second)
			assert.Equal(t, len(calls), served(calls), "and when it is over all are served again")
		})
	}
}

// TestTheLastInLineStays: however long it has waited, so that a place that becomes
// free is taken.
func TestTheLastInLineStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0), pool.WithShedding(pool.Shedding{Target: target, Interval: interval}))
		// Each second one ends. At the first such look the line is late, at the second
		// it has been for an interval, and four wait.
		calls := eachPause(ms, 6*ms, func() error {
			return p.GoContext(context.Background(), func(context.Context) { time.Sleep(time.Second) })
		})
		require.NoError(t, p.Drain(context.Background()))
		var ok []bool
		for _, c := range calls {
			ok = append(ok, c.err == nil)
		}
		assert.Equal(t, []bool{true, true, false, false, false, true}, ok)
	})
}

// TestServedInTime: callers that give up after 100 ms, twice as many as can be
// served. Without shedding each that is served has waited until it is about to
// give up, so hardly any has its result in time.
func TestServedInTime(t *testing.T) {
	const length, patience, lasts = 10 * ms, 100 * ms, 10 * time.Second
	inTime := map[string]int{}
	for name, opts := range map[string][]pool.Option{
		"waiting":      nil,
		"shedding":     {pool.WithShedding(pool.Shedding{Target: target, Interval: interval})},
		"newest first": {pool.WithShedding(pool.Shedding{Target: target, Interval: interval, NewestFirst: true})},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(append(opts, pool.WithLimit(4), pool.WithBacklog(0))...)
			inTime[name] = served(eachPause(length/8, lasts, func() error {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				_, err := pool.Call(ctx, p, func(context.Context) (int, error) { time.Sleep(length); return 0, nil })
				return err
			}))
			require.NoError(t, p.Drain(context.Background()))
		})
	}
	t.Logf("of %d calls, with places for %d, had their result in time: %v", 8*lasts/length, 4*lasts/length, inTime)
	assert.Greater(t, inTime["shedding"], 9*int(4*lasts/length)/10)
	assert.Greater(t, inTime["newest first"], 9*int(4*lasts/length)/10)
	assert.Less(t, inTime["waiting"], int(4*lasts/length)/2)
}

// BenchmarkOverload, with -benchtime 1x, is TestServedInTime in real time, for two
// seconds: how many of the calls that there are places for have their result in time, and
// how long those wait that have not.
func BenchmarkOverload(b *testing.B) {
	const length, patience, lasts, limit = 10 * ms, 100 * ms, 2 * time.Second, 4
	for _, c := range []struct {
		name string
		opts []pool.Option
	}{
		{"waiting", nil},
		{"shedding", []pool.Option{pool.WithShedding(pool.Shedding{Target: target, Interval: interval})}},
		{"newest first", []pool.Option{pool.WithShedding(pool.Shedding{Target: target, Interval: interval, NewestFirst: true})}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				p := pool.New(append(c.opts, pool.WithLimit(limit), pool.WithBacklog(0))...)
				began := time.Now()
				calls := eachPause(length/limit/2, lasts, func() error {
					ctx, cancel := context.WithTimeout(b.Context(), patience)
					defer cancel()
					_, err := pool.Call(ctx, p, func(context.Context) (int, error) { time.Sleep(length); return 0, nil })
					return err
				})
				var vain time.Duration
				for _, c := range calls {
					if c.err != nil {
						vain += c.waited
					}
				}
				places := limit * float64(time.Since(began)) / float64(length)
				b.ReportMetric(100*float64(served(calls))/places, "%-in-time")
				b.ReportMetric(float64(vain.Milliseconds())/float64(len(calls)-served(calls)), "ms-in-vain")
				if err := p.Drain(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestDeadlineThatCannotBeMet: refused at once, by the rate at which callers were
// let in; one that can be met is not, and the first in line never is.
func TestDeadlineThatCannotBeMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0), pool.WithShedding(pool.Shedding{Target: time.Minute, Interval: time.Minute}))
		with := func(patience time.Duration) (waited time.Duration, err error) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			called := time.Now()
			err = p.GoContext(ctx, func(context.Context) {})
			return time.Since(called), err
		}
		task := func() { time.Sleep(time.Second) }
		p.Go(task)
		waited, err := with(100 * ms)
		assert.Equal(t, 100*ms, waited, "nobody waits before it")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		for range 60 {
			go p.Go(task)
		}
		time.Sleep(50*time.Second + 500*ms)
		require.Equal(t, 10, p.Stats().Waiting)
		waited, err = with(8 * time.Second)
		assert.Zero(t, waited)
		var o *pool.OverloadError
		require.ErrorAs(t, err, &o)
		assert.Equal(t, 10, o.Waiting)
		assert.InDelta(t, 10, o.Delay.Seconds(), 0.5)
		assert.Zero(t, o.Waited)
		waited, err = with(12 * time.Second)
		assert.NoError(t, err)
		assert.Equal(t, 10*time.Second+400*ms, waited)
		assert.Equal(t, int64(1), p.Stats().Shed)
		require.NoError(t, p.Drain(context.Background()))
	})
}

// TestDeadlineBehindTheBacklog: what was accepted before is waited for, too.
func TestDeadlineBehindTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(20), pool.WithShedding(pool.Shedding{Target: time.Minute, Interval: time.Minute}))
		for range 70 {
			go p.Go(func() { time.Sleep(time.Second) })
		}
		time.Sleep(45*time.Second + 500*ms) // one runs, 20 are queued, 4 wait for room
		require.Equal(t, 4, p.Stats().Waiting)
		for _, patience := range []time.Duration{20 * time.Second, 28 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			began := time.Now()
			started := make(chan time.Duration, 1)
			err := p.GoContext(ctx, func(context.Context) { started <- time.Since(began) })
			if patience < 25*time.Second {
				var o *pool.OverloadError
				require.ErrorAs(t, err, &o)
				assert.InDelta(t, 24, o.Delay.Seconds(), 1)
				assert.Zero(t, time.Since(began))
			} else {
				require.NoError(t, err)
				assert.InDelta(t, 25, (<-started).Seconds(), 1)
			}
			cancel()
		}
		require.NoError(t, p.Drain(context.Background()))
	})
}

// TestRandomShedding: Go is never refused, nor is the last in line, and each call ends in one way;
// no place is free while somebody waits.
func TestRandomShedding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			limit := rapid.IntRange(1, 3).Draw(t, "limit")
			p := pool.New(pool.WithLimit(limit), pool.WithBacklog(rapid.IntRange(0, 2).Draw(t, "backlog")),
				pool.WithShedding(pool.Shedding{Target: target, Interval: interval, NewestFirst: rapid.Bool().Draw(t, "newest first")}))
			var mu sync.Mutex
			ran, accepted, firm, shed, gone := 0, 0, 0, 0, 0
			task := func() {
				mu.Lock()
				ran++
				mu.Unlock()
				time.Sleep(7 * ms)
			}
			t.Repeat(map[string]func(*rapid.T){
				"go": func(t *rapid.T) {
					for range rapid.IntRange(1, 20).Draw(t, "calls") {
						firm++
						go p.Go(task)
					}
				},
				"with a context": func(t *rapid.T) {
					for range rapid.IntRange(1, 80).Draw(t, "calls") {
						patience := time.Duration(rapid.IntRange(1, 300).Draw(t, "ms")) * ms
						called := time.Now()
						go func() {
							ctx, cancel := context.WithTimeout(context.Background(), patience)
							defer cancel()
							err := p.GoContext(ctx, func(context.Context) { task() })
							mu.Lock()
							defer mu.Unlock()
							var o *pool.OverloadError
							switch {
							case err == nil:
								accepted++
							case errors.As(err, &o):
								shed++
								assert.Equal(t, time.Since(called), o.Waited)
								assert.True(t, o.Waited == 0 || o.Waited > 2*target, "refused after %v", o.Waited)
							default:
								gone++
								assert.ErrorIs(t, err, context.DeadlineExceeded)
							}
						}()
					}
				},
				"time": func(t *rapid.T) { time.Sleep(time.Duration(rapid.IntRange(1, 500).Draw(t, "ms")) * ms) },
				"limit": func(t *rapid.T) {
					limit = rapid.IntRange(1, 3).Draw(t, "limit")
					p.SetLimit(limit)
				},
				"": func(t *rapid.T) {
					synctest.Wait()
					s := p.Stats()
					if s.Waiting > 0 {
						require.GreaterOrEqual(t, s.Running, limit, "work waits beside a free place: %v", s)
						require.GreaterOrEqual(t, s.Running+s.Queued, s.Capacity, "%v", s)
					}
					mu.Lock()
					defer mu.Unlock()
					require.Equal(t, []int64{int64(shed), int64(gone)}, []int64{s.Shed, s.GivenUp})
				},
			})
			time.Sleep(time.Minute) // all that wait are served
			synctest.Wait()
			require.NoError(t, p.Drain(context.Background()))
			s := p.Stats()
			require.Zero(t, s.Waiting)
			require.Equal(t, firm+accepted, ran+int(s.Skipped))
		})
	})
}

func TestSheddingRefusesNonsense(t *testing.T) {
	assert.PanicsWithValue(t, "pool.New: WithShedding needs WithBacklog: without it no caller waits", func() { pool.New(pool.WithShedding(pool.Shedding{})) })
	assert.PanicsWithValue(t, "pool.WithShedding({Target:-1ns Interval:0s NewestFirst:false}): want durations that are not negative", func() { pool.WithShedding(pool.Shedding{Target: -1}) })
	assert.EqualError(t, &pool.OverloadError{Pool: "jobs", Waiting: 12, Delay: time.Second, Waited: ms}, `pool "jobs" is overloaded: 12 callers wait, for about 1s; this one has waited for 1ms`)
	assert.EqualError(t, &pool.OverloadError{Waiting: 1}, `a pool is overloaded: 1 callers wait, for about 0s; this one has waited for 0s`)
}

func ExampleWithShedding() {
	p := pool.New(pool.WithName("jobs"), pool.WithLimit(1), pool.WithBacklog(0),
		pool.WithShedding(pool.Shedding{Target: 10 * time.Millisecond, NewestFirst: true}))
	var calls sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for range 500 { // each of 10 ms, at once: five seconds of work
		calls.Go(func() {
			err := p.GoContext(context.Background(), func(context.Context) { time.Sleep(10 * time.Millisecond) })
			var o *pool.OverloadError
			if errors.As(err, &o) { // a server says 503, and when to come again: after o.Delay
				mu.Lock()
				refused++
				mu.Unlock()
			}
		})
	}
	calls.Wait()
	fmt.Println(refused > 400, int64(refused) == p.Stats().Shed)
	// Output: true true
}
