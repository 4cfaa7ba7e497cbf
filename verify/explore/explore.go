//go:build lfpoolhooks

package explore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lfpool/lfpool/internal/point"
)

// Scenario is what is explored.
type Scenario struct {
	Bound int                       // preemptions at most; letting time pass while somebody could run is one
	Stops func(point string) bool   // the points that matter; nil for all
	Tick  time.Duration             // how much time passes when it does
	Ticks int                       // how often it may while somebody could go on, and how often when nobody can
	Setup func(x *Run) func() error // starts the goroutines with x.Go; returns the check of the outcome

	walk *rand.Rand // makes the choices, if it is not nil
}

// Outcome is what an exploration came to.
type Outcome struct {
	Replayed  bool    // only the schedule in $LFPOOL_SCHEDULE
	Schedules int     // at the full bound; those at lower bounds, tried before, are among them
	Steps     int     // of the longest
	Repeated  int     // runs in which the same choices led elsewhere than the time before
	Naive     float64 // how many schedules there are without a bound; an estimate (Knuth 1975)
	Resumed   int     // times that they did so again and again, and what followed was explored anew
	Took      time.Duration
	Failure   error  // nil if no schedule failed
	Schedule  string // the failing one, for $LFPOOL_SCHEDULE
	Trace     string // and what happened in it, a line for each step
}

// maxResumed is how often in an exploration one odd run may mislead the next.
const maxResumed = 5

var errDiverged = errors.New("the same choices led elsewhere: the scenario is not deterministic")

// Explore tries every schedule with no preemption, then with one, and so on,
// so that the first failure has the fewest.
func Explore(t *testing.T, sc Scenario) (out Outcome) {
	// With one processor a goroutine that is woken runs when the waker has
	// stopped: faster here, and the runtime's count of runnable goroutines,
	// which lingering looks at, is the same each time. The collector would empty
	// the queues' pools of spare cells.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer point.Handle(nil)
	if sc.Stops == nil {
		sc.Stops = func(string) bool { return true }
	}
	started := time.Now()
	defer func() { out.Took = time.Since(started) }()
	if fixed := os.Getenv("LFPOOL_SCHEDULE"); fixed != "" {
		prefix, err := parseSchedule(fixed)
		if err != nil {
			t.Fatal(err)
		}
		x, err := once(t, sc, prefix, nil)
		return Outcome{Replayed: true, Schedules: 1, Steps: len(x.trace), Failure: err, Schedule: fixed, Trace: x.String()}
	}
	for bound := 0; bound <= sc.Bound; bound++ {
		out.Schedules = 0
		var former []step
		for prefix := []int{}; prefix != nil; {
			x, err := once(t, sc, prefix, former)
			for tries := 0; errors.Is(err, errDiverged) && tries < 3; tries++ {
				out.Repeated++
				x, err = once(t, sc, prefix, former)
			}
			if errors.Is(err, errDiverged) && out.Resumed < maxResumed {
				// The odd one was the former run: explore anew from where they part.
				out.Resumed++
				former = former[:len(x.trace)]
				prefix = choices(former)
				continue
			}
			out.Schedules++
			out.Steps = max(out.Steps, len(x.trace))
			if err != nil {
				out.Failure, out.Schedule, out.Trace = err, formatSchedule(x.trace), x.String()
				return out
			}
			if out.Schedules%1000 == 0 {
				runtime.GC()
			}
			former = x.trace
			prefix = next(former, bound)
		}
	}
	// The mean, over random walks, of the product of the numbers of branches.
	const probes = 20
	sc.walk = rand.New(rand.NewPCG(1, 0))
	for range probes {
		x, err := once(t, sc, nil, nil)
		if err != nil {
			out.Failure, out.Schedule, out.Trace = err, formatSchedule(x.trace), x.String()
			return out
		}
		leaves := 1.0
		for _, s := range x.trace {
			leaves *= float64(len(s.costs))
		}
		out.Naive += leaves / probes
	}
	return out
}

// once runs one schedule in a bubble of its own. It begins with prefix, and as
// former did.
func once(t *testing.T, sc Scenario, prefix []int, former []step) (x *Run, err error) {
	x = &Run{stops: sc.Stops, walk: sc.walk, tick: sc.Tick, ticks: sc.Ticks, waits: sc.Ticks, prefix: prefix, former: former, known: map[uint64]*thread{}, kinds: map[string]int{}}
	defer func() {
		// A bubble with goroutines that are blocked for ever ends in a panic.
		if v := recover(); v != nil && err == nil {
			err = fmt.Errorf("after the end: %v", v)
		}
	}()
	synctest.Test(t, func(*testing.T) {
		check := sc.Setup(x)
		x.active.Store(true)
		point.Handle(x.at)
		err = x.drive()
		x.letGo()
		point.Handle(nil)
		if err == nil {
			err = check()
		}
	})
	return x, err
}

// next returns the choices that lead to the next schedule in depth-first order
// with at most bound preemptions, or nil after the last.
func next(trace []step, bound int) []int {
	spent := 0
	for _, s := range trace {
		spent += s.costs[s.chosen]
	}
	for i, s := range slices.Backward(trace) {
		spent -= s.costs[s.chosen]
		for c := s.chosen + 1; c < len(s.costs); c++ {
			if spent+s.costs[c] > bound {
				continue
			}
			return append(choices(trace[:i]), c)
		}
	}
	return nil
}

func choices(trace []step) []int {
	made := make([]int, len(trace), len(trace)+1)
	for i, s := range trace {
		made[i] = s.chosen
	}
	return made
}

// formatSchedule writes choices as "0*12,1,0*3": the zeros, which let a
// goroutine run on, are most of them.
func formatSchedule(trace []step) string {
	var parts []string
	for i := 0; i < len(trace); {
		n := 1
		for i+n < len(trace) && trace[i+n].chosen == trace[i].chosen {
			n++
		}
		part := strconv.Itoa(trace[i].chosen)
		if n > 1 {
			part += "*" + strconv.Itoa(n)
		}
		parts = append(parts, part)
		i += n
	}
	return strings.Join(parts, ",")
}

func parseSchedule(s string) (choices []int, err error) {
	for part := range strings.SplitSeq(s, ",") {
		choice, times, many := strings.Cut(part, "*")
		c, err := strconv.Atoi(choice)
		n := 1
		if err == nil && many {
			n, err = strconv.Atoi(times)
		}
		if err != nil || c < 0 || n < 1 || len(choices)+n > maxSteps {
			return nil, fmt.Errorf("LFPOOL_SCHEDULE: %q is not a choice, like 1, or 0*12 for twelve times 0", part)
		}
		choices = append(choices, slices.Repeat([]int{c}, n)...)
	}
	return choices, nil
}

// String has the schedule a line for each step: who was let go, from where. A
// mark is on what the number of preemptions counts.
func (x *Run) String() string {
	var b strings.Builder
	for i, s := range x.trace {
		mark := ""
		if s.costs[s.chosen] > 0 {
			mark = "  <- somebody else could have gone on"
		}
		fmt.Fprintf(&b, "%4d  %-12s %s%s\n", i, s.who, s.point, mark)
	}
	return b.String()
}
