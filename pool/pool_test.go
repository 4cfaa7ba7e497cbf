package pool_test

import (
	"bytes"
	"context"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

func TestOptionsRefuseNonsense(t *testing.T) {
	for want, call := range map[string]func(){
		"pool.WithIdleTimeout(0s): want a positive duration":      func() { pool.WithIdleTimeout(0) },
		"pool.WithIdleTimeout(-1s): want a positive duration":     func() { pool.WithIdleTimeout(-time.Second) },
		"pool.WithPanicHandler(nil): the handler is a nil func":   func() { pool.WithPanicHandler(nil) },
		"pool.WithTaskQueue(nil): the constructor is a nil func":  func() { pool.WithTaskQueue(nil) },
		"pool.WithIdleQueue(nil): the constructor is a nil func":  func() { pool.WithIdleQueue(nil) },
		"pool.WithRetention(nil): the constructor is a nil func":  func() { pool.WithRetention(nil) },
		"pool.WithStackReserve(-1): want 0 to 1048576 bytes":      func() { pool.WithStackReserve(-1) },
		"pool.WithStackReserve(1048577): want 0 to 1048576 bytes": func() { pool.WithStackReserve(1<<20 + 1) },
		"pool.New: the option at index 1 is a zero Option":        func() { pool.New(pool.WithHandOff(), pool.Option{}) },
		"pool.New: WithBacklog(3) without WithLimit: without a limit there is no backlog to bound; if SetLimit sets it later, say WithLimit(NoLimit)": func() { pool.New(pool.WithBacklog(3)) },
		"pool.New: the constructor given to WithTaskQueue returned no queue":                                                                          func() { pool.New(pool.WithTaskQueue(func() pool.TaskQueue { return nil })) },
		"pool.New: the constructor given to WithIdleQueue returned no queue":                                                                          func() { pool.New(pool.WithIdleQueue(func() pool.IdleQueue { return nil })) },
	} {
		assert.PanicsWithValue(t, want, call)
	}
}

func TestNewStartsNoGoroutine(t *testing.T) {
	defer nothingLeft(t)()
	assert.Equal(t, pool.Stats{Limit: pool.NoLimit}, pool.New().Stats())
}

// nothingLeft returns a check that all goroutines that come from now on have gone. Under
// node one sees to events, now and then another (runtime/lock_js.go, handleEvent).
func nothingLeft(t *testing.T) func() {
	now := goleak.IgnoreCurrent()
	return func() { goleak.VerifyNone(t, now, goleak.IgnoreAnyFunction("runtime.handleEvent")) }
}

// TestNoGoroutineIsLeft uses real time and real goroutines, unlike the property
// tests.
func TestNoGoroutineIsLeft(t *testing.T) {
	defer nothingLeft(t)()
	p := pool.New(pool.WithIdleTimeout(time.Millisecond))
	var wg sync.WaitGroup
	for range 1000 {
		wg.Add(1)
		p.Go(wg.Done)
	}
	wg.Wait()
}

func TestSequentialTasksUseOneWorkerAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New()
		for range 1000 {
			p.Go(func() {})
			synctest.Wait()
		}
		s := p.Stats()
		assert.Equal(t, int64(1), s.Spawned)
		assert.Equal(t, 1, s.Workers)
		assert.Equal(t, 1, s.Idle)
		assert.Equal(t, int64(1000), s.Ended)
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
		synctest.Wait()
		s = p.Stats()
		assert.Equal(t, pool.Stats{Limit: pool.NoLimit, Spawned: 1, Reaped: 1, Ended: 1000, Reused: 999}, s)
	})
}

func TestTasksCountLagsByLessThanTheStatedBound(t *testing.T) {
	p := pool.New()
	var ran atomic.Int64
	hold, started := make(chan struct{}), make(chan struct{})
	p.Go(func() {
		for range 1000 {
			p.Go(func() { ran.Add(1) })
		}
		p.Go(func() { close(started); <-hold })
	})
	<-started
	for ran.Load() < 1000 {
		runtime.Gosched()
	}
	// All but the last two tasks have run, and have ended but for the last one
	// of each worker.
	s := p.Stats()
	assert.LessOrEqual(t, s.Ended, int64(1001))
	assert.Greater(t, s.Ended, 1000-64*int64(s.Workers))
	close(hold)
}

// TestHandOffTakesAWorkerForEachTask: the classic dispatch is really there to be
// compared with, so k tasks in a burst take k workers.
func TestHandOffTakesAWorkerForEachTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithHandOff())
		var wg sync.WaitGroup
		block := make(chan struct{})
		for range 10 {
			wg.Add(1)
			p.Go(func() { defer wg.Done(); <-block })
		}
		assert.Equal(t, int64(10), p.Stats().Spawned)
		close(block)
		wg.Wait()
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestWorkersDoNotInheritProfileLabels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New()
		release := make(chan struct{})
		pprof.Do(t.Context(), pprof.Labels("submitter", "first"), func(context.Context) {
			p.Go(func() { <-release })
		})
		synctest.Wait() // a goroutine has its creator's labels until its first instruction
		var profile bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
		close(release)
		assert.Contains(t, profile.String(), "pool.(*runner).serve")
		assert.Contains(t, profile.String(), "idle.(*Reaper).Run")
		assert.NotContains(t, profile.String(), "submitter", "the labels of whoever happened to submit first")
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestGoexitInThePanicHandlerEndsOnlyTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(pool.WithPanicHandler(func(any, []byte) { runtime.Goexit() }))
		p.Go(func() { panic("handled") })
		synctest.Wait()
		assert.Zero(t, p.Stats().Workers)
		ran := false
		p.Go(func() { ran = true })
		synctest.Wait()
		assert.True(t, ran)
		assert.Equal(t, int64(2), p.Stats().Spawned)
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestSubmitFromADeferredCallWhilePanicking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var handled any
		ran := false
		p := pool.New(pool.WithPanicHandler(func(v any, _ []byte) { handled = v }))
		p.Go(func() {
			defer p.Go(func() { ran = true })
			panic("on the way out")
		})
		synctest.Wait()
		assert.Equal(t, "on the way out", handled)
		assert.True(t, ran)
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}

func TestSteadyStateAllocatesOnlyTheQueuesNodes(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []pool.Option
		want float64 // allocations a task
	}{
		{"a queue with a node for each task", []pool.Option{
			pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewMS[func()]() }),
		}, 1},
		{"default", nil, 0},
	} {
		p := pool.New(c.opts...)
		var wg sync.WaitGroup
		const n = 100
		f := wg.Done // one closure for all tasks
		burst := func() {
			wg.Add(n)
			for range n {
				p.Go(f)
			}
			wg.Wait()
		}
		burst()
		got := testing.AllocsPerRun(100, burst) / n
		assert.LessOrEqual(t, got, c.want+0.05, c.name)
	}
}

// TestStackReserveSurvivesCollections tells whether a stack had to grow by
// whether it moved: the address of a variable is then another one.
func TestStackReserveSurvivesCollections(t *testing.T) {
	for reserve, wantMove := range map[int]bool{0: true, 32 << 10: false} {
		p := pool.New(pool.WithStackReserve(reserve), pool.WithIdleTimeout(time.Hour), pool.WithLinger(false))
		run := func() (moved bool) {
			done := make(chan struct{})
			p.Go(func() {
				var here byte
				before := uintptr(unsafe.Pointer(&here))
				descend(12)
				moved = before != uintptr(unsafe.Pointer(&here))
				close(done)
			})
			<-done
			for p.Stats().Idle < p.Stats().Workers {
				runtime.Gosched()
			}
			return moved
		}
		assert.True(t, run(), "the first deep task makes the stack grow")
		for range 5 {
			runtime.GC()
		}
		require.Equal(t, int64(1), p.Stats().Spawned)
		assert.Equal(t, wantMove, run(), "reserve %d: whether the stack had to grow again", reserve)
	}
}

// descend uses n KiB of stack or a little more.
//
//go:noinline
func descend(n int) byte {
	var room [1024]byte
	room[n] = 1
	if n == 0 {
		return room[0]
	}
	return descend(n-1) + room[n]
}

// TestAParkedWorkerIsSmall: its stack is no larger than that of a goroutine
// which does nothing but wait. (The runtime chooses with which stacks it starts
// goroutines by what it has seen, so no number of bytes will do.) The runtime's
// own descriptor of a goroutine, which is never freed, is not counted: the
// goroutines that run first leave enough of them.
func TestAParkedWorkerIsSmall(t *testing.T) {
	const workers = 10_000
	occupied := func() int64 {
		runtime.GC()
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
		metrics.Read(s)
		return int64(s[0].Value.Uint64() + s[1].Value.Uint64())
	}
	// crowd has run start goroutines that wait for each other, and returns what
	// each occupies while all wait.
	crowd := func(run func(func())) int64 {
		before := occupied()
		var ended sync.WaitGroup
		release := make(chan struct{})
		ended.Add(workers)
		for range workers {
			run(func() { <-release; ended.Done() })
		}
		synctest.Wait()
		each := (occupied() - before) / workers
		close(release)
		ended.Wait()
		synctest.Wait()
		return each
	}
	if raceEnabled || runtime.GOARCH == "wasm" {
		t.Skip("the race detector makes frames larger, and so does a machine without registers")
	}
	synctest.Test(t, func(t *testing.T) {
		start := func(f func()) { go f() }
		crowd(start)
		waiting := crowd(start)
		before := occupied()
		p := pool.New()
		crowd(p.Go)
		require.Equal(t, workers, p.Stats().Idle)
		parked := (occupied() - before) / workers
		t.Logf("a waiting goroutine %d B, a parked worker %d B", waiting, parked)
		assert.Less(t, parked, waiting+320,
			"bytes for each parked worker")
		time.Sleep(idle.ShrinkBound(pool.DefaultIdleTimeout))
	})
}
