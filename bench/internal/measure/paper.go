package measure

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
)

// The measurement of Michael and Scott 1996 (doi:10.1145/248052.248106), figures 3 to 5:
// goroutines that each put a value into a shared queue, do other work, take a value out,
// do other work, and so on.

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

// Paper is a row for each length of other work and number of goroutines a processor,
// with pairs enqueues and dequeues a sample with the paper's other work. procs is the
// most processors that it is made for.
func Paper(pairs, procs int) (rows []Row) {
	for _, w := range works {
		for _, perProc := range perProc {
			row := Row{Kind: record.Pairs, Name: w.name, X: float64(perProc), Warm: 1,
				Doc: "net time of an enqueue and a dequeue beside other work, 6 us as in the paper, or a tenth of it"}
			turns, each := plan(w.times*pairs, procs*perProc, perProc, w.work)
			// With a queue and without, and twice the other work a pair.
			row.Least = time.Duration(turns*2*each*perProc) * 2 * w.work
			for _, q := range Queues {
				row.Entrants = append(row.Entrants, Entrant{Name: q.Name, Doc: q.Doc, Begin: func(time.Duration) (Sampler, func()) {
					goroutines := runtime.GOMAXPROCS(0) * perProc
					turns, each := plan(w.times*pairs, goroutines, perProc, w.work)
					queue := q.New()
					return func(context.Context, int) (int, map[string]float64, error) {
						net := netTime(queue, turns, each, goroutines, w.work)
						return turns * each * goroutines, map[string]float64{record.NetPair: net}, nil
					}, func() {}
				}})
			}
			rows = append(rows, row)
		}
	}
	return rows
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
	return record.Quantiles(nets, 0.5)[0]
}

// nothing stands where the queue would.
type nothing struct{}

func (nothing) Enqueue(*int)          {}
func (nothing) Dequeue() (*int, bool) { return nil, true }

// elapsed is the time from the common start of the goroutines to the end of the
// last.
func elapsed(q Queue, each, goroutines int, work time.Duration) time.Duration {
	return together(goroutines, func(int) {
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

// together runs f in n goroutines that start at the same time, and returns how
// long it took from then to the end of the last. None starts before all run:
// goroutines that were merely made ready might run one after the other on one
// processor.
func together(n int, f func(i int)) time.Duration {
	var (
		arrived atomic.Int32
		begun   time.Time // written by the last to arrive, before it opens
		open    atomic.Bool
		done    sync.WaitGroup
	)
	for i := range n {
		done.Go(func() {
			if int(arrived.Add(1)) == n {
				begun = time.Now()
				open.Store(true)
			}
			for !open.Load() {
				runtime.Gosched()
			}
			f(i)
		})
	}
	done.Wait()
	return time.Since(begun)
}
