package parallel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/parallel"
	"github.com/lfpool/lfpool/pool"
)

var errFailed = errors.New("failed")

// run is one of the four loops, as a function of n values from 0 on.
type run func(ctx context.Context, n int, f func(context.Context, int) (int, error), opts ...parallel.Option) ([]int, error)

func upTo(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func values(n int) []int { return slices.Collect(upTo(n)) }

// loops are the four loops; those without results get them by the way.
var loops = map[string]run{
	"ForEach": func(ctx context.Context, n int, f func(context.Context, int) (int, error), opts ...parallel.Option) ([]int, error) {
		out := make([]int, n)
		err := parallel.ForEach(ctx, values(n), func(ctx context.Context, i, v int) (err error) {
			out[i], err = f(ctx, v)
			return err
		}, opts...)
		return out, err
	},
	"Map": func(ctx context.Context, n int, f func(context.Context, int) (int, error), opts ...parallel.Option) ([]int, error) {
		return parallel.Map(ctx, values(n), f, opts...)
	},
	"ForEachSeq": func(ctx context.Context, n int, f func(context.Context, int) (int, error), opts ...parallel.Option) ([]int, error) {
		out := make([]int, n)
		err := parallel.ForEachSeq(ctx, upTo(n), func(ctx context.Context, v int) (err error) {
			out[v], err = f(ctx, v)
			return err
		}, opts...)
		return out, err
	},
	"MapSeq": func(ctx context.Context, n int, f func(context.Context, int) (int, error), opts ...parallel.Option) (out []int, err error) {
		for v, err := range parallel.MapSeq(ctx, upTo(n), f, opts...) {
			if err != nil {
				return out, err
			}
			out = append(out, v)
		}
		return out, nil
	},
}

func TestLoopsReturnResultsInOrder(t *testing.T) {
	square := func(_ context.Context, v int) (int, error) { return v * v, nil }
	for name, loop := range loops {
		for _, n := range []int{0, 1, 2, 3, 100, 20_000} {
			for _, opts := range [][]parallel.Option{
				nil, {parallel.WithLimit(1)}, {parallel.WithLimit(16)},
				{parallel.WithPool(pool.New(pool.WithLimit(1), pool.WithBacklog(0)))},
			} {
				out, err := loop(t.Context(), n, square, opts...)
				require.NoError(t, err)
				require.Len(t, out, n)
				for i, v := range out {
					require.Equal(t, i*i, v, "%s of %d", name, n)
				}
			}
		}
	}
}

// TestLoopsTakeAsLongAsTheirLimitAllows: each place is busy as long as there is
// something to do, also when calls become longer than those before.
func TestLoopsTakeAsLongAsTheirLimitAllows(t *testing.T) {
	for name, loop := range loops {
		for _, limit := range []int{1, 2, 7} {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New()
				start := time.Now()
				_, err := loop(t.Context(), 70*limit, func(context.Context, int) (int, error) { time.Sleep(time.Second); return 0, nil },
					parallel.WithLimit(limit), parallel.WithPool(p))
				require.NoError(t, err)
				assert.Equal(t, 70*time.Second, time.Since(start), "%s with limit %d", name, limit)

				const slow = 1000 // among many of no time at all, so that chunks are as large as they may be
				start = time.Now()
				_, err = loop(t.Context(), 60*slow, func(_ context.Context, v int) (int, error) {
					if v/slow == 30 {
						time.Sleep(time.Second)
					}
					return 0, nil
				}, parallel.WithLimit(limit), parallel.WithPool(p))
				require.NoError(t, err)
				assert.LessOrEqual(t, time.Since(start), slow*time.Second/time.Duration(limit)+40*time.Second, "%s with limit %d", name, limit)
				require.NoError(t, p.Drain(t.Context()))
			})
		}
	}
}

func TestTheFirstErrorCancelsTheOthers(t *testing.T) {
	for name, loop := range loops {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New()
			var after atomic.Int64
			start := time.Now()
			_, err := loop(t.Context(), 1000, func(ctx context.Context, v int) (int, error) {
				switch {
				case v == 2:
					time.Sleep(time.Second)
					return 0, errFailed
				case v < 2:
					return 0, nil
				case v > 10:
					after.Add(1)
				}
				<-ctx.Done()
				return 0, context.Cause(ctx)
			}, parallel.WithLimit(3), parallel.WithPool(p))
			assert.Equal(t, errFailed, err, name)
			assert.Equal(t, time.Second, time.Since(start), name)
			assert.Zero(t, after.Load(), "%s: no more are started", name)
			require.NoError(t, p.Drain(t.Context()))
		})
	}
}

func TestLoopsStopWithTheirContext(t *testing.T) {
	for name, loop := range loops {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second+time.Millisecond)
			defer cancel()
			var calls atomic.Int64
			_, err := loop(ctx, 1000, func(context.Context, int) (int, error) { calls.Add(1); time.Sleep(time.Second); return 0, nil },
				parallel.WithLimit(2), parallel.WithPool(p))
			assert.Equal(t, context.DeadlineExceeded, err, name)
			assert.EqualValues(t, 12, calls.Load(), name)
			out, err := loop(ctx, 1, func(context.Context, int) (int, error) { calls.Add(1); return 0, nil }, parallel.WithPool(p))
			assert.Equal(t, context.DeadlineExceeded, err, name)
			assert.LessOrEqual(t, len(out), 1)
			assert.EqualValues(t, 12, calls.Load(), name)
			require.NoError(t, p.Drain(t.Context()))
		})
	}
}

// TestNestedLoopsInAFullPool: loops in loops in tasks that have all the places.
func TestNestedLoopsInAFullPool(t *testing.T) {
	for name, loop := range loops {
		for _, opts := range [][]pool.Option{{pool.WithLimit(1)}, {pool.WithLimit(2), pool.WithBacklog(0)}} {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(opts...)
				in := parallel.WithPool(p)
				sum := func(ctx context.Context, n int) (int, error) {
					out, err := loop(ctx, n, func(_ context.Context, v int) (int, error) { time.Sleep(time.Second); return v, nil }, in)
					total := 0
					for _, v := range out {
						total += v
					}
					return total, err
				}
				v, err := pool.Call(t.Context(), p, func(ctx context.Context) (int, error) {
					out, err := loop(ctx, 10, sum, in)
					total := 0
					for _, v := range out {
						total += v
					}
					return total, err
				})
				require.NoError(t, err)
				assert.Equal(t, 120, v, name)
				require.NoError(t, p.Drain(t.Context()))
			})
		}
	}
}

// TestALoopMakesRoomForOthers: under the pool's limit, in shifts.
func TestALoopMakesRoomForOthers(t *testing.T) {
	for name, loop := range loops {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pool.WithLimit(1))
			start := time.Now()
			var waited time.Duration
			_, err := loop(t.Context(), 2000, func(_ context.Context, v int) (int, error) {
				if v == 100 {
					p.Go(func() { waited = time.Since(start) })
				}
				time.Sleep(time.Millisecond)
				return 0, nil
			}, parallel.WithPool(p), parallel.WithLimit(2))
			require.NoError(t, err)
			require.NoError(t, p.Drain(t.Context()))
			assert.Less(t, waited, 150*time.Millisecond, name)
		})
	}
}

func TestLeavingMapSeqStopsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New()
		var running atomic.Int64
		brought := 0
		in := func(yield func(int) bool) {
			for ; yield(brought); brought++ {
			}
		}
		for v, err := range parallel.MapSeq(t.Context(), in, func(ctx context.Context, v int) (int, error) {
			running.Add(1)
			defer running.Add(-1)
			if v > 0 {
				<-ctx.Done()
			}
			return v, nil
		}, parallel.WithPool(p), parallel.WithLimit(4)) {
			assert.Zero(t, v)
			assert.NoError(t, err)
			break
		}
		assert.Zero(t, running.Load(), "its calls have ended")
		assert.LessOrEqual(t, brought, 8)
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestMapSeqYieldsWhatComesBeforeAnError(t *testing.T) {
	var got []int
	for v, err := range parallel.MapSeq(t.Context(), upTo(1000), func(_ context.Context, v int) (int, error) {
		if v >= 500 {
			return 7, fmt.Errorf("%w at %d", errFailed, v)
		}
		return v, nil
	}) {
		if err != nil {
			assert.Zero(t, v)
			assert.EqualError(t, err, "failed at 500")
			break
		}
		got = append(got, v)
	}
	assert.Equal(t, values(500), got)
}

// inWorker reports whether the caller runs in another goroutine than the test's.
func inWorker() bool { return !bytes.Contains(debug.Stack(), []byte("testing.tRunner(")) }

func TestAPanicInAWorkerThatIsHandled(t *testing.T) {
	for name, loop := range loops {
		synctest.Test(t, func(t *testing.T) {
			handled := make(chan any, 1000)
			p := pool.New(pool.WithPanicHandler(func(v any, _ []byte) { handled <- v }))
			for _, end := range []func(){func() { panic(errFailed) }, runtime.Goexit} {
				_, err := loop(t.Context(), 1000, func(context.Context, int) (int, error) {
					if !inWorker() {
						time.Sleep(time.Millisecond) // until one has come
						return 0, nil
					}
					end()
					return 0, nil
				}, parallel.WithPool(p), parallel.WithLimit(2))
				assert.Equal(t, pool.ErrNoResult, err, name)
			}
			assert.Equal(t, errFailed, <-handled)
			require.NoError(t, p.Drain(t.Context()))
		})
	}
}

// TestAPanicInTheCaller is a panic of the caller, after all others have stopped.
func TestAPanicInTheCaller(t *testing.T) {
	for name, loop := range loops {
		synctest.Test(t, func(t *testing.T) {
			full := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
			hold := make(chan struct{})
			full.Go(func() { <-hold })
			assert.PanicsWithValue(t, errFailed, func() {
				loop(t.Context(), 10, func(context.Context, int) (int, error) { panic(errFailed) }, parallel.WithPool(full))
			}, name)
			exited := make(chan bool)
			go func() {
				defer close(exited)
				loop(t.Context(), 10, func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }, parallel.WithPool(full))
				exited <- false
			}()
			_, returned := <-exited
			assert.False(t, returned, name)
			close(hold)
			require.NoError(t, full.Drain(t.Context()))
		})
	}
}

// slow is an error that takes the runtime a while to print, so that the program
// lives on after its panic is past all deferred functions.
type slow string

func (s slow) Error() string {
	time.Sleep(100 * time.Millisecond)
	return string(s)
}

// TestNobodyIsToldOfATaskThatPanics: the program ends with the panic, before
// somebody that waits can end it in good order.
func TestNobodyIsToldOfATaskThatPanics(t *testing.T) {
	const child = "LFPOOL_TEST_PANIC_IN"
	f := func(context.Context, int) (int, error) {
		if inWorker() {
			panic(slow("not taken"))
		}
		time.Sleep(time.Millisecond)
		return 0, nil
	}
	if name := os.Getenv(child); name != "" {
		if name == "Group" {
			var g parallel.Group
			g.Go(func() error { panic(slow("not taken")) })
			time.Sleep(10 * time.Millisecond)
			g.Wait()
		} else {
			loops[name](context.Background(), 100, f, parallel.WithLimit(2))
		}
		os.Exit(0)
	}
	names := []string{"Group"}
	for name := range loops {
		names = append(names, name)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNobodyIsToldOfATaskThatPanics$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), child+"="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "%s", out)
			assert.Contains(t, string(out), "panic: not taken")
			assert.Contains(t, string(out), "TestNobodyIsToldOfATaskThatPanics.func", "the task's own stack")
		})
	}
}

func TestLoopsRefuseNonsense(t *testing.T) {
	var noContext context.Context
	ctx := t.Context()
	each := func(context.Context, int, int) error { return nil }
	one := func(context.Context, int) error { return nil }
	result := func(context.Context, int) (int, error) { return 0, nil }
	for message, call := range map[string]func(){
		"parallel.WithLimit(0): want a positive number":   func() { parallel.WithLimit(0) },
		"parallel.WithPool(nil): the pool is nil":         func() { parallel.WithPool(nil) },
		"parallel.ForEach: the context is nil":            func() { parallel.ForEach(noContext, []int{1}, each) },
		"parallel.ForEach: the function is nil":           func() { parallel.ForEach[int](ctx, nil, nil) },
		"parallel.ForEach: the option at index 0 is nil":  func() { parallel.ForEach(ctx, []int{1}, each, nil) },
		"parallel.Map: the function is nil":               func() { parallel.Map[int, int](ctx, nil, nil) },
		"parallel.ForEachSeq: the function is nil":        func() { parallel.ForEachSeq(ctx, upTo(1), nil) },
		"parallel.ForEachSeq: the sequence is nil":        func() { parallel.ForEachSeq(ctx, nil, one) },
		"parallel.MapSeq: the function is nil":            func() { parallel.MapSeq[int, int](ctx, upTo(1), nil) },
		"parallel.MapSeq: the sequence is nil":            func() { parallel.MapSeq(ctx, nil, result) },
		"parallel.NewGroup(nil): the pool is nil":         func() { parallel.NewGroup(nil) },
		"parallel.NewGroupContext: the context is nil":    func() { parallel.NewGroupContext(noContext, pool.New()) },
		"parallel: Group.Go(nil): the task is a nil func": func() { new(parallel.Group).Go(nil) },
	} {
		assert.PanicsWithValue(t, message, call)
	}
}

func drawPool(t *rapid.T) *pool.Pool {
	opts := []pool.Option{pool.WithPanicHandler(func(any, []byte) {})}
	if n := rapid.SampledFrom([]int{pool.NoLimit, 1, 2, 5}).Draw(t, "limit"); n != pool.NoLimit {
		opts = append(opts, pool.WithLimit(n))
		if m := rapid.IntRange(-1, 2).Draw(t, "backlog"); m >= 0 {
			opts = append(opts, pool.WithBacklog(m))
		}
	}
	return pool.New(opts...)
}

// TestRandomLoops: loops side by side on one pool, with calls that take time, or
// none, and fail, and contexts that end.
func TestRandomLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, randomLoops) })
}

func randomLoops(t *rapid.T) {
	p := drawPool(t)
	t.Cleanup(func() { time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout)) })
	var all sync.WaitGroup
	var mu sync.Mutex
	var breaches []string
	breach := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		breaches = append(breaches, fmt.Sprintf(format, args...))
	}
	for range rapid.IntRange(1, 3).Draw(t, "loops") {
		name := rapid.SampledFrom([]string{"ForEach", "Map", "ForEachSeq", "MapSeq"}).Draw(t, "loop")
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		n := rapid.IntRange(0, 60).Draw(t, "n")
		fails := rapid.SliceOfN(rapid.IntRange(0, 200), 2, 2).Draw(t, "fail at")
		takes := rapid.SliceOfN(rapid.SampledFrom([]time.Duration{0, 0, 0, 1, time.Millisecond, time.Second}), 7, 7).Draw(t, "takes")
		patience := time.Duration(rapid.IntRange(1, 100).Draw(t, "patience"))*time.Second + time.Microsecond
		inPool := rapid.Bool().Draw(t, "in a task")
		body := func() {
			defer all.Done()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			over := time.Now().Add(patience)
			var lock sync.Mutex
			runs, running := make([]int, n), 0
			var first error
			var firstAt time.Time
			out, err := loops[name](ctx, n, func(ctx context.Context, v int) (int, error) {
				lock.Lock()
				runs[v]++
				if running++; running > limit {
					breach("%s: %d calls at a time", name, running)
				}
				if time.Now().After(over) {
					breach("%s: a call has started after the context was done", name)
				}
				if first != nil && time.Now().After(firstAt) && name != "MapSeq" {
					breach("%s: a call has started after an error", name)
				}
				lock.Unlock()
				time.Sleep(takes[v%len(takes)])
				lock.Lock()
				defer lock.Unlock()
				running--
				if slices.Contains(fails, v) {
					err := fmt.Errorf("%w: %d", errFailed, v)
					if first == nil || name == "MapSeq" && v < slices.Min(fails) {
						first, firstAt = err, time.Now()
					}
					return 0, err
				}
				return v, nil
			}, parallel.WithPool(p), parallel.WithLimit(limit))
			lock.Lock()
			defer lock.Unlock()
			if running != 0 {
				breach("%s has returned, and %d calls run", name, running)
			}
			for v, k := range runs {
				if k > 1 || k < 1 && err == nil {
					breach("%s: %d calls for %d, and the error %v", name, k, v, err)
				}
			}
			switch {
			case err == nil:
				if !slices.Equal(out, values(n)) {
					breach("%s: %v", name, out)
				}
				if first != nil {
					breach("%s: no error, but %v", name, first)
				}
			case errors.Is(err, errFailed):
				if name == "MapSeq" {
					if want := fmt.Errorf("%w: %d", errFailed, slices.Min(fails)); err.Error() != want.Error() {
						breach("%s: %v, want the first in order, %v", name, err, want)
					}
				} else if time.Now().After(firstAt.Add(time.Second)) {
					breach("%s: has gone on after its error", name)
				}
			case err != context.DeadlineExceeded || time.Now().Before(over):
				breach("%s: %v", name, err)
			}
		}
		all.Add(1)
		if inPool {
			go p.Go(body)
		} else {
			go body()
		}
	}
	all.Wait()
	require.Empty(t, breaches)
	require.NoError(t, p.Drain(context.Background()))
}

func TestGroupReturnsTheFirstError(t *testing.T) {
	p := pool.New(pool.WithLimit(2))
	g, ctx := parallel.NewGroupContext(t.Context(), p)
	g.Go(func() error { <-ctx.Done(); return context.Cause(ctx) })
	g.Go(func() error { return errFailed })
	assert.Equal(t, errFailed, g.Wait())
	assert.Equal(t, errFailed, context.Cause(ctx))
	g, ctx = parallel.NewGroupContext(t.Context(), p)
	g.Go(func() error { return nil })
	assert.NoError(t, g.Wait())
	assert.Equal(t, context.Canceled, context.Cause(ctx))
	assert.NoError(t, new(parallel.Group).Wait(), "of nothing")
}

// TestGroupsInGroups: each waits in a task for tasks of the same pool, with one
// place in all.
func TestGroupsInGroups(t *testing.T) {
	for _, opts := range [][]pool.Option{nil, {pool.WithLimit(1)}, {pool.WithLimit(1), pool.WithBacklog(0)}, {pool.WithLimit(3)}} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(opts...)
			var leaves atomic.Int64
			var split func(depth int) error
			split = func(depth int) error {
				if depth == 0 {
					leaves.Add(1)
					time.Sleep(time.Second)
					return nil
				}
				g := parallel.NewGroup(p)
				for range 3 {
					g.Go(func() error { return split(depth - 1) })
				}
				return g.Wait()
			}
			require.NoError(t, split(4))
			assert.EqualValues(t, 81, leaves.Load())
			require.NoError(t, p.Drain(t.Context()))
		})
	}
}

// TestEveryTaskOfAGroupStartsBeforeWait: also if it is there, with others, before the
// first worker comes.
func TestEveryTaskOfAGroupStartsBeforeWait(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	start := func(t *testing.T) {
		p := pool.New()
		g := parallel.NewGroup(p)
		request, reply := make(chan int), make(chan int)
		g.Go(func() error { reply <- 2 * <-request; return nil })
		g.Go(func() error { request <- 21; return nil })
		assert.Equal(t, 42, <-reply) // for ever, outside of a bubble, if one does not start
		require.NoError(t, g.Wait())
		require.NoError(t, p.Drain(t.Context()))
	}
	t.Run("workers of the pool", start)
	t.Run("bubble", func(t *testing.T) { synctest.Test(t, start) })
}

// TestATaskThatThePoolRefusedRunsAfterAnother: nobody has called Wait.
func TestATaskThatThePoolRefusedRunsAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		g := parallel.NewGroup(p)
		var ran []int
		for i := range 5 {
			g.Go(func() error { time.Sleep(time.Second); ran = append(ran, i); return nil })
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []int{0, 1, 2, 3, 4}, ran)
		require.NoError(t, g.Wait())
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestThePoolIsAskedAgain: it has refused a worker, and has room later.
func TestThePoolIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		hold := make(chan struct{})
		p.Go(func() { <-hold })
		g := parallel.NewGroup(p)
		var ran atomic.Int64
		g.Go(func() error { ran.Add(1); return nil })
		close(hold)
		synctest.Wait()
		assert.Zero(t, ran.Load())
		g.Go(func() error { ran.Add(1); return nil })
		synctest.Wait()
		assert.EqualValues(t, 2, ran.Load())
		require.NoError(t, g.Wait())
		require.NoError(t, p.Drain(t.Context()))
	})
}

// TestAGroupMakesRoomForOthers: under the pool's limit, in shifts.
func TestAGroupMakesRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1))
		g := parallel.NewGroup(p)
		start := time.Now()
		for range 2000 {
			g.Go(func() error { time.Sleep(time.Millisecond); return nil })
		}
		waited := make(chan time.Duration)
		p.Go(func() { waited <- time.Since(start) })
		assert.Less(t, <-waited, 50*time.Millisecond)
		require.NoError(t, g.Wait())
		require.NoError(t, p.Drain(t.Context()))
	})
}

func TestAPanicInWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := pool.New(pool.WithLimit(1), pool.WithBacklog(0), pool.WithPanicHandler(func(any, []byte) {}))
		hold := make(chan struct{})
		full.Go(func() { <-hold })
		g, ctx := parallel.NewGroupContext(t.Context(), full)
		g.Go(func() error { panic(fs.ErrInvalid) })
		assert.PanicsWithValue(t, fs.ErrInvalid, func() { g.Wait() })
		assert.Equal(t, pool.ErrNoResult, context.Cause(ctx))
		assert.Equal(t, pool.ErrNoResult, g.Wait(), "the others are told")
		g = parallel.NewGroup(full)
		g.Go(func() error { runtime.Goexit(); return nil })
		exited := make(chan struct{})
		go func() {
			defer close(exited)
			g.Wait()
			t.Error("Wait has returned")
		}()
		<-exited
		assert.NoError(t, g.Wait())
		close(hold)
		require.NoError(t, full.Drain(t.Context()))
	})
}

// TestAPanicInWaitThatIsToEndTheProgram: without a panic handler nobody else is told
// that the task has ended.
func TestAPanicInWaitThatIsToEndTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		hold := make(chan struct{})
		full.Go(func() { <-hold })
		g, ctx := parallel.NewGroupContext(t.Context(), full)
		g.Go(func() error { panic(fs.ErrInvalid) })
		assert.PanicsWithValue(t, fs.ErrInvalid, func() { g.Wait() })
		assert.NoError(t, context.Cause(ctx))
		close(hold)
		require.NoError(t, full.Drain(t.Context()))
	})
}

// TestRandomGroups: trees of groups whose tasks take time, fail, panic and exit,
// some in tasks of the pool and some not.
func TestRandomGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { rapid.SyncTest(t, randomGroups) })
}

func randomGroups(t *rapid.T) {
	p := drawPool(t)
	t.Cleanup(func() { time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout)) })
	var mu sync.Mutex
	var runs []int
	var breaches []string
	// tree returns a task that has group after group, and ends when they have.
	var tree func(depth int) func() error
	tree = func(depth int) func() error {
		takes := rapid.SampledFrom([]time.Duration{0, 0, 1, time.Second}).Draw(t, "takes")
		fails := rapid.IntRange(0, 9).Draw(t, "fails") == 0
		mu.Lock()
		id := len(runs)
		runs = append(runs, 0)
		mu.Unlock()
		var parts []func() error
		if depth > 0 {
			for range rapid.IntRange(0, 4).Draw(t, "parts") {
				parts = append(parts, tree(depth-1))
			}
		}
		return func() error {
			mu.Lock()
			runs[id]++
			mu.Unlock()
			time.Sleep(takes)
			g := parallel.NewGroup(p)
			var running atomic.Int64
			for _, part := range parts {
				g.Go(func() error {
					running.Add(1)
					defer running.Add(-1)
					return part()
				})
			}
			err := g.Wait()
			if running.Load() != 0 {
				mu.Lock()
				breaches = append(breaches, fmt.Sprintf("%d tasks run after Wait", running.Load()))
				mu.Unlock()
			}
			if fails {
				err = errFailed
			}
			return err
		}
	}
	var all sync.WaitGroup
	for range rapid.IntRange(1, 4).Draw(t, "trees") {
		f := tree(3)
		all.Add(1)
		body := func() { defer all.Done(); f() }
		if rapid.Bool().Draw(t, "in a task") {
			go p.Go(body)
		} else {
			go body()
		}
	}
	all.Wait()
	require.Empty(t, breaches)
	for id, n := range runs {
		require.Equal(t, 1, n, "task %d of %d", id, len(runs))
	}
	require.NoError(t, p.Drain(context.Background()))
}

// TestNothingIsLeftWhenTheLastWorkerGoes: a worker gives back what is left of a
// chunk whose calls have become long, its shift is over, there is no successor, and
// the caller waits: it has to go on.
func TestNothingIsLeftWhenTheLastWorkerGoes(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
			slow := make(chan struct{})
			var ran atomic.Int64
			var once sync.Once
			in := make([]int, 1000)
			err := parallel.ForEach(t.Context(), in, func(_ context.Context, i, _ int) error {
				ran.Add(1)
				if i == 0 {
					<-slow // the caller, until the worker is in a chunk
				}
				if i >= 200 && i < 216 {
					once.Do(func() { close(slow) })
					time.Sleep(5 * time.Millisecond)
				}
				return nil
			}, parallel.WithPool(p), parallel.WithLimit(2))
			require.NoError(t, err)
			require.EqualValues(t, len(in), ran.Load())
			require.NoError(t, p.Drain(t.Context()))
		})
	}
}
