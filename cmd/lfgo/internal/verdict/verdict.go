// Package verdict compares two series of benchmark results as benchstat does:
// medians with intervals, and the Mann-Whitney test.
package verdict

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchunit"
)

// A Row compares one unit of one benchmark.
type Row struct {
	Benchmark, Unit string
	Before, After   benchmath.Summary
	Test            benchmath.Comparison
}

// Ratio is after over before: below 1 lfpool is better, for all units that lfgo
// compares.
func (r Row) Ratio() float64 {
	if r.Before.Center == r.After.Center {
		return 1
	}
	return r.After.Center / r.Before.Center
}

// Range bounds the ratio by the intervals of the two medians.
func (r Row) Range() (lo, hi float64) { return r.After.Lo / r.Before.Hi, r.After.Hi / r.Before.Lo }

// Shown reports whether the samples show a difference.
func (r Row) Shown() bool { return r.Test.P < r.Test.Alpha }

// confidence is the level of the intervals, benchstat's.
const confidence = 0.95

// Samples holds values by benchmark, unit and side.
type Samples struct {
	values map[key][2][]float64
	order  []string
}

type key struct{ benchmark, unit string }

// Add notes a value, before (0) or after (1).
func (s *Samples) Add(benchmark, unit string, side int, value float64) {
	if s.values == nil {
		s.values = map[key][2][]float64{}
	}
	if !slices.Contains(s.order, benchmark) {
		s.order = append(s.order, benchmark)
	}
	k := key{benchmark, unit}
	both := s.values[k]
	both[side] = append(both[side], value)
	s.values[k] = both
}

// units that a table shows first, in this order.
var units = []string{"sec/op", "cpu-sec/op", "B/op", "allocs/op", "peak-B"}

func rank(unit string) int {
	if i := slices.Index(units, unit); i >= 0 {
		return i
	}
	return len(units)
}

// Rows returns the comparisons, unit by unit; within a unit those that lfpool
// loses come first, the greatest loss before all, and those where nothing is
// shown last.
func (s *Samples) Rows() (rows []Row) {
	for k, both := range s.values {
		if len(both[0]) == 0 || len(both[1]) == 0 {
			continue
		}
		before, after := benchmath.NewSample(both[0], &benchmath.DefaultThresholds), benchmath.NewSample(both[1], &benchmath.DefaultThresholds)
		rows = append(rows, Row{
			Benchmark: k.benchmark, Unit: k.unit,
			Before: benchmath.AssumeNothing.Summary(before, confidence),
			After:  benchmath.AssumeNothing.Summary(after, confidence),
			Test:   benchmath.AssumeNothing.Compare(before, after),
		})
	}
	class := func(r Row) int {
		switch {
		case !r.Shown():
			return 2
		case r.Ratio() > 1:
			return 0
		}
		return 1
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(
			cmp.Compare(rank(a.Unit), rank(b.Unit)), strings.Compare(a.Unit, b.Unit),
			cmp.Compare(class(a), class(b)), cmp.Compare(b.Ratio(), a.Ratio()),
			cmp.Compare(slices.Index(s.order, a.Benchmark), slices.Index(s.order, b.Benchmark)),
		)
	})
	return rows
}

// Table is the text of rows.
func Table(rows []Row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	unit := ""
	for _, r := range rows {
		if r.Unit != unit {
			if unit != "" {
				fmt.Fprintln(w, "\t\t\t\t")
			}
			unit = r.Unit
			fmt.Fprintf(w, "%s\tgo\tlfpool\tlfpool/go\t\n", unit)
		}
		class := benchunit.ClassOf(r.Unit)
		ratio := "~"
		if r.Shown() {
			lo, hi := r.Range()
			ratio = fmt.Sprintf("%.2f", r.Ratio())
			if !math.IsInf(hi, 0) && !math.IsInf(lo, 0) && !math.IsNaN(lo+hi) {
				ratio += fmt.Sprintf(" [%.2f, %.2f]", lo, hi)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t(p=%.3f n=%d+%d)\n", r.Benchmark, scaled(r.Before, class), scaled(r.After, class), ratio, r.Test.P, r.Test.N1, r.Test.N2)
	}
	w.Flush() // to memory
	return b.String()
}

func scaled(s benchmath.Summary, class benchunit.Class) string {
	return benchunit.Scale(s.Center, class) + " ± " + s.PctRangeString()
}

// Verdict is the sum of it in words.
func Verdict(rows []Row) string {
	better, worse, same := 0, 0, 0
	var worst, best *Row
	for i, r := range rows {
		if r.Unit != "sec/op" {
			continue
		}
		switch {
		case !r.Shown():
			same++
		case r.Ratio() > 1:
			if worse++; worst == nil || r.Ratio() > worst.Ratio() {
				worst = &rows[i]
			}
		default:
			if better++; best == nil || r.Ratio() < best.Ratio() {
				best = &rows[i]
			}
		}
	}
	text := fmt.Sprintf("In time lfpool is worse in %d, better in %d of %d benchmarks; in %d no difference is shown.", worse, better, worse+better+same, same)
	if worst != nil {
		text += fmt.Sprintf(" Worst: %.2f (%s).", worst.Ratio(), worst.Benchmark)
	}
	if best != nil {
		text += fmt.Sprintf(" Best: %.2f (%s).", best.Ratio(), best.Benchmark)
	}
	return text
}
