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

// GateRow has the machine held to what is known of real ones.
func GateRow() measure.Row {
	row := measure.Row{Kind: record.Gates, Name: "gates", Doc: "what is known of real machines, and what the simulated one makes of it"}
	for _, g := range gates {
		row.Entrants = append(row.Entrants, entrant(g.name, g.doc, func(int) (int, map[string]float64, error) {
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
	return row
}

func entrant(name, doc string, sample func(round int) (int, map[string]float64, error)) measure.Entrant {
	return measure.Entrant{Name: name, Doc: doc, Begin: func(time.Duration) (measure.Sampler, func()) {
		return func(_ context.Context, round int) (int, map[string]float64, error) { return sample(round) }, func() {}
	}}
}
