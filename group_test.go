package lfpool_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// The behaviour is that of golang.org/x/sync/errgroup; these tests follow what
// its own say.

func TestZeroGroupReturnsTheFirstError(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	for _, errs := range [][]error{
		{}, {nil}, {first}, {first, nil}, {first, nil, second}, {nil, first, second},
	} {
		g := new(lfpool.Group)
		var want error
		for _, err := range errs {
			g.Go(func() error { return err })
			if want == nil {
				want = err
			}
			assert.Equal(t, want, g.Wait(), "after %v", errs)
		}
		assert.Equal(t, want, g.Wait())
	}
}

func TestGroupContextIsCancelledWithTheFirstError(t *testing.T) {
	failed := errors.New("failed")
	for _, c := range []struct {
		errs []error
		want error
	}{
		{nil, nil}, {[]error{nil}, nil}, {[]error{failed}, failed}, {[]error{failed, nil}, failed}, {[]error{nil, failed}, failed},
	} {
		g, ctx := lfpool.WithContext(t.Context())
		for _, err := range c.errs {
			g.Go(func() error { return err })
		}
		assert.Equal(t, c.want, g.Wait())
		<-ctx.Done() // closed by Wait at the latest
		if c.want != nil {
			assert.Equal(t, c.want, context.Cause(ctx))
		} else {
			assert.Equal(t, context.Canceled, context.Cause(ctx))
		}
	}
}

func TestGroupErrorCancelsWhileOthersRun(t *testing.T) {
	failed := errors.New("failed")
	p := pool.New()
	g, ctx := lfpool.NewGroupContext(t.Context(), p)
	g.Go(func() error { <-ctx.Done(); return ctx.Err() })
	g.Go(func() error { return failed })
	assert.Equal(t, failed, g.Wait(), "the first, not the one that came of it")
	assert.Positive(t, p.Stats().Spawned, "it ran in the given pool")
}

func TestGroupNeverExceedsItsLimit(t *testing.T) {
	const limit = 10
	var g lfpool.Group
	g.SetLimit(limit)
	var active, most atomic.Int32
	for range 1000 {
		g.Go(func() error {
			n := active.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			runtime.Gosched()
			active.Add(-1)
			return nil
		})
	}
	require.NoError(t, g.Wait())
	assert.LessOrEqual(t, most.Load(), int32(limit))
}

func TestGroupTryGo(t *testing.T) {
	var g lfpool.Group
	const limit = 4
	g.SetLimit(limit)
	release := make(chan struct{})
	block := func() error { <-release; return nil }
	for i := range limit {
		assert.True(t, g.TryGo(block), "task %d of %d", i, limit)
	}
	assert.False(t, g.TryGo(block), "the limit is reached")
	close(release)
	require.NoError(t, g.Wait())
	assert.True(t, g.TryGo(func() error { return nil }), "again")
	require.NoError(t, g.Wait())

	g.SetLimit(0)
	assert.False(t, g.TryGo(block), "a limit of zero")
	g.SetLimit(-1)
	for range 100 {
		assert.True(t, g.TryGo(func() error { return nil }), "no limit")
	}
	require.NoError(t, g.Wait())
}

func TestGroupGoBlocksAtTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := lfpool.NewGroup(pool.New())
		g.SetLimit(1)
		start := time.Now()
		for range 3 {
			g.Go(func() error { time.Sleep(time.Second); return nil })
		}
		assert.Equal(t, 2*time.Second, time.Since(start))
		require.NoError(t, g.Wait())
		assert.Equal(t, 3*time.Second, time.Since(start))
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestGroupSurvivesPanicAndGoexit(t *testing.T) {
	p := pool.New(pool.WithPanicHandler(func(any, []byte) {}))
	g := lfpool.NewGroup(p)
	g.SetLimit(1)
	g.Go(func() error { runtime.Goexit(); return nil })
	g.Go(func() error { return nil }) // would block for ever if a place were lost
	require.NoError(t, g.Wait(), "as errgroup has it")
	g.Go(func() error { panic("taken by the handler") })
	g.Go(func() error { return nil })
	require.ErrorIs(t, g.Wait(), pool.ErrNoResult)
}

func TestGroupIsCancelledByAHandledPanic(t *testing.T) {
	stacks := make(chan string, 1)
	p := pool.New(pool.WithPanicHandler(func(v any, stack []byte) {
		assert.Equal(t, "taken", v)
		stacks <- string(stack)
	}))
	g, ctx := lfpool.NewGroupContext(t.Context(), p)
	g.Go(func() error {
		<-ctx.Done() // a sibling that would wait for ever
		return ctx.Err()
	})
	g.Go(func() error { panics(); return nil })
	require.ErrorIs(t, g.Wait(), pool.ErrNoResult)
	require.ErrorIs(t, context.Cause(ctx), pool.ErrNoResult)
	assert.Contains(t, <-stacks, "lfpool_test.panics(", "where it came from")
}

//go:noinline
func panics() { panic("taken") }

func TestGroupRefusesNonsense(t *testing.T) {
	var g lfpool.Group
	assert.PanicsWithValue(t, "lfpool: Group.Go(nil): the task is a nil func", func() { g.Go(nil) })
	assert.PanicsWithValue(t, "lfpool: Group.TryGo(nil): the task is a nil func", func() { g.TryGo(nil) })
	assert.PanicsWithValue(t, "lfpool.NewGroup(nil): the pool is nil", func() { lfpool.NewGroup(nil) })
	assert.PanicsWithValue(t, "lfpool.NewGroup(nil): the pool is nil", func() { lfpool.NewGroupContext(t.Context(), nil) })
	release := make(chan struct{})
	g.SetLimit(2)
	g.Go(func() error { <-release; return nil })
	assert.PanicsWithValue(t, "lfpool: Group.SetLimit(3): 1 tasks of the group are still active", func() { g.SetLimit(3) })
	close(release)
	require.NoError(t, g.Wait())
}

// TestGroupGoAll: as Go for each, with and without a limit, errors and panics
// included.
func TestGroupGoAll(t *testing.T) {
	failed := errors.New("failed")
	for _, limit := range []int{-1, 3} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pool.WithPanicHandler(func(any, []byte) {}))
			g, ctx := lfpool.NewGroupContext(t.Context(), p)
			g.SetLimit(limit)
			var ran atomic.Int32
			var mu sync.Mutex
			now, most := 0, 0
			var fs []func() error
			for i := range 300 {
				fs = append(fs, func() error {
					mu.Lock()
					now++
					most = max(most, now)
					mu.Unlock()
					ran.Add(1)
					time.Sleep(time.Second)
					mu.Lock()
					now--
					mu.Unlock()
					switch i {
					case 7:
						panic("handled")
					case 9:
						return failed
					}
					return nil
				})
			}
			g.GoAll(fs...)
			err := g.Wait()
			assert.EqualValues(t, 300, ran.Load())
			assert.True(t, err == failed || err == pool.ErrNoResult, "%v", err)
			assert.Equal(t, err, context.Cause(ctx))
			if limit > 0 {
				assert.Equal(t, limit, most)
			} else {
				assert.Equal(t, 300, most, "none waits for another")
			}
			require.NoError(t, p.Drain(t.Context()))
		})
	}
	var g lfpool.Group
	assert.PanicsWithValue(t, "lfpool: Group.GoAll: the task at index 1 is a nil func", func() {
		g.GoAll(func() error { t.Error("none of them runs"); return nil }, nil)
	})
	assert.NoError(t, g.Wait())
}

func ExampleGroup() {
	var g lfpool.Group
	g.SetLimit(2)
	words := []string{"one", "three", "eleven"}
	lengths := make([]int, len(words))
	for i, word := range words {
		g.Go(func() error { lengths[i] = len(word); return nil })
	}
	fmt.Println(g.Wait(), lengths)
	// Output: <nil> [3 5 6]
}

func ExampleWithContext() {
	g, ctx := lfpool.WithContext(context.Background())
	g.Go(func() error { return errors.New("no such file") })
	g.Go(func() error { <-ctx.Done(); return ctx.Err() })
	fmt.Println(g.Wait(), "-", context.Cause(ctx))
	// Output: no such file - no such file
}

func ExampleNewGroup() {
	g := lfpool.NewGroup(pool.New(pool.WithIdleTimeout(time.Second)))
	g.Go(func() error { fmt.Println("in a pool of one's own"); return nil })
	fmt.Println(g.Wait())
	// Output:
	// in a pool of one's own
	// <nil>
}

func ExampleNewGroupContext() {
	g, ctx := lfpool.NewGroupContext(context.Background(), pool.New())
	g.Go(func() error { return nil })
	fmt.Println(g.Wait(), ctx.Err())
	// Output: <nil> context canceled
}

func TestGroupInAFullPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		g := lfpool.NewGroup(p)
		g.SetLimit(2)
		release := make(chan struct{})
		g.Go(func() error { <-release; return nil })
		assert.False(t, g.TryGo(func() error { return nil }), "the pool refuses, and the group's place is free again")
		waited := false
		go g.Go(func() error { waited = true; return nil })
		synctest.Wait()
		assert.False(t, waited)
		assert.False(t, g.TryGo(func() error { return nil }))
		close(release)
		synctest.Wait()
		assert.True(t, waited)
		assert.NoError(t, g.Wait())
		assert.NoError(t, p.Drain(t.Context()))
	})
}
