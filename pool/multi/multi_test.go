package multi_test

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

var strategies = []multi.Strategy{multi.RoundRobin, multi.LeastLoaded, multi.TwoChoices, multi.RoundRobinThenLeast}

// bubble runs f in a bubble with a set of pools, drained at the end.
func bubble(t *testing.T, n int, s multi.Strategy, f func(t *testing.T, p *multi.Pool), opts ...pool.Option) {
	synctest.Test(t, func(t *testing.T) {
		p := multi.New(n, s, opts...)
		f(t, p)
		require.NoError(t, p.Drain(t.Context()))
		assert.Zero(t, p.Stats().Workers)
	})
}

// running returns how many tasks run in each pool.
func running(p *multi.Pool) (n []int) {
	synctest.Wait()
	for _, q := range p.Pools() {
		n = append(n, q.Stats().Running)
	}
	return n
}

func TestEveryTaskRunsOnce(t *testing.T) {
	for _, s := range strategies {
		bubble(t, 3, s, func(t *testing.T, p *multi.Pool) {
			var mu sync.Mutex
			runs := make([]int, 300)
			for i := range runs {
				f := func() { mu.Lock(); runs[i]++; mu.Unlock() }
				switch i % 3 {
				case 0:
					p.Go(f)
				case 1:
					assert.True(t, p.TryGo(f))
				case 2:
					assert.NoError(t, p.GoContext(t.Context(), func(context.Context) { f() }))
				}
			}
			synctest.Wait()
			for i, n := range runs {
				assert.Equal(t, 1, n, "%v: task %d", s, i)
			}
			assert.Equal(t, int64(300), p.Stats().Ended)
		})
	}
}

func TestRoundRobinTakesEachInTurn(t *testing.T) {
	bubble(t, 3, multi.RoundRobin, func(t *testing.T, p *multi.Pool) {
		release := make(chan struct{})
		for i := range 7 {
			p.Go(func() { <-release })
			assert.Equal(t, []int{(i + 3) / 3, (i + 2) / 3, (i + 1) / 3}, running(p))
		}
		close(release)
	})
}

func TestLeastLoadedEvensOut(t *testing.T) {
	bubble(t, 3, multi.LeastLoaded, func(t *testing.T, p *multi.Pool) {
		release := make(chan struct{})
		for range 4 {
			p.Pools()[0].Go(func() { <-release })
		}
		assert.Equal(t, []int{4, 0, 0}, running(p))
		for range 8 {
			p.Go(func() { <-release })
			synctest.Wait()
		}
		assert.Equal(t, []int{4, 4, 4}, running(p))
		close(release)
	})
}

func TestTwoChoicesTakesTheLessLoaded(t *testing.T) {
	bubble(t, 2, multi.TwoChoices, func(t *testing.T, p *multi.Pool) {
		release := make(chan struct{})
		for range 100 {
			p.Go(func() { <-release })
			synctest.Wait()
		}
		n := running(p)
		assert.InDelta(t, n[0], n[1], 25, "drawn blindly the odds of this would be one in a hundred; it is even but for pairs that are one pool twice")
		close(release)
	})
}

func TestFallBackFromAPoolThatIsFull(t *testing.T) {
	bubble(t, 3, multi.RoundRobinThenLeast, func(t *testing.T, p *multi.Pool) {
		release := make(chan struct{})
		for range 2 {
			p.Pools()[0].Go(func() { <-release })
		}
		for range 4 {
			assert.True(t, p.TryGo(func() { <-release }))
			synctest.Wait()
		}
		assert.Equal(t, []int{2, 2, 2}, running(p))
		assert.False(t, p.TryGo(func() {}), "all are full")
		p.SetLimit(3)
		for range 3 {
			assert.True(t, p.TryGo(func() { <-release }))
			synctest.Wait()
		}
		assert.Equal(t, []int{3, 3, 3}, running(p))
		close(release)
	}, pool.WithLimit(2), pool.WithBacklog(0))
}

// TestNoneIsRefusedWhileThereIsAPlace: as many calls at once as there are places,
// and some more, none of which come free meanwhile. What is expected is exact.
func TestNoneIsRefusedWhileThereIsAPlace(t *testing.T) {
	const rounds, pools = 2000, 4
	for _, s := range strategies {
		t.Run(s.String(), func(t *testing.T) {
			for round := range rounds {
				limit, backlog, more := 1+round%2, round/2%2, round/4%3
				p := multi.New(pools, s, pool.WithLimit(limit), pool.WithBacklog(backlog))
				places := pools * (limit + backlog)
				release := make(chan struct{})
				if round%3 == 0 { // an uneven start
					places -= limit + backlog
					for range limit + backlog {
						p.Pools()[round%pools].Go(func() { <-release })
					}
				}
				accepted, runs := make([]bool, places+more), make([]atomic.Int32, places+more)
				start := make(chan struct{})
				var calls sync.WaitGroup
				for i := range accepted {
					calls.Go(func() {
						<-start
						accepted[i] = p.TryGo(func() { runs[i].Add(1); <-release })
					})
				}
				close(start)
				calls.Wait()
				close(release)
				require.NoError(t, p.Drain(t.Context()))
				refused := 0
				for i, ok := range accepted {
					want := int32(1)
					if !ok {
						want = 0
						refused++
					}
					require.Equal(t, want, runs[i].Load(), "round %d: runs of task %d, accepted: %v", round, i, ok)
				}
				require.Equal(t, more, refused, "round %d: refused of %d at once for %d places", round, len(accepted), places)
			}
		})
	}
}

func TestGoWaitsOnlyWhileAllAreFull(t *testing.T) {
	for _, s := range strategies {
		bubble(t, 3, s, func(t *testing.T, p *multi.Pool) {
			release := make(chan struct{})
			for range 6 {
				p.Go(func() { <-release })
			}
			assert.Equal(t, []int{2, 2, 2}, running(p), "%v", s)
			go p.Go(func() { <-release })
			synctest.Wait()
			assert.Equal(t, 1, p.Stats().Waiting, "%v", s)
			close(release)
			synctest.Wait()
			assert.Equal(t, int64(7), p.Stats().Ended, "%v", s)
		}, pool.WithLimit(2), pool.WithBacklog(0))
	}
}

// TestStatsAreSums fails when Stats gets a field that is not summed.
func TestStatsAreSums(t *testing.T) {
	bubble(t, 2, multi.RoundRobin, func(t *testing.T, p *multi.Pool) {
		release := make(chan struct{})
		for range 10 {
			p.Go(func() { <-release })
		}
		synctest.Wait()
		sum, parts := reflect.ValueOf(p.Stats()), p.Pools()
		a, b := reflect.ValueOf(parts[0].Stats()), reflect.ValueOf(parts[1].Stats())
		for i := range sum.NumField() {
			if sum.Field(i).Kind() == reflect.Struct {
				continue // times, of which below
			}
			assert.Equal(t, a.Field(i).Int()+b.Field(i).Int(), sum.Field(i).Int(), sum.Type().Field(i).Name)
		}
		assert.Equal(t, 4, p.Stats().Limit)
		assert.Equal(t, 6, p.Stats().Queued)
		parts[0].SetLimit(pool.NoLimit)
		assert.Equal(t, pool.NoLimit, p.Stats().Limit, "one has none")
		close(release)
		synctest.Wait()
		s := p.Stats()
		assert.Equal(t, []int64{10, 10}, []int64{s.QueueTime.Count, s.RunTime.Count})
	}, pool.WithLimit(2), pool.WithTimes(1))
	assert.Equal(t, -1, multi.New(2, multi.RoundRobin, pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewMS[func()]() })).Stats().Queued)
}

func TestDrainGivesUpWithTheContextsError(t *testing.T) {
	bubble(t, 2, multi.RoundRobin, func(t *testing.T, p *multi.Pool) {
		release := make(chan struct{})
		p.Go(func() { <-release })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		assert.ErrorIs(t, p.Drain(ctx), context.Canceled)
		close(release)
	})
}

// TestDrainIsOfAllAtOnce: a pool that is stuck keeps no other one from being
// drained.
func TestDrainIsOfAllAtOnce(t *testing.T) {
	for stuck := range 3 {
		bubble(t, 3, multi.RoundRobin, func(t *testing.T, p *multi.Pool) {
			release := make(chan struct{})
			for i, q := range p.Pools() {
				q.Go(func() {
					if i == stuck {
						<-release
					}
				})
			}
			synctest.Wait()
			assert.Equal(t, 2, p.Stats().Idle)
			ctx, cancel := context.WithCancel(t.Context())
			var err error
			returned := make(chan struct{})
			go func() { err = p.Drain(ctx); close(returned) }()
			synctest.Wait()
			for i, q := range p.Pools() {
				if i != stuck {
					assert.Zero(t, q.Stats().Workers, "pool %d, with pool %d stuck", i, stuck)
				}
			}
			select {
			case <-returned:
				assert.Fail(t, "Drain has returned before the task has ended", "%v", err)
			default:
			}
			cancel()
			<-returned
			assert.Equal(t, context.Canceled, err, "once, though it is one of three")
			close(release)
		})
	}
}

func TestDrainOfNilPanicsInTheCaller(t *testing.T) {
	p := multi.New(2, multi.RoundRobin)
	var noContext context.Context
	assert.PanicsWithValue(t, "multi: Pool.Drain(nil): the context is nil", func() { _ = p.Drain(noContext) })
}

func TestNilTasksPanicInTheCaller(t *testing.T) {
	p := multi.New(2, multi.RoundRobin)
	assert.PanicsWithValue(t, "lfpool: Go(nil): the task is a nil func", func() { p.Go(nil) })
	assert.PanicsWithValue(t, "lfpool: TryGo(nil): the task is a nil func", func() { p.TryGo(nil) })
	assert.PanicsWithValue(t, "lfpool: GoContext(ctx, nil): the task is a nil func", func() { _ = p.GoContext(t.Context(), nil) })
	assert.Zero(t, p.Stats().Spawned, "and nothing has been started")
}

func TestZeroValuePanicsByName(t *testing.T) {
	var p multi.Pool
	for method, call := range map[string]func(){
		"Go":        func() { p.Go(func() {}) },
		"TryGo":     func() { p.TryGo(func() {}) },
		"GoContext": func() { _ = p.GoContext(t.Context(), func(context.Context) {}) },
		"SetLimit":  func() { p.SetLimit(1) },
		"Drain":     func() { _ = p.Drain(t.Context()) },
	} {
		assert.PanicsWithValue(t, "multi: Pool."+method+": the Pool is a zero value: make it with multi.New", call)
	}
	assert.Empty(t, p.Pools())
	assert.Zero(t, p.Stats())
}

func TestNewRefusesNonsense(t *testing.T) {
	assert.PanicsWithValue(t, "multi.New(0, two choices): want a positive number of pools", func() { multi.New(0, multi.TwoChoices) })
	assert.PanicsWithValue(t, "multi.New(1, Strategy(9)): want one of the strategies of this package", func() { multi.New(1, 9) })
	assert.PanicsWithValue(t, "multi.New(1, Strategy(-1)): want one of the strategies of this package", func() { multi.New(1, -1) })
}

// BenchmarkSpread is many submitters at once, over one pool and over several.
func BenchmarkSpread(b *testing.B) {
	one := pool.New()
	for name, submit := range map[string]func(func()){
		"go":                 func(f func()) { go f() },
		"one pool":           one.Go,
		"4, round robin":     multi.New(4, multi.RoundRobin).Go,
		"4, least loaded":    multi.New(4, multi.LeastLoaded).Go,
		"4, two choices":     multi.New(4, multi.TwoChoices).Go,
		"one pool, 4 shards": pool.New(pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewSharded[func()](4) })).Go,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetParallelism(8)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				var wg sync.WaitGroup
				done := func() { wg.Done() }
				for n := 1; pb.Next(); n++ {
					wg.Add(1)
					submit(done)
					if n%32 == 0 {
						wg.Wait()
					}
				}
				wg.Wait()
			})
		})
	}
}

// TestRefusedByAllIsRefusedOnce: and a task that another pool accepts was not
// refused.
func TestRefusedByAllIsRefusedOnce(t *testing.T) {
	for _, s := range strategies {
		bubble(t, 3, s, func(t *testing.T, p *multi.Pool) {
			release := make(chan struct{})
			for range 3 {
				require.True(t, p.TryGo(func() { <-release }))
			}
			assert.Zero(t, p.Stats().Refused, "%v", s)
			for range 2 {
				require.False(t, p.TryGo(func() {}))
			}
			assert.Equal(t, int64(2), p.Stats().Refused, "%v", s)
			assert.Equal(t, 3, p.Stats().Capacity, "%v", s)
			close(release)
		}, pool.WithLimit(1), pool.WithBacklog(0))
	}
}
