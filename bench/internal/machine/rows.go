package machine

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// QueueWorkload is the name of producers and consumers at a queue.
const QueueWorkload = "queue"

const queueDoc = "as many producers as consumers, each on a processor, pass values through a queue"

// Each row is of a model, or of none to count transfers; GOMAXPROCS, which the
// stage sets, is how many processors are simulated, and the round is the seed.

// QueueRow simulates n values that go through each queue. It is for an even number
// of processors.
func QueueRow(kind string, model *Model, n int) measure.Row {
	row := measure.Row{Kind: kind, Name: nameOf(model, QueueWorkload), Doc: queueDoc}
	for _, q := range Queues {
		row.Entrants = append(row.Entrants, entrant(q.Name, q.Doc, func(round int) (int, map[string]float64, error) {
			r, err := Produce(trialOf(model, n, round), q.New)
			return r.Operations, r.values(kind), err
		}))
	}
	return row
}

// PoolRows simulates n tasks, at least, of each workload on the pools for which keep
// holds.
func PoolRows(kind string, model *Model, n int, keep func(contestant string) bool) (rows []measure.Row) {
	for _, w := range Workloads {
		row := measure.Row{Kind: kind, Name: nameOf(model, w.Name), Doc: w.Doc}
		for i, c := range Contestants(1) {
			if !keep(c.Name) || kind == record.Transfers && c.Name == contest.Reference {
				continue // what go moves is the Go runtime's, and not seen
			}
			row.Entrants = append(row.Entrants, entrant(c.Name, c.Doc, func(round int) (int, map[string]float64, error) {
				t := trialOf(model, n, round)
				r, err := w.Play(t, Contestants(t.Processors)[i].New)
				return r.Operations, r.values(kind), err
			}))
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

// trialOf is of the model, or of none to count transfers.
func trialOf(model *Model, n, round int) Trial {
	processors := runtime.GOMAXPROCS(0)
	if model == nil {
		return Trial{Uniform(processors), processors, n, round}
	}
	return Trial{*model, processors, n, round}
}

// nameOf is a workload's name in a record: of a simulated model, with that before it.
func nameOf(model *Model, workload string) string {
	if model == nil {
		return workload
	}
	return model.Name + "-" + workload
}
