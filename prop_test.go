package lfpool_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/pool"
)

// tally gives every task a number and counts its runs.
type tally struct {
	mu   sync.Mutex
	runs []int
}

// task returns f with its run entered in the tally.
func (l *tally) task(f func()) func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := len(l.runs)
	l.runs = append(l.runs, 0)
	return func() {
		l.mu.Lock()
		l.runs[id]++
		l.mu.Unlock()
		f()
	}
}

func (l *tally) requireEachOnce(t require.TestingT) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, n := range l.runs {
		require.Equal(t, 1, n, "runs of task %d of %d", id, len(l.runs))
	}
}

// drainAtEnd lets the pool's reaper finish before the bubble ends, however the
// property ends, so that a failure shows as what it is and not as a bubble that
// cannot end.
func drainAtEnd(t *rapid.T, timeout time.Duration) {
	t.Cleanup(func() {
		time.Sleep(2 * idle.ShrinkBound(timeout))
		synctest.Wait()
	})
}

func drawTimeout(t *rapid.T) time.Duration {
	return rapid.SampledFrom([]time.Duration{
		1, time.Millisecond, 10 * time.Millisecond, time.Second, 10 * time.Second,
	}).Draw(t, "idle timeout")
}

func drawDispatch(t *rapid.T) []pool.Option {
	if rapid.Bool().Draw(t, "hand-off") {
		return []pool.Option{pool.WithHandOff()}
	}
	return nil
}

// TestRandomUse drives a pool through random sequences of tasks and idle
// times. The bubble's end is itself the proof that no goroutine leaks.
func TestRandomUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, randomUse)
	})
}

func randomUse(t *rapid.T) {
	timeout := drawTimeout(t)
	drainAtEnd(t, timeout)
	var book tally
	var panics int
	p := pool.New(append(drawDispatch(t),
		pool.WithIdleTimeout(timeout),
		pool.WithPanicHandler(func(any, []byte) { book.mu.Lock(); panics++; book.mu.Unlock() }))...)
	var blocked []chan struct{} // one for each task that waits
	t.Cleanup(func() {
		for _, c := range blocked {
			close(c)
		}
	})
	wantPanics, goexits := 0, 0
	burst := func(name string) int { return rapid.IntRange(1, 20).Draw(t, name) }

	t.Repeat(map[string]func(*rapid.T){
		"submit": func(t *rapid.T) {
			for range burst("tasks") {
				p.Go(book.task(func() {}))
			}
		},
		"submit nested": func(t *rapid.T) {
			p.Go(book.task(func() { p.Go(book.task(func() {})) }))
		},
		"submit sleeping": func(t *rapid.T) {
			d := time.Duration(rapid.Int64Range(0, int64(2*timeout)).Draw(t, "sleep"))
			for range burst("tasks") {
				p.Go(book.task(func() { time.Sleep(d) }))
			}
			time.Sleep(d)
		},
		"block": func(t *rapid.T) {
			for range burst("tasks") {
				c := make(chan struct{})
				blocked = append(blocked, c)
				p.Go(book.task(func() { <-c }))
			}
		},
		"release": func(t *rapid.T) {
			for range min(len(blocked), burst("tasks")) {
				close(blocked[0])
				blocked = blocked[1:]
			}
		},
		"panic": func(t *rapid.T) {
			n := burst("tasks")
			wantPanics += n
			for range n {
				p.Go(book.task(func() { panic("handled") }))
			}
		},
		"goexit": func(t *rapid.T) {
			n := burst("tasks")
			goexits += n
			for range n {
				p.Go(book.task(func() { runtime.Goexit() }))
			}
		},
		"idle": func(t *rapid.T) {
			time.Sleep(time.Duration(rapid.Int64Range(0, int64(2*idle.ShrinkBound(timeout))).Draw(t, "idle for")))
		},
		"idle for long": func(t *rapid.T) {
			time.Sleep(idle.ShrinkBound(timeout))
			synctest.Wait()
			require.Equal(t, len(blocked), p.Stats().Workers, "workers after the shrink bound: those with a task")
		},
		"": func(t *rapid.T) {
			synctest.Wait()
			book.requireEachOnce(t) // even those after tasks that block
			s := p.Stats()
			require.GreaterOrEqual(t, s.Workers, len(blocked), "a worker for each task that runs")
			require.Equal(t, s.Workers-s.Idle, len(blocked), "busy workers when all is quiet")
			require.Equal(t, int64(s.Workers)+s.Reaped+int64(goexits), s.Spawned, "every worker is accounted for")
			require.Equal(t, int64(wantPanics), s.Panics)
		},
	})
	for _, c := range blocked {
		close(c)
	}
	blocked = nil
	time.Sleep(idle.ShrinkBound(timeout))
	synctest.Wait()
	s := p.Stats()
	require.Zero(t, s.Workers, "every worker has gone")
	require.Zero(t, s.Idle)
	require.Equal(t, int64(len(book.runs)), s.Ended)
}

// TestSubmitAtTheInstantTheReaperWakes is where lost restarts hide: several
// goroutines submit at the very fake instant at which the reaper looks, over
// and over, so that submissions fall before, amid and after its last steps.
func TestSubmitAtTheInstantTheReaperWakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			timeout := 40 * time.Millisecond
			drainAtEnd(t, timeout)
			p := pool.New(append(drawDispatch(t), pool.WithIdleTimeout(timeout), pool.WithLimit(drawLimit(t)))...)
			var book tally
			p.Go(book.task(func() {}))
			submitters := rapid.IntRange(1, 4).Draw(t, "submitters")
			rounds := rapid.SliceOfN(rapid.IntRange(1, 6), 1, 8).Draw(t, "ticks until the next submit")
			yields := rapid.IntRange(0, 3).Draw(t, "yields")
			goexit := rapid.Bool().Draw(t, "goexit")
			for _, ticks := range rounds {
				var wg sync.WaitGroup
				for s := range submitters {
					wg.Go(func() {
						time.Sleep(time.Duration(ticks) * idle.Tick(timeout)) // the reaper's own instants
						for range yields * s {
							runtime.Gosched()
						}
						p.Go(book.task(func() {
							if goexit {
								runtime.Goexit()
							}
						}))
					})
				}
				wg.Wait()
				synctest.Wait()
				book.requireEachOnce(t)
			}
			time.Sleep(idle.ShrinkBound(timeout))
			synctest.Wait()
			require.Zero(t, p.Stats().Workers)
		})
	})
}

// TestTrickleShrinks is the load on which pools that expire workers by age
// never shrink: a burst, and then single tasks that keep every worker young.
func TestTrickleShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout = time.Second
		p := pool.New(pool.WithIdleTimeout(timeout))
		block := make(chan struct{})
		for range 100 {
			p.Go(func() { <-block })
		}
		synctest.Wait()
		require.Equal(t, 100, p.Stats().Workers)
		close(block)
		synctest.Wait()
		const pause = 10 * time.Millisecond
		for range int(idle.ShrinkBound(timeout)/pause) + 1 {
			p.Go(func() {})
			time.Sleep(pause)
		}
		synctest.Wait()
		require.LessOrEqual(t, p.Stats().Workers, 2, "one task at a time, and its successor")
		time.Sleep(idle.ShrinkBound(timeout))
		synctest.Wait()
		require.Zero(t, p.Stats().Workers)
	})
}

// TestUnreferencedPoolIsCollected: a pool that nobody references is collected, its
// goroutines having gone by themselves.
func TestUnreferencedPoolIsCollected(t *testing.T) {
	var collected atomic.Int32
	const n = 10
	synctest.Test(t, func(t *testing.T) {
		for i := range n {
			p := pool.New(pool.WithIdleTimeout(time.Second))
			runtime.AddCleanup(p, func(struct{}) { collected.Add(1) }, struct{}{})
			for range i {
				p.Go(func() {})
			}
		}
		time.Sleep(idle.ShrinkBound(time.Second)) // a bubble's time stops when its main goroutine returns
	}) // ends only when every goroutine of every pool has
	for range 100 {
		if collected.Load() == n {
			return
		}
		runtime.GC()
		runtime.Gosched()
	}
	require.Equal(t, n, int(collected.Load()), "pools collected")
}
