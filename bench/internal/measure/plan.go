package measure

import (
	"regexp"
	"slices"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A Row is one workload with the contestants that are measured on it.
type Row struct {
	Workload    load.Workload
	Contestants []baseline.Contestant
}

// A Selection is what is measured: rows, and the contestants of any of them.
type Selection struct {
	Rows        []Row
	Contestants []baseline.Contestant
}

// Choose keeps the contestants and workloads whose contestant/workload matches
// filter, in their order. What matches with no other is left out.
func Choose(filter *regexp.Regexp, cs []baseline.Contestant, ws []load.Workload) Selection {
	var s Selection
	for _, w := range ws {
		r := Row{Workload: w, Contestants: Matching(filter, cs, w.Name)}
		if len(r.Contestants) > 0 {
			s.Rows = append(s.Rows, r)
		}
	}
	for _, c := range cs {
		if slices.ContainsFunc(s.Rows, func(r Row) bool { return r.has(c.Name) }) {
			s.Contestants = append(s.Contestants, c)
		}
	}
	return s
}

// Matching keeps the contestants for which filter matches contestant/name.
func Matching(filter *regexp.Regexp, cs []baseline.Contestant, name string) []baseline.Contestant {
	var matching []baseline.Contestant
	for _, c := range cs {
		if filter.MatchString(c.Name + "/" + name) {
			matching = append(matching, c)
		}
	}
	return matching
}

func (r Row) has(contestant string) bool {
	return slices.ContainsFunc(r.Contestants, func(c baseline.Contestant) bool { return c.Name == contestant })
}

// cost is what the samples of one contestant take, with what goes before each of
// them and with calibration, which takes three iterations at least.
func (r Row) cost(sample time.Duration, count int) time.Duration {
	least := r.Workload.Least
	return time.Duration(count)*(max(sample, least)+max(sample/10, least)) + max(sample, 3*least)
}

// shortestSample bounds a sample from below, so that the clock's resolution
// (under 1 us) and the producers' start do not show. A large count therefore
// takes longer than the budget.
const shortestSample = 5 * time.Millisecond

// sampleTime shares the time that is left among the rows that are left. A row
// that overran, because one iteration of it takes longer than a sample should,
// shortens the samples of those after it.
func sampleTime(left, longest time.Duration, count int, rows []Row) time.Duration {
	// In samples: each is preceded by an unmeasured tenth or more, and calibration
	// takes about one more.
	cost := 1.1*float64(count) + 1
	n := 0
	for _, r := range rows {
		n += len(r.Contestants)
	}
	share := time.Duration(float64(left) / (cost * float64(n)))
	return max(shortestSample, min(share, longest))
}
