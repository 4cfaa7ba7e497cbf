package main

import (
	"regexp"
	"slices"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
)

// A row is one workload with the contestants that are measured on it.
type row struct {
	workload    workload
	contestants []baseline.Contestant
}

// A selection is what is measured: rows, and the contestants of any of them.
type selection struct {
	rows        []row
	contestants []baseline.Contestant
}

// choose keeps the contestants and workloads whose contestant/workload matches
// filter, in their order. What matches with no other is left out.
func choose(filter *regexp.Regexp, cs []baseline.Contestant, ws []workload) selection {
	var s selection
	for _, w := range ws {
		r := row{workload: w}
		for _, c := range cs {
			if filter.MatchString(c.Name + "/" + w.name) {
				r.contestants = append(r.contestants, c)
			}
		}
		if len(r.contestants) > 0 {
			s.rows = append(s.rows, r)
		}
	}
	for _, c := range cs {
		if slices.ContainsFunc(s.rows, func(r row) bool { return r.has(c.Name) }) {
			s.contestants = append(s.contestants, c)
		}
	}
	return s
}

func (r row) has(contestant string) bool {
	return slices.ContainsFunc(r.contestants, func(c baseline.Contestant) bool { return c.Name == contestant })
}

// A plan says what is measured and how long it may take.
type plan struct {
	selection
	procs  []int
	count  int // samples of each contestant on each workload
	budget budget
}

// A budget bounds the time of one pass over the rows, at one GOMAXPROCS value.
type budget struct {
	total   time.Duration // of the whole pass, as far as it can be kept
	longest time.Duration // of one sample, so that a small selection ends soon
	latency time.Duration // of one sample of start latencies
}

var (
	defaultBudget = budget{total: 90 * time.Second, longest: 200 * time.Millisecond, latency: 40 * time.Millisecond}
	quickBudget   = budget{total: 17 * time.Second, longest: 50 * time.Millisecond, latency: 12 * time.Millisecond}
)

// shortestSample bounds a sample from below, so that the clock's resolution
// (under 1 us) and the producers' start do not show. A large -count therefore
// takes longer than the budget.
const shortestSample = 5 * time.Millisecond

// sampleTime shares the time that is left among the rows that are left. A row
// that overran, because one iteration of it takes longer than a sample should,
// shortens the samples of those after it.
func (p plan) sampleTime(left time.Duration, rows []row) time.Duration {
	// In samples: each is preceded by an unmeasured tenth, and calibration
	// takes about one more.
	cost := 1.1*float64(p.count) + 1
	n := 0
	for _, r := range rows {
		n += len(r.contestants)
	}
	share := time.Duration(float64(left) / (cost * float64(n)))
	return max(shortestSample, min(share, p.budget.longest))
}
