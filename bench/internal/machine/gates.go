package machine

import (
	"errors"
	"slices"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// A gate is something known of real machines, what the simulated one makes of it, and the
// rule by which that is right.
type gate struct {
	name, doc string
	known     []float64
	rule      func(known, simulated []float64) bool
	simulate  func() ([]float64, error)
}

const (
	atomicQueue = "github.com/max0x7ba/atomic_queue, results of May 2026"

	gateOperations = 4000
	gateTrials     = 3
)

// The gates. boost's queue after Michael and Scott has counted links and nodes that are
// used again, as ms-counted. The record of 2 cores is of pools with one lane.
var gates = []gate{
	{"1-parallel", "parallel on 2 cores, times go: lanes-1, lanes-1-sharded, ms and handoff, in that order and each on the known side of 1; bench/results/2026-11-21-full.txt",
		[]float64{0.39, 0.48, 0.88, 1.67}, inOrder, func() ([]float64, error) { return overGo("parallel", oneLane, oneLaneSharded, oneLaneMS, handOff) }},
	{"1-burst100", "burst100 on 2 cores, times go: lanes-1, ms and handoff, likewise",
		[]float64{0.21, 0.41, 1.30}, inOrder, func() ([]float64, error) { return overGo("burst100", oneLane, oneLaneMS, handOff) }},
	{"2-seg", "seg on 5950x at 1+1, 2+2, 4+4, 5+5, 7+7 and 8+8 producers and consumers, M/s, within the band; " + atomicQueue,
		[]float64{21.8, 14.2, 14.7, 9.3, 10.6, 11.6}, inBand, func() ([]float64, error) { return rates(ryzen, "seg", 1, 2, 4, 5, 7, 8) }},
	{"2-ms", "seg's rate over ms-counted's on 5950x at 8+8, from 10 to 20; the same",
		[]float64{14.5}, between(10, 20), func() ([]float64, error) {
			seg, err := rates(ryzen, "seg", 8)
			ms, err2 := rates(ryzen, "ms-counted", 8)
			if err := errors.Join(err, err2); err != nil {
				return nil, err
			}
			return []float64{seg[0] / ms[0]}, nil
		}},
	{"2-complex", "what seg loses on 5950x from 4+4 to 5+5, where the second complex begins, from 20 to 50 %; the same",
		[]float64{37}, between(20, 50), func() ([]float64, error) {
			seg, err := rates(ryzen, "seg", 4, 5)
			if err != nil {
				return nil, err
			}
			return []float64{100 * (1 - seg[1]/seg[0])}, nil
		}},
	{"3-word", "adding to one word on 24 virtual processors, M/s, within the band; github.com/cockroachdb/crlib, crsync",
		[]float64{49}, inBand, func() ([]float64, error) {
			half := icelake
			half.Sockets, half.Cores = 1, 12 // 24 virtual processors are 12 cores
			return median(Trial{Model: half, Processors: 24}, addToOne)
		}},
	{"3-far", "the same on 64 cores with atomics made in the cache, M/s, within the band; the model has its rate from there: github.com/puzpuzpuz/xsync, BENCHMARKS.md",
		[]float64{77}, inBand, func() ([]float64, error) {
			return median(Trial{Model: graviton, Processors: 64}, addToOne)
		}},
	{"4-xeon", "seg on two Xeon Gold 6132, to which nothing was tuned, at 7+7 and 14+14, M/s, within the band; " + atomicQueue,
		[]float64{9.0, 9.5}, inBand, func() ([]float64, error) { return rates(xeon6132, "seg", 7, 14) }},
}

// xeon6132 is the machine of the curve that nobody has tuned to: two sockets of 14
// cores. The latencies are those of its successor, Cascade Lake.
var xeon6132 = Model{Name: "6132", Sockets: 2, Complexes: 1, Cores: 14, Threads: 2,
	Sibling: 7, Near: 45, Remote: 133, Hit: 1, Atomic: 5, Memory: 85, Local: 1}

// inOrder wants the known order, each on the known side of 1.
func inOrder(known, simulated []float64) bool {
	for i := range known {
		if (known[i] < 1) != (simulated[i] < 1) {
			return false
		}
	}
	return slices.IsSorted(simulated)
}

func inBand(known, simulated []float64) bool {
	for i := range known {
		if known[i] > Band*simulated[i] || simulated[i] > Band*known[i] {
			return false
		}
	}
	return true
}

func between(least, most float64) func(known, simulated []float64) bool {
	return func(_, simulated []float64) bool { return least <= simulated[0] && simulated[0] <= most }
}

// The pools of the recorded ablations.
var (
	oneLane        = with(pool.WithLanes(1))
	oneLaneSharded = with(pool.WithLanes(1), pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewSharded[func()](8) }))
	oneLaneMS      = with(pool.WithLanes(1), pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewMS[func()]() }))
	handOff        = with(pool.WithHandOff())
)

// overGo is the times of a task on 2 cores as multiples of go's. The record's host
// is a virtual machine on an EPYC.
func overGo(workload string, pools ...func() baseline.Pool) (ratios []float64, err error) {
	w := Workloads[slices.IndexFunc(Workloads, func(w Workload) bool { return w.Name == workload })]
	var base float64
	for i, newPool := range append([]func() baseline.Pool{baseline.All[0].New}, pools...) {
		r, err := median(Trial{Model: milan, Processors: 2}, func(t Trial) (Result, error) { return w.Play(t, newPool) })
		if err != nil {
			return nil, err
		}
		if i == 0 {
			base = r[0]
			continue
		}
		ratios = append(ratios, base/r[0])
	}
	return ratios, nil
}

// rates is millions of values a second through a queue with so many producers and as
// many consumers.
func rates(model Model, queue string, pairs ...int) (all []float64, err error) {
	for _, n := range pairs {
		r, err := median(Trial{Model: model, Processors: 2 * n}, func(t Trial) (Result, error) { return Produce(t, queueNamed(queue)) })
		if err != nil {
			return nil, err
		}
		all = append(all, r...)
	}
	return all, nil
}

// median is the median rate over trials.
func median(t Trial, run func(Trial) (Result, error)) ([]float64, error) {
	var rates []float64
	t.Operations = gateOperations
	for t.Seed = range gateTrials {
		r, err := run(t)
		if err != nil {
			return nil, err
		}
		rates = append(rates, r.Rate())
	}
	slices.Sort(rates)
	return rates[len(rates)/2 : len(rates)/2+1], nil
}
