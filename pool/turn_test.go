package pool_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

// before is a Keyed or a Fair.
type before struct {
	goes  func(key int, f func())
	try   func(key int, f func()) bool
	with  func(ctx context.Context, key int, f func(context.Context)) error
	drain func(context.Context) error
}

const boundBefore = 3 // of a key, or a tenant, for befores that have one

// befores makes each of them, with such a bound or without.
func befores(p *pool.Pool, bounded bool) map[string]before {
	var ofKeys []pool.KeyedOption
	var ofTenants []pool.TenantOption
	if bounded {
		ofKeys, ofTenants = append(ofKeys, pool.WithKeyBound(boundBefore)), append(ofTenants, pool.WithTenantBound(boundBefore))
	}
	k, f := pool.NewKeyed[int](p, ofKeys...), pool.NewFair(p)
	var tenants [8]*pool.Tenant
	for i := range tenants {
		tenants[i] = f.Tenant(ofTenants...)
	}
	return map[string]before{
		"Keyed": {k.Go, k.TryGo, k.GoContext, k.Drain},
		"Fair": {
			func(key int, f func()) { tenants[key%8].Go(f) },
			func(key int, f func()) bool { return tenants[key%8].TryGo(f) },
			func(ctx context.Context, key int, f func(context.Context)) error {
				return tenants[key%8].GoContext(ctx, f)
			},
			f.Drain,
		},
	}
}

// TestDrainBeforeThePoolWaitsForSuccessors: chains of tasks, each for some other key or
// tenant than the one before, as a service with a queue for each user has them.
func TestDrainBeforeThePoolWaitsForSuccessors(t *testing.T) {
	const chains, length = 4, 50
	for _, opts := range [][]pool.Option{nil, {pool.WithLimit(1)}, {pool.WithLimit(2)}} {
		p := pool.New(opts...)
		for name, q := range befores(p, false) {
			for range 20 {
				var ended atomic.Int32
				var link func(left int) func()
				link = func(left int) func() {
					return func() {
						if left > 1 {
							q.goes(rand.IntN(1000), link(left-1))
						}
						runtime.Gosched()
						ended.Add(1)
					}
				}
				for range chains {
					q.goes(rand.IntN(1000), link(length))
				}
				require.NoError(t, q.drain(t.Context()))
				require.Equal(t, int32(chains*length), ended.Load(), name)
			}
		}
		require.NoError(t, p.Drain(t.Context()))
	}
}

// TestDrainBeforeThePoolGivesUp beside a chain without an end, and not before; and a
// Drain of nothing returns.
func TestDrainBeforeThePoolGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		for name, q := range befores(p, false) {
			require.NoError(t, q.drain(t.Context()))
			var stop atomic.Bool
			var link func()
			link = func() {
				time.Sleep(time.Second)
				if !stop.Load() {
					q.goes(rand.IntN(1000), link)
				}
			}
			q.goes(0, link)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			begin := time.Now()
			assert.ErrorIs(t, q.drain(ctx), context.DeadlineExceeded, name)
			assert.Equal(t, time.Minute, time.Since(begin), name)
			cancel()
			assert.ErrorIs(t, q.drain(ctx), context.DeadlineExceeded, "%s: nor with a context that is done", name)
			stop.Store(true)
			require.NoError(t, q.drain(t.Context()))
		}
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestFiguresOfWhatIsBeforeThePool: what queues before the pool have and refuse stands in
// its figures, and so does how long their tasks wait and run.
func TestFiguresOfWhatIsBeforeThePool(t *testing.T) {
	for _, name := range []string{"Keyed", "Fair"} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pool.WithLimit(1), pool.WithTimes(1))
			q := befores(p, true)[name]
			for range boundBefore {
				q.goes(0, func() { time.Sleep(time.Second) })
			}
			synctest.Wait()
			s := p.Stats()
			assert.Equal(t, boundBefore-1, s.Queued, name)
			assert.Zero(t, s.Waiting, name)

			assert.False(t, q.try(0, func() { t.Error("it was refused") }))
			ctx, cancel := context.WithCancel(t.Context())
			var accepted atomic.Int32
			for _, ctx := range []context.Context{ctx, t.Context()} {
				go func() {
					if q.with(ctx, 0, func(context.Context) { time.Sleep(time.Second) }) == nil {
						accepted.Add(1)
					}
				}()
				synctest.Wait()
			}
			assert.Equal(t, 2, p.Stats().Waiting, name)
			cancel()
			synctest.Wait()
			s = p.Stats()
			assert.Equal(t, 1, s.Waiting, name)
			assert.Equal(t, int64(1), s.Refused, name)
			assert.Equal(t, int64(1), s.GivenUp, name)

			synctest.Wait()
			require.NoError(t, q.drain(t.Context()))
			require.NoError(t, p.Drain(t.Context()))
			s = p.Stats()
			assert.Equal(t, int32(1), accepted.Load())
			assert.Zero(t, s.Queued, name)
			assert.Zero(t, s.Waiting, name)
			assert.Equal(t, int64(boundBefore+1), s.Ended, name)
			assert.Equal(t, int64(boundBefore+1), s.RunTime.Count, name)
			assert.Equal(t, time.Duration(boundBefore+1)*time.Second, s.RunTime.Sum, name)
			assert.Equal(t, time.Duration(0+1+2+3)*time.Second, s.QueueTime.Sum, "%s: from the call on", name)
		})
	}
}

// TestFiguresForgetQueuesThatAreGone, and not what these have refused.
func TestFiguresForgetQueuesThatAreGone(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	hold := make(chan struct{})
	p.Go(func() { <-hold })
	for range 100 {
		q := befores(p, true)["Fair"]
		for range boundBefore {
			q.goes(0, func() {})
		}
		q.try(0, func() {})
	}
	assert.Equal(t, int64(100), p.Stats().Refused)
	assert.GreaterOrEqual(t, p.Stats().Queued, 100*(boundBefore-1))
	close(hold)
	for p.Stats().Queued > 0 {
		runtime.Gosched() // the test's timeout is the failure
	}
	require.NoError(t, p.Drain(t.Context()))
	runtime.GC()
	runtime.GC()
	s := p.Stats()
	assert.Zero(t, s.Queued)
	assert.Equal(t, int64(100), s.Refused)
	assert.Equal(t, int64(100*boundBefore+1), s.Ended)
}

// TestATurnEndsWhenItsWorkerIsToCheckIn, so that the worker hears of it: a task of the pool
// that waits comes before the next one of the turn.
func TestATurnEndsWhenItsWorkerIsToCheckIn(t *testing.T) {
	for _, name := range []string{"Keyed", "Fair"} {
		for _, told := range []bool{false, true} {
			p := pool.New(pool.WithLimit(1))
			q := befores(p, false)[name]
			var order []string
			hold := make(chan struct{})
			q.goes(0, func() {
				<-hold
				if told {
					p.Stats()
				}
				order = append(order, "first")
			})
			q.goes(0, func() { order = append(order, "second") })
			p.Go(func() { order = append(order, "pool") })
			close(hold)
			require.NoError(t, q.drain(t.Context()))
			require.NoError(t, p.Drain(t.Context()))
			want := []string{"first", "second", "pool"}
			if told {
				want = []string{"first", "pool", "second"}
			}
			assert.Equal(t, want, order, name)
		}
	}
}
