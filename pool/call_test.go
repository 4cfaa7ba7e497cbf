package pool_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

func TestCallReturnsWhatTheFunctionDoes(t *testing.T) {
	p, cause := pool.New(), errors.New("cause")
	v, err := pool.Call(t.Context(), p, func(context.Context) (int, error) { return 7, cause })
	assert.Equal(t, 7, v)
	assert.Equal(t, cause, err)
}

// held is found on stacks.
//
//go:noinline
func held(in chan<- struct{}, out <-chan struct{}) {
	in <- struct{}{}
	<-out
}

// TestTasksHaveTheLabelsOfTheirContexts, and the next one on the worker has the
// pool's: those of Call, Keyed and Fair as those of GoContext.
func TestTasksHaveTheLabelsOfTheirContexts(t *testing.T) {
	p := pool.New(pool.WithName("named"), pool.WithLimit(1))
	k, tenant := pool.NewKeyed[int](p), pool.NewFair(p).Tenant()
	ctx := pprof.WithLabels(t.Context(), pprof.Labels("request", "7"))
	for name, submit := range map[string]func(func(context.Context)){
		"Call": func(f func(context.Context)) {
			go pool.Call(ctx, p, func(ctx context.Context) (int, error) { f(ctx); return 0, nil })
		},
		"Keyed": func(f func(context.Context)) { assert.NoError(t, k.GoContext(ctx, 1, f)) },
		"Fair":  func(f func(context.Context)) { assert.NoError(t, tenant.GoContext(ctx, f)) },
	} {
		in, out := make(chan struct{}), make(chan struct{})
		submit(func(context.Context) { held(in, out) })
		<-in
		assert.Equal(t, map[string]int{`{"request":"7"}`: 1}, labelled(t, "pool_test.held"), name)
		out <- struct{}{}
		p.Go(func() { held(in, out) })
		<-in
		assert.Equal(t, map[string]int{`{"pool":"named"}`: 1}, labelled(t, "pool_test.held"), "after %s", name)
		out <- struct{}{}
	}
	require.NoError(t, p.Drain(t.Context()))
}

func TestCallOfAFunctionThatDoesNotReturn(t *testing.T) {
	exit := func(context.Context) (int, error) { runtime.Goexit(); return 1, nil }
	broken := func(context.Context) (int, error) { panic(fs.ErrInvalid) }
	handled := make(chan any, 1)
	crashes, handles := pool.New(), pool.New(pool.WithPanicHandler(func(v any, _ []byte) { handled <- v }))
	for _, p := range []*pool.Pool{crashes, handles} {
		_, err := pool.Call(t.Context(), p, exit)
		assert.Equal(t, pool.ErrNoResult, err)
		_, err = pool.Call(t.Context(), p, pool.Caught(exit))
		assert.Equal(t, pool.ErrNoResult, err)
		v, err := pool.Call(t.Context(), p, pool.Caught(broken))
		assert.Zero(t, v)
		require.ErrorIs(t, err, fs.ErrInvalid)
		var caught *pool.PanicError
		require.ErrorAs(t, err, &caught)
		assert.Equal(t, fs.ErrInvalid, caught.Value)
		assert.Contains(t, string(caught.Stack), "TestCallOfAFunctionThatDoesNotReturn", "where it came from")
		assert.Contains(t, err.Error(), "panic: invalid argument\n\ngoroutine ")
	}
	_, err := pool.Call(t.Context(), handles, broken)
	assert.Equal(t, pool.ErrNoResult, err)
	assert.Equal(t, fs.ErrInvalid, <-handled)
	assert.NoError(t, (&pool.PanicError{Value: "no error"}).Unwrap())
}

// lasting is an error that takes the runtime a while to print, so that the program
// lives on after its panic is past all deferred functions.
type lasting string

func (s lasting) Error() string {
	time.Sleep(100 * time.Millisecond)
	return string(s)
}

// TestNobodyIsToldOfATaskThatPanics: a caller that is told that its function has
// ended may end the program in good order, before the panic does.
func TestNobodyIsToldOfATaskThatPanics(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes there")
	}
	const child = "LFPOOL_TEST_PANICKING_CALL"
	if os.Getenv(child) != "" {
		pool.Call(context.Background(), pool.New(), func(context.Context) (int, error) {
			panic(lasting("not taken"))
		})
		os.Exit(0)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNobodyIsToldOfATaskThatPanics$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	assert.Contains(t, string(out), "panic: not taken")
	assert.Contains(t, string(out), "TestNobodyIsToldOfATaskThatPanics.func", "the task's own stack")
}

func TestCallRefusesNil(t *testing.T) {
	var noContext context.Context
	f := func(context.Context) (int, error) { return 0, nil }
	assert.PanicsWithValue(t, "pool.Call: the context is nil", func() { pool.Call(noContext, pool.New(), f) })
	assert.PanicsWithValue(t, "pool.Call: the pool is nil", func() { pool.Call(t.Context(), nil, f) })
	assert.PanicsWithValue(t, "pool.Call: the function is nil", func() { pool.Call[int](t.Context(), pool.New(), nil) })
	assert.PanicsWithValue(t, "pool.Caught(nil): the function is nil", func() { pool.Caught[int](nil) })
}

// TestRandomCalls: calls on a pool with little room return the function's result
// or their context's error, at the instant at which that is there, and a call
// that has given up before its function started keeps it from running.
func TestRandomCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, randomCalls) })
}

func randomCalls(t *rapid.T) {
	opts := []pool.Option{pool.WithPanicHandler(func(any, []byte) {})}
	if n := rapid.SampledFrom([]int{pool.NoLimit, 1, 2, 5}).Draw(t, "limit"); n != pool.NoLimit {
		opts = append(opts, pool.WithLimit(n))
		if m := rapid.IntRange(-1, 2).Draw(t, "backlog"); m >= 0 {
			opts = append(opts, pool.WithBacklog(m))
		}
	}
	p := pool.New(opts...)
	type outcome struct {
		value    int
		err      error
		at, over time.Time
		begun    time.Time // zero: the function did not start
		ended    time.Time
	}
	n := rapid.IntRange(1, 12).Draw(t, "calls")
	results := make(chan int)
	outcomes := make([]outcome, n)
	cause := errors.New("cause")
	wants := make([]error, n)
	for i := range n {
		o := &outcomes[i]
		takes := time.Duration(rapid.IntRange(0, 10).Draw(t, "takes")) * time.Second
		patience := time.Duration(rapid.IntRange(1, 30).Draw(t, "patience"))*time.Second + time.Millisecond
		end := rapid.IntRange(0, 3).Draw(t, "end")
		wants[i] = []error{nil, cause, pool.ErrNoResult, pool.ErrNoResult}[end]
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		t.Cleanup(cancel)
		o.over = time.Now().Add(patience)
		go func() {
			o.value, o.err = pool.Call(ctx, p, func(context.Context) (int, error) {
				o.begun = time.Now()
				time.Sleep(takes)
				o.ended = time.Now()
				switch end {
				case 2:
					panic("handled")
				case 3:
					runtime.Goexit()
				}
				return i, wants[i]
			})
			o.at = time.Now()
			results <- i
		}()
	}
	for range n {
		<-results
	}
	time.Sleep(10 * time.Second) // those that were given up go on
	synctest.Wait()
	for i, o := range outcomes {
		if o.err == context.DeadlineExceeded {
			require.Equal(t, o.over, o.at, "call %d gave up at its deadline", i)
			require.True(t, o.begun.IsZero() || o.ended.After(o.over), "call %d had a result", i)
			require.False(t, o.begun.After(o.over), "call %d started after it had given up", i)
			require.Zero(t, o.value)
			continue
		}
		require.Equal(t, wants[i], o.err, "call %d", i)
		require.Equal(t, o.ended, o.at, "call %d returned when the function did", i)
		if end := wants[i]; end == nil || end == cause {
			require.Equal(t, i, o.value)
		}
	}
	require.NoError(t, p.Drain(context.Background()))
}

func ExampleCall() {
	p := pool.New(pool.WithLimit(8), pool.WithBacklog(0))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	n, err := pool.Call(ctx, p, func(context.Context) (int, error) { return 6 * 7, nil })
	fmt.Println(n, err)
	// Output: 42 <nil>
}

func ExampleCaught() {
	var none map[string]int
	_, err := pool.Call(context.Background(), pool.New(), pool.Caught(func(context.Context) (int, error) {
		none["x"]++
		return 0, nil
	}))
	var caught *pool.PanicError
	fmt.Println(errors.As(err, &caught), caught.Value)
	// Output: true assignment to entry in nil map
}

func ExamplePanicError() {
	err := error(&pool.PanicError{Value: context.Canceled})
	fmt.Println(errors.Is(err, context.Canceled))
	// Output: true
}

// BenchmarkCall: a call beside what it takes the place of, on a pool and without
// one.
func BenchmarkCall(b *testing.B) {
	p := pool.New(pool.WithLimit(64), pool.WithBacklog(0))
	ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	f := func(context.Context) (int, error) { return 1, nil }
	type result struct {
		v   int
		err error
	}
	b.Run("Call", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := pool.Call(ctx, p, f); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("channel over GoContext", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			out := make(chan result, 1)
			if err := p.GoContext(ctx, func(ctx context.Context) {
				v, err := f(ctx)
				out <- result{v, err}
			}); err != nil {
				b.Fatal(err)
			}
			select {
			case <-out:
			case <-ctx.Done():
				b.Fatal(ctx.Err())
			}
		}
	})
	b.Run("semaphore, go and channel", func(b *testing.B) {
		b.ReportAllocs()
		places := make(chan struct{}, 64)
		for b.Loop() {
			out := make(chan result, 1)
			select {
			case places <- struct{}{}:
			case <-ctx.Done():
				b.Fatal(ctx.Err())
			}
			go func() {
				defer func() { <-places }()
				v, err := f(ctx)
				out <- result{v, err}
			}()
			select {
			case <-out:
			case <-ctx.Done():
				b.Fatal(ctx.Err())
			}
		}
	})
	if err := p.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// TestCallGivesUpInThePool: the pool has room, and the function does not end.
func TestCallGivesUpInThePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		saw := make(chan error, 1)
		v, err := pool.Call(ctx, p, func(ctx context.Context) (string, error) {
			<-ctx.Done()
			saw <- ctx.Err()
			time.Sleep(time.Second)
			return "late", nil
		})
		assert.Equal(t, context.DeadlineExceeded, err)
		assert.Empty(t, v)
		assert.Equal(t, context.DeadlineExceeded, <-saw)
		time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}
