package machine

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// QueueWorkload is the name of producers and consumers at a queue.
const QueueWorkload = "queue"

const queueDoc = "as many producers as consumers, each on a processor, pass values through a queue"

// Each row is of a model, or of Uniform to count transfers; GOMAXPROCS, which the
// stage sets, is how many processors are simulated, and the round is the seed.

func (m Model) kind() string {
	if m.Name == "" {
		return record.Transfers
	}
	return record.Simulated
}

func (m Model) row(workload, doc string) measure.Row {
	return measure.Row{Kind: m.kind(), Name: strings.TrimPrefix(m.Name+"-"+workload, "-"), Doc: doc}
}

// entrant has n operations at least in a sample.
func (m Model) entrant(name, doc string, n int, play func(Trial) (Result, error)) measure.Entrant {
	return entrant(name, doc, func(round int) (int, map[string]float64, error) {
		r, err := play(Trial{m, runtime.GOMAXPROCS(0), n, round})
		return r.Operations, r.values(m.kind()), err
	})
}

// QueueRow simulates n values that go through each queue. It is for an even number
// of processors.
func (m Model) QueueRow(n int) measure.Row {
	row := m.row(QueueWorkload, queueDoc)
	for _, q := range Queues {
		row.Entrants = append(row.Entrants, m.entrant(q.Name, q.Doc, n, func(t Trial) (Result, error) { return Produce(t, q.New) }))
	}
	return row
}

// PaperWorkload begins the names of the measurement of Michael and Scott.
const PaperWorkload = "ms96"

// PaperRows simulate n enqueues and dequeues, at least, through each queue, with the
// paper's 6 us of other work after each, or a tenth of it. Their time is without that. Queues
// with locks are left out: who waits for one spins in the Go runtime, of which the machine
// has nothing.
func (m Model) PaperRows(n int) (rows []measure.Row) {
	for _, of := range []struct {
		name string
		work float64
	}{{PaperWorkload, 6000}, {PaperWorkload + "-tenth", 600}} {
		for _, perProc := range []int{1, 2, 3} {
			row := m.row(of.name, "goroutines that each enqueue, work, dequeue, and work, as in Michael and Scott 1996, figures 3 to 5")
			row.X = float64(perProc)
			for _, q := range Queues {
				if strings.HasSuffix(q.Name, "-lock") {
					continue
				}
				row.Entrants = append(row.Entrants, entrant(q.Name, q.Doc, func(round int) (int, map[string]float64, error) {
					t := Trial{m, runtime.GOMAXPROCS(0), n, round}
					r, err := Paper(t, perProc, of.work, q.New)
					return r.Operations, map[string]float64{record.SimulatedPair: r.Each - 2*of.work/float64(t.Processors)}, err
				}))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// PoolRows simulates n tasks, at least, of each workload on the pools for which keep
// holds.
func (m Model) PoolRows(n int, keep func(contestant string) bool) (rows []measure.Row) {
	for _, w := range Workloads {
		row := m.row(w.Name, w.Doc)
		for i, c := range Contestants(1) {
			if !keep(c.Name) || m.kind() == record.Transfers && c.Name == contest.Reference {
				continue // what go moves is the Go runtime's, and not seen
			}
			row.Entrants = append(row.Entrants, m.entrant(c.Name, c.Doc, n, func(t Trial) (Result, error) { return w.Play(t, Contestants(t.Processors)[i].New) }))
		}
		rows = append(rows, row)
	}
	return rows
}

// values are those of a record.
func (r Result) values(kind string) map[string]float64 {
	if kind == record.Simulated {
		return map[string]float64{record.SimulatedRate: r.Rate(), record.SimulatedNs: r.Each}
	}
	values := map[string]float64{record.Moves: 0}
	for word, t := range r.Transfers {
		values[record.Moves] += t.Writes + t.Reads
		values[word+record.WriteSuffix] = t.Writes
		values[word+record.ReadSuffix] = t.Reads
	}
	return values
}

// GateRows have the machine held to what is known of real ones: all gates, and the
// contestants of the orders.
func GateRows() []measure.Row {
	row := measure.Row{Kind: record.Gates, Name: record.AllGates, Doc: "what is known of real machines, and what the simulated one makes of it"}
	for _, g := range gates {
		doc := g.doc
		if why := failing[g.name]; why != "" {
			doc += ". Known to fail: " + why
		}
		row.Entrants = append(row.Entrants, entrant(g.name, doc, func(int) (int, map[string]float64, error) {
			simulated, err := g.simulate()
			if err != nil {
				return 0, nil, err
			}
			values := map[string]float64{record.Passes: 0}
			if g.rule(g.known, simulated) {
				values[record.Passes] = 1
			}
			for i := range g.known {
				values[fmt.Sprint(record.KnownPrefix, i+1)] = g.known[i]
				values[fmt.Sprint(record.SimulatedPrefix, i+1)] = simulated[i]
			}
			return 1, values, nil
		}))
	}
	rows := []measure.Row{row}
	for _, workload := range []string{"parallel", "burst100"} {
		row := measure.Row{Kind: record.Gates, Name: workload, Doc: "times of tasks, times go, recorded and simulated"}
		for i, c := range ordered {
			row.Entrants = append(row.Entrants, entrant(c.Name, c.Doc, func(int) (int, map[string]float64, error) {
				o, err := orders[workload]()
				if err != nil {
					return 0, nil, err
				}
				k := o.Recorded[i]
				return 1, map[string]float64{record.KnownPrefix + "1": k.Center, record.KnownPrefix + "2": k.Lo, record.KnownPrefix + "3": k.Hi, record.SimulatedPrefix + "1": o.Simulated[i]}, nil
			}))
		}
		rows = append(rows, row)
	}
	return rows
}

func entrant(name, doc string, sample func(round int) (int, map[string]float64, error)) measure.Entrant {
	return measure.Entrant{Name: name, Doc: doc, Begin: func(time.Duration) (measure.Sampler, func()) {
		return func(_ context.Context, round int) (int, map[string]float64, error) { return sample(round) }, func() {}
	}}
}
