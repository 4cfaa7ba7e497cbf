package record

import (
	"slices"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

// Statistics are those of golang.org/x/perf/benchmath, which are benchstat's: medians with
// intervals, and the Mann-Whitney test.

const (
	// Confidence is the least level of every interval.
	Confidence = 0.95
	// Significant is the level of the Mann-Whitney test, as benchstat has it.
	Significant = 0.05
)

// A Summary is a median of N samples with its interval, which is infinite if there are too
// few for one: six are the fewest.
type Summary struct {
	benchmath.Summary
	N int
}

func sample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}

// median summarizes values; ok is false if there are none.
func median(values []float64) (s Summary, ok bool) {
	if len(values) == 0 {
		return s, false
	}
	return Summary{benchmath.AssumeNothing.Summary(sample(values), Confidence), len(values)}, true
}

// spread is the middle half of the values, as a part of their median.
func spread(values []float64) float64 {
	q := Quantiles(slices.Clone(values), 0.25, 0.5, 0.75)
	return (q[2] - q[0]) / q[1]
}

// Quantiles returns the quantiles qs of values, which it sorts.
func Quantiles(values []float64, qs ...float64) []float64 {
	slices.Sort(values)
	s := stats.Sample{Xs: values, Sorted: true}
	found := make([]float64, len(qs))
	for i, q := range qs {
		found[i] = s.Quantile(q)
	}
	return found
}

// compare returns the probability, by the Mann-Whitney U test, of samples at least as
// different as a and b if they came from one distribution. tells is false if they are
// too few for any difference to show.
func compare(a, b []float64) (p float64, tells bool) {
	if len(a) == 0 || len(b) == 0 {
		return 1, false
	}
	c := benchmath.AssumeNothing.Compare(sample(a), sample(b))
	return c.P, c.P <= c.Alpha || len(c.Warnings) == 0
}
