//go:build lfpoolhooks

package explore

import (
	"math"
	"os"
	"sync"
	"testing"
	"time"
	"unsafe"

	every "github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/point"
)

// Scenario is what is explored.
type Scenario struct {
	Bound int                     // preemptions at most; complete: any number
	Stops func(point string) bool // the points that matter; nil for all
	Tick  time.Duration           // how much time passes when it does
	Ticks int                     // how often it may while a goroutine could go on, and how often when none can
	Setup func(x *Run)            // starts the goroutines with x.Go, and says what must hold in the end with x.Check
}

// Bounds that are none: slow is one preemption with -short.
const (
	complete = -1
	slow     = -2
)

// Run is one schedule of a scenario.
type Run struct {
	*every.Run
	lens   *lens
	still  uint64                  // a word that nothing changes
	nudges uint64                  // sent to a reaper
	onStop func(point string)      // called at each point; guarded by lens.mu
	passBy func(point string) bool // the points at which the caller does not stop after all; nil: none
}

// lens says what the points of a scenario are to it.
type lens struct {
	mu     sync.Mutex // a step can wake several goroutines
	stops  func(point string) bool
	points map[string]role // that were looked up
}

type role struct{ stops, alone, nudges bool }

// of returns a point's role. The caller has l.mu.
func (l *lens) of(point string) role {
	r, known := l.points[point]
	if !known {
		r = role{
			stops:  point != "" && l.stops(point),
			alone:  statsAlone.has(point),
			nudges: is(point, "Pool.nudgeReaper.nudge.Load"),
		}
		l.points[point] = r
	}
	return r
}

// Go starts a goroutine of the scenario, which stops before f.
func (x *Run) Go(name string, f func()) {
	x.Run.Go(name, func() {
		x.stop()
		f()
	})
}

// Stop is a point of the scenario itself, in a task for example. The caller may do
// anything next, but what concerns other goroutines must follow a call of shared.
func (x *Run) Stop(name string) {
	x.stop()
	every.Logf("%s", name)
}

func (x *Run) stop() { every.Step(every.Load, unsafe.Pointer(&x.still), 8) }

// Sleep lets tick pass, and stops: which of those that one instant wakes is the first to go
// on is then a choice.
func (x *Run) Sleep() {
	time.Sleep(tick)
	x.stop()
}

// shared is called before the step under way changes a word of the scenario's own, or reads
// it, if the order of steps matters for that.
func shared(k every.Kind, word *int64) { every.Touch(k, unsafe.Pointer(word), 8) }

// at says what a point that the caller has come to is to the scenario.
func (x *Run) at(name string) role {
	x.lens.mu.Lock()
	defer x.lens.mu.Unlock()
	if x.onStop != nil && name != "" {
		x.onStop(name)
	}
	r := x.lens.of(name)
	r.stops = r.stops && (x.passBy == nil || !x.passBy(name))
	return r
}

// watch has the goroutines stop from now on.
func (x *Run) watch() {
	// All in one function, so that explore finds the operation on the stack: it is called by
	// package atomic.
	atomic.Watch(func(kind uint8, addr unsafe.Pointer, size uintptr) {
		r := x.at(point.Caller())
		switch {
		case r.alone:
		case r.stops:
			every.Step(kind, addr, size)
		default:
			every.Touch(kind, addr, size)
		}
		if r.nudges { // a send may follow, and others send to that channel
			every.Touch(every.RMW, unsafe.Pointer(&x.nudges), 8)
			x.nudges++
		}
	})
}

// search explores a scenario, in bubbles of testing/synctest.
func search(t *testing.T, sc Scenario, options ...every.Option) every.Result {
	t.Helper()
	defer atomic.Watch(nil)
	if sc.Stops == nil {
		sc.Stops = func(string) bool { return true }
	}
	if sc.Ticks > 0 {
		options = append(options, every.Clock(sc.Tick, sc.Ticks))
	}
	points := &lens{stops: sc.Stops, points: map[string]role{}}
	options = append([]every.Option{every.Bubble(t, point.Goroutine), every.AtMost(*most)}, options...)
	return every.Test(t, func(r *every.Run) {
		atomic.Watch(nil)
		x := &Run{Run: r, lens: points}
		sc.Setup(x)
		x.watch()
	}, options...)
}

// report explores a scenario: without a bound, or in every order of a few preemptions and at
// random.
func report(t *testing.T, sc Scenario) {
	if sc.Bound == complete {
		search(t, sc)
		return
	}
	// Not reduced, so that no order is left out which costs so few only because a worker parks
	// before it is sent a task: see explore.Bound.
	t.Run("bounded", func(t *testing.T) {
		search(t, sc, every.Bound(sc.Bound), every.Naive(), every.AtMost(math.MaxInt))
	})
	t.Run("random", func(t *testing.T) { search(t, sc, every.PCT(2, *randomly, 1)) })
}

// replaying reports whether only one schedule is played.
func replaying() bool { return os.Getenv("EXPLORE_REPLAY") != "" }
