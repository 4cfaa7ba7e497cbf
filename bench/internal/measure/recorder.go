package measure

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// A Recorder takes the samples as they come, and shows progress: one line a step,
// with a dot a round, and how much time is left by the stages' estimates. It works
// only between samples: its callers wait for it. It is safe for use by several
// goroutines.
type Recorder struct {
	mu     sync.Mutex
	closed bool // false to true, once
	rec    *record.Record

	w      io.Writer
	stages []Stage
	at     int // the stage under way
	steps  int // of that stage, begun
	since  time.Time
	open   bool // a line of progress has no end yet
}

// NewRecorder records into rec, and shows progress on w.
func NewRecorder(rec *record.Record, w io.Writer) *Recorder { return &Recorder{rec: rec, w: w} }

// do runs f unless the recorder is closed.
func (r *Recorder) do(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		f()
	}
}

func (r *Recorder) stage(stages []Stage, at int) {
	r.do(func() {
		r.stages, r.at, r.steps = stages, at, 0
		if len(stages) > 1 {
			fmt.Fprintf(r.w, "%d of %d, %s: about %v\n", at+1, len(stages), stages[at].Name, stages[at].Estimate().Round(time.Second))
		}
	})
}

// step begins a line for what is measured next.
func (r *Recorder) step(what string) {
	r.do(func() {
		r.steps++
		r.since, r.open = time.Now(), true
		fmt.Fprintf(r.w, "%3d of %d: %-18s", r.steps, r.all(), what)
	})
}

// all is how many steps the stage has.
func (r *Recorder) all() int { return len(r.stages[r.at].Rows) * len(r.stages[r.at].Procs) }

// round says that every contestant of the step has been sampled once more.
func (r *Recorder) round() { r.do(func() { fmt.Fprint(r.w, ".") }) }

// done says that the step is complete, and what is left.
func (r *Recorder) done() {
	r.do(func() {
		fmt.Fprintf(r.w, " %.1f s", time.Since(r.since).Seconds())
		left := Total(r.stages[r.at+1:]) + r.stages[r.at].Estimate()*time.Duration(r.all()-r.steps)/time.Duration(r.all())
		if left = left.Round(time.Second); left > 0 {
			fmt.Fprintf(r.w, ", %v left", left)
		}
		r.endLine()
	})
}

func (r *Recorder) endLine() {
	if r.open {
		fmt.Fprintln(r.w)
	}
	r.open = false
}

// add takes the values of one sample of n operations.
func (r *Recorder) add(k record.Key, n int, values map[string]float64) {
	r.do(func() { r.rec.Add(k, n, values) })
}

// failed notes that something could not be measured, and why.
func (r *Recorder) failed(what string, err error) {
	r.do(func() {
		r.rec.Failed = append(r.rec.Failed, what)
		r.endLine()
		fmt.Fprintf(r.w, "bench: %s: %v\n", what, err)
	})
}

// Close ends the recording; what comes later is dropped.
func (r *Recorder) Close(interrupted bool) {
	r.do(func() {
		r.closed = true
		r.endLine()
		r.rec.End(interrupted)
	})
}
