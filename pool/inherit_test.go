package pool_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/pool"
)

// ran runs f in p, by the named way, and waits for it.
func ran(p *pool.Pool, way string, f func()) {
	done := make(chan struct{})
	submitters[way](p, func() {
		defer close(done)
		f()
	})
	<-done
}

// TestPanicOnFaultEndsWithTheTask in every way to submit and every way to end.
func TestPanicOnFaultEndsWithTheTask(t *testing.T) {
	for _, way := range submitterNames {
		for name, end := range map[string]func(){"return": func() {}, "panic": func() { panic("handled") }, "Goexit": runtime.Goexit} {
			p := pool.New(pool.WithLimit(1), pool.WithPanicHandler(func(any, []byte) {}))
			for range 20 {
				ran(p, way, func() { debug.SetPanicOnFault(true); end() })
				ran(p, way, func() { assert.False(t, debug.SetPanicOnFault(false), "%s, %s", way, name) })
			}
		}
	}
}

// TestFaultsAndLabelsAmidATurn: what a task sets for its goroutine is gone when the next
// one starts that a queue before the pool has for it.
func TestFaultsAndLabelsAmidATurn(t *testing.T) {
	for _, way := range []string{"Keyed", "Fair", "parallel"} {
		p := pool.New(pool.WithLimit(1), pool.WithName("turns"))
		hold, done := make(chan struct{}), make(chan struct{})
		submitters[way](p, func() { <-hold })
		submitters[way](p, func() {
			debug.SetPanicOnFault(true)
			pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("tenant", "A")))
		})
		submitters[way](p, func() {
			defer close(done)
			assert.False(t, debug.SetPanicOnFault(false), way)
			assert.Equal(t, `{"pool":"turns"}`, labelsOfThisTest(t), way)
		})
		close(hold)
		<-done
		require.NoError(t, p.Drain(t.Context()))
		assert.Equal(t, int64(3), p.Stats().Ended, "%s: each task counts", way)
	}
}

// TestLabelsDoNotOutliveTheirBatch: what a task sets for its goroutine is gone at
// the latest when its worker parks, or has run 64 tasks.
func TestLabelsDoNotOutliveTheirBatch(t *testing.T) {
	p := pool.New(pool.WithName("labels"), pool.WithLimit(1))
	set := func() {
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("tenant", "A")))
	}
	for _, way := range submitterNames {
		ran(p, way, set)
		for p.Stats().Idle == 0 {
			runtime.Gosched() // until the worker has parked; the test's timeout is the failure
		}
		ran(p, "Go", func() { assert.Equal(t, `{"pool":"labels"}`, labelsOfThisTest(t), way) })
	}
	hold := make(chan struct{})
	p.Go(func() { <-hold })
	p.Go(set)
	for range 64 {
		p.Go(func() {})
	}
	done := make(chan string)
	p.Go(func() { done <- labelsOfThisTest(t) })
	close(hold)
	assert.Equal(t, `{"pool":"labels"}`, <-done)
	require.NoError(t, p.Drain(t.Context()))
}

// labelsOfThisTest returns the labels of the caller, as the goroutine profile
// shows them.
//
//go:noinline
func labelsOfThisTest(t *testing.T) string {
	var b strings.Builder
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
	for _, record := range strings.Split(b.String(), "\n\n") {
		if strings.Contains(record, "labelsOfThisTest") {
			_, labels, _ := strings.Cut(record, "# labels: ")
			labels, _, _ = strings.Cut(labels, "\n")
			return labels
		}
	}
	return "not found"
}

// TestLockedThreadIsRetired: a worker whose thread a task has left locked ends,
// and the thread with it, when the worker checks in: here since Stats asks for
// its figures.
func TestLockedThreadIsRetired(t *testing.T) {
	for _, way := range submitterNames {
		for _, opts := range [][]pool.Option{nil, {pool.WithLimit(1)}, {pool.WithHandOff()}, {pool.WithMaxTasksPerWorker(5)}} {
			p := pool.New(opts...)
			missed := 0
			for range 10 {
				ran(p, way, runtime.LockOSThread)
				for range 2 {
					p.Stats()
					ran(p, way, func() {
						if locked() {
							missed++
						}
					})
				}
			}
			// A worker that was between its look for notices and the queue takes one more.
			assert.LessOrEqual(t, missed, 2, way)
			require.NoError(t, p.Drain(t.Context()))
			s := p.Stats()
			assert.Equal(t, s.Spawned, s.Reaped+s.Replaced+s.Goexits)
		}
	}
}

// TestLockedThreadIsRetiredAmidAQueue: the worker checks in after the task that
// has locked its thread, and takes no other task.
func TestLockedThreadIsRetiredAmidAQueue(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	for range 20 {
		started, hold, done := make(chan struct{}), make(chan struct{}), make(chan bool)
		p.Go(func() { runtime.LockOSThread(); close(started); <-hold })
		<-started
		p.Go(func() { done <- locked() })
		p.Stats() // a notice
		close(hold)
		assert.False(t, <-done)
	}
	require.NoError(t, p.Drain(t.Context()))
}

// TestLockedThreadIsFoundWithoutAnybodysHelp: at once in a worker that is young,
// and later by its slow parks.
func TestLockedThreadIsFoundWithoutAnybodysHelp(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	parked := func() {
		for s := p.Stats(); s.Workers > 0 && s.Idle == 0; s = p.Stats() {
			runtime.Gosched() // the test's timeout is the failure
		}
	}
	for range 10 {
		ran(p, "Go", runtime.LockOSThread)
		parked()
		ran(p, "Go", func() { assert.False(t, locked()) })
		parked()
	}
	for range 100 {
		ran(p, "Go", func() {})
		parked()
	}
	ran(p, "Go", runtime.LockOSThread)
	for clean := false; !clean; { // the test's timeout is the failure
		ran(p, "Go", func() { clean = !locked() })
	}
	require.NoError(t, p.Drain(t.Context()))
}

// TestLockedThreadIsRetiredInABusyPool: nobody parks, so no reaper looks.
func TestLockedThreadIsRetiredInABusyPool(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("one thread is all there is")
	}
	for _, limit := range []int{1, pool.NoLimit} {
		p := pool.New(pool.WithLimit(limit), pool.WithIdleTimeout(time.Hour))
		var dirty, clean atomic.Int64
		var ended atomic.Bool
		var link func()
		link = func() {
			if locked() {
				dirty.Add(1)
			} else {
				clean.Add(1)
			}
			if !ended.Load() {
				p.Go(link)
			}
		}
		for range 4 {
			p.Go(link)
		}
		p.Go(runtime.LockOSThread)
		for dirty.Load() == 0 { // the test's timeout is the failure
			p.Go(runtime.LockOSThread)
			time.Sleep(time.Millisecond)
		}
		for before := dirty.Load(); ; before = dirty.Load() {
			after := clean.Load()
			time.Sleep(10 * time.Millisecond)
			if dirty.Load() == before && clean.Load() > after {
				break // only clean ones are left
			}
		}
		ended.Store(true)
		require.NoError(t, p.Drain(t.Context()))
	}
}

// locked reports whether the caller is locked to its thread.
func locked() bool {
	var buf [128]byte
	head, _, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), "\n")
	return strings.Contains(head, "locked to thread")
}

// TestFIPS runs in a process of its own, with GODEBUG=fips140=only.
func TestFIPS(t *testing.T) {
	if os.Getenv(fipsEnv) == "" {
		if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
			t.Skip("no processes there")
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFIPS$", "-test.v")
		cmd.Env = append(os.Environ(), fipsEnv+"=1", "GODEBUG=fips140=only")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		if strings.Contains(string(out), "--- SKIP") {
			t.Skipf("%s", out)
		}
		return
	}
	fips(t)
}

const fipsEnv = "LFPOOL_TEST_FIPS"

// fipsPools are pools to try, cold.
func fipsPools() []*pool.Pool {
	return []*pool.Pool{
		lfpool.Default(), pool.New(), pool.New(pool.WithLimit(1)), pool.New(pool.WithLimit(2), pool.WithBacklog(5)),
		pool.New(pool.WithHandOff()), pool.New(pool.WithMaxTasksPerWorker(1)),
	}
}
