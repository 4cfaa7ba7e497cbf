package main

import (
	"slices"

	"golang.org/x/perf/benchmath"
)

// confidence is the level of every interval that is printed.
const confidence = 0.95

// results has the samples of each cell, in the order of the rounds.
type results map[cell][]sample

func perTask(s sample) float64   { return float64(s.elapsed.Nanoseconds()) / float64(s.tasks) }
func bytesEach(s sample) float64 { return float64(s.bytes) / float64(s.tasks) }
func allocsEach(s sample) float64 {
	return float64(s.allocs) / float64(s.tasks)
}

// summary is the median of what value finds in the samples, with its interval.
// It needs at least one sample.
func summary(samples []sample, value func(sample) float64) benchmath.Summary {
	var values []float64
	for _, s := range samples {
		values = append(values, value(s))
	}
	return summarize(values)
}

// ratio is the median of a's time per task over b's, taken round by round:
// what slowed both in a round leaves their ratio as it was. ok is false if they
// have no round in common.
func (r results) ratio(a, b cell) (m benchmath.Summary, ok bool) {
	var ratios []float64
	for _, sa := range r[a] {
		i := slices.IndexFunc(r[b], func(sb sample) bool { return sb.round == sa.round })
		if i >= 0 {
			ratios = append(ratios, perTask(sa)/perTask(r[b][i]))
		}
	}
	if len(ratios) == 0 {
		return m, false
	}
	return summarize(ratios), true
}

// toReference is the ratio of c to the go statement.
func (r results) toReference(c cell) (benchmath.Summary, bool) {
	return r.ratio(c, cell{c.procs, c.workload, reference})
}

// measured lists the cells of a row that have samples.
func (r results) measured(of row, procs int) []cell {
	var cells []cell
	for _, c := range of.contestants {
		at := cell{procs, of.workload.name, c.Name}
		if len(r[at]) > 0 {
			cells = append(cells, at)
		}
	}
	return cells
}

func summarize(values []float64) benchmath.Summary {
	s := benchmath.NewSample(values, &benchmath.DefaultThresholds)
	return benchmath.AssumeNothing.Summary(s, confidence)
}
