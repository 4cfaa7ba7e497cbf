package main

import "sync"

// A recorder takes the samples as they come, and works only between samples:
// its callers wait for it. It is safe for use by several goroutines.
type recorder struct {
	mu       sync.Mutex
	closed   bool // false to true, once
	results  results
	report   *report
	progress *progress
	err      error // the report's first
}

func newRecorder(rep *report, prog *progress) *recorder {
	return &recorder{results: results{}, report: rep, progress: prog}
}

// begin announces the plan's row with the given index.
func (r *recorder) begin(procs, index int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.progress.begin(procs, index)
	}
}

// end says that the row begun last is complete.
func (r *recorder) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.progress.end()
	}
}

func (r *recorder) add(s sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.results[s.cell] = append(r.results[s.cell], s)
	r.progress.add(s)
	if err := r.report.add(s); err != nil && r.err == nil {
		r.err = err
	}
}

// close returns what was recorded; what comes later is dropped. The error is
// that of writing the report.
func (r *recorder) close() (results, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.progress.close()
	if err := r.report.close(); err != nil && r.err == nil {
		r.err = err
	}
	return r.results, r.err
}
