package pool_test

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

type payloadKey struct{}

type payload struct{ _ [1 << 10]byte }

// cargo is a task of GoContext whose context and func refer to a payload each.
type cargo struct {
	inContext, inFunc weak.Pointer[payload]
	cancel            context.CancelFunc
	cancelled         bool
	runs              int
	err               error
}

// goContext is the GoContext of a pool, or of a queue before one.
type goContext = func(context.Context, func(context.Context)) error

// submit has the task run f with a context below parent.
//
//go:noinline
func (c *cargo) submit(parent context.Context, to goContext, f func()) {
	inContext, inFunc := new(payload), new(payload)
	c.inContext, c.inFunc = weak.Make(inContext), weak.Make(inFunc)
	ctx, cancel := context.WithCancel(context.WithValue(parent, payloadKey{}, inContext))
	c.cancel = cancel
	c.err = to(ctx, func(context.Context) {
		c.runs++
		f()
		runtime.KeepAlive(inFunc)
	})
}

// requireLetGo wants nobody to keep what task i refers to, after collect.
func (c *cargo) requireLetGo(t require.TestingT, i int) {
	require.Nil(t, c.inContext.Value(), "task %d, cancelled, keeps its context", i)
	require.Nil(t, c.inFunc.Value(), "task %d, cancelled, keeps its func", i)
}

func collect() {
	runtime.GC()
	runtime.GC() // the first may have begun before
}

// give cancels the task's context, and forgets how.
func (c *cargo) give() {
	c.cancel()
	c.cancel, c.cancelled = nil, true
}

func TestCancelledTasksLetGoAtOnce(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(2))...)
		release := make(chan struct{})
		var all [6]cargo
		for i := range all {
			all[i].submit(context.Background(), p.GoContext, func() { <-release })
			require.NoError(t, all[i].err)
		}
		synctest.Wait()
		for i := range all {
			all[i].give()
		}
		synctest.Wait()
		collect()
		for i := range all {
			if all[i].runs == 0 {
				all[i].requireLetGo(t, i)
			}
		}
		s := p.Stats()
		assert.Equal(t, 2, s.Running)
		assert.Equal(t, 4, s.Queued, "until their turn")
		assert.Zero(t, s.Skipped, "until their turn")
		close(release)
		synctest.Wait()
		s = p.Stats()
		assert.Zero(t, s.Queued)
		assert.Equal(t, int64(4), s.Skipped)
		assert.Equal(t, int64(6), s.Ended)
	})
}

// TestCancelledTasksLetGoInEveryQueue: a task that waits behind others of its key or
// its tenant.
func TestCancelledTasksLetGoInEveryQueue(t *testing.T) {
	for name, queue := range queuesOfContexts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(pool.WithLimit(1))
				to := queue(p)
				release := make(chan struct{})
				var all [4]cargo
				for i := range all {
					all[i].submit(context.Background(), to, func() { <-release })
					require.NoError(t, all[i].err)
					synctest.Wait()
				}
				for i := range all {
					all[i].give()
				}
				synctest.Wait()
				collect()
				assert.Equal(t, 1, all[0].runs)
				for i := range all[1:] {
					all[1+i].requireLetGo(t, 1+i)
				}
				close(release)
				require.NoError(t, p.Drain(t.Context()))
				assert.Equal(t, int64(3), p.Stats().Skipped)
			})
		})
	}
}

// TestASubmitterThatGivesUpLetsGo: its task has come to the queue of its key, and that
// waits for room in the pool.
func TestASubmitterThatGivesUpLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithLimit(1), pool.WithBacklog(0))
		release := make(chan struct{})
		p.Go(func() { <-release })
		var c cargo
		go c.submit(context.Background(), queuesOfContexts["Keyed"](p), func() {})
		synctest.Wait()
		assert.NoError(t, c.err)
		c.give()
		synctest.Wait()
		assert.ErrorIs(t, c.err, context.Canceled)
		collect()
		c.requireLetGo(t, 0)
		close(release)
		time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout)) // the key's turn comes, and the worker goes
		assert.Zero(t, c.runs)
	})
}

// queuesOfContexts are all ways to submit a task with a context, for a pool.
var queuesOfContexts = map[string]func(p *pool.Pool) goContext{
	"Pool": func(p *pool.Pool) goContext { return p.GoContext },
	"Keyed": func(p *pool.Pool) goContext {
		k := pool.NewKeyed[string](p)
		return func(ctx context.Context, f func(context.Context)) error { return k.GoContext(ctx, "key", f) }
	},
	"Keyed, with a bound": func(p *pool.Pool) goContext {
		k := pool.NewKeyed[string](p, pool.WithKeyBound(5))
		return func(ctx context.Context, f func(context.Context)) error { return k.GoContext(ctx, "key", f) }
	},
	"Fair": func(p *pool.Pool) goContext { return pool.NewFair(p).Tenant().GoContext },
	"Call": func(p *pool.Pool) goContext {
		return func(ctx context.Context, f func(context.Context)) error {
			go pool.Call(ctx, p, func(ctx context.Context) (struct{}, error) { f(ctx); return struct{}{}, nil })
			return nil
		}
	},
}

// watchedContext counts who watches it.
type watchedContext struct {
	context.Context
	cancel         context.CancelFunc
	watches, stops atomic.Int32
}

func newWatched() *watchedContext {
	w := new(watchedContext)
	w.Context, w.cancel = context.WithCancel(context.Background())
	return w
}

// Value hides the standard context below, so that context.AfterFunc calls AfterFunc.
func (w *watchedContext) Value(any) any { return nil }

func (w *watchedContext) AfterFunc(func()) (stop func() bool) {
	w.watches.Add(1)
	return func() bool { w.stops.Add(1); return true }
}

// TestOnlyTasksThatWaitAreWatched, and none when it has started.
func TestOnlyTasksThatWaitAreWatched(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		w := newWatched()
		defer w.cancel()
		release := make(chan struct{})
		waits := func(context.Context) { <-release }
		unlimited := pool.New(opts...)
		for range 10 {
			require.NoError(t, unlimited.GoContext(w, waits))
		}
		synctest.Wait()
		p := pool.New(with(opts, pool.WithLimit(2))...)
		for range 2 {
			require.NoError(t, p.GoContext(w, waits))
			synctest.Wait()
		}
		assert.Zero(t, w.watches.Load(), "workers were free")
		for range 3 {
			require.NoError(t, p.GoContext(w, waits))
		}
		assert.Equal(t, int32(3), w.watches.Load())
		assert.Zero(t, w.stops.Load())
		close(release)
		synctest.Wait()
		assert.Equal(t, int32(3), w.stops.Load())
		assert.Equal(t, int64(5), p.Stats().Ended)
		assert.Zero(t, p.Stats().Skipped)
	})
}

// TestCancelBesideTheStart: when a worker starts a task as its context ends, the
// task runs with its own context or is skipped, and neither of them twice.
func TestCancelBesideTheStart(t *testing.T) {
	const rounds, tasks = 300, 8
	p := pool.New(pool.WithLimit(1))
	var ran atomic.Int64
	for range rounds {
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), payloadKey{}, 17))
		release := make(chan struct{})
		p.Go(func() { <-release })
		for range tasks {
			require.NoError(t, p.GoContext(ctx, func(got context.Context) {
				assert.Equal(t, 17, got.Value(payloadKey{}))
				ran.Add(1)
			}))
		}
		go cancel()
		close(release)
		require.NoError(t, p.Drain(t.Context()))
	}
	s := p.Stats()
	assert.Equal(t, int64(rounds*(tasks+1)), s.Ended)
	assert.Equal(t, int64(rounds*tasks), ran.Load()+s.Skipped)
}

// TestRandomCancels submits, cancels and changes the limit, and looks at the end
// whether a cancelled task that has not started keeps anything.
func TestRandomCancels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, randomCancels)
	})
}

func randomCancels(t *rapid.T) {
	limits := []int{1, 1, 2, 3, pool.NoLimit}
	limit := rapid.SampledFrom(limits).Draw(t, "limit")
	opts := []pool.Option{pool.WithLimit(limit)}
	if rapid.Bool().Draw(t, "hand-off") {
		opts = append(opts, pool.WithHandOff())
	}
	if rapid.Bool().Draw(t, "backlog") {
		opts = append(opts, pool.WithBacklog(rapid.IntRange(0, 5).Draw(t, "bound")))
	}
	p := pool.New(opts...)
	kind := rapid.SampledFrom(slices.Sorted(maps.Keys(queuesOfContexts))).Draw(t, "queue")
	to := queuesOfContexts[kind](p)
	release := make(chan struct{})
	var all []*cargo
	parents := []context.Context{context.Background(), context.WithValue(context.Background(), payloadKey{}, "shared")}
	shared, endAll := context.WithCancel(context.Background())
	parents = append(parents, shared)
	defer endAll()
	t.Cleanup(func() {
		close(release)
		for _, c := range all {
			if c.cancel != nil {
				c.give()
			}
		}
		time.Sleep(2 * idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
	t.Repeat(map[string]func(*rapid.T){
		"submit": func(t *rapid.T) {
			for range rapid.IntRange(1, 6).Draw(t, "tasks") {
				c := new(cargo)
				all = append(all, c)
				parent := rapid.SampledFrom(parents).Draw(t, "parent")
				go c.submit(parent, to, func() { <-release }) // waits, if there is a bound
				synctest.Wait()
			}
		},
		"cancel": func(t *rapid.T) {
			for range rapid.IntRange(1, 6).Draw(t, "tasks") {
				if len(all) == 0 {
					return
				}
				if c := rapid.SampledFrom(all).Draw(t, "task"); c.cancel != nil {
					c.give()
				}
			}
		},
		"release": func(t *rapid.T) {
			select {
			case release <- struct{}{}:
			default:
			}
		},
		"limit": func(t *rapid.T) { p.SetLimit(rapid.SampledFrom(limits).Draw(t, "limit")) },
		"": func(t *rapid.T) {
			synctest.Wait()
			refused, ran, dead := 0, 0, 0
			for i, c := range all {
				require.LessOrEqual(t, c.runs, 1, "task %d", i)
				ran += c.runs
				if c.err != nil {
					require.True(t, c.cancelled, "task %d was refused: %v", i, c.err)
					refused++
				}
				if c.runs == 0 && c.cancelled {
					dead++
				}
			}
			s := p.Stats()
			require.LessOrEqual(t, int(s.Skipped), dead)
			if kind != "Pool" {
				return // its tasks are not the pool's
			}
			require.LessOrEqual(t, int(s.Skipped), dead-refused)
			require.Equal(t, len(all)-refused, ran+int(s.Skipped)+s.Queued+s.Waiting, "%v", s)
		},
	})
	synctest.Wait()
	collect()
	for i, c := range all {
		if c.runs == 0 && c.cancelled {
			c.requireLetGo(t, i)
		}
	}
}
