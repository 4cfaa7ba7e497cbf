package explore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	stdsync "sync"
	stdatomic "sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/atomic"
)

// With explore.Clock: sleepers, timers, and code that reads the clock. With explore.Touch:
// steps of several operations.

const second = time.Second

// timed is what the goroutines of a random program share, and what they saw.
type timed struct {
	words [3]stdatomic.Int32
	began time.Time
	timer [3]*time.Timer
	sets  [3]int
	mail  [3]chan int32
	mu    stdsync.Mutex // for what runs freely in the end
	saw   [9][]any      // of helpers from 3 on, of timers' functions from 6 on
}

func (m *timed) note(who int, saw ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.saw[who] = append(m.saw[who], saw...)
}

// at is called before an operation on a word: it is a step of its own, or belongs to the
// one before.
func (m *timed) at(stops bool, k explore.Kind, word int) *stdatomic.Int32 {
	w := &m.words[word]
	if stops {
		explore.Step(k, unsafe.Pointer(w), 4)
	} else {
		explore.Touch(k, unsafe.Pointer(w), 4)
	}
	return w
}

func (m *timed) do(g int, in instruction) {
	stops := in.old == 0
	note := func(v any) { m.note(g, v) }
	switch in.op {
	case "load":
		note(m.at(stops, explore.Load, in.word).Load())
	case "store":
		m.at(stops, explore.Store, in.word).Store(in.new)
	case "add":
		note(m.at(stops, explore.RMW, in.word).Add(in.new))
	case "cas":
		note(m.at(stops, explore.CAS, in.word).CompareAndSwap(in.old, in.new))
	case "wake":
		m.mail[g] <- in.new
	case "sleep":
		time.Sleep(time.Duration(in.new+1) * second)
		m.at(true, explore.Load, in.word) // what is woken stops at once: who of several is first is not explored
	case "now":
		note(time.Since(m.began))
	case "set":
		m.sets[g]++ // each at an instant of its own: of those that are due together any may be the first, at random
		m.timer[g] = time.AfterFunc(time.Duration(in.new+1)*second-time.Duration(3*m.sets[g]+g)*time.Millisecond, func() {
			m.note(6+g, m.at(true, explore.RMW, in.word).Add(1), m.at(false, explore.Load, (in.word+1)%3).Load())
		})
	case "stop":
		if m.timer[g] != nil {
			note(m.timer[g].Stop())
		}
	}
}

func (m *timed) help(g int) {
	for n := range m.mail[g] {
		m.note(3+g, m.at(true, explore.RMW, g).Add(n), m.at(false, explore.RMW, (g+1)%3).Add(n))
	}
}

// someProgram returns a program of two or three goroutines and so many instructions.
func someProgram(r *rand.Rand, ops []string, length int) [][]instruction {
	p := make([][]instruction, 2+r.IntN(2))
	for range length {
		g := r.IntN(len(p))
		p[g] = append(p[g], instruction{op: ops[r.IntN(len(ops))], word: r.IntN(3), old: r.Int32N(2), new: r.Int32N(3)})
	}
	return p
}

// timedOutcomes explores a program and returns what can come of it.
func timedOutcomes(t *testing.T, program [][]instruction, options ...explore.Option) (out map[string]int, result explore.Result) {
	out = map[string]int{}
	var m *timed
	result = explore.Explore(func(x *explore.Run) {
		m = &timed{began: time.Now()}
		for g, ins := range program {
			m.mail[g] = make(chan int32, len(ins))
			go m.help(g)
			x.Go("goroutine", func() {
				for _, in := range ins {
					m.do(g, in)
				}
			})
		}
		mail := m.mail
		x.Cleanup(func() {
			time.Sleep(100 * second)
			synctest.Wait()
			for g := range program {
				close(mail[g])
			}
		})
		x.Check(func() error {
			m.mu.Lock()
			defer m.mu.Unlock()
			var b strings.Builder
			fmt.Fprintln(&b, time.Since(m.began), m.saw)
			for i := range m.words {
				fmt.Fprintln(&b, m.words[i].Load())
			}
			out[b.String()]++
			return nil
		})
	}, append(options, explore.Bubble(t, nil), explore.EachRun(func(r *explore.Run) {
		if r.Err() != nil {
			out[r.Err().Error()]++
		}
	}))...)
	return out, result
}

// TestTicksAreSeenAsByTheNaiveSearch: with time that passes, and steps of several
// operations, the reduced search comes to the outcomes of the naive one; and so with
// bounds.
func TestTicksAreSeenAsByTheNaiveSearch(t *testing.T) {
	const programsTried = 100
	ops := []string{"load", "store", "add", "cas", "wake", "sleep", "now", "set", "stop", "add", "load", "store"}
	for _, ticks := range []int{0, 1, 2} {
		t.Run(fmt.Sprintf("%d ticks", ticks), func(t *testing.T) {
			var clock []explore.Option
			if ticks > 0 {
				clock = []explore.Option{explore.Clock(second, ticks)}
			}
			var naive, reduced, redundant, checked, passed int
			for seed := range programsTried {
				p := someProgram(rand.New(rand.NewPCG(uint64(seed), 0)), ops, 8-ticks)
				all, full := timedOutcomes(t, p, append(clock, explore.Naive(), explore.AtMost(3000))...)
				if !full.Complete {
					continue
				}
				few, result := timedOutcomes(t, p, clock...)
				if !slices.Equal(keys(all), keys(few)) || !result.Complete {
					t.Fatalf("%v\nnaive: %d schedules, %d outcomes; reduced: %v, %d outcomes\n%v", p, full.Schedules, len(all), result, len(few), strings.Join(slices.DeleteFunc(keys(all), func(s string) bool { return few[s] > 0 }), ""))
				}
				bounds := 3
				if slices.ContainsFunc(slices.Concat(p...), func(in instruction) bool { return in.op == "wake" }) {
					bounds = 0 // see Bound
				}
				for bound := range bounds {
					bounded, _ := timedOutcomes(t, p, append(clock, explore.Naive(), explore.Bound(bound))...)
					few, result := timedOutcomes(t, p, append(clock, explore.Bound(bound))...)
					for outcome := range bounded {
						if few[outcome] == 0 {
							t.Fatalf("%v\nwith at most %d preemptions the naive search came to\n%s\nand not the reduced one: %v", p, bound, outcome, result)
						}
					}
				}
				checked++
				naive += full.Schedules
				reduced += result.Schedules
				redundant += result.Redundant
				if slices.ContainsFunc(keys(all), func(s string) bool { return !strings.HasPrefix(s, "0s") }) {
					passed++
				}
			}
			t.Logf("%d programs: %d schedules by the naive search, %d by the reduced one and %d redundant ones", checked, naive, reduced, redundant)
			if checked < programsTried/2 || ticks > 0 && passed < checked/2 {
				t.Errorf("of %d programs %d were checked, and in %d time passed", programsTried, checked, passed)
			}
		})
	}
}

// lease is held by a holder until a timer ends it, and then a taker has it. The holder
// that looks whether it is over, and then writes, has no way to do both at once.
func lease(x *explore.Run) {
	var over, held, both atomic.Bool
	held.Store(true)
	x.Go("holder", func() {
		if over.Load() {
			return
		}
		if !held.Load() {
			both.Store(true)
		}
	})
	time.AfterFunc(second, func() { over.Store(true); held.Store(false) })
	x.Check(func() error {
		if both.Load() {
			return errors.New("the holder writes, and its lease is over")
		}
		return nil
	})
}

// TestATimerIsFound: what takes a tick at the right step is found by each search with
// Clock, and by none without; its schedule, played again, fails in the same way.
func TestATimerIsFound(t *testing.T) {
	for name, options := range map[string][]explore.Option{
		"reduced": nil,
		"naive":   {explore.Naive()},
		"bounded": {explore.Bound(2)},
		"random":  {explore.PCT(3, 2000, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			options = append(options, explore.Bubble(t, nil))
			if r := explore.Explore(lease, options...); r.Failure != nil {
				t.Errorf("time stands still, and %v\n%s", r.Failure, r.Failure.Trace)
			}
			options = append(options, explore.Clock(second, 1))
			r := explore.Explore(lease, options...)
			if r.Failure == nil {
				t.Fatalf("not found: %v", r)
			}
			f := r.Failure
			if !strings.Contains(f.Error(), "its lease is over") || f.Preemptions != 1 || !f.Fewest {
				t.Errorf("%v, %d preemptions, the fewest: %t; want 1, the tick\n%s", f, f.Preemptions, f.Fewest, f.Trace)
			}
			if !strings.Contains(f.Trace, "time    passes by 1s\n") || !strings.Contains(f.Schedule, " time ") {
				t.Errorf("the tick is not in\n%s%s", f.Trace, f.Schedule)
			}
			again := explore.Explore(lease, append(options, explore.Replay(f.Schedule))...)
			if again.Failure == nil || again.Failure.Error() != f.Error() || again.Failure.Trace != f.Trace {
				t.Errorf("%s gave %v\n%s\nwant\n%s", f.Schedule, again.Failure, again.Failure.Trace, f.Trace)
			}
		})
	}
}

// TestReplayHasNoMoreTime: a schedule in which time passes once more than it may does not
// apply.
func TestReplayHasNoMoreTime(t *testing.T) {
	r := explore.Explore(lease, explore.Bubble(t, nil), explore.Clock(second, 1), explore.Replay("time time holder"))
	if r.Failure == nil || !strings.Contains(r.Failure.Error(), "after 1 steps goroutine time cannot go on") {
		t.Errorf("%v", r.Failure)
	}
}

// TestSleepersNeedTime: a goroutine that waits for time is stranded where time stands still,
// or is used up.
func TestSleepersNeedTime(t *testing.T) {
	for _, c := range []struct {
		ticks int
		want  string // nothing: no failure
	}{
		{0, "deadlock: nobody is left to wake sleeper; if time is to pass, say so with explore.Clock"},
		{1, "deadlock: nobody is left to wake sleeper; time has passed 1 times by 1s, and may no more: explore.Clock"},
		{2, ""},
	} {
		options := []explore.Option{explore.Bubble(t, nil)}
		if c.ticks > 0 {
			options = append(options, explore.Clock(second, c.ticks))
		}
		r := explore.Explore(func(x *explore.Run) {
			x.Go("sleeper", func() { time.Sleep(2 * second) })
			x.Cleanup(func() { time.Sleep(2 * second) })
		}, options...)
		got := ""
		if r.Failure != nil {
			got = r.Failure.Error()
		}
		if got != c.want {
			t.Errorf("%d ticks: %q, want %q", c.ticks, got, c.want)
		}
	}
}

// TestClockInOneBubble: a bubble around the whole exploration does, too, and the watch on
// stalls, which is in it, bears a long tick.
func TestClockInOneBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := explore.Explore(func(x *explore.Run) {
			var n atomic.Int32
			x.Go("sleeper", func() { n.Add(1); time.Sleep(time.Hour); n.Add(1) })
			x.Go("other", func() { n.Add(1) })
			x.Check(func() error {
				if n.Load() != 3 {
					return errors.New("not all have run")
				}
				return nil
			})
		}, explore.Outside(synctest.Wait, explore.Goroutine), explore.Clock(time.Hour, 1))
		if r.Failure != nil || !r.Complete || r.Goroutines != 2 {
			t.Errorf("%v: %v", r, r.Failure)
		}
	})
}

// TestABubbleForEachRun: runs begin at the same instant, and one that leaves a goroutine
// behind fails.
func TestABubbleForEachRun(t *testing.T) {
	var began time.Time
	r := explore.Explore(func(x *explore.Run) {
		if now := time.Now(); began.IsZero() {
			began = now
		} else if !now.Equal(began) {
			panic(fmt.Sprint(now))
		}
		var n atomic.Int32
		block := make(chan bool)
		for range 2 {
			x.Go("starter", func() {
				if n.Add(1) == 2 && n.Load() == 2 {
					go func() { <-block }()
				}
				time.Sleep(second)
			})
		}
	}, explore.Bubble(t, nil), explore.Clock(second, 1))
	if r.Failure == nil || !strings.Contains(r.Failure.Error(), "after the end: deadlock: main bubble goroutine has exited but blocked goroutines remain") {
		t.Errorf("%v: %v", r, r.Failure)
	}
}

// TestLoopWithoutStepsInABubble: the watch on stalls has real time, and what it leaves behind
// does no harm when it goes on after all.
func TestLoopWithoutStepsInABubble(t *testing.T) {
	var stop, stopped stdatomic.Bool
	r := explore.Explore(func(x *explore.Run) {
		var n atomic.Int32
		x.Go("busy", func() {
			n.Add(1)
			for !stop.Load() {
			}
			stopped.Store(true)
		})
	}, explore.Bubble(t, nil), explore.Patience(50*time.Millisecond))
	if r.Failure == nil || !strings.Contains(r.Failure.Error(), "goroutine busy has come to no step for 50ms") {
		t.Errorf("%v: %v", r, r.Failure)
	}
	stop.Store(true)
	for !stopped.Load() {
		time.Sleep(time.Millisecond)
	}
}

// TestBadClocks: each panics and names itself and the value.
func TestBadClocks(t *testing.T) {
	nothing := func(x *explore.Run) { x.Go("nothing", func() {}) }
	for want, f := range map[string]func(){
		"explore.Clock(0s, 1): want a positive duration":      func() { explore.Clock(0, 1) },
		"explore.Clock(-1ns, 1): want a positive duration":    func() { explore.Clock(-1, 1) },
		"explore.Clock(1s, 0): want a positive duration":      func() { explore.Clock(second, 0) },
		"explore.Clock(1s, 2) without explore.Bubble, or":     func() { explore.Explore(nothing, explore.Clock(second, 2)) },
		"explore.Bubble: the test is nil":                     func() { explore.Bubble(nil, nil) },
		"explore.Touch: kind 9: want Load, Store, RMW or CAS": func() { badTouch(t) },
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

func badTouch(t *testing.T) {
	var word int64
	explore.Touch(9, unsafe.Pointer(&word), 8) // of no exploration: nothing
	r := explore.Explore(func(x *explore.Run) {
		x.Go("toucher", func() { explore.Touch(9, unsafe.Pointer(&word), 8) })
	}, explore.Bubble(t, nil))
	panic(strings.TrimPrefix(r.Failure.Error(), "panic in goroutine toucher: "))
}

// oddly has two goroutines whose steps are of other words in each run that odd says.
func oddly(t *testing.T, odd func(run int) bool) explore.Result {
	run := 0
	return explore.Explore(func(x *explore.Run) {
		run++
		var words [2]atomic.Int32
		w := &words[0]
		if odd(run) {
			w = &words[1]
		}
		for range 2 {
			x.Go("goroutine", func() { words[0].Add(1); w.Add(1); words[0].Add(1) })
		}
	}, explore.Bubble(t, nil), explore.NoShorter())
}

// TestOneOddRunLosesNothing: goroutines from outside are interrupted now and then. Whichever
// run is the odd one, all schedules are explored; if all are odd, the exploration fails.
func TestOneOddRunLosesNothing(t *testing.T) {
	want := oddly(t, func(int) bool { return false })
	noticed := 0
	for odd := range want.Schedules {
		r := oddly(t, func(run int) bool { return run == odd })
		if r.Failure != nil || !r.Complete || r.Schedules < want.Schedules {
			t.Errorf("odd run %d: %v, %v; want %v", odd, r, r.Failure, want)
		}
		if r.Repeated > 0 {
			noticed++
		}
	}
	if noticed == 0 {
		t.Errorf("no odd run of %d was noticed", want.Schedules)
	}
	if r := oddly(t, func(run int) bool { return run%3 == 0 || run%7 == 0 || run%11 < 5 }); r.Repeated == 0 && r.Failure == nil {
		t.Errorf("%v", r)
	}
	runs := 0
	always := explore.Explore(func(x *explore.Run) {
		runs++
		var word atomic.Int32
		odd := runs
		for range 2 {
			x.Go("goroutine", func() {
				for bit := range 8 {
					if odd>>bit&1 != 0 {
						word.Add(1)
					} else {
						word.Load()
					}
				}
			})
		}
	}, explore.Bubble(t, nil), explore.NoShorter())
	if always.Failure == nil || !strings.Contains(always.Failure.Error(), "the same choices led elsewhere") {
		t.Errorf("%v: %v", always, always.Failure)
	}
}
