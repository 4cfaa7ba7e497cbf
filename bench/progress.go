package main

import (
	"fmt"
	"io"
	"time"
)

// A progress prints one line a row while it is measured, with a dot a round.
type progress struct {
	w       io.Writer
	plan    plan
	begun   time.Time // zero between rows
	samples int       // of the row under way
	row     row
}

func (p *progress) begin(procs, index int) {
	p.row = p.plan.rows[index]
	p.begun = time.Now()
	p.samples = 0
	fmt.Fprintf(p.w, "GOMAXPROCS %d, %2d of %d: %-14s", procs, index+1, len(p.plan.rows), p.row.workload.name)
}

func (p *progress) add(sample) {
	p.samples++
	if p.samples%len(p.row.contestants) == 0 {
		fmt.Fprint(p.w, ".")
	}
}

func (p *progress) end() {
	fmt.Fprintf(p.w, " %.1f s\n", time.Since(p.begun).Seconds())
	p.begun = time.Time{}
}

// close ends a line that was interrupted.
func (p *progress) close() {
	if !p.begun.IsZero() {
		fmt.Fprintln(p.w)
	}
}
