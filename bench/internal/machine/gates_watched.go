//go:build lfpoolhooks

package machine

import (
	"slices"
	"testing"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/lfqueue"
	"github.com/lfpool/lfpool/pool"
)

// xeon6132 is the machine of the curve that nobody has tuned to: two sockets of 14
// cores. The latencies are those of its successor, Cascade Lake.
var xeon6132 = Model{Name: "6132", Sockets: 2, Complexes: 1, Cores: 14, Threads: 2,
	Sibling: 7, Near: 45, Remote: 133, Hit: 1, Atomic: 5, Memory: 85, Local: 1}

const (
	gateOperations = 4000
	gateTrials     = 3
)

// check returns what the machine makes of what is known, and whether that is right.
func (g gate) check(t *testing.T) (simulated []float64, passes bool, err error) {
	ryzen, _ := Named("5950x")
	switch g.name {
	case "1-parallel":
		simulated, err = overGo(t, "parallel", oneLane, oneLaneSharded, oneLaneMS, handOff)
	case "1-burst100":
		simulated, err = overGo(t, "burst100", oneLane, oneLaneMS, handOff)
	case "2-seg":
		simulated, err = rates(t, ryzen, "seg", 1, 2, 4, 5, 7, 8)
	case "2-ms":
		var seg, ms []float64
		if seg, err = rates(t, ryzen, "seg", 8); err == nil {
			ms, err = rates(t, ryzen, "ms-counted", 8)
		}
		if err == nil {
			ratio := seg[0] / ms[0]
			return []float64{ratio}, ratio >= 10 && ratio <= 20, nil
		}
	case "2-complex":
		var seg []float64
		if seg, err = rates(t, ryzen, "seg", 4, 5); err == nil {
			loss := 100 * (1 - seg[1]/seg[0])
			return []float64{loss}, loss >= 20 && loss <= 50, nil
		}
	case "3-word":
		icelake, _ := Named("icelake")
		icelake.Sockets, icelake.Cores = 1, 12 // 24 virtual processors are 12 cores
		simulated, err = oneWord(t, icelake, 24)
	case "3-far":
		graviton, _ := Named("graviton")
		simulated, err = oneWord(t, graviton, 64)
	case "4-xeon":
		simulated, err = rates(t, xeon6132, "seg", 7, 14)
	default:
		panic("machine: no gate " + g.name)
	}
	if err != nil {
		return nil, false, err
	}
	passes = true
	for i, known := range g.known {
		if g.name[0] == '1' { // signs and order
			passes = passes && (known < 1) == (simulated[i] < 1) && (i == 0 || simulated[i-1] < simulated[i])
			continue
		}
		passes = passes && known <= Band*simulated[i] && simulated[i] <= Band*known
	}
	return simulated, passes, nil
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
func overGo(t *testing.T, workload string, pools ...func() baseline.Pool) (ratios []float64, err error) {
	model, _ := Named("milan")
	w := Workloads[slices.IndexFunc(Workloads, func(w Workload) bool { return w.Name == workload })]
	var base float64
	for i, newPool := range append([]func() baseline.Pool{baseline.All[0].New}, pools...) {
		r, err := median(func(seed int) (*Machine, error) {
			return w.Play(t, Trial{model, 2, gateOperations, seed}, newPool)
		})
		if err != nil {
			return nil, err
		}
		if i == 0 {
			base = r
			continue
		}
		ratios = append(ratios, base/r)
	}
	return ratios, nil
}

// rates is millions of values a second through a queue with so many producers and as
// many consumers.
func rates(t *testing.T, model Model, queue string, pairs ...int) (all []float64, err error) {
	for _, n := range pairs {
		r, err := median(func(seed int) (*Machine, error) {
			return Produce(t, Trial{model, 2 * n, gateOperations, seed}, queueNamed(queue))
		})
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// oneWord is millions of additions a second to one word by all processors.
func oneWord(t *testing.T, model Model, processors int) ([]float64, error) {
	each := gateOperations / processors
	r, err := median(func(seed int) (*Machine, error) {
		return Run(t, Trial{model, processors, each * processors, seed}, func(m *Machine) func() {
			word := new(atomic.Uint64)
			for range processors {
				m.Go(func() {
					for range each {
						word.Add(1)
						m.tick()
					}
				})
			}
			return nil
		})
	})
	return []float64{r}, err
}

// median is the median rate over trials.
func median(trial func(seed int) (*Machine, error)) (float64, error) {
	var rates []float64
	for seed := range gateTrials {
		m, err := trial(seed)
		if err != nil {
			return 0, err
		}
		rates = append(rates, m.Rate())
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}

func queueNamed(name string) func() Queue {
	for _, q := range Queues {
		if q.Name == name {
			return q.New
		}
	}
	panic("machine: no queue " + name)
}
