package machine

import (
	"errors"
	"slices"
	"sync"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/results"
	watched "github.com/lfpool/lfpool/internal/atomic"
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

// The gates beside those of the orders. boost's queue after Michael and Scott has counted
// links and nodes that are used again, as ms-counted.
var gates = []gate{
	orderGate("parallel"),
	orderGate("burst100"),
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

// failing says why a gate is known to fail.
var failing = map[string]string{
	"1-parallel": "handoff-ms before handoff-mutex: who waits for a lock spins and is queued in the Go runtime, of which the machine has nothing",
}

// xeon6132 is the machine of the curve that nobody has tuned to: two sockets of 14
// cores. The latencies are those of its successor, Cascade Lake.
var xeon6132 = Model{Name: "6132", Sockets: 2, Complexes: 1, Cores: 14, Threads: 2,
	Sibling: 7, Near: 45, Remote: 133, Hit: 1, Atomic: 5, Local: 1}

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

// An Order is of the times of a task, as multiples of go's, on 2 cores: of the contestants
// that have one lane, and of lfpool.
type Order struct {
	Workload  string
	Recorded  []record.Summary // in the newest record of everything
	Simulated []float64
}

// Pairs counts those whose recorded intervals are apart, and lists the ones that are
// simulated in the other order: the first should be less than the second.
func (o Order) Pairs() (apart int, wrong [][2]int) {
	for i, a := range o.Recorded {
		for j, b := range o.Recorded {
			if a.Hi < b.Lo {
				apart++
				if o.Simulated[i] >= o.Simulated[j] {
					wrong = append(wrong, [2]int{i, j})
				}
			}
		}
	}
	return apart, wrong
}

// ordered are the contestants of the orders. One that waits for its lock by yielding is
// not among them: the machine does not see that.
var ordered = []baseline.Contestant{
	baseline.All[0],
	{Name: "lfpool", New: with(pool.WithLanes(baseline.Lanes(2)))},
	{Name: "lanes-1", New: oneLane},
	{Name: "lanes-1-sharded", New: oneLaneSharded},
	{Name: "handoff", New: handOff},
	{Name: "handoff-ms", New: with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return lfqueue.NewMS[*pool.Worker]() }))},
	{Name: "handoff-mutex", New: with(pool.WithHandOff(), pool.WithIdleQueue(func() pool.IdleQueue { return baseline.NewLocked[*pool.Worker](new(watched.Mutex), true) }))},
}

var (
	oneLane        = with(pool.WithLanes(1))
	oneLaneSharded = with(pool.WithLanes(1), pool.WithTaskQueue(func() pool.TaskQueue { return lfqueue.NewSharded[func()](8) }))
	handOff        = with(pool.WithHandOff())
)

// orders are those of the workloads that are held to the record, each found once.
var orders = map[string]func() (Order, error){"parallel": orderOf("parallel"), "burst100": orderOf("burst100")}

// orderOf finds an order. The record's host is a virtual machine on an Intel Xeon.
func orderOf(workload string) func() (Order, error) {
	return sync.OnceValues(func() (o Order, err error) {
		r, err := newest()
		if err != nil {
			return o, err
		}
		w := Workloads[slices.IndexFunc(Workloads, func(w Workload) bool { return w.Name == workload })]
		o.Workload = workload
		var base float64
		for i, c := range ordered {
			rate, err := median(Trial{Model: icelake, Processors: 2}, func(t Trial) (Result, error) { return w.Play(t, c.New) })
			if err != nil {
				return o, err
			}
			if i == 0 {
				base = rate[0]
			}
			k := record.Key{Kind: record.Tasks, Name: workload, Procs: 2, Contestant: c.Name}
			recorded, ok := r.Ratio(k, k.Of(contest.Reference), record.NsOp)
			if !ok {
				return o, errors.New("machine: the newest record of everything has no " + c.Name + "/" + workload)
			}
			o.Recorded, o.Simulated = append(o.Recorded, recorded), append(o.Simulated, base/rate[0])
		}
		return o, nil
	})
}

// orderGate wants a workload's order.
func orderGate(workload string) gate {
	return gate{name: "1-" + workload, known: []float64{100}, rule: slices.Equal[[]float64],
		doc: workload + " on 2 cores, times go: the pairs that the newest record of everything tells apart and that are simulated in its order, in percent; the contestants are below",
		simulate: func() ([]float64, error) {
			o, err := orders[workload]()
			if err != nil {
				return nil, err
			}
			apart, wrong := o.Pairs()
			return []float64{100 * (1 - float64(len(wrong))/float64(apart))}, nil
		}}
}

// newest is the newest record of everything.
func newest() (newest *record.Record, err error) {
	files, err := results.Full.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := results.Full.ReadFile(file.Name())
		if err != nil {
			return nil, err
		}
		r, err := record.Read(text)
		if err == nil && r.Full && r.Whole() && (newest == nil || r.Host.Started.After(newest.Host.Started)) {
			newest = r
		}
	}
	if newest == nil {
		return nil, errors.New("machine: no record of everything in bench/results")
	}
	return newest, nil
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
