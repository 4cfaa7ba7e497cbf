package measure

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// The load of a trace: a trickle throughout, and a peak once.
const (
	traceLength = 4 * time.Second
	peakAt      = 500 * time.Millisecond
	peakSize    = 2000 // tasks at once
	peakWork    = 100 * time.Millisecond
	trickleGap  = 2 * time.Millisecond
	tick        = 25 * time.Millisecond
)

// traced lists whose workers are watched over time.
var traced = []string{"go", "lfpool", "ants", "bytedance-gopool", "cloudwego-gopool", "workerpool", "gp"}

// The trace role: put the load on one contestant, print the goroutines.
func init() {
	child.Register("trace", func(args []string, _ io.Reader, out io.Writer) error {
		before := runtime.NumGoroutine()
		p := shrinking(args[0])
		found := record.Trace{Contestant: args[0]}
		var running sync.WaitGroup
		start := time.Now()
		peaked := false
		for next := time.Duration(0); time.Since(start) < traceLength; time.Sleep(trickleGap) {
			at := time.Since(start)
			if at >= next {
				found.Seconds = append(found.Seconds, math.Round(at.Seconds()*1000)/1000)
				found.Goroutines = append(found.Goroutines, runtime.NumGoroutine()-before)
				next += tick
			}
			if at >= peakAt && !peaked {
				peaked = true
				running.Add(peakSize)
				for range peakSize {
					p.Go(func() {
						time.Sleep(peakWork)
						running.Done()
					})
				}
			}
			running.Add(1)
			p.Go(running.Done)
		}
		running.Wait()
		return json.NewEncoder(out).Encode(found)
	})
}

// Traces is the stage that watches workers over time. All contestants are
// watched at once, each in a process of its own: they sleep most of the time.
func Traces() Stage {
	return Stage{
		Name:     "workers over time",
		Steps:    1,
		Estimate: traceLength + time.Second,
		Run: func(ctx context.Context, rec *Recorder) {
			rec.Step("peak and trickle")
			found := make([]record.Trace, len(traced))
			inChildren(ctx, "trace", traced, len(traced), rec, func(i int) any { return &found[i] })
			for _, t := range found {
				if len(t.Seconds) > 0 {
					rec.AddTrace(t)
				}
			}
			rec.Done()
		},
	}
}
