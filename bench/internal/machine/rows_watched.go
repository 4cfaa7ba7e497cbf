//go:build lfpoolhooks

package machine

import (
	"fmt"

	"github.com/lfpool/lfpool/bench/internal/record"
)

func sampleQueue(trial Trial, kind, queue string) (int, map[string]float64, error) {
	m, err := Produce(current, trial, queueNamed(queue))
	return valuesOf(m, kind, err)
}

func samplePool(trial Trial, kind string, w Workload, contestant string) (int, map[string]float64, error) {
	for _, c := range Contestants(trial.Processors) {
		if c.Name == contestant {
			m, err := w.Play(current, trial, c.New)
			return valuesOf(m, kind, err)
		}
	}
	return 0, nil, fmt.Errorf("machine: no contestant %q", contestant)
}

func valuesOf(m *Machine, kind string, err error) (int, map[string]float64, error) {
	if err != nil {
		return 0, nil, err
	}
	if kind == record.Simulated {
		return m.total, map[string]float64{record.SimulatedRate: m.Rate(), record.SimulatedNs: m.Each()}, nil
	}
	values := map[string]float64{record.Moves: 0}
	for word, t := range m.Transfers() {
		if word == "" {
			continue // the workload's own
		}
		values[record.Moves] += t.Writes + t.Reads
		values[word+record.WriteSuffix] = t.Writes
		values[word+record.ReadSuffix] = t.Reads
	}
	return m.total, values, nil
}

func sampleGate(g gate) (int, map[string]float64, error) {
	simulated, passes, err := g.check(current)
	if err != nil {
		return 0, nil, err
	}
	values := map[string]float64{record.Passes: 0}
	if passes {
		values[record.Passes] = 1
	}
	for i, v := range g.known {
		values[fmt.Sprint(record.KnownPrefix, i+1)] = v
	}
	for i, v := range simulated {
		values[fmt.Sprint(record.SimulatedPrefix, i+1)] = v
	}
	return 1, values, nil
}
