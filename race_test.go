package lfpool_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/multi"
)

// eachContestant runs f against every row of the table of contestants: what
// holds for the go statement must hold for all.
func eachContestant(t *testing.T, f func(t *testing.T, p baseline.Pool)) {
	for _, c := range baseline.All {
		t.Run(c.Name, func(t *testing.T) {
			p := c.New()
			if p, ok := p.(interface{ Close() }); ok {
				defer p.Close()
			}
			f(t, p)
		})
	}
}

// scale is for loops that should be short with -short.
func scale(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

func TestEachTaskRunsExactlyOnce(t *testing.T) {
	submitters, each := 8, scale(5_000)
	eachContestant(t, func(t *testing.T, p baseline.Pool) {
		runs := make([]atomic.Int32, submitters*each)
		var submitting, running sync.WaitGroup
		running.Add(len(runs))
		for s := range submitters {
			submitting.Go(func() {
				for i := range each {
					p.Go(func() {
						runs[s*each+i].Add(1)
						running.Done()
					})
				}
			})
		}
		submitting.Wait()
		running.Wait()
		for i := range runs {
			require.Equal(t, int32(1), runs[i].Load(), "task %d of submitter %d", i%each, i/each)
		}
	})
}

func TestNestedSubmits(t *testing.T) {
	depth := 10
	eachContestant(t, func(t *testing.T, p baseline.Pool) {
		var leaves atomic.Int32
		var running sync.WaitGroup
		var split func(level int)
		split = func(level int) {
			defer running.Done()
			if level == 0 {
				leaves.Add(1)
				return
			}
			running.Add(2)
			p.Go(func() { split(level - 1) })
			p.Go(func() { split(level - 1) })
		}
		running.Add(1)
		p.Go(func() { split(depth) })
		running.Wait()
		assert.Equal(t, int32(1<<depth), leaves.Load())
	})
}

// TestTasksThatNeedEachOther is the meaning of go: k tasks that each wait for
// all k to have started end only if every task starts whatever the others do.
func TestTasksThatNeedEachOther(t *testing.T) {
	eachContestant(t, func(t *testing.T, p baseline.Pool) {
		for _, k := range []int{1, 2, 3, 10, 100, 1000} {
			for _, submitters := range []int{1, 4} {
				var started, done sync.WaitGroup
				started.Add(k * submitters)
				done.Add(k * submitters)
				for range submitters {
					go func() {
						for range k {
							p.Go(func() {
								started.Done()
								started.Wait()
								done.Done()
							})
						}
					}()
				}
				done.Wait()
			}
		}
	})
}

// TestChainOfNeeds: task i can end only when task i+1, submitted after it, has
// ended.
func TestChainOfNeeds(t *testing.T) {
	k := scale(2_000)
	eachContestant(t, func(t *testing.T, p baseline.Pool) {
		ended := make([]chan struct{}, k+1)
		for i := range ended {
			ended[i] = make(chan struct{})
		}
		close(ended[k])
		for i := range k {
			p.Go(func() {
				<-ended[i+1]
				close(ended[i])
			})
		}
		<-ended[0]
	})
}

// TestStartIsNotMissed submits single tasks with pauses of every small length
// in between, so that submissions fall on every step of a worker that parks.
func TestStartIsNotMissed(t *testing.T) {
	rounds := scale(20_000)
	eachContestant(t, func(t *testing.T, p baseline.Pool) {
		done := make(chan struct{})
		f := func() { done <- struct{}{} }
		for i := range rounds {
			p.Go(f)
			for range i % 64 {
				runtime.KeepAlive(i)
			}
			p.Go(f)
			<-done
			<-done
		}
	})
}

func TestSubmitSynchronizesBeforeTheStart(t *testing.T) {
	eachContestant(t, func(t *testing.T, p baseline.Pool) {
		for i := range scale(5_000) {
			plain := 0 // not atomic: the race detector checks the edge
			seen := make(chan int)
			plain = i
			p.Go(func() { seen <- plain })
			require.Equal(t, i, <-seen)
		}
	})
}

func TestGoexitTakesNothingElseAlong(t *testing.T) {
	n := scale(2_000)
	eachContestant(t, func(t *testing.T, p baseline.Pool) {
		var ended, ran sync.WaitGroup
		ended.Add(n)
		ran.Add(n)
		for range n {
			p.Go(func() {
				defer ended.Done()
				runtime.Goexit()
			})
			p.Go(ran.Done)
		}
		ended.Wait()
		ran.Wait()
	})
}

func TestPanicHandlerKeepsWorkersAlive(t *testing.T) {
	for _, opts := range [][]pool.Option{{}, {pool.WithHandOff()}} {
		n := scale(2_000)
		var handled sync.Map
		var wg sync.WaitGroup
		p := pool.New(append(opts, pool.WithPanicHandler(func(v any, stack []byte) {
			if strings.Contains(string(stack), "panicInTask") {
				handled.Store(v, true)
			}
			wg.Done()
		}))...)
		for i := range n {
			wg.Add(2)
			p.Go(func() { panicInTask(i) })
			p.Go(wg.Done)
		}
		wg.Wait()
		for i := range n {
			_, ok := handled.Load(i)
			require.True(t, ok, "panic of task %d reached the handler with the task's stack", i)
		}
	}
}

//go:noinline
func panicInTask(v any) { panic(v) }

// crashers are programs that must die; TestCrashes runs each in a process of
// its own.
var crashers = map[string]struct {
	run  func()
	says []string // what the dying process must print
}{
	"panic without handler": {
		func() { lfpool.Go(func() { panicInTask("boom in a task") }) },
		[]string{"panic: boom in a task", "panicInTask"},
	},
	"panic without handler, worker used before": {
		func() {
			for range 10 {
				done := make(chan struct{})
				lfpool.Go(func() { close(done) })
				<-done
			}
			lfpool.Go(func() { panicInTask("boom in a later task") })
		},
		[]string{"panic: boom in a later task", "panicInTask"},
	},
	"panic in GoContext": {
		func() {
			pool.New().GoContext(context.Background(), func(context.Context) { panicInTask("boom with a context") })
		},
		[]string{"panic: boom with a context", "panicInTask"},
	},
	"panic in Async": {
		func() {
			pool.Async(pool.New(), func() (int, error) { panicInTask("boom in a future"); return 0, nil })
		},
		[]string{"panic: boom in a future", "panicInTask"},
	},
	"panic in a Group": {
		func() {
			new(lfpool.Group).Go(func() error { panicInTask("boom in a group"); return nil })
		},
		[]string{"panic: boom in a group", "panicInTask"},
	},
	"panic in a queued task of a pool with a limit": {
		func() {
			p, release := pool.New(pool.WithLimit(1), pool.WithBacklog(1)), make(chan struct{})
			p.Go(func() { <-release })
			p.Go(func() { panicInTask("boom after waiting") })
			close(release)
		},
		[]string{"panic: boom after waiting", "panicInTask"},
	},
	"panic in several pools": {
		func() { multi.New(2, multi.RoundRobin).Go(func() { panicInTask("boom in one of two") }) },
		[]string{"panic: boom in one of two", "panicInTask"},
	},
	"panic in the panic handler": {
		func() {
			p := pool.New(pool.WithPanicHandler(func(any, []byte) { panicInTask("boom in the handler") }))
			p.Go(func() { panic("boom in a task") })
		},
		[]string{"panic: boom in a task", "boom in the handler", "panicInTask"},
	},
}

const crasherEnv = "LFPOOL_TEST_CRASHER"

func TestCrashes(t *testing.T) {
	if name := os.Getenv(crasherEnv); name != "" {
		crashers[name].run()
		select {} // until the task has ended the process
	}
	for name, c := range crashers {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashes$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), crasherEnv+"="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "the process must not survive")
			for _, want := range c.says {
				assert.Contains(t, string(out), want)
			}
			assert.NotContains(t, string(out), "test timed out")
			assert.NotContains(t, string(out), "repanicked", "nobody may touch the panic on its way")
		})
	}
}

func TestGoOfNilPanicsInTheCaller(t *testing.T) {
	assert.PanicsWithValue(t, "lfpool: Go(nil): the task is a nil func", func() { lfpool.Go(nil) })
	p := pool.New()
	assert.PanicsWithValue(t, "lfpool: Go(nil): the task is a nil func", func() { p.Go(nil) })
	assert.Zero(t, p.Stats().Spawned, "and nothing has been started")
}

// TestPanicAndGoexitUnderLoad mixes ends of every kind from many submitters
// and then needs the pool to be as good as new.
func TestPanicAndGoexitUnderLoad(t *testing.T) {
	each := scale(4_000)
	var wg sync.WaitGroup
	p := pool.New(pool.WithIdleTimeout(time.Hour), pool.WithPanicHandler(func(any, []byte) { wg.Done() }))
	var submitting sync.WaitGroup
	for range 4 {
		wg.Add(3 * each)
		submitting.Go(func() {
			for range each {
				p.Go(wg.Done)
				p.Go(func() { panic("handled") })
				p.Go(func() { defer wg.Done(); runtime.Goexit() })
			}
		})
	}
	submitting.Wait()
	wg.Wait()
	const k = 100
	var started sync.WaitGroup
	started.Add(k)
	wg.Add(k)
	for range k {
		p.Go(func() { started.Done(); started.Wait(); wg.Done() })
	}
	wg.Wait()
	assert.Equal(t, int64(4*each), p.Stats().Panics)
}
