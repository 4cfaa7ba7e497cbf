package idle

import "math"

// Retention is the rule that decides how many parked workers may go. A reaper
// has one of its own, which it alone calls.
type Retention interface {
	// Excess is called once a [Tick] with what was seen since the last call, and
	// returns how many parked workers may go now, at most s.Parked.
	Excess(s Sample) int
	// Retired says how many of them have gone.
	Retired(n int)
}

// Settled is implemented by rules that may keep workers for ever. Settled reports
// whether none of parked workers, of workers in all, would be retired while nothing
// changes in the pool; then the reaper waits without a timer until something does.
// It may be asked between ticks. Other rules retire every worker in the end, if
// none is needed.
type Settled interface {
	Settled(parked, workers int) bool
}

// Sample is what a reaper sees of a pool in one tick.
type Sample struct {
	Workers int   // workers at its end
	Parked  int   // those of them that are parked
	Low     int   // the least number parked during it
	Taken   int64 // how often a parked worker has been taken since the pool was made, if the gauge counts that
}

// subWindows is how many parts the idle timeout is watched in. More parts make
// the pool shrink closer to the timeout (the bound is one part late) and wake
// the reaper more often: at the default timeout of 10 s, every 2.5 s.
const subWindows = 4

// lowWater keeps the low-water marks of the last parts of the timeout.
type lowWater struct {
	marks [subWindows]int // a ring
	next  int             // where the next part's mark goes
}

// LowWater returns the default rule: as many workers may go as were parked at
// every instant of the last timeout. Nobody needed that many, whichever they
// were. The bound is [ShrinkBound].
func LowWater() Retention { return new(lowWater) }

// Excess counts the first parts as having needed every worker.
func (l *lowWater) Excess(s Sample) int {
	l.marks[l.next] = s.Low
	l.next = (l.next + 1) % subWindows
	least := s.Low
	for _, m := range l.marks {
		least = min(least, m)
	}
	return least
}

func (l *lowWater) Retired(n int) {
	for i := range l.marks {
		l.marks[i] -= n // they are in none of the marks now
	}
}

// byAge keeps how many workers had ever been enlisted at the end of the last
// parts of the timeout.
type byAge struct {
	enlisted [subWindows]int64 // a ring
	next     int
	parts    int // seen so far
}

// ByAge returns the rule of TiDB's first pool and of ants: a worker that has
// been parked for the timeout may go. It is there to be compared: in a queue that
// is first in, first out a trickle of tasks keeps every worker young, so there
// is no bound for the pool to shrink under load.
//
// No worker has a time stamp. The queue is in order of time, so those that were
// in it a timeout ago and have not been taken since are the first
// enlisted(then) - taken(now).
func ByAge() Retention { return new(byAge) }

func (a *byAge) Excess(s Sample) int {
	then := a.enlisted[a.next] // subWindows parts ago
	a.enlisted[a.next] = s.Taken + int64(s.Parked)
	a.next = (a.next + 1) % subWindows
	if a.parts < subWindows {
		a.parts++
		return 0
	}
	return int(min(max(then-s.Taken, 0), int64(s.Parked)))
}

// Retired has nothing to do: a worker that has gone was counted when it was taken.
func (a *byAge) Retired(int) {}

// adaptive follows the load, which is the most workers that were busy at a time
// in a tick.
type adaptive struct {
	smooth  float64 // the load, smoothed
	started bool
}

// The constants of Adaptive.
const (
	smoothing = 2.0 / 11 // of an exponential average over ten ticks
	deadBand  = 0.3      // deviations from the average up to this do not count
	slope     = 0.8      // how much is kept for a deviation
	steepest  = 2.0      // deviation above which no more is kept
)

// Adaptive returns a rule that follows the load. It keeps k workers parked, where k is
// the smoothed load. While the present load differs from k by more than 30 %, k is
// multiplied by 1 + 0.8d, where d is (load - k) / k, at most 2; d is negative when the
// load falls, so that fewer are kept. A pool that is not used any more has become
// empty after one tick if five workers were busy before, and three timeouts
// later for each tenfold of five.
func Adaptive() Retention { return new(adaptive) }

func (a *adaptive) Excess(s Sample) int {
	load := float64(max(s.Workers-s.Low, 0))
	if !a.started {
		a.started, a.smooth = true, load
	}
	keep := a.smooth
	if d := (load - a.smooth) / max(a.smooth, 1); math.Abs(d) > deadBand {
		keep *= 1 + slope*min(d, steepest)
	}
	a.smooth += smoothing * (load - a.smooth)
	return max(s.Parked-int(keep), 0)
}

func (a *adaptive) Retired(int) {}

// Settled holds as long as both the load and the average are above parked: what
// is kept is at least the lesser of the two, and the average moves towards the
// load. The load is that of now, which stays: what it was at the last tick says
// nothing of the workers that have parked since.
func (a *adaptive) Settled(parked, workers int) bool {
	return a.started && float64(parked) <= min(a.smooth, float64(workers-parked))
}

type never struct{}

// Never returns the rule that keeps every worker for ever. A pool with it must
// be drained before it is garbage.
func Never() Retention { return never{} }

func (never) Excess(Sample) int     { return 0 }
func (never) Retired(int)           {}
func (never) Settled(_, _ int) bool { return true }
