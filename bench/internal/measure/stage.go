// Package measure takes the samples.
package measure

import (
	"context"
	"runtime"
	"time"
)

// A Stage is one kind of measurement in a run.
type Stage struct {
	Name     string
	Steps    int           // lines of progress
	Estimate time.Duration // how long it will take
	Run      func(ctx context.Context, rec *Recorder)
}

// At makes a stage that measures at the process's GOMAXPROCS value measure at
// each of these, one after the other.
func (s Stage) At(procs []int) Stage {
	run := s.Run
	s.Steps *= len(procs)
	s.Estimate *= time.Duration(len(procs))
	s.Run = func(ctx context.Context, rec *Recorder) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
		for _, n := range procs {
			if ctx.Err() != nil {
				return
			}
			runtime.GOMAXPROCS(n)
			run(ctx, rec)
		}
	}
	return s
}

// Total is how long the stages will take.
func Total(stages []Stage) time.Duration {
	var sum time.Duration
	for _, s := range stages {
		sum += s.Estimate
	}
	return sum
}

// Run makes the stages one after the other. It returns early, between two
// samples, when ctx is cancelled.
func Run(ctx context.Context, stages []Stage, rec *Recorder) {
	for i := range stages {
		if ctx.Err() != nil {
			return
		}
		rec.stage(stages, i)
		stages[i].Run(ctx, rec)
	}
}
