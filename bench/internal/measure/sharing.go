package measure

import (
	"context"
	"math/rand/v2"
	"regexp"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/padded"
)

// Layouts of counters of which each goroutine has its own.
var layouts = []struct {
	name string
	new  func(n int) []*atomic.Uint64
}{
	{"padded", func(n int) (all []*atomic.Uint64) {
		words := make([]padded.Uint64, n)
		for i := range words {
			all = append(all, &words[i].Uint64)
		}
		return all
	}},
	{"one-line", func(n int) (all []*atomic.Uint64) {
		words := make([]atomic.Uint64, n)
		for i := range words {
			all = append(all, &words[i])
		}
		return all
	}},
}

// Sharing shows false sharing: what an atomic add costs when each goroutine has
// a counter of its own, each counter on its own cache line, or all on one.
type Sharing struct {
	Filter *regexp.Regexp // matched against layout/sharing
	Count  int
}

const additions = 1_000_000 // of each goroutine in a sample

// Stage is the stage that takes the samples.
func (s Sharing) Stage() Stage {
	stage := Stage{Name: "false sharing", Steps: 1, Estimate: time.Duration(s.Count+1) * 2 * 10 * time.Millisecond, Run: s.run}
	if !s.Filter.MatchString("padded/sharing") {
		stage.Steps = 0
	}
	return stage
}

func (s Sharing) run(ctx context.Context, rec *Recorder) {
	rec.Step("counters")
	procs := runtime.GOMAXPROCS(0)
	for round := range s.Count + 1 {
		for _, i := range rand.Perm(len(layouts)) {
			if ctx.Err() != nil {
				return
			}
			ns := addUp(layouts[i].new(procs), additions)
			if round > 0 { // the first warms up
				k := record.Key{Kind: record.Sharing, Name: "counters", Procs: procs, Contestant: layouts[i].name}
				rec.Add(k, round-1, procs*additions, map[string]float64{record.NsOp: ns})
			}
		}
		rec.Round()
	}
	rec.Done()
}

// addUp has a goroutine for each counter add n to it, all at the same time, and
// returns the nanoseconds of one addition.
func addUp(counters []*atomic.Uint64, n int) float64 {
	elapsed := Together(len(counters), func(i int) {
		for range n {
			counters[i].Add(1)
		}
	})
	return float64(elapsed) / float64(n)
}
