//go:build lfpoolhooks

package machine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/baseline"
)

// What was published, in millions of messages a second of all threads together,
// by github.com/max0x7ba/atomic_queue (results of May 2026): a queue that takes
// tickets by fetch-and-add, as Seg, and boost's queue after Michael and Scott,
// with counted links and nodes that are used again, as Counted.
var published = []struct {
	pairs    int
	seg, ms2 float64
}{{1, 21.8, 4.0}, {2, 14.2, 2.8}, {4, 14.7, 1.7}, {5, 9.3, 1.1}, {7, 10.6, 0.9}, {8, 11.6, 0.8}}

const atomicQueue = "https://github.com/max0x7ba/atomic_queue"

// xeon6132 is the machine of the curve that nobody has tuned to: two sockets of 14
// cores. The latencies are those of its successor, Cascade Lake.
var xeon6132 = Model{Name: "6132", Sockets: 2, Complexes: 1, Cores: 14, Threads: 2,
	Sibling: 7, Near: 45, Across: 45, Remote: 133, Hit: 1, Atomic: 5, Memory: 85, Local: 1}

// recorded are times as multiples of go's on 2 cores, from the record
// 2026-11-21-full: the order of parts that were exchanged.
var recorded = []struct {
	workload, contestant string
	ratio                float64
}{
	{"parallel", "lfpool", 0.39}, {"parallel", "tasks-sharded", 0.48}, {"parallel", "tasks-ms", 0.88}, {"parallel", "handoff", 1.67},
	{"burst100", "lfpool", 0.21}, {"burst100", "tasks-ms", 0.41}, {"burst100", "handoff", 1.30},
}

const gateOperations = 4000

// Gates compares the machine with what is known of real ones.
func Gates(t *testing.T) ([]record.Gate, error) {
	var gates []record.Gate
	for _, find := range []func(*testing.T) ([]record.Gate, error){ablations, curves, ceilings, untuned} {
		found, err := find(t)
		if err != nil {
			return gates, err
		}
		gates = append(gates, found...)
	}
	return gates, nil
}

// ablations is gate 1: signs and order on 2 cores.
func ablations(t *testing.T) (gates []record.Gate, err error) {
	model, _ := Named("milan") // the host is a virtual machine on an EPYC
	contestants := map[string]func() baseline.Pool{}
	for _, c := range Contestants() {
		contestants[c.Name] = c.New
	}
	of := map[string][]string{}
	ratios, want := map[string][]float64{}, map[string][]float64{}
	for _, r := range recorded {
		w := Workloads[indexOf(r.workload)]
		base, err := rate(func(seed int) (*Machine, error) {
			return w.Play(t, Trial{model, 2, gateOperations, seed}, contestants["go"])
		})
		if err != nil {
			return nil, err
		}
		of1, err := rate(func(seed int) (*Machine, error) {
			return w.Play(t, Trial{model, 2, gateOperations, seed}, contestants[r.contestant])
		})
		if err != nil {
			return nil, err
		}
		of[w.Name] = append(of[w.Name], r.contestant)
		ratios[w.Name] = append(ratios[w.Name], base/of1)
		want[w.Name] = append(want[w.Name], r.ratio)
	}
	for _, workload := range []string{"parallel", "burst100"} {
		g := record.Gate{Number: 1, What: fmt.Sprintf("%s on 2 cores, times go: %s in that order, and on the recorded side of 1", workload, strings.Join(of[workload], ", ")), Passes: true, Source: "bench/results/2026-11-21-full.json"}
		for i, ratio := range ratios[workload] {
			if i > 0 && ratio <= ratios[workload][i-1] || (ratio < 1) != (want[workload][i] < 1) {
				g.Passes = false
			}
		}
		g.Known, g.Simulated = figures("%.2f", want[workload]), figures("%.2f", ratios[workload])
		gates = append(gates, g)
	}
	return gates, nil
}

// curves is gate 2: the two queues on a 5950X.
func curves(t *testing.T) (gates []record.Gate, err error) {
	model, _ := Named("5950x")
	seg, ms := map[int]float64{}, map[int]float64{}
	var known, simulated []float64
	within := true
	for _, p := range published {
		for name, rates := range map[string]map[int]float64{"seg": seg, "ms-counted": ms} {
			rates[p.pairs], err = rate(func(seed int) (*Machine, error) {
				return Produce(t, Trial{model, 2 * p.pairs, gateOperations, seed}, queue(name))
			})
			if err != nil {
				return nil, err
			}
		}
		known, simulated = append(known, p.seg), append(simulated, seg[p.pairs])
		within = within && near(p.seg, seg[p.pairs])
	}
	ratio, loss := seg[8]/ms[8], 1-seg[5]/seg[4]
	return []record.Gate{
		{Number: 2, What: "seg on 5950x at 1+1, 2+2, 4+4, 5+5, 7+7, 8+8, M/s: within the band", Known: figures("%.1f", known), Simulated: figures("%.1f", simulated), Passes: within, Source: atomicQueue},
		{Number: 2, What: "seg over ms-counted on 5950x at 8+8: 10 to 20", Known: "14.5", Simulated: fmt.Sprintf("%.1f", ratio), Passes: ratio >= 10 && ratio <= 20, Source: atomicQueue},
		{Number: 2, What: "what seg loses on 5950x from 4+4 to 5+5, the second complex: 20 to 50 %", Known: "37 %", Simulated: fmt.Sprintf("%.0f %%", 100*loss), Passes: loss >= 0.2 && loss <= 0.5, Source: atomicQueue},
	}, nil
}

// ceilings is gate 3: one word that all add to.
func ceilings(t *testing.T) (gates []record.Gate, err error) {
	icelake, _ := Named("icelake")
	icelake.Sockets, icelake.Cores = 1, 12 // 24 virtual processors are 12 cores
	graviton, _ := Named("graviton")
	for _, c := range []struct {
		what, source string
		model        Model
		processors   int
		known        float64
	}{
		{"adding to one word on 24 virtual processors, M/s: within the band", "https://github.com/cockroachdb/crlib, crsync", icelake, 24, 49},
		{"the same with atomics made in the cache, 64 cores (the model has this figure from there)", "https://github.com/puzpuzpuz/xsync, BENCHMARKS.md", graviton, 64, 77},
	} {
		each := gateOperations / c.processors
		sum, err := rate(func(seed int) (*Machine, error) {
			return Run(t, Trial{c.model, c.processors, each * c.processors, seed}, func(m *Machine) func() {
				word := new(atomic.Uint64)
				for range c.processors {
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
		if err != nil {
			return nil, err
		}
		gates = append(gates, record.Gate{Number: 3, What: c.what, Known: fmt.Sprintf("%.0f", c.known), Simulated: fmt.Sprintf("%.0f", sum), Passes: near(c.known, sum), Source: c.source})
	}
	return gates, nil
}

// untuned is gate 4: a curve that no constant was chosen by.
func untuned(t *testing.T) ([]record.Gate, error) {
	known, simulated, passes := []float64{9.0, 9.5}, []float64(nil), true
	for i, pairs := range []int{7, 14} {
		r, err := rate(func(seed int) (*Machine, error) {
			return Produce(t, Trial{xeon6132, 2 * pairs, gateOperations, seed}, queue("seg"))
		})
		if err != nil {
			return nil, err
		}
		simulated = append(simulated, r)
		passes = passes && near(known[i], r)
	}
	return []record.Gate{{Number: 4, What: "seg on two Xeon Gold 6132, to which nothing was tuned, at 7+7 and 14+14, M/s: within the band", Known: figures("%.1f", known), Simulated: figures("%.1f", simulated), Passes: passes, Source: atomicQueue}}, nil
}

// rate is the median over trials.
func rate(trial func(seed int) (*Machine, error)) (float64, error) {
	var rates []float64
	for seed := range Trials {
		m, err := trial(seed)
		if err != nil {
			return 0, err
		}
		rates = append(rates, m.Rate())
	}
	slices.Sort(rates)
	return rates[len(rates)/2], nil
}

// near reports whether a and b are within the band of each other.
func near(a, b float64) bool { return a <= Band*b && b <= Band*a }

func figures(format string, values []float64) string {
	var all []string
	for _, v := range values {
		all = append(all, fmt.Sprintf(format, v))
	}
	return strings.Join(all, ", ")
}

func queue(name string) func() Queue {
	for _, q := range Queues {
		if q.Name == name {
			return q.New
		}
	}
	panic("machine: no queue " + name)
}

func indexOf(workload string) int {
	for i, w := range Workloads {
		if w.Name == workload {
			return i
		}
	}
	panic("machine: no workload " + workload)
}
