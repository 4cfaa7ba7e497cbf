package measure

import (
	"io"
	"sync"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// A Recorder takes the samples as they come, and works only between samples:
// its callers wait for it. It is safe for use by several goroutines.
type Recorder struct {
	mu       sync.Mutex
	closed   bool // false to true, once
	rec      *record.Record
	text     *record.Text // nil: not wanted
	progress progress
	err      error // the first of writing text
}

// NewRecorder records into rec and text, and shows progress on w.
func NewRecorder(rec *record.Record, text *record.Text, w io.Writer) *Recorder {
	return &Recorder{rec: rec, text: text, progress: progress{w: w}}
}

// do runs f unless the recorder is closed.
func (r *Recorder) do(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		f()
	}
}

func (r *Recorder) stage(stages []Stage, at int) {
	r.do(func() { r.progress.stage(stages, at) })
}

// Step begins a line of progress for what is measured next.
func (r *Recorder) Step(what string) { r.do(func() { r.progress.step(what) }) }

// Round says that every contestant of the step has been sampled once more.
func (r *Recorder) Round() { r.do(r.progress.round) }

// Done says that the step is complete.
func (r *Recorder) Done() { r.do(r.progress.done) }

// Add takes the values of one sample of n operations.
func (r *Recorder) Add(k record.Key, round, n int, values map[string]float64) {
	r.do(func() {
		r.rec.AddOf(k, round, n, values)
		if err := r.text.Add(k, n, values); err != nil && r.err == nil {
			r.err = err
		}
	})
}

// AddTrace takes the workers of a contestant over time.
func (r *Recorder) AddTrace(t record.Trace) {
	r.do(func() { r.rec.Traces = append(r.rec.Traces, t) })
}

// AddDay takes what a pool had over time.
func (r *Recorder) AddDay(d record.Day) {
	r.do(func() { r.rec.Days = append(r.rec.Days, d) })
}

// AddGates takes what the simulated machine was held to.
func (r *Recorder) AddGates(gates []record.Gate) {
	r.do(func() { r.rec.Gates = append(r.rec.Gates, gates...) })
}

// Failed notes that something could not be measured, and why.
func (r *Recorder) Failed(what string, err error) {
	r.do(func() {
		r.rec.Failed = append(r.rec.Failed, what)
		r.progress.failed(what, err)
	})
}

// Close ends the recording; what comes later is dropped. The error is that of
// writing the text.
func (r *Recorder) Close(interrupted bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.progress.close()
	r.rec.End(interrupted)
	return r.err
}
