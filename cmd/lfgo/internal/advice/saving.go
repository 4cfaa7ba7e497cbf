package advice

import "fmt"

// What lfpool saves of each cost, at worst and at best, as parts of it. Below
// zero it costs more than go.
//
// A start and an end: the time a task relative to go, over the loads of
// bench/results/2026-11-21-full.txt (2 cores, go1.26.8): at worst 1.18, a task
// that is waited for (wait, other GOMAXPROCS); at best 0.13, a burst of 10 000.
// What the scheduler does between two goroutines is saved where a worker takes
// the next task, as in that burst, and not where it parks.
//
// A stack: nothing is saved by the first task of each worker, and after a
// garbage collection that has shrunk a stack; proof/PROGRAMS.md has what was left
// of the growing in programs that were measured both ways.
var (
	worst = Cost{Grow: 0.70, Start: 1 - 1.18, End: 1 - 1.18, Switch: 0}
	best  = Cost{Grow: 1, Start: 1 - 0.13, End: 1 - 0.13, Switch: 1 - 0.13}
)

func (c Cost) times(part Cost) float64 {
	return c.Grow*part.Grow + c.Start*part.Start + c.End*part.End + c.Switch*part.Switch
}

// Saving is what lfpool would save of a cost, at worst and at best.
func (c Cost) Saving() (lo, hi float64) { return c.times(worst), c.times(best) }

// LeaveIt is the part of the processor time below which a pool is not worth the
// trouble.
const LeaveIt = 0.01

// Share is a part of all samples.
func (a *Advice) Share(seconds float64) float64 {
	if a.Total == 0 {
		return 0
	}
	return seconds / a.Total
}

// Worth reports whether lfpool may save enough in a row to change its go
// statement.
func (a *Advice) Worth(r Row) bool {
	_, hi := r.Saving()
	return a.Share(hi) >= LeaveIt
}

// Verdict is the advice in a sentence.
func (a *Advice) Verdict() string {
	lo, hi := a.Program.Saving()
	most := a.Share(a.Program.Most())
	switch {
	case a.Pools:
		return "The program is on lfpool already: profile it as it was to learn what that has saved."
	case a.Share(hi) < LeaveIt:
		return fmt.Sprintf("Leave it: the most that a pool could save is %.1f %% of the processor time.", 100*most)
	case lo < 0:
		return fmt.Sprintf("Try it, and measure: lfpool would cost up to %.1f %% or save up to %.1f %% of the processor time, by whether tasks come in bursts or are waited for one by one.", -100*a.Share(lo), 100*a.Share(hi))
	}
	return fmt.Sprintf("Worth it: lfpool would save %.1f to %.1f %% of the processor time.", 100*a.Share(lo), 100*a.Share(hi))
}
