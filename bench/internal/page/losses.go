package page

import (
	"fmt"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// A contest in one unit: less is better, or more.
type metric struct {
	kind, unit, what string
	more             bool
}

// metrics are what losses are looked for in.
var metrics = []metric{
	{record.Tasks, record.NsOp, "", false},
	{record.Starts, record.P50, "p50", false},
	{record.Starts, record.P99, "p99", false},
	{record.Servers, record.Rate, "requests/s", true},
	{record.Servers, record.P99, "p99", false},
	{record.Servers, record.CPUPerRequest, "CPU", false},
}

// significant is the level of the Mann-Whitney test, as benchstat has it.
const significant = 0.05

// losses lists where lfpool is worse than go, or than the best of the others;
// apart from it, the rows in which the samples do not tell the two apart. It
// comes first on every page. compared is false if there was nothing to compare.
func losses(r *record.Record) (t, undecided Table, compared bool) {
	for _, m := range metrics {
		for _, g := range r.Groups(m.kind) {
			own := g.Of(contest.Subject)
			best, ok := m.best(r, g)
			if isSweep(g.Name) || r.Cell(own) == nil || !ok {
				continue
			}
			compared = true
			rivals := []record.Key{g.Of(contest.Reference)}
			if best != rivals[0] {
				rivals = append(rivals, best)
			}
			name := strings.TrimSpace(fmt.Sprintf("%s %s", g.Name, m.what))
			if m.kind != record.Tasks {
				name = g.Kind + " " + name
			}
			for _, rival := range rivals {
				if s, ok := m.ratio(r, own, rival); ok && s.Center > 1 {
					p := r.P(own, rival, m.unit)
					row := []string{name, fmt.Sprint(g.Procs), fmt.Sprintf("%.2f", s.Center), rival.Contestant, interval(s), fmt.Sprintf("p=%.3f", p)}
					if alike(s, p) {
						undecided.Rows = append(undecided.Rows, row)
					} else {
						t.Rows = append(t.Rows, row)
					}
				}
			}
		}
	}
	t.Title = "Where " + contest.Subject + " is worse than go, or than the best of the others"
	t.Head = []string{"", "procs", "times", "", "95 % interval", "Mann-Whitney"}
	if len(t.Rows) == 0 {
		t.Title = contest.Subject + " is not worse in any row measured, by more than the samples spread"
	}
	undecided.Head = t.Head
	undecided.Title = "Rows in which " + contest.Subject + "'s median is worse, but the samples do not tell the two apart"
	return t, undecided, compared
}

// ratio is above 1 where a is worse than b.
func (m metric) ratio(r *record.Record, a, b record.Key) (stat.Summary, bool) {
	if m.more {
		a, b = b, a
	}
	return r.Ratio(a, b, m.unit)
}

// best finds who has the best median in a group, apart from lfpool.
func (m metric) best(r *record.Record, g record.Key) (best record.Key, ok bool) {
	var value float64
	for _, c := range r.Contestants(g) {
		s, has := r.Median(g.Of(c), m.unit)
		if c == contest.Subject || !has {
			continue
		}
		if !ok || s.Center < value && !m.more || s.Center > value && m.more {
			best, value, ok = g.Of(c), s.Center, true
		}
	}
	return best, ok
}

func interval(s stat.Summary) string {
	return strings.ReplaceAll(fmt.Sprintf("[%.2f, %.2f]", s.Lo, s.Hi), "Inf", "∞")
}

// alike says that the samples do not tell two contestants apart: the ratios'
// interval reaches 1, and the Mann-Whitney test finds no difference.
func alike(s stat.Summary, p float64) bool {
	return s.Lo <= 1 && 1 <= s.Hi && p >= significant
}
