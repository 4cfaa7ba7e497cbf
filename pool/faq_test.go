package pool_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// What docs/FAQ.md says of idle pools and of finished tasks.

// countedQueue counts how often somebody looks for a task.
type countedQueue struct {
	lfqueue.Queue[func()]
	looks *atomic.Int64
}

func (q countedQueue) Dequeue() (func(), bool) {
	q.looks.Add(1)
	return q.Queue.Dequeue()
}

func counted(looks *atomic.Int64) pool.Option {
	return pool.WithTaskQueue(func() pool.TaskQueue { return countedQueue{lfqueue.NewSeg[func()](), looks} })
}

// countedRule counts how often the reaper wakes.
type countedRule struct {
	idle.Retention
	wakes *atomic.Int64
}

func (r countedRule) Excess(s idle.Sample) int {
	r.wakes.Add(1)
	return r.Retention.Excess(s)
}

// TestAParkedWorkerDoesNothing: after its last task a worker looks for another
// a bounded number of times, and then, while it is parked, not once in an hour.
func TestAParkedWorkerDoesNothing(t *testing.T) {
	const lingering = 1600 // looks: see linger.go
	for name, c := range map[string]struct {
		options []pool.Option
		most    int64 // looks after a task
	}{
		"default":   {nil, lingering + 2},
		"no linger": {[]pool.Option{pool.WithLinger(false)}, 2},
		"hand-off":  {[]pool.Option{pool.WithHandOff()}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var looks atomic.Int64
				p := pool.New(append(c.options, counted(&looks), pool.WithRetention(idle.Never))...)
				for range 100 {
					before := looks.Load()
					p.Go(func() {})
					synctest.Wait() // all are blocked, the worker too
					assert.LessOrEqual(t, looks.Load()-before, c.most)
				}
				parked := looks.Load()
				time.Sleep(time.Hour)
				require.Equal(t, 1, p.Stats().Idle)
				assert.Equal(t, parked, looks.Load())
				require.NoError(t, p.Drain(t.Context()))
			})
		})
	}
}

// TestVainLingeringStops: where lingering does not pay it becomes rare. All of
// 5000 tasks that come alone cost less than twenty times of it.
func TestVainLingeringStops(t *testing.T) {
	const tasks, lingering = 5000, 1600
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		p := pool.New(counted(&looks))
		for range tasks {
			p.Go(func() {})
			synctest.Wait()
		}
		assert.Less(t, looks.Load(), int64(2*tasks+20*lingering))
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestTheReaperWakesFourTimesATimeout: while a worker is parked; not while all
// are busy; then it is gone.
func TestTheReaperWakesFourTimesATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout = 10 * time.Second
		var wakes atomic.Int64
		p := pool.New(pool.WithIdleTimeout(timeout), pool.WithRetention(func() idle.Retention { return countedRule{idle.LowWater(), &wakes} }))
		block := make(chan struct{})
		p.Go(func() { <-block })
		time.Sleep(100 * timeout)
		assert.Zero(t, wakes.Load())
		p.Go(func() {})
		time.Sleep(100 * timeout)
		assert.Equal(t, 1, p.Stats().Workers)
		assert.LessOrEqual(t, wakes.Load(), int64(1+5), "the bound is five parts of the timeout")
		close(block)
		time.Sleep(100 * timeout)
		assert.LessOrEqual(t, wakes.Load(), int64(2*(1+5)))
		assert.Zero(t, p.Stats().Workers)
	})
}

// load is what a task holds; too large for an allocation shared with others.
type load [4 << 10]byte

// TestFinishedTasksAreNotRetained: what a task refers to is garbage when the
// task has ended, while the worker that ran it is parked.
func TestFinishedTasksAreNotRetained(t *testing.T) {
	task := func(seen *[]weak.Pointer[load]) func() {
		l := new(load)
		*seen = append(*seen, weak.Make(l))
		return func() { runtime.KeepAlive(l) }
	}
	withoutContext := func(f func()) func(context.Context) { return func(context.Context) { f() } }
	for name, c := range map[string]struct {
		options []pool.Option
		submit  func(p *pool.Pool, f func())
		workers int // parked afterwards; 0: any number but none
	}{
		"Go":             {nil, (*pool.Pool).Go, 1},
		"hand-off":       {[]pool.Option{pool.WithHandOff()}, (*pool.Pool).Go, 1},
		"no linger":      {[]pool.Option{pool.WithLinger(false)}, (*pool.Pool).Go, 1},
		"stack reserve":  {[]pool.Option{pool.WithStackReserve(8 << 10)}, (*pool.Pool).Go, 1},
		"limit, backlog": {[]pool.Option{pool.WithLimit(1), pool.WithBacklog(1)}, (*pool.Pool).Go, 1},
		"GoContext": {nil, func(p *pool.Pool, f func()) {
			assert.NoError(t, p.GoContext(context.Background(), withoutContext(f)))
		}, 1},
		"Async": {nil, func(p *pool.Pool, f func()) {
			pool.Async(p, func() (int, error) { f(); return 1, nil })
		}, 1},
		"panic": {[]pool.Option{pool.WithPanicHandler(func(any, []byte) {})}, func(p *pool.Pool, f func()) {
			p.Go(func() { f(); panic("handled") })
		}, 1},
		"burst": {nil, func(p *pool.Pool, f func()) {
			for range 100 {
				p.Go(f)
			}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(append(c.options, pool.WithRetention(idle.Never))...)
				var loads []weak.Pointer[load]
				for i := range 3 { // the first starts the worker, the others wake it
					c.submit(p, task(&loads))
					synctest.Wait()
					workers := p.Stats().Idle
					assert.Positive(t, workers)
					if c.workers != 0 {
						assert.Equal(t, c.workers, workers)
					}
					runtime.GC()
					assert.True(t, loads[i].Value() == nil, "task %d is retained by a parked worker", i) // Nil would print it
				}
				require.NoError(t, p.Drain(t.Context()))
			})
		})
	}
}
