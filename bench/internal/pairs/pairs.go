// Package pairs repeats the measurement of Michael and Scott 1996 (doi:
// 10.1145/248052.248106), figures 3 to 5: goroutines that each put a value into
// a shared queue, do other work, take a value out, do other work, and so on.
package pairs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"sync"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
)

// Queue is what is measured.
type Queue interface {
	Enqueue(v *int)
	Dequeue() (v *int, ok bool)
}

// An Entry is one queue of the comparison.
type Entry struct {
	Name, Doc string
	New       func() Queue
}

// Queues lists those of the paper that are to be had in Go, and newer ones. Not
// among them: the non-blocking queues of Mellor-Crummey and of Prakash, Lee
// and Johnson.
var Queues = []Entry{
	{"single-lock", "a ring under one sync.Mutex", func() Queue { return baseline.NewLocked[*int](new(sync.Mutex), false) }},
	{"spinlock", "a ring under one test-and-set lock with back-off", func() Queue { return baseline.NewLocked[*int](new(baseline.SpinLock), false) }},
	{"two-lock", "the paper's two-lock queue", func() Queue { return baseline.NewTwoLock[*int](true) }},
	{"two-lock-tight", "the same, both locks on one cache line", func() Queue { return baseline.NewTwoLock[*int](false) }},
	{"ms", "the paper's non-blocking queue, garbage-collected nodes", func() Queue { return lfqueue.NewMS[*int]() }},
	{"ms-counted", "the paper's non-blocking queue as published, counted indices", func() Queue { return lfqueue.NewCounted[int]() }},
	{"seg", "segments with fetch-and-add inside", func() Queue { return lfqueue.NewSeg[*int]() }},
	{"chan", "a channel with room for 1024 values", func() Queue { return baseline.NewChannel[*int](1024) }},
	{"xsync", "xsync's MPMC ring with room for 1024 values", func() Queue { return baseline.NewRing[*int](1024) }},
}

// The other work: the paper's, and a tenth of it, since a processor of today
// does in that time what those of 1996 did in 6 us, or more. As it takes less
// time, there are more pairs.
var works = []struct {
	name  string
	work  time.Duration
	times int // as many pairs as asked for
}{
	{"ms96", 6 * time.Microsecond, 1},
	{"ms96-tenth", 600 * time.Nanosecond, 10},
}

// perProc are the goroutines for each processor: the paper's dedicated machine,
// and its two and three processes a processor.
var perProc = []int{1, 2, 3}

// Paper measures queues.
type Paper struct {
	Filter *regexp.Regexp // matched against queue/ms96
	Pairs  int            // enqueues and dequeues of one sample with the paper's other work
	Procs  []int
	Count  int // samples
}

// Stage is the stage that takes the samples.
func (p Paper) Stage() measure.Stage {
	var entries []Entry
	for _, e := range Queues {
		if p.Filter.MatchString(e.Name + "/ms96") {
			entries = append(entries, e)
		}
	}
	stage := measure.Stage{Name: "Michael and Scott 1996"}
	if len(entries) == 0 {
		return stage
	}
	for _, w := range works {
		for _, procs := range p.Procs {
			for _, each := range perProc {
				turns, pairs := plan(w.times*p.Pairs, procs*each, each, w.work)
				stage.Steps++
				// With a queue and without, and twice the other work a pair.
				stage.Estimate += time.Duration(len(entries)*(p.Count+1)*turns*2*pairs*each) * 2 * w.work
			}
		}
	}
	stage.Run = func(ctx context.Context, rec *measure.Recorder) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
		for _, w := range works {
			for _, procs := range p.Procs {
				runtime.GOMAXPROCS(procs)
				for _, each := range perProc {
					if ctx.Err() != nil {
						return
					}
					rec.Step(fmt.Sprintf("%s, %d x %d", w.name, procs, each))
					k := record.Key{Kind: record.Pairs, Name: w.name, X: float64(each), Procs: procs}
					p.row(ctx, k, entries, w.times*p.Pairs, w.work, procs*each, each, rec)
					rec.Done()
				}
			}
		}
	}
	return stage
}

// row samples every queue once a round, in random order, after a round that is
// not counted.
func (p Paper) row(ctx context.Context, k record.Key, entries []Entry, pairs int, work time.Duration, goroutines, perProc int, rec *measure.Recorder) {
	turns, each := plan(pairs, goroutines, perProc, work)
	queues := make([]Queue, len(entries))
	for i, e := range entries {
		queues[i] = e.New()
	}
	for round := range p.Count + 1 {
		for _, i := range rand.Perm(len(queues)) {
			if ctx.Err() != nil {
				return
			}
			net := netTime(queues[i], turns, each, goroutines, work)
			if round > 0 {
				rec.Add(k.Of(entries[i].Name), round-1, turns*each*goroutines, map[string]float64{record.NetPair: net})
			}
		}
		rec.Round()
	}
}

// A turn is so long, with the queue, then without, and so on: what slows the
// machine for a while slows both, or spoils few turns of many.
const (
	turn       = time.Millisecond
	leastTurns = 5
)

// plan divides pairs into turns: how many, and of how many pairs for each
// goroutine.
func plan(pairs, goroutines, perProc int, work time.Duration) (turns, each int) {
	each = max(1, min(pairs/goroutines, int(turn/(2*max(work, time.Nanosecond)))/perProc))
	return max(leastTurns, pairs/(each*goroutines)), each
}

// netTime is nanoseconds of elapsed time a pair, less what the same goroutines
// take without the queue: the median over the turns.
//
// Differs from the paper, which takes off the time that one processor needs for
// its share of the other work: that would charge the queue with whatever else
// the machine does.
func netTime(q Queue, turns, each, goroutines int, work time.Duration) float64 {
	nets := make([]float64, turns)
	for i := range nets {
		without := elapsed(nothing{}, each, goroutines, work)
		nets[i] = float64(elapsed(q, each, goroutines, work)-without) / float64(each*goroutines)
	}
	return stat.Quantiles(nets, 0.5)[0]
}

// nothing stands where the queue would.
type nothing struct{}

func (nothing) Enqueue(*int)          {}
func (nothing) Dequeue() (*int, bool) { return nil, true }

// elapsed is the time from the common start of the goroutines to the end of the
// last.
func elapsed(q Queue, each, goroutines int, work time.Duration) time.Duration {
	return measure.Together(goroutines, func(int) {
		v := new(int)
		for range each {
			q.Enqueue(v)
			load.Spin(work)
			for {
				if _, ok := q.Dequeue(); ok {
					break
				}
				runtime.Gosched() // a ring or channel may say so while an enqueue is under way
			}
			load.Spin(work)
		}
	})
}
