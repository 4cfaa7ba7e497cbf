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

	w         io.Writer
	steps, of int           // begun, and in all
	left      time.Duration // estimated, for those that are not done
	since     time.Time
	open      bool // a line of progress has no end yet
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

func (r *Recorder) begin(stages []Stage) {
	r.left = Total(stages...)
	for _, s := range stages {
		r.of += len(s.Rows) * len(s.Procs)
	}
}

// step begins a line for what is measured next.
func (r *Recorder) step(what string) {
	r.do(func() {
		r.steps++
		r.since, r.open = time.Now(), true
		fmt.Fprintf(r.w, "%3d of %d: %-22s", r.steps, r.of, what)
	})
}

// round says that every contestant of the step has been sampled once more.
func (r *Recorder) round() { r.do(func() { fmt.Fprint(r.w, ".") }) }

// done says that the step is complete, which was estimated, and what is left.
func (r *Recorder) done(estimate time.Duration) {
	r.do(func() {
		r.left -= estimate
		fmt.Fprintf(r.w, " %.1f s, %v left", time.Since(r.since).Seconds(), r.left.Round(time.Second))
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
