// Package stat has the statistics of golang.org/x/perf/benchmath, which are
// benchstat's: medians with intervals, and the Mann-Whitney test.
package stat

import (
	"fmt"
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

const (
	// Confidence is the least level of every interval.
	Confidence = 0.95
	// Significant is the level of the Mann-Whitney test, as benchstat has it.
	Significant = 0.05
)

// A Summary is a median with its interval, which is infinite if there are too few
// samples for one: six are the fewest.
type Summary struct {
	Center, Lo, Hi float64
	N              int
}

func sample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}

// Median summarizes values, of which there must be at least one.
func Median(values []float64) Summary {
	s := benchmath.AssumeNothing.Summary(sample(values), Confidence)
	return Summary{s.Center, s.Lo, s.Hi, len(values)}
}

// Spread is the middle half of the values, as a part of their median.
func Spread(values []float64) float64 {
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

// Bound shows how far the interval reaches from the median, at most.
func (s Summary) Bound() string {
	far := max(s.Hi-s.Center, s.Center-s.Lo) / s.Center
	switch {
	case math.IsInf(far, 0) || math.IsNaN(far):
		return "∞"
	case far >= 10:
		return ">999%" // the median tells little then
	default:
		return fmt.Sprintf("%.0f%%", 100*math.Abs(far))
	}
}

// Compare returns the probability, by the Mann-Whitney U test, of samples at least as
// different as a and b if they came from one distribution. tells is false if they are
// too few for any difference to show.
func Compare(a, b []float64) (p float64, tells bool) {
	if len(a) == 0 || len(b) == 0 {
		return 1, false
	}
	c := benchmath.AssumeNothing.Compare(sample(a), sample(b))
	return c.P, c.P <= c.Alpha || len(c.Warnings) == 0
}
