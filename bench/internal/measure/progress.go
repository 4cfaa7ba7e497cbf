package measure

import (
	"fmt"
	"io"
	"time"
)

// A progress prints one line a step while it is measured, with a dot a round,
// and how much time is left by the stages' estimates.
type progress struct {
	w      io.Writer
	stages []Stage
	at     int // the stage under way
	steps  int // of that stage, begun
	since  time.Time
	open   bool // a line has no end yet
}

func (p *progress) stage(stages []Stage, at int) {
	p.stages, p.at, p.steps = stages, at, 0
	if len(stages) > 1 {
		fmt.Fprintf(p.w, "%d of %d, %s: about %v\n", at+1, len(stages), stages[at].Name, stages[at].Estimate.Round(time.Second))
	}
}

func (p *progress) step(what string) {
	p.steps++
	p.since, p.open = time.Now(), true
	fmt.Fprintf(p.w, "%3d of %d: %-18s", p.steps, p.stages[p.at].Steps, what)
}

func (p *progress) round() { fmt.Fprint(p.w, ".") }

func (p *progress) done() {
	fmt.Fprintf(p.w, " %.1f s", time.Since(p.since).Seconds())
	if left := p.left(); left > 0 {
		fmt.Fprintf(p.w, ", %v left", left)
	}
	fmt.Fprintln(p.w)
	p.open = false
}

// left is by estimate: the stages to come, and the steps to come of this one.
func (p *progress) left() time.Duration {
	s := p.stages[p.at]
	left := Total(p.stages[p.at+1:])
	left += time.Duration(float64(s.Estimate) * float64(s.Steps-p.steps) / float64(max(1, s.Steps)))
	return left.Round(time.Second)
}

func (p *progress) failed(what string, err error) {
	p.close()
	fmt.Fprintf(p.w, "bench: %s: %v\n", what, err)
}

// close ends a line that was interrupted.
func (p *progress) close() {
	if p.open {
		fmt.Fprintln(p.w)
	}
	p.open = false
}
