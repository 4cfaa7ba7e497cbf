package pool_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

func TestFutureHoldsWhatTheFunctionReturned(t *testing.T) {
	p := pool.New()
	cause := errors.New("cause")
	for _, want := range []struct {
		value int
		err   error
	}{{42, nil}, {0, cause}, {7, cause}} {
		r := pool.Async(p, func() (int, error) { return want.value, want.err })
		for range 2 { // as often as one likes
			value, err := r.Wait(t.Context())
			assert.Equal(t, want.value, value)
			assert.Equal(t, want.err, err)
		}
		<-r.Done()
	}
}

func TestFutureWaitGivesUpWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New()
		r := pool.Async(p, func() (string, error) { time.Sleep(time.Minute); return "late", nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		value, err := r.Wait(ctx)
		assert.Equal(t, context.DeadlineExceeded, err)
		assert.Empty(t, value)
		value, err = r.Wait(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "late", value)
		value, err = r.Wait(ctx)
		require.NoError(t, err, "the result is there, whatever the context")
		assert.Equal(t, "late", value)
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestFutureOfAFunctionThatDoesNotReturn(t *testing.T) {
	handled := make(chan any, 1)
	p := pool.New(pool.WithPanicHandler(func(v any, _ []byte) { handled <- v }))
	_, err := pool.Async(p, func() (int, error) { panic("taken") }).Wait(t.Context())
	assert.Equal(t, pool.ErrNoResult, err)
	assert.Equal(t, "taken", <-handled)
	_, err = pool.Async(p, func() (int, error) { runtime.Goexit(); return 1, nil }).Wait(t.Context())
	assert.Equal(t, pool.ErrNoResult, err)
}

func TestAsyncRefusesNil(t *testing.T) {
	assert.PanicsWithValue(t, "pool.Async: the pool is nil", func() { pool.Async(nil, func() (int, error) { return 0, nil }) })
	assert.PanicsWithValue(t, "pool.Async: the function is nil", func() { pool.Async[int](pool.New(), nil) })
}

func ExampleAsync() {
	p := pool.New()
	r := pool.Async(p, func() (int, error) { return 6 * 7, nil })
	fmt.Println(r.Wait(context.Background()))
	// Output: 42 <nil>
}

func ExampleFuture() {
	p := pool.New()
	release := make(chan struct{})
	defer close(release)
	slow := pool.Async(p, func() (string, error) { <-release; return "slow", nil })
	quick := pool.Async(p, func() (string, error) { return "quick", nil })
	select {
	case <-slow.Done():
	case <-quick.Done():
		fmt.Println(quick.Wait(context.Background()))
	}
	// Output: quick <nil>
}
