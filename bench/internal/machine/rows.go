package machine

import (
	"context"
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
			return sampleQueue(trialOf(model, n, round), kind, q.Name)
		}))
	}
	return row
}

// PoolRows simulates n tasks, at least, of each workload on the pools for which keep
// holds.
func PoolRows(kind string, model *Model, n int, keep func(contestant string) bool) (rows []measure.Row) {
	for _, w := range Workloads {
		row := measure.Row{Kind: kind, Name: nameOf(model, w.Name), Doc: w.Doc}
		for _, c := range Contestants(1) {
			if !keep(c.Name) || kind == record.Transfers && c.Name == contest.Reference {
				continue // what go moves is the Go runtime's, and not seen
			}
			row.Entrants = append(row.Entrants, entrant(c.Name, c.Doc, func(round int) (int, map[string]float64, error) {
				return samplePool(trialOf(model, n, round), kind, w, c.Name)
			}))
		}
		rows = append(rows, row)
	}
	return rows
}

// GateRow has the machine held to what is known of real ones.
func GateRow() measure.Row {
	row := measure.Row{Kind: record.Gates, Name: "gates", Doc: "what is known of real machines, and what the simulated one makes of it"}
	for _, g := range gates {
		row.Entrants = append(row.Entrants, entrant(g.name, g.doc, func(int) (int, map[string]float64, error) { return sampleGate(g) }))
	}
	return row
}

func entrant(name, doc string, sample func(round int) (int, map[string]float64, error)) measure.Entrant {
	return measure.Entrant{Name: name, Doc: doc, Begin: func(time.Duration) (measure.Sampler, func()) {
		return func(_ context.Context, round int) (int, map[string]float64, error) { return sample(round) }, func() {}
	}}
}

func trialOf(model *Model, n, round int) Trial {
	processors := runtime.GOMAXPROCS(0)
	t := Trial{Processors: processors, Operations: n, Seed: round}
	if model == nil {
		t.Model = Uniform(processors)
	} else {
		t.Model = *model
	}
	return t
}

// nameOf is a workload's name in a record: of a simulated model, with that before it.
func nameOf(model *Model, workload string) string {
	if model == nil {
		return workload
	}
	return model.Name + "-" + workload
}
