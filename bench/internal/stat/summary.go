// Package stat joins the statistics of kept libraries: medians with bootstrap
// intervals, ratios, and the Mann-Whitney test as benchstat does it.
package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

const (
	// Confidence is the level of every interval.
	Confidence = 0.95
	// enough samples bound a median at that level: with fewer, the interval
	// from the least to the greatest misses it too often (1/2 to the 5th).
	enough = 6
	// Significant is the level of the Mann-Whitney test, as benchstat has it.
	Significant = 0.05
	// resamples of a bootstrap: the interval's ends vary by about a hundredth
	// of its width.
	resamples = 1000
)

// A Summary is a median with its bootstrap interval, which is infinite if there
// are too few samples for one.
type Summary struct {
	Center, Lo, Hi float64
	N              int
}

// Median summarizes values, of which there must be at least one. The same
// values give the same interval.
func Median(values []float64) Summary {
	s := Summary{Center: quantile(values, 0.5), Lo: math.Inf(-1), Hi: math.Inf(1), N: len(values)}
	if len(values) < enough {
		return s
	}
	draw := rand.New(rand.NewPCG(1, uint64(len(values))))
	medians, resample := make([]float64, resamples), make([]float64, len(values))
	for i := range medians {
		for j := range resample {
			resample[j] = values[draw.IntN(len(values))]
		}
		medians[i] = Quantiles(resample, 0.5)[0]
	}
	ends := Quantiles(medians, (1-Confidence)/2, (1+Confidence)/2)
	s.Lo, s.Hi = ends[0], ends[1]
	return s
}

// Spread is the middle half of the values, as a part of their median.
func Spread(values []float64) float64 {
	return (quantile(values, 0.75) - quantile(values, 0.25)) / quantile(values, 0.5)
}

func quantile(values []float64, q float64) float64 {
	return Quantiles(slices.Clone(values), q)[0]
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
	if math.IsInf(far, 0) || math.IsNaN(far) {
		return "∞"
	}
	if far >= 10 {
		return ">999%" // the median tells little then
	}
	return fmt.Sprintf("%.0f%%", 100*math.Abs(far))
}

// P is the probability, by the Mann-Whitney U test, of samples at least as
// different as a and b if they came from one distribution.
func P(a, b []float64) float64 {
	sample := func(v []float64) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(v), &benchmath.DefaultThresholds)
	}
	return benchmath.AssumeNothing.Compare(sample(a), sample(b)).P
}

// Tells reports whether P of n and m samples can be below Significant: whether it
// is where all of the one are above all of the other.
func Tells(n, m int) bool {
	if n == 0 || m == 0 {
		return false
	}
	values := make([]float64, n+m)
	for i := range values {
		values[i] = float64(i)
	}
	return P(values[:n], values[n:]) < Significant
}
