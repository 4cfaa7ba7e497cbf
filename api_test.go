package lfpool_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/pool"
)

// What package lfpool has of package pool is the same: types, and what they hold.
var (
	_ func(...pool.Option) *pool.Pool                                                          = lfpool.New
	_ func(*pool.Pool, func() (int, error)) *pool.Future[int]                                  = lfpool.Async[int]
	_ func(context.Context, ...*pool.Pool) error                                               = lfpool.DrainAll
	_ pool.Stats                                                                               = lfpool.Stats{}
	_ [1]struct{}                                                                              = [pool.NoLimit - lfpool.NoLimit + 1]struct{}{}
	_ func(context.Context, *pool.Pool, func(context.Context) (string, error)) (string, error) = lfpool.Call[string]
	_ *pool.OverloadError                                                                      = (*lfpool.OverloadError)(nil)
	_ *pool.PanicError                                                                         = (*lfpool.PanicError)(nil)
)

// TestOptionsAreThoseOfPackagePool: each does what its namesake does, and refuses with
// its words.
func TestOptionsAreThoseOfPackagePool(t *testing.T) {
	panicked := make(chan any, 1)
	p := lfpool.New(lfpool.WithLimit(2), lfpool.WithBacklog(1), lfpool.WithName("jobs"), lfpool.WithIdleTimeout(time.Second),
		lfpool.WithStackReserve(16<<10), lfpool.WithLinger(false), lfpool.WithTimes(1), lfpool.WithMaxTasksPerWorker(1), lfpool.WithPanicHandler(func(v any, _ []byte) { panicked <- v }))
	assert.Equal(t, 2, p.Limit())
	assert.Equal(t, "jobs", p.Name())
	release := make(chan struct{})
	for range 3 {
		assert.True(t, p.TryGo(func() { <-release }))
	}
	assert.False(t, p.TryGo(func() {}), "two run and one waits")
	close(release)
	require.NoError(t, lfpool.DrainAll(t.Context(), p))
	p.Go(func() { panic("no") })
	assert.Equal(t, "no", <-panicked)
	require.NoError(t, p.Drain(t.Context()))
	assert.Positive(t, p.Stats().Replaced)
	assert.Positive(t, p.Stats().RunTime.Count)
	assert.Positive(t, lfpool.New(lfpool.WithLimitPerProc(2), lfpool.WithBacklog(0), lfpool.WithShedding(lfpool.Shedding{})).Limit())

	for want, call := range map[string]func(){
		"pool.WithLimit(0): want 1 to 2147483647, or NoLimit":   func() { lfpool.WithLimit(0) },
		"pool.WithLimitPerProc(0): want a positive number":      func() { lfpool.WithLimitPerProc(0) },
		"pool.WithTimes(0): want a positive number":             func() { lfpool.WithTimes(0) },
		"pool.WithBacklog(-1): want 0 to 2147483647":            func() { lfpool.WithBacklog(-1) },
		"pool.WithIdleTimeout(0s): want a positive duration":    func() { lfpool.WithIdleTimeout(0) },
		"pool.WithPanicHandler(nil): the handler is a nil func": func() { lfpool.WithPanicHandler(nil) },
		"pool.WithStackReserve(-1): want 0 to 1048576 bytes":    func() { lfpool.WithStackReserve(-1) },
		"pool.New: the option at index 0 is a zero Option":      func() { lfpool.New(lfpool.Option{}) },
		"pool.Async: the pool is nil":                           func() { lfpool.Async(nil, func() (int, error) { return 0, nil }) },
	} {
		assert.PanicsWithValue(t, want, call)
	}
}

// TestErrorsAreThoseOfPackagePool: what errors.Is and errors.As look for is the same.
func TestErrorsAreThoseOfPackagePool(t *testing.T) {
	assert.Same(t, pool.ErrNoResult, lfpool.ErrNoResult)
	_, err := lfpool.Call(t.Context(), lfpool.Default(), lfpool.Caught(func(context.Context) (int, error) { panic("out of cheese") }))
	var caught *lfpool.PanicError
	require.ErrorAs(t, err, &caught)
	assert.Equal(t, "out of cheese", caught.Value)
	assert.PanicsWithValue(t, "pool.Caught(nil): the function is nil", func() { lfpool.Caught[int](nil) })
}

// A pool of one's own may be called pool.
func ExampleNew() {
	pool := lfpool.New(lfpool.WithLimit(2))
	length := lfpool.Async(pool, func() (int, error) { return len("lfpool"), nil })
	n, err := length.Wait(context.Background())
	fmt.Println(n, err)

	_, err = lfpool.Call(context.Background(), pool, func(context.Context) (int, error) { return 0, errors.New("no such word") })
	fmt.Println(err)
	// Output:
	// 6 <nil>
	// no such word
}
