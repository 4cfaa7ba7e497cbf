//go:build lfpoolhooks

package explore

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The explorer itself: what it is to find in faulty code, and that what it
// prints leads there again.

// sleepAndWake is a goroutine that sleeps until there is work, and one that
// makes work and wakes it. The faulty sleeper does not look again after it has
// said that it sleeps, so the wake-up is lost if the work comes in between.
func sleepAndWake(looksAgain bool) Scenario {
	return Scenario{Bound: 2, Setup: func(x *Run) func() error {
		var work, asleep atomic.Bool
		wake := make(chan struct{}, 1)
		x.Go("sleeper", func() {
			if work.Load() {
				return
			}
			x.Stop("announce")
			asleep.Store(true)
			x.Stop("look again")
			if looksAgain && work.Load() {
				return
			}
			<-wake
		})
		x.Go("waker", func() {
			work.Store(true)
			x.Stop("look for sleepers")
			if asleep.Load() {
				wake <- struct{}{}
			}
		})
		return func() error { return nil }
	}}
}

// takenTwice is two goroutines that take from a list by moving its head on with
// a store, without a CAS.
func takenTwice() Scenario {
	return Scenario{Bound: 2, Setup: func(x *Run) func() error {
		var head atomic.Int64
		var taken [2]int64
		for g := range taken {
			x.Go(fmt.Sprintf("taker %d", g+1), func() {
				taken[g] = head.Load()
				x.Stop("claim")
				head.Store(taken[g] + 1)
			})
		}
		return func() error {
			if taken[0] == taken[1] {
				return fmt.Errorf("value %d was taken twice", taken[0])
			}
			return nil
		}
	}}
}

// TestFaultsAreFoundAndSeenAgain: each fault is found with the one preemption
// that it needs, and the schedule of the failure, played again, fails in the
// same way at the same step.
func TestFaultsAreFoundAndSeenAgain(t *testing.T) {
	for _, c := range []struct {
		name, failure string
		sc            Scenario
	}{
		{"lost wake-up", "1 goroutines of the scenario are stranded", sleepAndWake(false)},
		{"dequeue without CAS", "was taken twice", takenTwice()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("LFPOOL_SCHEDULE", "")
			found := Explore(t, c.sc)
			if found.Failure == nil || !strings.Contains(found.Failure.Error(), c.failure) {
				t.Fatalf("found %v, want: %s", found.Failure, c.failure)
			}
			if n := strings.Count(found.Trace, "<-"); n != 1 {
				t.Errorf("%d preemptions, want 1:\n%s", n, found.Trace)
			}
			t.Setenv("LFPOOL_SCHEDULE", found.Schedule)
			again := Explore(t, c.sc)
			if !again.Replayed || again.Failure == nil || again.Failure.Error() != found.Failure.Error() || again.Trace != found.Trace {
				t.Errorf("LFPOOL_SCHEDULE='%s' gave %v\n%s\nwant %v\n%s", found.Schedule, again.Failure, again.Trace, found.Failure, found.Trace)
			}
			t.Setenv("LFPOOL_SCHEDULE", found.Schedule+",0*100")
			if longer := Explore(t, sleepAndWake(true)); !errors.Is(longer.Failure, errDiverged) {
				t.Errorf("a schedule that goes on after the end gave %v, want: %v", longer.Failure, errDiverged)
			}
		})
	}
}

// TestRightCodeIsNotFaulty: the sleeper that looks again is never stranded.
func TestRightCodeIsNotFaulty(t *testing.T) {
	out := report(t, "sleeper that looks again", sleepAndWake(true))
	if !out.Replayed && out.Schedules < 4 {
		t.Errorf("%d schedules, want all of them", out.Schedules)
	}
}

// TestTimePassesOnlyWhereItMay: a goroutine that waits for time alone is
// stranded in a scenario without ticks.
func TestTimePassesOnlyWhereItMay(t *testing.T) {
	t.Setenv("LFPOOL_SCHEDULE", "")
	for _, ticks := range []int{0, 1} {
		out := Explore(t, Scenario{Tick: tick, Ticks: ticks, Setup: func(x *Run) func() error {
			x.Go("sleeper", func() { time.Sleep(tick) })
			return func() error { return nil }
		}})
		if stranded := out.Failure != nil && strings.Contains(out.Failure.Error(), "stranded"); stranded != (ticks == 0) {
			t.Errorf("with %d ticks: %v", ticks, out.Failure)
		}
	}
}

// twoGoroutines stop at points with another name in each run that odd says.
func twoGoroutines(odd func(run int) bool) Scenario {
	run := 0
	return Scenario{Bound: 2, Setup: func(x *Run) func() error {
		run++
		name := ""
		if odd(run) {
			name = strings.Repeat("i", run)
		}
		for range 2 {
			x.Go("goroutine", func() { x.Stop("first " + name); x.Stop("second") })
		}
		return func() error { return nil }
	}}
}

// TestDivergenceIsAFailure: a scenario that is not the same each time fails, if
// its options are as many as before, and who stands where is not.
func TestDivergenceIsAFailure(t *testing.T) {
	t.Setenv("LFPOOL_SCHEDULE", "")
	out := Explore(t, twoGoroutines(func(int) bool { return true }))
	if !errors.Is(out.Failure, errDiverged) {
		t.Errorf("%d schedules, failure %v, want: %v", out.Schedules, out.Failure, errDiverged)
	}
}

// TestOneOddRunLosesNothing: whichever run is the odd one, all schedules are
// explored.
func TestOneOddRunLosesNothing(t *testing.T) {
	t.Setenv("LFPOOL_SCHEDULE", "")
	want := Explore(t, twoGoroutines(func(int) bool { return false }))
	noticed := 0
	for odd := range want.Schedules {
		out := Explore(t, twoGoroutines(func(run int) bool { return run == odd }))
		if out.Failure != nil || out.Schedules < want.Schedules {
			t.Errorf("odd run %d: %d schedules, failure %v, want %d", odd, out.Schedules, out.Failure, want.Schedules)
		}
		if out.Repeated > 0 {
			noticed++
		}
	}
	if noticed == 0 {
		t.Errorf("no odd run of %d was noticed", want.Schedules)
	}
}
