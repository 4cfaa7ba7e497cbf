package pool_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// drain starts a Drain and returns what tells whether it has returned.
func drain(t *testing.T, p *pool.Pool) (returned func() bool) {
	var done atomic.Bool
	go func() {
		assert.NoError(t, p.Drain(context.Background()))
		done.Store(true)
	}()
	return func() bool { synctest.Wait(); return done.Load() }
}

func TestDrainWaitsForEveryTaskAcceptedBefore(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		for _, limit := range []int{pool.NoLimit, 1, 3} {
			for _, backlog := range [][]pool.Option{nil, {pool.WithLimit(pool.NoLimit), pool.WithBacklog(20)}} {
				p := pool.New(with(append(opts, backlog...), pool.WithLimit(limit))...)
				release := make(chan struct{})
				var ended atomic.Int32
				for range 10 {
					p.Go(func() { <-release; ended.Add(1) })
				}
				returned := drain(t, p)
				for range 10 {
					assert.False(t, returned())
					release <- struct{}{}
				}
				assert.True(t, returned())
				assert.Equal(t, int32(10), ended.Load())
				s := p.Stats()
				assert.Equal(t, int64(10), s.Ended)
				assert.Zero(t, s.Workers, "nor is one left that was to look for the mark")
			}
		}
	})
}

// TestDrainWaitsForWhatTasksSubmit: a queue that one task works off and hands to
// the next, as services have for each user.
func TestDrainWaitsForWhatTasksSubmit(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		for _, limit := range []int{pool.NoLimit, 1, 2} {
			for _, pause := range []time.Duration{0, time.Second} {
				p := pool.New(with(opts, pool.WithLimit(limit))...)
				const users, jobs = 5, 40
				var ended atomic.Int32
				var work func(left int)
				work = func(left int) {
					time.Sleep(pause)
					ended.Add(1)
					if left > 1 {
						p.Go(func() { work(left - 1) })
					}
				}
				for range users {
					p.Go(func() { work(jobs) })
				}
				require.NoError(t, p.Drain(t.Context()))
				assert.Equal(t, int32(users*jobs), ended.Load())
				assert.Zero(t, p.Stats().Workers)
			}
		}
	})
}

// TestDrainWaitsForTasksSubmittedMeanwhile from outside.
func TestDrainWaitsForTasksSubmittedMeanwhile(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		for _, limit := range []int{pool.NoLimit, 1, 2} {
			p := pool.New(with(opts, pool.WithLimit(limit))...)
			first, second := make(chan struct{}), make(chan struct{})
			p.Go(func() { <-first })
			returned := drain(t, p)
			assert.False(t, returned())
			p.Go(func() { <-second })
			assert.False(t, returned())
			close(first)
			assert.False(t, returned())
			close(second)
			assert.True(t, returned())
		}
	})
}

// TestDrainBesideAnEndlessChain returns when its context is done, and the chain
// goes on.
func TestDrainBesideAnEndlessChain(t *testing.T) {
	p := pool.New()
	var links atomic.Int64
	var stop atomic.Bool
	var chain func()
	chain = func() {
		links.Add(1)
		if !stop.Load() {
			p.Go(chain)
		}
	}
	p.Go(chain)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, p.Drain(ctx), context.DeadlineExceeded)
	for now := links.Load(); links.Load() == now; {
		runtime.Gosched() // the test's timeout is the failure
	}
	stop.Store(true)
	assert.NoError(t, p.Drain(t.Context()))
	assert.Zero(t, p.Stats().Workers)
}

// TestDrainAll: two pools whose tasks submit to each other are drained as one.
func TestDrainAll(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p, q := pool.New(opts...), pool.New(with(opts, pool.WithLimit(1))...)
		ended := 0
		var work func(here, there *pool.Pool, left int)
		work = func(here, there *pool.Pool, left int) {
			time.Sleep(time.Second)
			ended++
			if left > 1 {
				there.Go(func() { work(there, here, left-1) })
			}
		}
		p.Go(func() { work(p, q, 50) })
		require.NoError(t, pool.DrainAll(t.Context(), p, q))
		assert.Equal(t, 50, ended)
		require.NoError(t, pool.DrainAll(t.Context()))
		assert.PanicsWithValue(t, "pool.DrainAll: the pool at index 1 is nil", func() { _ = pool.DrainAll(t.Context(), p, nil) })
		var noContext context.Context
		assert.PanicsWithValue(t, "lfpool: DrainAll(nil): the context is nil", func() { _ = pool.DrainAll(noContext, p) })
	})
}

func TestDrainLetsParkedWorkersGoAtOnce(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(opts...)
		release := make(chan struct{})
		for range 10 {
			p.Go(func() { <-release })
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		require.Equal(t, 10, p.Stats().Idle)
		started := time.Now()
		require.NoError(t, p.Drain(t.Context()))
		assert.Zero(t, time.Since(started))
		assert.Zero(t, p.Stats().Workers)
		ran := false
		p.Go(func() { ran = true })
		synctest.Wait()
		assert.True(t, ran, "and the pool goes on")
	})
}

func TestDrainGivesUpWithTheContextsError(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(opts...)
		release := make(chan struct{})
		p.Go(func() { <-release })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, p.Drain(ctx), context.DeadlineExceeded)
		assert.ErrorIs(t, p.Drain(ctx), context.DeadlineExceeded, "done before the call")
		returned := drain(t, p)
		assert.False(t, returned(), "the task of a generation that an earlier Drain gave up is waited for")
		close(release)
		assert.True(t, returned())
	})
}

// TestADrainThatHasGivenUpEndsNobody: its mark is still in the queue, and comes
// out when nobody waits for it.
func TestADrainThatHasGivenUpEndsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		release := make(chan struct{})
		p.Go(func() { <-release })
		p.Go(func() {}) // so that the mark goes behind it
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, p.Drain(ctx), context.DeadlineExceeded)
		close(release)
		synctest.Wait()
		s := p.Stats()
		assert.Equal(t, 1, s.Idle)
		assert.Zero(t, s.Reaped)
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestDrainOfAnUnusedPool(t *testing.T) {
	p := pool.New()
	for range 3 {
		require.NoError(t, p.Drain(t.Context()))
	}
	assert.Equal(t, pool.Stats{Limit: pool.NoLimit}, p.Stats())
}

func TestDrainWaitsForTasksThatEndOddly(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithPanicHandler(func(any, []byte) {}), pool.WithMaxTasksPerWorker(1))...)
		release := make(chan struct{})
		p.Go(func() { <-release; panic("handled") })
		p.Go(func() { <-release; runtime.Goexit() })
		p.Go(func() { <-release })
		returned := drain(t, p)
		for range 3 {
			assert.False(t, returned())
			release <- struct{}{}
		}
		assert.True(t, returned())
	})
}

func TestDrainOfAQueueInShards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewSharded[func()](4) }))
		release := make(chan struct{})
		for range 40 {
			go p.Go(func() { <-release }) // stacks, and with them home shards, differ
		}
		synctest.Wait()
		returned := drain(t, p)
		for range 40 {
			assert.False(t, returned())
			release <- struct{}{}
		}
		assert.True(t, returned())
		assert.Equal(t, int64(40), p.Stats().Ended)
		assert.NoError(t, p.Drain(t.Context()))
	})
}

// TestDrainUnderLoad is for real time: what was accepted before a Drain has
// ended after it, over and over, while others submit.
func TestDrainUnderLoad(t *testing.T) {
	defer nothingLeft(t)()
	for _, opts := range [][]pool.Option{
		nil, {pool.WithHandOff()}, {pool.WithLimit(2)}, {pool.WithLimit(1), pool.WithBacklog(3)},
		{pool.WithMaxTasksPerWorker(3)}, {pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewSharded[func()](4) })},
	} {
		p := pool.New(with(opts, pool.WithIdleTimeout(2*time.Millisecond))...)
		var others sync.WaitGroup
		for range 2 { // not for ever: a Drain waits for an instant without tasks
			others.Go(func() {
				for range 300 {
					var batch sync.WaitGroup
					for range 10 {
						batch.Add(1)
						p.Go(batch.Done)
					}
					batch.Wait()
				}
			})
		}
		for range 3 {
			others.Go(func() {
				for range 50 {
					var ended atomic.Int32
					for i := range 10 {
						p.Go(func() {
							defer ended.Add(1)
							if i == 0 {
								runtime.Gosched()
							}
						})
					}
					assert.NoError(t, p.Drain(context.Background()))
					assert.Equal(t, int32(10), ended.Load())
				}
			})
		}
		for range 50 {
			assert.NoError(t, p.Drain(context.Background()))
		}
		others.Wait()
		assert.NoError(t, p.Drain(context.Background()))
		assert.Zero(t, p.Stats().Workers)
	}
}

// TestDrainStandsInNoCount: what Drains that gave up have left in the queue is
// no task.
func TestDrainStandsInNoCount(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1), pool.WithBacklog(2))...)
		release := make(chan struct{})
		p.Go(func() { <-release })
		synctest.Wait()
		p.Go(func() { <-release })
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			assert.ErrorIs(t, p.Drain(ctx), context.DeadlineExceeded)
			cancel()
		}
		s := p.Stats()
		assert.Equal(t, 1, s.Queued)
		assert.Equal(t, 2, p.InFlight())
		assert.Zero(t, s.Ended)
		assert.True(t, p.TryGo(func() { <-release }), "there is room for three")
		assert.False(t, p.TryGo(func() {}))
		close(release)
		require.NoError(t, p.Drain(t.Context()))
		s = p.Stats()
		assert.Equal(t, int64(3), s.Ended)
		assert.LessOrEqual(t, s.Reused, int64(2))
		assert.Zero(t, s.Queued)
	})
}

// TestDrainOfManyAtOnce: they share marks and generations, and none keeps another from
// returning.
func TestDrainOfManyAtOnce(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1))...)
		release := make(chan struct{})
		var returned []func() bool
		for range 5 {
			p.Go(func() { <-release })
			returned = append(returned, drain(t, p))
			assert.False(t, returned[0]())
		}
		for range 5 {
			for _, r := range returned {
				assert.False(t, r())
			}
			release <- struct{}{}
		}
		for _, r := range returned {
			assert.True(t, r())
		}
	})
}
