package lfpool_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/lfpooltest"
	"github.com/lfpool/lfpool/parallel"
	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// The code in docs/migration.md stands here, so that it is compiled, and run.
// TestMigrationCodeIsCompiled compares the tables, TestDocsCodeIsCompiled the blocks.

type T = int

// caught returns try with its panic as its error, a *lfpool.PanicError.
func caught(try func() error) func() error {
	call := lfpool.Caught(func(context.Context) (struct{}, error) { return struct{}{}, try() })
	return func() error {
		_, err := call(context.Background())
		return err
	}
}

var errFull = errors.New("the pool is full")

// submitter has the Submit of ants, for callers that stay as they are.
type submitter struct{ *pool.Pool }

// Submit returns errFull where a pool with WithNonblocking says ErrPoolOverload.
func (s submitter) Submit(f func()) error {
	if !s.TryGo(f) {
		return errFull
	}
	return nil
}

func TestMigrationSubmitter(t *testing.T) {
	s := submitter{pool.New(pool.WithLimit(1), pool.WithBacklog(0))}
	release := make(chan struct{})
	assert.NoError(t, s.Submit(func() { <-release }))
	assert.ErrorIs(t, s.Submit(func() {}), errFull)
	close(release)
	assert.NoError(t, s.Drain(t.Context()))
}

func TestMigrationOptionsAndConstructors(t *testing.T) {
	const n, k, size, name, d = 3, 2, 2, "background", time.Minute
	h, l := func(any) {}, log.New(new(strings.Builder), "", 0)
	options := []pool.Option{
		pool.WithPanicHandler(func(v any, stack []byte) { h(v) }),
		pool.WithPanicHandler(func(v any, stack []byte) { l.Printf("panic: %v\n%s", v, stack) }),
		pool.WithIdleTimeout(d),
		pool.WithRetention(idle.Never),
	}
	for limit, made := range map[*pool.Pool]int{
		pool.New():           pool.NoLimit,
		pool.New(options...): pool.NoLimit,
		pool.New(pool.WithLimit(n), pool.WithBacklog(0)):                                       n,
		pool.New(pool.WithLimit(n), pool.WithBacklog(k)):                                       n,
		lfpool.New(lfpool.WithLimit(n)):                                                        n,
		pool.New(pool.WithLimit(pool.NoLimit), pool.WithBacklog(k)):                            pool.NoLimit,
		pool.New(pool.WithLimit(n)):                                                            n,
		pool.New(pool.WithName(name), pool.WithLimit(n)):                                       n,
		pool.New(pool.WithName(name)):                                                          pool.NoLimit,
		pool.New(pool.WithPanicHandler(func(v any, stack []byte) { h(v) })):                    pool.NoLimit,
		pool.New(pool.WithLimit(n), pool.WithPanicHandler(func(v any, stack []byte) { h(v) })): n,
		pool.New(pool.WithIdleTimeout(d)):                                                      pool.NoLimit,
		pool.New(pool.WithRetention(idle.Never)):                                               pool.NoLimit,
		pool.New(pool.WithMaxTasksPerWorker(1 << 16)):                                          pool.NoLimit,
	} {
		assert.Equal(t, made, limit.Limit())
	}
	assert.Len(t, multi.New(n, multi.RoundRobinThenLeast, pool.WithLimit(size), pool.WithBacklog(0)).Pools(), n)
	assert.Len(t, multi.New(n, multi.LeastLoaded, pool.WithLimit(size), pool.WithBacklog(0)).Pools(), n)
	p := pool.New()
	assert.True(t, p.Stats().Limit == pool.NoLimit)
	assert.Zero(t, p.InFlight())
	assert.NotEmpty(t, lfpooltest.AtRest())
	assert.Equal(t, -1, pool.NoLimit)
	assert.Equal(t, 10*time.Second, pool.DefaultIdleTimeout)
}

func TestMigrationFromGo(t *testing.T) {
	ctx, n := t.Context(), 1
	var wg sync.WaitGroup
	var ran atomic.Int64
	f := func() { ran.Add(1) }
	wg.Add(1)
	lfpool.Go(func() { defer wg.Done(); f() })
	wg.Wait()
	wg.Add(1)
	f = func() { ran.Add(1); wg.Done() }
	lfpool.Go(f)
	wg.Wait()
	wg.Add(1)
	pool.New(pool.WithLimit(n), pool.WithBacklog(0)).Go(f)
	wg.Wait()
	assert.EqualValues(t, 3, ran.Load())
	get := func() (T, error) { return 7, nil }
	v, err := pool.Async(lfpool.Default(), get).Wait(ctx)
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
}

func TestMigrationFromAnts(t *testing.T) {
	ctx, d := t.Context(), 10*time.Second
	p := pool.New(pool.WithLimit(2), pool.WithBacklog(0))
	hold := make(chan struct{})
	var started sync.WaitGroup
	f := func() { started.Done(); <-hold }
	started.Add(2)
	p.Go(f)
	assert.True(t, p.TryGo(f))
	assert.True(t, !p.TryGo(f), "no room")
	assert.Equal(t, 0, p.Limit()-p.InFlight())
	started.Wait()
	assert.Equal(t, 2, p.Stats().Workers)
	assert.Equal(t, 2, p.Stats().Running)
	assert.Equal(t, 0, p.Limit()-p.Stats().Workers)
	assert.Equal(t, 0, p.Stats().Waiting)
	assert.Equal(t, 2, p.Limit())
	n := 4
	p.SetLimit(n)
	var got atomic.Int64
	fn, arg := func(v int) { got.Add(int64(v)) }, 5
	p.Go(func() { fn(arg) })
	func() {
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		err := p.Drain(short)
		assert.True(t, errors.Is(err, context.DeadlineExceeded))
	}()
	close(hold)
	func() {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		err := p.Drain(ctx)
		cancel()
		assert.NoError(t, err)
	}()
	assert.NoError(t, p.Drain(ctx))
	assert.EqualValues(t, 5, got.Load())
	assert.Equal(t, 0, p.Stats().Workers)

	assert.NoError(t, lfpool.Default().Drain(ctx))
	assert.Equal(t, 0, lfpool.Default().Stats().Workers)
	assert.Equal(t, 0, lfpool.Default().Stats().Running)
}

func TestMigrationFromMultiPool(t *testing.T) {
	ctx, i, size := t.Context(), 0, 3
	m := multi.New(2, multi.RoundRobinThenLeast, pool.WithLimit(2), pool.WithBacklog(0))
	hold := make(chan struct{})
	var started sync.WaitGroup
	f := func() { started.Done(); <-hold }
	started.Add(2)
	m.Go(f)
	assert.True(t, m.TryGo(f))
	started.Wait()
	assert.Equal(t, 2, m.Stats().Workers)
	assert.Equal(t, 0, m.Stats().Waiting)
	assert.Equal(t, 4, m.Stats().Limit)
	assert.Equal(t, 2, m.Stats().Limit-m.Stats().Workers)
	assert.Equal(t, 1, m.Pools()[i].Stats().Workers)
	assert.Equal(t, 0, m.Pools()[i].Stats().Waiting)
	assert.Equal(t, 1, m.Pools()[i].Limit()-m.Pools()[i].Stats().Workers)
	m.SetLimit(size)
	assert.Equal(t, 6, m.Stats().Limit)
	close(hold)
	var got atomic.Int64
	fn, arg := func(v int) { got.Add(int64(v)) }, 5
	m.Go(func() { fn(arg) })
	assert.NoError(t, m.Drain(ctx))
	assert.EqualValues(t, 5, got.Load())
}

// TestMigrationClosed: a context in place of a closed state refuses what comes,
// skips what is queued, and waits for what runs.
func TestMigrationClosed(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	open, shut := context.WithCancel(context.Background())
	submit := func(f func()) error { return p.GoContext(open, func(context.Context) { f() }) }
	started, hold := make(chan struct{}), make(chan struct{})
	var ended atomic.Int64
	assert.NoError(t, submit(func() { close(started); <-hold; ended.Add(1) }))
	<-started
	assert.NoError(t, submit(func() { t.Error("was queued, and should have been skipped") }))
	shut() // from now on submit returns context.Canceled
	assert.ErrorIs(t, submit(func() { t.Error("should have been refused") }), context.Canceled)
	time.AfterFunc(time.Millisecond, func() { close(hold) })
	err := p.Drain(context.Background())
	assert.NoError(t, err)
	assert.EqualValues(t, 1, ended.Load())
	assert.EqualValues(t, 1, p.Stats().Skipped)
}

// TestMigrationShutdown: chains of tasks that go to and fro between pools are run
// to their ends, and ends are told by Then.
func TestMigrationShutdown(t *testing.T) {
	d := 10 * time.Second
	p, q := pool.New(pool.WithLimit(1)), pool.New(pool.WithIdleTimeout(d))
	var ran atomic.Int64
	var chain func(here, there *pool.Pool, left int) func()
	chain = func(here, there *pool.Pool, left int) func() {
		return func() {
			ran.Add(1)
			if left > 1 {
				there.Go(chain(there, here, left-1))
			}
		}
	}
	p.Go(chain(p, p, 100))
	func() {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		err := p.Drain(ctx) // nil: all that was accepted has been done
		assert.NoError(t, err)
		assert.EqualValues(t, 100, ran.Load())
	}()
	p.Go(chain(p, q, 100))
	ctx := t.Context()
	err := pool.DrainAll(ctx, p, q)
	assert.NoError(t, err)
	assert.EqualValues(t, 200, ran.Load())

	done, f := make(chan struct{}), runtime.Goexit
	p.Go(p.Then(f, func(pool.End) { close(done) }))
	<-done
}

func TestMigrationFromPond(t *testing.T) {
	ctx := t.Context()
	p := pool.New(pool.WithLimit(1), pool.WithBacklog(8), pool.WithPanicHandler(func(any, []byte) {}))
	var ran atomic.Int64
	f, try := func() { ran.Add(1) }, func() error { panic("out of cheese") }
	get := func() (T, error) { return 7, nil }

	_, err := pool.Async(p, func() (struct{}, error) { f(); return struct{}{}, nil }).Wait(ctx)
	assert.NoError(t, err)
	r := pool.Async(p, func() (struct{}, error) { return struct{}{}, caught(try)() })
	<-r.Done()
	_, err = r.Wait(ctx)
	assert.ErrorContains(t, err, "out of cheese")
	{
		done := make(chan error, 1)
		accepted := p.TryGo(func() { done <- caught(try)() })
		assert.True(t, accepted)
		assert.ErrorContains(t, <-done, "out of cheese")
	}
	{
		results := make(chan T, 1)
		accepted := p.TryGo(func() { v, _ := get(); results <- v })
		assert.True(t, accepted)
		assert.Equal(t, 7, <-results)
	}
	{
		r := pool.Async(p, get)
		_, err := r.Wait(ctx)
		assert.NoError(t, err)
	}
	assert.NoError(t, p.GoContext(ctx, func(context.Context) { f() }))
	p.Go(f)
	stopped := pool.Async(lfpool.Default(), func() (struct{}, error) { return struct{}{}, p.Drain(ctx) })
	_, err = stopped.Wait(ctx)
	assert.NoError(t, err)
	assert.EqualValues(t, 3, ran.Load())

	p.Go(func() { panic("for the handler") })
	p.Go(runtime.Goexit)
	cancelled, cancel := context.WithCancel(ctx)
	hold := make(chan struct{})
	p.Go(func() { <-hold })
	assert.NoError(t, p.GoContext(cancelled, func(context.Context) { t.Error("should have been skipped") }))
	cancel()
	close(hold)
	assert.NoError(t, p.Drain(ctx))
	assert.Equal(t, 0, p.Stats().Running)
	assert.Equal(t, 0, p.Stats().Queued)
	assert.EqualValues(t, 1, p.Stats().Skipped)
	s := p.Stats()
	assert.EqualValues(t, 11, s.Ended+int64(s.Running+s.Queued))
	assert.EqualValues(t, 10, s.Ended-s.Skipped)
	assert.EqualValues(t, 8, s.Ended-s.Skipped-s.Panics-s.Goexits)
	assert.EqualValues(t, 2, s.Panics+s.Goexits)
	n := 2
	p.SetLimit(n)
	p.SetLimit(pool.NoLimit)
	assert.Equal(t, pool.NoLimit, p.Limit())
}

func TestMigrationFromPondGroups(t *testing.T) {
	p, n := pool.New(), 2
	{
		g := lfpool.NewGroup(p)
		g.SetLimit(n)
		assert.NoError(t, g.Wait())
	}
	{
		ctx := t.Context()
		ctx, cancel := context.WithCancel(ctx)
		g, ctx := lfpool.NewGroupContext(ctx, p)
		g.Go(func() error { <-ctx.Done(); return nil })
		cancel()
		assert.NoError(t, g.Wait())
	}
	{
		ctx := t.Context()
		g, ctx := lfpool.WithContext(ctx)
		f, try := func() {}, func() error { panic("out of cheese") }
		g.Go(func() error { f(); return nil })
		g.Go(caught(try))
		<-ctx.Done()
		done := make(chan error, 1)
		lfpool.Go(func() { done <- g.Wait() })
		assert.ErrorContains(t, <-done, "out of cheese")
	}
	var g lfpool.Group
	results := make([]T, n)
	for i := range n {
		get := func() (T, error) { return i + 1, nil }
		g.Go(func() (err error) { results[i], err = get(); return err })
	}
	err := g.Wait()
	assert.NoError(t, err)
	assert.Equal(t, []T{1, 2}, results)
}

func TestMigrationFromGopool(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "the context")
	said := make(chan string, 1)
	onPanic := func(ctx context.Context, v any) { said <- fmt.Sprint(ctx.Value(key{}), ": ", v) }
	p, f, name := pool.New(pool.WithName("background")), func() { panic("out of cheese") }, "background"
	p.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				onPanic(ctx, v)
			}
		}()
		f()
	})
	assert.Equal(t, "the context: out of cheese", <-said)
	pools := map[string]*pool.Pool{name: p}
	assert.Equal(t, name, pools[name].Name())
	assert.Equal(t, p.Name(), name)
}

func TestMigrationFromConc(t *testing.T) {
	p, n := pool.New(), 3
	ctx := t.Context()
	{
		var g lfpool.Group
		errs := make([]error, n)
		for i := range n {
			try := func() error { return fmt.Errorf("error %d", i) }
			g.Go(func() error { errs[i] = try(); return nil })
		}
		g.Wait()
		assert.EqualError(t, errors.Join(errs...), "error 0\nerror 1\nerror 2")
	}
	{
		do := func(ctx context.Context) error { return ctx.Err() }
		g := lfpool.NewGroup(p)
		g.SetLimit(n)
		g.Go(func() error { return do(ctx) })
		assert.NoError(t, g.Wait())
	}
	{
		do := func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }
		failure := errors.New("out of cheese")
		try := func() error { return failure }
		g, ctx := lfpool.NewGroupContext(ctx, p)
		g.Go(func() error { return do(ctx) })
		g.Go(try)
		assert.Same(t, failure, g.Wait())
	}
	{
		var seen []T
		use := func(v T, err error) { assert.NoError(t, err); seen = append(seen, v) }
		ordered := make(chan *pool.Future[T], n)
		var collector sync.WaitGroup
		collector.Go(func() {
			for r := range ordered {
				v, err := r.Wait(ctx)
				use(v, err)
			}
		})
		for i := range 5 {
			get := func() (T, error) { return i, nil }
			ordered <- pool.Async(p, get)
		}
		close(ordered)
		collector.Wait()
		assert.Equal(t, []T{0, 1, 2, 3, 4}, seen)
	}
	{
		g, input := lfpool.NewGroup(p), []int{1, 2, 3}
		fn := func(v *int) { *v *= *v }
		for i := range input {
			g.Go(func() error { fn(&input[i]); return nil })
		}
		assert.NoError(t, g.Wait())
		assert.Equal(t, []int{1, 4, 9}, input)
		output := make([]string, len(input))
		convert := func(v *int) (string, error) { return fmt.Sprint(*v), nil }
		for i := range input {
			g.Go(func() (err error) { output[i], err = convert(&input[i]); return err })
		}
		assert.NoError(t, g.Wait())
		assert.Equal(t, []string{"1", "4", "9"}, output)
	}
	try := func() error { panic("out of cheese") }
	err := caught(try)()
	assert.ErrorContains(t, err, "out of cheese")
}

func TestMigrationFromErrgroup(t *testing.T) {
	var g lfpool.Group
	n, try := 1, func() error { return nil }
	g.SetLimit(n)
	assert.True(t, g.TryGo(try))
	g.Go(try)
	assert.NoError(t, g.Wait())
}

// TestMigrationPause is about what workerpool calls Pause.
func TestMigrationPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := lfpooltest.New(t, pool.WithLimit(3))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var held sync.WaitGroup
		held.Add(p.Limit())
		for range p.Limit() {
			p.Go(func() { held.Done(); <-ctx.Done() })
		}
		held.Wait() // all is paused until ctx is done
		begin, after := time.Now(), time.Duration(0)
		p.Go(func() { after = time.Since(begin) })
		err := p.Drain(context.Background())
		assert.NoError(t, err)
		assert.Equal(t, time.Hour, after)
	})
}

func TestMigrationToCall(t *testing.T) {
	ctx, p := t.Context(), pool.New(pool.WithLimit(1), pool.WithBacklog(0))
	compute := func(context.Context) (T, error) { return 7, nil }
	func() {
		v, err := lfpool.Call(ctx, p, compute)
		assert.NoError(t, err)
		assert.Equal(t, 7, v)
	}()
	compute = func(context.Context) (T, error) { panic("caught") }
	v, err := lfpool.Call(ctx, p, lfpool.Caught(compute))
	var caught *lfpool.PanicError
	assert.ErrorAs(t, err, &caught)
	assert.Zero(t, v)
}

func TestMigrationToKeyed(t *testing.T) {
	ctx, p, key, n, k := t.Context(), pool.New(pool.WithLimit(2)), "ann", 1, 2
	ran := 0
	f := func() { ran++ }
	accounts := pool.NewKeyed[string](p)
	accounts.Go(key, f)
	func() {
		err := accounts.GoContext(ctx, key, func(context.Context) { f() })
		assert.NoError(t, err)
	}()
	func() {
		err := accounts.Drain(ctx)
		assert.NoError(t, err)
	}()
	assert.Equal(t, 2, ran)
	accounts = pool.NewKeyed[string](p, pool.WithKeyBound(n), pool.WithTotalBound(k))
	assert.True(t, accounts.TryGo(key, f))
	assert.NoError(t, accounts.Drain(ctx))
}

func TestMigrationToParallel(t *testing.T) {
	ctx, n, in := t.Context(), 2, []T{1, 2, 3}
	p, values := pool.New(pool.WithLimit(n)), slices.Values(in)
	var sum atomic.Int64
	do := func(_ context.Context, _ int, v T) error { sum.Add(int64(v)); return nil }
	one := func(_ context.Context, v T) error { sum.Add(int64(v)); return nil }
	square := func(_ context.Context, v T) (T, error) { return v * v, nil }
	func() {
		err := parallel.ForEach(ctx, in, do)
		assert.NoError(t, err)
	}()
	func() {
		err := parallel.ForEach(ctx, in, do, parallel.WithLimit(n))
		assert.NoError(t, err)
	}()
	func() {
		out, err := parallel.Map(ctx, in, square)
		assert.NoError(t, err)
		assert.Equal(t, []T{1, 4, 9}, out)
	}()
	use := func(v T, err error) {
		assert.NoError(t, err)
		sum.Add(int64(v))
	}
	for v, err := range parallel.MapSeq(ctx, values, square) {
		use(v, err)
	}
	func() {
		err := parallel.ForEachSeq(ctx, values, one, parallel.WithLimit(n))
		assert.NoError(t, err)
	}()
	assert.EqualValues(t, 3*6+14, sum.Load())
	assert.NoError(t, parallel.ForEach(ctx, in, do, parallel.WithPool(p)))
	try := func() error { sum.Store(0); return nil }
	func() {
		var g parallel.Group
		g.Go(try)
		assert.NoError(t, g.Wait())
	}()
	g := parallel.NewGroup(p)
	g.Go(try)
	assert.NoError(t, g.Wait())
	assert.Zero(t, sum.Load())
	get := func() (T, error) { return 7, nil }
	r := parallel.Async(p, get)
	v, err := r.Wait(ctx)
	assert.Equal(t, 7, v)
	assert.NoError(t, err)
}

func TestMigrationToFair(t *testing.T) {
	p, n, d := pool.New(pool.WithLimit(1)), 2, time.Minute
	s := pool.NewFair(p)
	var ran atomic.Int64
	task := func() { ran.Add(1) }
	func() {
		free := s.Tenant()
		free.Go(task)
		paid := s.Tenant(pool.WithWeight(3))
		paid.Go(task)
	}()
	s = pool.NewFair(p, pool.WithAgeing(d))
	s.Tenant(pool.WithPriority(1)).Go(task)
	free := s.Tenant(pool.WithTenantBound(n))
	assert.True(t, free.TryGo(task))
	assert.NoError(t, s.Drain(t.Context()))
	assert.NoError(t, p.Drain(t.Context()))
	assert.EqualValues(t, 4, ran.Load())
}

func TestMigrationFromFairQueues(t *testing.T) {
	const n, id = 2, "tenant"
	ctx := t.Context()
	var ran atomic.Int64
	task := func() { ran.Add(1) }
	s := pool.NewFair(pool.New(pool.WithLimit(n)))
	tenants := map[string]*pool.Tenant{}
	tenants[id] = s.Tenant()
	tenants[id].Go(task)
	err := s.Drain(ctx)
	assert.NoError(t, err)
	assert.Zero(t, tenants[id].InFlight())
	func() {
		s := pool.NewFair(pool.New(pool.WithLimitPerProc(1)))
		free := s.Tenant(pool.WithTenantBound(n))
		err := free.GoContext(ctx, func(context.Context) { task() })
		assert.NoError(t, err)
		assert.NoError(t, s.Drain(ctx))
		level := pool.NewFair(pool.New(pool.WithLimit(n)))
		level.Tenant().Go(task)
		assert.NoError(t, level.Drain(ctx))
	}()
	assert.EqualValues(t, 3, ran.Load())
	done := make(chan struct{})
	task = func() { done <- struct{}{} }
	lfpool.Go(task)
	<-done
	ok := pool.New(pool.WithLimit(n), pool.WithBacklog(0)).TryGo(task)
	assert.True(t, ok)
	<-done
}

func TestMigrationToOperators(t *testing.T) {
	ctx, n := t.Context(), 2
	var ran atomic.Int64
	task := func(context.Context) { ran.Add(1) }
	p := pool.New(pool.WithTimes(64))
	tasks := []func(){func() { task(ctx) }}
	p.GoAll(tasks...)
	assert.NoError(t, p.Drain(ctx))
	assert.LessOrEqual(t, p.Stats().QueueTime.Count, int64(1))
	for _, p := range []*pool.Pool{
		pool.New(pool.WithLimitPerProc(2)),
		pool.New(pool.WithLimit(n), pool.WithBacklog(0), pool.WithShedding(pool.Shedding{})),
		pool.New(pool.WithLimit(n), pool.WithBacklog(0), pool.WithShedding(pool.Shedding{NewestFirst: true})),
	} {
		err := p.GoContext(ctx, task)
		assert.NoError(t, err)
		assert.NoError(t, p.Drain(ctx))
	}
	assert.EqualValues(t, 4, ran.Load())
}
