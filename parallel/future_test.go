package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/parallel"
	"github.com/lfpool/lfpool/pool"
)

// fullPool returns a pool that has no room until its place is freed.
func fullPool(opts ...pool.Option) (p *pool.Pool, free func()) {
	p = pool.New(append([]pool.Option{pool.WithLimit(1), pool.WithBacklog(0)}, opts...)...)
	hold := make(chan struct{})
	p.Go(func() { <-hold })
	return p, func() { close(hold) }
}

// TestFuturesInFutures: each waits in a function for functions of the same pool,
// with one place in all.
func TestFuturesInFutures(t *testing.T) {
	for _, opts := range [][]pool.Option{nil, {pool.WithLimit(1)}, {pool.WithLimit(1), pool.WithBacklog(0)}, {pool.WithLimit(3)}} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(opts...)
			var leaves func(depth int) (int, error)
			leaves = func(depth int) (int, error) {
				if depth == 0 {
					time.Sleep(time.Second)
					return 1, nil
				}
				var parts []*parallel.Future[int]
				for range 3 {
					parts = append(parts, parallel.Async(p, func() (int, error) { return leaves(depth - 1) }))
				}
				sum := 0
				for _, part := range parts {
					n, err := part.Wait(t.Context())
					if err != nil {
						return 0, err
					}
					sum += n
				}
				return sum, nil
			}
			n, err := parallel.Async(p, func() (int, error) { return leaves(4) }).Wait(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 81, n)
			require.NoError(t, p.Drain(t.Context()))
		})
	}
}

// TestAFutureInATaskOfAFullPool: with pool.Async the task, which has the only
// place, would wait for ever.
func TestAFutureInATaskOfAFullPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		v, err := pool.Call(t.Context(), p, func(ctx context.Context) (int, error) {
			return parallel.Async(p, func() (int, error) { return 42, errFailed }).Wait(ctx)
		})
		assert.Equal(t, 42, v)
		assert.Equal(t, errFailed, err)
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestAWorkerBeginsAFuture that nobody waits for.
func TestAWorkerBeginsAFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		var ran atomic.Int64
		r := parallel.Async(p, func() (bool, error) { ran.Add(1); return inWorker(), nil })
		synctest.Wait()
		assert.EqualValues(t, 1, ran.Load())
		worker, err := r.Wait(t.Context())
		assert.True(t, worker)
		assert.NoError(t, err)
		assert.EqualValues(t, 1, ran.Load())
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestOneOfTwoWaitsRunsTheFunction, and the other blocks until it has.
func TestOneOfTwoWaitsRunsTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, free := fullPool()
		var ran atomic.Int64
		r := parallel.Async(p, func() (int, error) { time.Sleep(time.Second); return int(ran.Add(1)), nil })
		start := time.Now()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				v, err := r.Wait(t.Context())
				assert.Equal(t, 1, v)
				assert.NoError(t, err)
				assert.Equal(t, time.Second, time.Since(start))
			})
		}
		both.Wait()
		free()
		require.NoError(t, p.Drain(t.Context()))
		assert.EqualValues(t, 1, ran.Load())
	})
}

func TestAFuturesContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, free := fullPool()
		over, cancel := context.WithCancel(t.Context())
		cancel()
		began := make(chan struct{})
		r := parallel.Async(p, func() (int, error) { close(began); time.Sleep(time.Minute); return 1, nil })
		_, err := r.Wait(over)
		assert.Equal(t, context.Canceled, err)
		select {
		case <-began:
			t.Fatal("a Wait whose context was done has begun the function")
		default:
		}

		first := make(chan struct{})
		go func() {
			defer close(first)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			v, err := r.Wait(ctx) // runs it, and returns the result though ctx is done
			assert.Equal(t, 1, v)
			assert.NoError(t, err)
			assert.Equal(t, context.DeadlineExceeded, ctx.Err())
		}()
		<-began
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err = r.Wait(ctx)
		assert.Equal(t, context.DeadlineExceeded, err)
		assert.Equal(t, time.Second, time.Since(start), "it does not wait for the other Wait any longer")
		<-first
		v, err := r.Wait(over)
		assert.Equal(t, 1, v, "the result is there, and the context is done")
		assert.NoError(t, err)
		free()
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestDoneNeedsNoWait: the pool has refused the function, and is asked again.
func TestDoneNeedsNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, free := fullPool()
		r := parallel.Async(p, func() (int, error) { return 1, nil })
		select {
		case <-r.Done():
			t.Fatal("nobody has run it")
		default:
		}
		free()
		<-r.Done()
		<-r.Done()
		require.NoError(t, p.Drain(t.Context()))
		assert.EqualValues(t, 2, p.Stats().Ended, "the pool is asked once")

		r = parallel.Async(p, func() (int, error) { return 1, nil })
		<-r.Done()
		p, free = fullPool()
		r = parallel.Async(p, func() (int, error) { return 1, nil })
		_, err := r.Wait(t.Context())
		assert.NoError(t, err)
		<-r.Done() // closed, with the pool as full as before
		free()
		require.NoError(t, p.Drain(t.Context()))
		assert.EqualValues(t, 1, p.Stats().Ended, "and not for what is over")
	})
}

// labelsHere returns the pprof labels of the goroutine that calls it, as a profile
// has them.
func labelsHere() (string, error) {
	var profile strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return "", err
	}
	for _, record := range strings.Split(profile.String(), "\n\n") {
		if strings.Contains(record, "labelsHere") {
			_, labels, _ := strings.Cut(record, "# labels: ")
			labels, _, _ = strings.Cut(labels, "\n")
			return labels, nil
		}
	}
	return "", errors.New("the goroutine is not in its profile")
}

// TestAFutureHasTheLabelsOfItsGoroutine: of the one that waits, or the worker's.
func TestAFutureHasTheLabelsOfItsGoroutine(t *testing.T) {
	p, free := fullPool()
	pprof.Do(t.Context(), pprof.Labels("role", "waiter"), func(ctx context.Context) {
		labels, err := parallel.Async(p, labelsHere).Wait(ctx)
		assert.NoError(t, err)
		assert.Contains(t, labels, `"role":"waiter"`)
		free()
		r := parallel.Async(p, labelsHere)
		<-r.Done()
		labels, err = r.Wait(ctx)
		assert.NoError(t, err)
		assert.NotContains(t, labels, `"role":"waiter"`)
	})
	require.NoError(t, p.Drain(t.Context()))
}

func TestAPanicInAFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var handled []any
		p, free := fullPool(pool.WithPanicHandler(func(v any, _ []byte) { handled = append(handled, v) }))
		r := parallel.Async(p, func() (int, error) { panic(fs.ErrInvalid) })
		assert.PanicsWithValue(t, fs.ErrInvalid, func() { r.Wait(t.Context()) })
		v, err := r.Wait(t.Context())
		assert.Zero(t, v)
		assert.Equal(t, pool.ErrNoResult, err, "the others are told")
		free()
		r = parallel.Async(p, func() (int, error) { panic("in a worker") })
		<-r.Done()
		_, err = r.Wait(t.Context())
		assert.Equal(t, pool.ErrNoResult, err)
		require.NoError(t, p.Drain(t.Context()))
		assert.Equal(t, []any{"in a worker"}, handled)
	})
}

// TestAPanicInAFutureThatIsToEndTheProgram: without a panic handler nobody else is
// told that the function has ended.
func TestAPanicInAFutureThatIsToEndTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, free := fullPool()
		r := parallel.Async(p, func() (int, error) { panic(fs.ErrInvalid) })
		assert.PanicsWithValue(t, fs.ErrInvalid, func() { r.Wait(t.Context()) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := r.Wait(ctx)
		assert.Equal(t, context.DeadlineExceeded, err)
		free()
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestNobodyIsToldOfAFutureThatPanicsInAWorker: the program ends with the panic,
// before a goroutine that waits can end it in good order.
func TestNobodyIsToldOfAFutureThatPanicsInAWorker(t *testing.T) {
	const child = "LFPOOL_TEST_FUTURE_PANICS"
	if os.Getenv(child) != "" {
		r := parallel.Async(pool.New(), func() (int, error) { panic(slow("not taken")) })
		<-r.Done()
		os.Exit(0)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNobodyIsToldOfAFutureThatPanicsInAWorker$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	assert.Contains(t, string(out), "panic: not taken")
	assert.Contains(t, string(out), "TestNobodyIsToldOfAFutureThatPanicsInAWorker.func", "the function's own stack")
}

func TestAFutureThatExits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, free := fullPool()
		exits := func() (int, error) { runtime.Goexit(); return 1, nil }
		r := parallel.Async(p, exits)
		exited := make(chan struct{})
		go func() {
			defer close(exited)
			r.Wait(t.Context())
			t.Error("Wait has returned")
		}()
		<-exited
		_, err := r.Wait(t.Context())
		assert.Equal(t, pool.ErrNoResult, err)
		free()
		r = parallel.Async(p, exits)
		<-r.Done()
		_, err = r.Wait(t.Context())
		assert.Equal(t, pool.ErrNoResult, err)
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestWhatIsQueuedOfAFutureKeepsNothing: neither the function nor the result, once
// Wait has run it.
func TestWhatIsQueuedOfAFutureKeepsNothing(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	hold := make(chan struct{})
	p.Go(func() { <-hold })
	var captured, result weak.Pointer[[1 << 16]byte]
	func() {
		big := new([1 << 16]byte)
		captured = weak.Make(big)
		r := parallel.Async(p, func() (*[1 << 16]byte, error) { v := *big; return &v, nil })
		v, err := r.Wait(t.Context())
		require.NoError(t, err)
		result = weak.Make(v)
	}()
	require.EqualValues(t, 1, p.Stats().Queued)
	require.Eventually(t, func() bool {
		runtime.GC()
		return captured.Value() == nil && result.Value() == nil
	}, 10*time.Second, time.Millisecond)
	require.EqualValues(t, 1, p.Stats().Queued)
	close(hold)
	require.NoError(t, p.Drain(t.Context()))
}

func TestFuturesRefuseNonsense(t *testing.T) {
	var noContext context.Context
	one := func() (int, error) { return 1, nil }
	p := pool.New()
	for message, call := range map[string]func(){
		"parallel.Async: the pool is nil":                func() { parallel.Async(nil, one) },
		"parallel.Async: the function is nil":            func() { parallel.Async[int](p, nil) },
		"parallel: Future.Wait(nil): the context is nil": func() { parallel.Async(p, one).Wait(noContext) },
	} {
		assert.PanicsWithValue(t, message, call)
	}
	require.NoError(t, p.Drain(t.Context()))
}

// TestRandomFutures: trees of functions that wait for futures of their own and for
// older ones of others, by Wait and by Done, with contexts that end; they take time,
// fail, panic and exit.
func TestRandomFutures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, randomFutures) })
}

func randomFutures(t *rapid.T) {
	p := drawPool(t)
	t.Cleanup(func() { time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout)) })
	type future struct {
		*parallel.Future[int]
		runs, ended atomic.Int64
		value       int // what it is to hold
		err         error
	}
	var mu sync.Mutex
	var futures []*future // those that there are
	var breaches []string
	breach := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		breaches = append(breaches, fmt.Sprintf(format, args...))
	}
	// look waits for r, with patience, or for ever, and checks the result.
	look := func(r *future, patience time.Duration) {
		ctx := context.Background()
		if patience > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, patience)
			defer cancel()
		}
		defer func() {
			if v := recover(); v != nil && v != errFailed {
				breach("Wait has panicked with %v", v)
			}
		}()
		v, err := r.Wait(ctx)
		switch {
		case err == context.DeadlineExceeded && ctx.Err() != nil:
		case r.ended.Load() != 1:
			breach("Wait has returned %d, %v before the function has ended", v, err)
		case v != r.value || err != r.err:
			breach("Wait has returned %d, %v, want %d, %v", v, err, r.value, r.err)
		}
	}
	functions := 0
	// tree returns a func that makes a future, which may wait for older ones. Each
	// future waits only for what was there before it, and for its parts: in no circle.
	var tree func(depth int) func(older []*future) *future
	tree = func(depth int) func(older []*future) *future {
		functions++
		value := functions
		takes := rapid.SampledFrom([]time.Duration{0, 0, 1, time.Second}).Draw(t, "takes")
		end := rapid.SampledFrom([]string{"", "", "", "", "fails", "panics", "exits"}).Draw(t, "end")
		var parts []func(older []*future) *future
		if depth > 0 {
			for range rapid.IntRange(0, 3).Draw(t, "parts") {
				parts = append(parts, tree(depth-1))
			}
		}
		type wait struct {
			which    int // of the futures that are there
			patience time.Duration
			byDone   bool
		}
		var waits []wait
		for range rapid.IntRange(0, 4).Draw(t, "waits") {
			waits = append(waits, wait{
				which:    rapid.IntRange(0, 7).Draw(t, "which"),
				patience: rapid.SampledFrom([]time.Duration{0, 1, time.Second}).Draw(t, "patience"),
				byDone:   rapid.IntRange(0, 4).Draw(t, "by Done") == 0,
			})
		}
		return func(older []*future) *future {
			r := new(future)
			r.Future = parallel.Async(p, func() (_ int, err error) {
				r.runs.Add(1)
				r.err = pool.ErrNoResult // so far
				defer r.ended.Add(1)
				time.Sleep(takes)
				there := slices.Clone(older)
				for _, part := range parts {
					there = append(there, part(there))
				}
				for _, w := range waits {
					if len(there) == 0 {
						break
					}
					other := there[w.which%len(there)]
					if w.byDone {
						select {
						case <-other.Done():
						case <-time.After(time.Second): // Done does not help, and this function may have the only place
							continue
						}
					}
					look(other, w.patience) // and may exit
				}
				switch end {
				case "panics":
					panic(errFailed)
				case "exits":
					runtime.Goexit()
				case "fails":
					err = errFailed
				}
				r.value, r.err = value, err
				return value, err
			})
			mu.Lock()
			defer mu.Unlock()
			futures = append(futures, r)
			return r
		}
	}
	var roots []*future
	for range rapid.IntRange(1, 4).Draw(t, "trees") {
		roots = append(roots, tree(3)(roots))
	}
	for i := 0; ; i++ { // the parts of a future are there when it has ended
		mu.Lock()
		if i == len(futures) {
			mu.Unlock()
			break
		}
		r := futures[i]
		mu.Unlock()
		<-r.Done()
		look(r, 0)
	}
	require.NoError(t, p.Drain(context.Background()))
	require.Empty(t, breaches)
	require.Len(t, futures, functions)
	for i, r := range futures {
		require.EqualValues(t, 1, r.runs.Load(), "function %d of %d", i, functions)
	}
}
