package machine

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/lfpool/lfpool/bench/internal/measure"
	watched "github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/padded"
)

// A Machine is what a workload runs on.
type Machine interface {
	// Go starts a goroutine, each on the next processor. Only what Run calls may do so.
	Go(f func())
	// Work has the calling goroutine compute for so many nanoseconds.
	Work(ns float64)
	// tick says that the calling goroutine has ended an operation of the workload.
	tick()
}

// A Trial is one run of a machine.
type Trial struct {
	Model      Model
	Processors int
	Operations int
	// Seed is of the random part of the times between atomics, without which
	// goroutines could keep step for ever as they do on no machine.
	Seed int
}

// A Result is what a trial shows.
type Result struct {
	Operations int
	Each       float64 // nanoseconds an operation, of all processors together
	// Transfers is how often lines were moved for an operation, by word. What is of
	// the workload itself is not among them.
	Transfers map[string]Transfer
}

// A Transfer is how often a word's cache line was moved from one processor to another, for
// operations that write, and for loads.
type Transfer struct{ Writes, Reads float64 }

// Rate is operations a microsecond: millions a second.
func (r Result) Rate() float64 { return 1000 / r.Each }

// A Workload is a way of submitting tasks and waiting for them: the one of that
// name in bench/internal/load, with waiting that the machine sees.
type Workload struct {
	Name, Doc string
	// producers is how many goroutines submit on so many processors, batch how
	// many tasks each has at a time.
	producers func(processors int) int
	batch     int
	work      float64 // nanoseconds that a task computes
}

// perProcessor is for how many tasks a processor is simulated at least: so many that what
// a pool has to learn of its callers it has learnt in the half that is not counted.
const perProcessor = 512

// Workloads lists those that can be simulated.
var Workloads = []Workload{
	{Name: "parallel", Doc: "8 producers a processor, each 32 tasks, then wait for its own", producers: func(n int) int { return 8 * n }, batch: 32},
	{Name: "parallel-1us", Doc: "parallel, each task computing for 1 us", producers: func(n int) int { return 8 * n }, batch: 32, work: 1000},
	{Name: "callers", Doc: "a caller a processor, each submits one task and waits for it", producers: func(n int) int { return n }, batch: 1},
	{Name: "callers-2us", Doc: "callers, each task computing for 2 us", producers: func(n int) int { return n }, batch: 1, work: 2000},
	{Name: "burst100", Doc: "100 tasks from one goroutine, then wait for all", producers: func(int) int { return 1 }, batch: 100},
}

// Play has so many tasks, or two rounds of all producers, run by a pool.
func (w Workload) Play(trial Trial, newPool func() baseline.Pool) (Result, error) {
	producers := w.producers(trial.Processors)
	// Time is taken of the second half of one round and of most of the next, and
	// there is a third so that nobody is out of work meanwhile.
	trial.Operations = max(trial.Operations, 2*producers*w.batch, perProcessor*trial.Processors)
	rounds := trial.Operations/(producers*w.batch) + 1
	var ran atomic.Int64
	r, err := Run(trial, func(m Machine) func() {
		p := newPool()
		for range producers {
			// A batch is waited for as with a sync.WaitGroup, whose word is seen.
			left, over := new(padded.Int64), make(chan struct{}, 1)
			task := func() {
				if w.work > 0 {
					m.Work(w.work)
				}
				ran.Add(1)
				m.tick()
				if left.Add(-1) == 0 {
					over <- struct{}{}
				}
			}
			m.Go(func() {
				for range rounds {
					left.Store(int64(w.batch))
					for range w.batch {
						p.Go(task)
					}
					<-over
				}
			})
		}
		return func() {
			if d, ok := p.(interface{ Drain(context.Context) error }); ok {
				_ = d.Drain(context.Background()) // fails only with its context
			}
		}
	})
	if got, want := ran.Load(), int64(rounds*producers*w.batch); err == nil && got != want {
		err = fmt.Errorf("machine: %d tasks were submitted and %d ran", want, got)
	}
	return r, err
}

// Produce has half of the processors enqueue the values between them and the other
// half dequeue them, as in the benchmarks of max0x7ba/atomic_queue. Producer and
// consumer i are on neighbouring processors.
func Produce(trial Trial, newQueue func() measure.Queue) (Result, error) {
	pairs := trial.Processors / 2
	if trial.Processors%2 != 0 {
		return Result{}, fmt.Errorf("machine: %d processors: want a producer for each consumer", trial.Processors)
	}
	each := trial.Operations / pairs
	trial.Operations = each * pairs
	came := 0
	r, err := Run(trial, func(m Machine) func() {
		q, v := newQueue(), new(int)
		for range pairs {
			m.Go(func() {
				for range each {
					q.Enqueue(v)
				}
			})
			m.Go(func() {
				for i := 0; i < each; {
					if _, ok := q.Dequeue(); ok {
						i++
						came++ // one goroutine runs at a time
						m.tick()
					}
				}
			})
		}
		return nil
	})
	if err == nil && came != trial.Operations {
		err = fmt.Errorf("machine: %d values went in and %d came out", trial.Operations, came)
	}
	return r, err
}

// Paper is the measurement of Michael and Scott 1996 (doi:10.1145/248052.248106), section
// 4: so many goroutines a processor that each put a value into a queue, do other work for
// some nanoseconds, take a value out, and do other work. Goroutines of one processor run
// one after the other: Go lets one run on for 10 ms, longer than a trial.
func Paper(trial Trial, perProc int, work float64, newQueue func() measure.Queue) (Result, error) {
	goroutines := perProc * trial.Processors
	each := max(1, trial.Operations/goroutines)
	trial.Operations = each * goroutines
	return Run(trial, func(m Machine) func() {
		q, v := newQueue(), new(int)
		for range goroutines {
			m.Go(func() {
				for range each + each/4 + 1 { // so that nobody is out of work while time is taken
					q.Enqueue(v)
					m.Work(work)
					for {
						if _, ok := q.Dequeue(); ok {
							break
						}
					}
					m.Work(work)
					m.tick()
				}
			})
		}
		return nil
	})
}

// addToOne has all processors add to one word.
func addToOne(trial Trial) (Result, error) {
	each := trial.Operations / trial.Processors
	trial.Operations = each * trial.Processors
	return Run(trial, func(m Machine) func() {
		word := new(watched.Uint64)
		for range trial.Processors {
			m.Go(func() {
				for range each {
					word.Add(1)
					m.tick()
				}
			})
		}
		return nil
	})
}
