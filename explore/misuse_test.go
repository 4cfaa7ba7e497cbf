package explore_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	stdsync "sync"
	stdatomic "sync/atomic"
	"testing"
	"time"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
	"github.com/lfpool/lfpool/explore/sync"
)

// failure explores, and wants a failure that says all of want.
func failure(t *testing.T, scenario func(x *explore.Run), options []explore.Option, want ...string) explore.Result {
	t.Helper()
	r := explore.Explore(scenario, options...)
	if r.Failure == nil {
		t.Fatalf("no failure: %v", r)
	}
	for _, w := range want {
		if !strings.Contains(r.Failure.Error(), w) {
			t.Errorf("%q is not in the message: %v", w, r.Failure)
		}
	}
	return r
}

// TestBlockedOutOfSight: a goroutine that is blocked by something that is not
// watched is named, with the place and what to do.
func TestBlockedOutOfSight(t *testing.T) {
	soon := []explore.Option{explore.Patience(50 * time.Millisecond)}
	block, other := make(chan int), make(chan int)
	defer close(block)
	var mu stdsync.Mutex
	mu.Lock()
	for _, c := range []struct {
		state string
		wait  func()
	}{
		{"chan receive", func() { <-block }},
		{"select", func() {
			select {
			case <-block:
			case <-other:
			}
		}},
		{"sync.Mutex.Lock", mu.Lock},
		{"sleep", func() { time.Sleep(time.Second) }},
	} {
		t.Run(c.state, func(t *testing.T) {
			var n atomic.Int32
			failure(t, func(x *explore.Run) {
				x.Go("first", func() { n.Add(1) })
				x.Go("blocked", func() { n.Add(1); c.wait(); n.Add(1) })
			}, soon, "goroutine blocked has been blocked for 50ms", "("+c.state+")", "misuse_test.go:", "explore/sync or an explore.Chan")
		})
	}
	t.Run("scenario", func(t *testing.T) {
		failure(t, func(x *explore.Run) { <-block }, soon, "the scenario's function, or a check, has been blocked", "misuse_test.go:")
	})
	mu.Unlock()
}

// TestLoopWithoutSteps: so is one that runs on without a step.
func TestLoopWithoutSteps(t *testing.T) {
	var stop stdatomic.Bool
	defer stop.Store(true)
	failure(t, func(x *explore.Run) {
		x.Go("busy", func() {
			for !stop.Load() {
			}
		})
	}, []explore.Option{explore.Patience(50 * time.Millisecond)}, "goroutine busy has come to no step for 50ms", "misuse_test.go:", "explore/atomic", "explore.Patience")
}

// TestSpinning: a loop that waits for another goroutine without saying so would
// never end in the first schedule.
func TestSpinning(t *testing.T) {
	var ready atomic.Bool
	wait := func(pause func()) func(x *explore.Run) {
		return func(x *explore.Run) {
			ready.Store(false)
			x.Go("waiter", func() {
				for !ready.Load() {
					pause()
				}
			})
			x.Go("other", func() { ready.Store(true) })
		}
	}
	failure(t, wait(func() {}), nil, "goroutine waiter spins", "misuse_test.go:", "explore.Gosched()")
	r := explore.Test(t, wait(explore.Gosched))
	if r.Schedules != 2 {
		t.Errorf("%v, want 2 schedules: the store before the load, and after it", r)
	}
	for _, never := range []func(ready *atomic.Bool){
		func(ready *atomic.Bool) { ready.Store(false) },
		func(ready *atomic.Bool) { ready.Load() },
	} {
		failure(t, func(x *explore.Run) {
			var ready atomic.Bool
			x.Go("waiter", func() {
				for !ready.Load() {
					explore.Gosched()
				}
			})
			x.Go("other", func() { never(&ready) })
		}, nil, "livelock: nobody is left to change what is waited for in Gosched by waiter", "misuse_test.go:")
	}
}

func TestLoopThatNeverEnds(t *testing.T) {
	failure(t, func(x *explore.Run) {
		var n atomic.Int32
		x.Go("adder", func() {
			for {
				n.Add(1)
			}
		})
	}, []explore.Option{explore.Steps(100)}, "no end after 100 steps", "goroutine adder", "explore.Steps")
}

// TestNotDeterministic: data that outlives a run, and what is else not the same
// each time.
func TestNotDeterministic(t *testing.T) {
	var kept, a, b atomic.Int32
	runs := 0
	for name, odd := range map[string]func(){
		"data that is kept":  func() { kept.Add(1); _ = kept.Load() > 2 && kept.Load() > 3 },
		"another word":       func() { [...]*atomic.Int32{&a, &b}[runs%2].Add(1); a.Load() },
		"another goroutine":  func() { _ = runs == 3 && a.Load() == 0; a.Load() },
		"another kind of op": func() { _ = runs > 3 && a.Add(1) > 0 || a.Load() > 0 },
	} {
		t.Run(name, func(t *testing.T) {
			runs = 0
			kept.Store(0)
			failure(t, func(x *explore.Run) {
				runs++
				var n atomic.Int32
				for range 3 {
					x.Go("g", func() { n.Add(1); odd(); n.Add(1) })
				}
			}, nil, "the same choices led elsewhere", "let each run make its data anew", "goroutine g")
		})
	}
}

// TestUnknownGoroutine: a go statement in the code under test.
func TestUnknownGoroutine(t *testing.T) {
	failure(t, func(x *explore.Run) {
		var n atomic.Int32
		x.Go("parent", func() {
			done := make(chan bool)
			go func() { n.Add(1); close(done) }()
			<-done
			n.Add(1)
		})
	}, nil, "Add at", "misuse_test.go:", "explore.Go in place of the go statement")
}

// TestUnknownGoroutineIsWaitedFor: one that has not run yet when its parent is blocked, where
// the explorer sees that.
func TestUnknownGoroutineIsWaitedFor(t *testing.T) {
	failure(t, func(x *explore.Run) {
		var n atomic.Int32
		var wg sync.WaitGroup
		x.Go("parent", func() {
			wg.Add(1)
			go func() { n.Add(1); wg.Done() }()
			wg.Wait()
		})
	}, nil, "deadlock: nobody is left to wake parent", "Add at", "misuse_test.go:", "explore.Go in place of the go statement")
}

// TestUnknownGoroutineInOneSchedule: also if only one schedule has it.
func TestUnknownGoroutineInOneSchedule(t *testing.T) {
	r := failure(t, func(x *explore.Run) {
		var n, last atomic.Int32
		x.Go("a", func() {
			for range 6 {
				n.Add(1)
			}
			if n.Add(1) == 8 && last.Load() == 3 {
				done := make(chan bool)
				go func() { n.Add(1); close(done) }()
				<-done
			}
		})
		x.Go("b", func() { last.Store(n.Load()); n.Add(1) })
	}, nil, "explore.Go in place of the go statement")
	if r.Schedules < 4 {
		t.Errorf("%v", r)
	}
}

func TestDeadlock(t *testing.T) {
	r := failure(t, func(x *explore.Run) {
		var a, b sync.Mutex
		lock := func(first, second *sync.Mutex) func() {
			return func() {
				first.Lock()
				defer first.Unlock()
				second.Lock()
				defer second.Unlock()
			}
		}
		x.Go("ab", lock(&a, &b))
		x.Go("ba", lock(&b, &a))
	}, nil, "deadlock: nobody is left to wake ab (in TestDeadlock.func1.", "Lock at ", "misuse_test.go:", ", ba (in ")
	if r.Failure.Preemptions != 1 || !r.Failure.Fewest {
		t.Errorf("%d preemptions, fewest %t, want 1: %s", r.Failure.Preemptions, r.Failure.Fewest, r.Failure.Trace)
	}
}

func TestPanicsAreFailures(t *testing.T) {
	nothing := func() {}
	for _, c := range []struct {
		want     string
		scenario func(x *explore.Run)
	}{
		{"panic in goroutine g: oops", func(x *explore.Run) { x.Go("g", func() { panic("oops") }) }},
		{"panic in the scenario: oops", func(x *explore.Run) { x.Go("g", nothing); panic("oops") }},
		{"panic in a check: oops", func(x *explore.Run) { x.Go("g", nothing); x.Check(func() error { panic("oops") }) }},
		{"only the scenario's function may call it", func(x *explore.Run) { x.Go("g", func() { x.Go("h", nothing) }) }},
		{"explore.Run.Go(g): the function is nil", func(x *explore.Run) { x.Go("g", nil) }},
		{"the scenario has no goroutines: start them with Run.Go", func(*explore.Run) {}},
		{"more than 64 goroutines", func(x *explore.Run) {
			for range 65 {
				x.Go("g", nothing)
			}
		}},
	} {
		failure(t, c.scenario, nil, c.want)
	}
}

func TestGoexitEndsAGoroutine(t *testing.T) {
	explore.Test(t, func(x *explore.Run) {
		var n atomic.Int32
		x.Go("g", func() {
			defer n.Add(1)
			n.Add(1)
			runtime.Goexit()
		})
		x.Check(func() error {
			if n.Load() != 2 {
				return errors.New("deferred calls did not run")
			}
			return nil
		})
	})
}

// TestBadOptions: each panics and names itself and the value.
func TestBadOptions(t *testing.T) {
	for want, f := range map[string]func(){
		"explore.Bound(-1): ":                  func() { explore.Bound(-1) },
		"explore.PCT(0, 1, 2): ":               func() { explore.PCT(0, 1, 2) },
		"explore.PCT(1, 0, 2): ":               func() { explore.PCT(1, 0, 2) },
		"explore.AtMost(0): ":                  func() { explore.AtMost(0) },
		"explore.Steps(-2): ":                  func() { explore.Steps(-2) },
		"explore.Patience(0s): ":               func() { explore.Patience(0) },
		"explore.Explore: the scenario is nil": func() { explore.Explore(nil) },
		"explore.MakeChan(-1): ":               func() { explore.MakeChan[int](-1) },
	} {
		func() {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, want) {
					t.Errorf("%q, want %s", v, want)
				}
			}()
			f()
		}()
	}
}
