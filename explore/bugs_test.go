package explore_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
	"github.com/lfpool/lfpool/explore/linear"
	"github.com/lfpool/lfpool/explore/sync"
)

// bug is a scenario that is right or has a fault.
type bug struct {
	name        string
	failure     string // what the fault comes to
	preemptions int    // that it needs
	depth       int    // of PCT
	scenario    func(x *explore.Run, faulty bool)
}

var bugs = []bug{
	{"counter without a CAS", "1, want 2", 1, 2, func(x *explore.Run, faulty bool) {
		var n atomic.Int64
		for range 2 {
			x.Go("adder", func() {
				if faulty {
					n.Store(n.Load() + 1)
				} else {
					n.Add(1)
				}
			})
		}
		x.Check(func() error {
			if n.Load() != 2 {
				return fmt.Errorf("%d, want 2", n.Load())
			}
			return nil
		})
	}},
	{"wake-up that is lost", "deadlock: nobody is left to wake sleeper", 1, 2, func(x *explore.Run, faulty bool) {
		var work, asleep atomic.Bool
		wake := explore.MakeChan[bool](1)
		x.Go("sleeper", func() {
			if work.Load() {
				return
			}
			asleep.Store(true)
			if !faulty && work.Load() {
				return
			}
			wake.Receive()
		})
		x.Go("waker", func() {
			work.Store(true)
			if asleep.Load() {
				wake.Send(true)
			}
		})
	}},
	{"signal outside the lock, if for while", "woken with nothing there", 0, 3, func(x *explore.Run, faulty bool) {
		var mu sync.Mutex
		c := sync.NewCond(&mu)
		items := 0
		var empty atomic.Bool
		taker := func() {
			mu.Lock()
			defer mu.Unlock()
			for items == 0 {
				c.Wait()
				if faulty {
					break
				}
			}
			items--
			if items < 0 {
				empty.Store(true)
			}
		}
		x.Go("taker", taker)
		x.Go("taker", taker)
		for range 2 {
			x.Go("giver", func() {
				mu.Lock()
				items++
				mu.Unlock()
				c.Signal()
			})
		}
		x.Check(func() error {
			if empty.Load() {
				return errors.New("woken with nothing there")
			}
			return nil
		})
	}},
	{"Peterson's lock, flag after turn", "both are in", 2, 3, func(x *explore.Run, faulty bool) {
		var flag [2]atomic.Bool
		var turn, in atomic.Int32
		var both atomic.Bool
		for me := range 2 {
			x.Go("g", func() {
				if faulty {
					turn.Store(int32(1 - me))
					flag[me].Store(true)
				} else {
					flag[me].Store(true)
					turn.Store(int32(1 - me))
				}
				for flag[1-me].Load() && turn.Load() == int32(1-me) {
					explore.Gosched()
				}
				if in.Add(1) == 2 {
					both.Store(true)
				}
				in.Add(-1)
				flag[me].Store(false)
			})
		}
		x.Check(func() error {
			if both.Load() {
				return errors.New("both are in")
			}
			return nil
		})
	}},
	{"initialised twice", "initialised 2 times", 1, 2, func(x *explore.Run, faulty bool) {
		var mu sync.Mutex
		var done atomic.Bool
		var times atomic.Int32
		for range 2 {
			x.Go("g", func() {
				if done.Load() {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if faulty || !done.Load() {
					times.Add(1)
					done.Store(true)
				}
			})
		}
		x.Check(func() error {
			if n := times.Load(); n != 1 {
				return fmt.Errorf("initialised %d times", n)
			}
			return nil
		})
	}},
	{"dequeue without a CAS", "not linearizable", 1, 2, func(x *explore.Run, faulty bool) {
		var head atomic.Int64
		values := [...]int{1, 2, 3}
		h := linear.Watch(x, linear.Queue(0))
		for _, v := range values {
			linear.Do(h, linear.Put{V: v}, func() bool { return true })
		}
		for range 2 {
			x.Go("taker", func() {
				linear.Do(h, linear.Take{}, func() linear.Taken {
					for {
						at := head.Load()
						if faulty {
							head.Store(at + 1)
						} else if !head.CompareAndSwap(at, at+1) {
							continue
						}
						return linear.Taken{V: values[at], OK: true}
					}
				})
			})
		}
	}},
	{"nested locks in two orders", "deadlock", 1, 2, func(x *explore.Run, faulty bool) {
		var a, b sync.Mutex
		x.Go("ab", func() { a.Lock(); pass(&b); a.Unlock() })
		x.Go("ba", func() {
			first, second := &a, &b
			if faulty {
				first, second = second, first
			}
			first.Lock()
			pass(second)
			first.Unlock()
		})
	}},
	{"reader that reads again", "deadlock", 1, 2, func(x *explore.Run, faulty bool) {
		var mu sync.RWMutex
		x.Go("reader", func() {
			mu.RLock()
			if faulty {
				pass(mu.RLocker())
			}
			mu.RUnlock()
		})
		x.Go("writer", func() { pass(&mu) })
	}},
	{"Wait before Add", "not done", 0, 1, func(x *explore.Run, faulty bool) {
		var wg sync.WaitGroup
		var n, seen atomic.Int32
		x.Go("parent", func() {
			for range 2 {
				if faulty {
					explore.Go(func() { wg.Add(1); n.Add(1); wg.Done() })
				} else {
					wg.Go(func() { n.Add(1) })
				}
			}
			wg.Wait()
			seen.Store(n.Load())
		})
		x.Check(func() error {
			if seen.Load() != 2 {
				return errors.New("not done")
			}
			return nil
		})
	}},
	{"stack whose nodes are used again, without a tag", "is on the stack", 1, 2, func(x *explore.Run, faulty bool) {
		if faulty {
			popAndReuse(x)
		} else {
			x.Go("nothing", func() {})
		}
	}},
	{"ring of one cell, where full and free for the next lap are the same turn", "goroutine taker spins", 0, 1, func(x *explore.Run, faulty bool) {
		capacity := 2
		if faulty {
			capacity = 1
		}
		r := newRing(capacity)
		h := linear.Watch(x, linear.MayFail(linear.Queue(capacity)))
		x.Go("putter", func() {
			for v := range 2 {
				linear.Do(h, linear.Put{V: v}, func() bool { return r.Put(v) })
			}
		})
		x.Go("taker", func() {
			linear.Do(h, linear.Take{}, func() linear.Taken { v, ok := r.Take(); return linear.Taken{V: v, OK: ok} })
		})
	}},
}

// pass locks and unlocks.
func pass(l sync.Locker) {
	l.Lock()
	defer l.Unlock()
}

// TestBugsAreFound: the reduced search, the naive one, the bounded one and PCT
// find each fault, and none in the code without it. The schedule has as few
// preemptions as the fault needs, and fails again in the same way.
func TestBugsAreFound(t *testing.T) {
	for _, b := range bugs {
		t.Run(b.name, func(t *testing.T) {
			right := explore.Test(t, func(x *explore.Run) { b.scenario(x, false) })
			if !right.Complete {
				t.Errorf("without the fault: %v", right)
			}
			faulty := func(x *explore.Run) { b.scenario(x, true) }
			for name, options := range map[string][]explore.Option{
				"reduced": nil,
				"naive":   {explore.Naive()},
				"bounded": {explore.Bound(b.preemptions)},
				"PCT":     {explore.PCT(b.depth, 10_000, 1)},
			} {
				r := failure(t, faulty, options, b.failure)
				if r.Failure.Preemptions != b.preemptions || !r.Failure.Fewest {
					t.Errorf("%s: %d preemptions, fewest %t, want %d:\n%s", name, r.Failure.Preemptions, r.Failure.Fewest, b.preemptions, r.Failure.Trace)
				}
				again := failure(t, faulty, []explore.Option{explore.Replay(r.Failure.Schedule)}, b.failure)
				if again.Failure.Trace != r.Failure.Trace || again.Failure.Error() != r.Failure.Error() || !again.Replayed {
					t.Errorf("%s: %q gave %v\n%s\nwant %v\n%s", name, r.Failure.Schedule, again.Failure, again.Failure.Trace, r.Failure, r.Failure.Trace)
				}
			}
			if b.preemptions > 0 {
				if r := explore.Explore(faulty, explore.Bound(b.preemptions-1)); r.Failure != nil || !r.Complete {
					t.Errorf("with one preemption fewer: %v %v", r, r.Failure)
				}
			}
		})
	}
}

// TestPreemptionsAreLeftOut: where the search for the fewest preemptions takes
// too long, those of a random schedule are left out one by one.
func TestPreemptionsAreLeftOut(t *testing.T) {
	before, after := 0, 0
	for _, b := range bugs {
		faulty := func(x *explore.Run) { b.scenario(x, true) }
		for seed := range uint64(20) {
			options := []explore.Option{explore.PCT(6, 10_000, seed)}
			long := failure(t, faulty, append(options, explore.NoShorter()))
			short := failure(t, faulty, append(options, explore.NoSearchForFewer()))
			if n := short.Failure.Preemptions; n > long.Failure.Preemptions || n < b.preemptions || short.Failure.Fewest {
				t.Errorf("%s: %d preemptions, then %d, fewest %t", b.name, long.Failure.Preemptions, n, short.Failure.Fewest)
			}
			before += long.Failure.Preemptions
			after += short.Failure.Preemptions
			failure(t, faulty, []explore.Option{explore.Replay(short.Failure.Schedule)})
		}
	}
	t.Logf("%d preemptions, then %d", before, after)
	if after >= before {
		t.Errorf("%d preemptions, then %d", before, after)
	}
}

// TestScheduleThatDoesNotApply: what is wrong with it is said.
func TestScheduleThatDoesNotApply(t *testing.T) {
	scenario := func(x *explore.Run) {
		var n atomic.Int32
		x.Go("a", func() { n.Add(1); n.Load() })
		x.Go("b", func() { n.Add(1) })
	}
	for schedule, want := range map[string]string{
		" ":                "the schedule \" \" is empty",
		"a>":               `"a>" in the schedule: want a goroutine, or goroutine>point`,
		"a>x#0":            `"a>x#0" in the schedule: want the number of times after #`,
		"c":                "after 0 steps there is no goroutine c",
		"a a":              "after 2 steps goroutine a cannot go on",
		"a>Stack.Pop.Load": "after 2 steps goroutine a cannot go on to Stack.Pop.Load#1",
	} {
		failure(t, scenario, []explore.Option{explore.Replay(schedule)}, want)
	}
	r := explore.Explore(scenario, explore.Replay("b a"))
	if r.Failure != nil || !r.Replayed || r.Steps != 3 {
		t.Errorf("%v %v", r, r.Failure)
	}
}

// TestScheduleOfTheEnvironment: Test runs only that.
func TestScheduleOfTheEnvironment(t *testing.T) {
	t.Setenv("EXPLORE_REPLAY", "slow>Stack.Pop.CompareAndSwap fast slow")
	r := explore.Explore(popAndReuse, explore.Replay("slow>Stack.Pop.CompareAndSwap fast slow"))
	var log recorder
	explore.Test(&log, popAndReuse)
	if got := log.String(); !strings.Contains(got, r.Failure.Error()) || !strings.Contains(got, r.Failure.Trace) {
		t.Errorf("%s", got)
	}
}

// recorder is a test that writes its errors down.
type recorder struct {
	testing.TB
	strings.Builder
}

func (r *recorder) Helper()                           {}
func (r *recorder) Name() string                      { return "Recorder" }
func (r *recorder) Log(args ...any)                   { fmt.Fprintln(r, args...) }
func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(r, format+"\n", args...) }

// TestWhatTestSays: the failure, its trace, how to see it again; and what to do
// if there are too many schedules.
func TestWhatTestSays(t *testing.T) {
	var log recorder
	r := explore.Test(&log, popAndReuse)
	for _, want := range []string{r.Failure.Error(), r.Failure.Trace, "EXPLORE_REPLAY='" + r.Failure.Schedule + "' go test -run '^Recorder$'"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in\n%s", want, log.String())
		}
	}
	log = recorder{}
	explore.Test(&log, func(x *explore.Run) { bugs[0].scenario(x, false) }, explore.AtMost(1))
	for _, want := range []string{"not complete: 1 schedules", "explore.Bound", "explore.PCT", "explore.AtMost"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in %s", want, log.String())
		}
	}
}

// TestPCTKeepsItsPromise: of many single runs, each of another seed, no smaller
// a share finds a bug than the bound says.
func TestPCTKeepsItsPromise(t *testing.T) {
	const trials = 1000
	for _, b := range bugs {
		found, promised, variance := 0, 0.0, 0.0
		for seed := range uint64(trials) {
			r := explore.Explore(func(x *explore.Run) { b.scenario(x, true) }, explore.PCT(b.depth, 1, seed), explore.NoShorter())
			if r.Failure != nil {
				found++
			}
			p := 1 / (float64(r.Goroutines) * math.Pow(float64(r.Steps), float64(b.depth-1)))
			promised += p
			variance += p * (1 - p)
		}
		t.Logf("%s: found by %d of %d, promised: %.0f", b.name, found, trials, promised)
		if least := promised - 3*math.Sqrt(variance); float64(found) < least {
			t.Errorf("%s: found by %d of %d, want %.0f at least", b.name, found, trials, least)
		}
	}
}
