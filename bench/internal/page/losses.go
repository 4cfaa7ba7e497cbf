package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// lossTables show what lfpool loses.
type lossTables struct {
	bySize, bytes Table   // a line for each metric, and for go and the best of the others
	each          []Table // each row with its interval: the lost, and the undecided
}

// losses has the greatest first; bytes are in a table of their own. compared is false if
// there was nothing to compare.
func losses(r *record.Record) (l lossTables, compared bool) {
	all := contests(r)
	head := []string{"", "than", "at most", "rows", "which"}
	l.bySize = Table{Head: head, Words: true, Title: "Where " + contest.Subject + " is worse than go, or than the best other pool or queue"}
	l.bytes = Table{Head: head, Words: true, Fold: true, Title: "Bytes in which " + contest.Subject + " is worse"}
	found := scores(all, func(c comparison) string {
		if c.toGo() {
			return c.metric.what + "/go"
		}
		return c.metric.what + "/best other"
	})
	few := 0
	for _, s := range found {
		few += s.few
	}
	found = slices.DeleteFunc(found, func(s score) bool { return len(s.lost) == 0 })
	slices.SortStableFunc(found, func(a, b score) int { return cmp.Compare(b.lost[0].times(r), a.lost[0].times(r)) })
	for _, s := range found {
		what, than, _ := strings.Cut(s.name, "/")
		t := &l.bySize
		if s.lost[0].metric.inBytes() {
			t = &l.bytes
		}
		tally := fmt.Sprintf("%d of %d", len(s.lost), s.of)
		if s.few > 0 {
			tally += fmt.Sprintf(", %d too few samples", s.few)
		}
		t.Rows = append(t.Rows, []string{what, than, s.lost[0].size(), tally, listed(r, s.lost)})
	}
	undecided := 0
	for _, of := range []struct {
		title   string
		verdict verdict
	}{
		{"Each row in which " + contest.Subject + " is worse", worse},
		{"Rows in which " + contest.Subject + "'s median is worse, but the samples do not tell the two apart", alike},
	} {
		t := Table{Title: of.title, Head: []string{"", "procs", "times", "", "95 % interval", "Mann-Whitney", "medians"}}
		for _, c := range all {
			if c.verdict == of.verdict && c.effect.Center > c.metric.neutral() {
				t.Rows = append(t.Rows, c.row(r))
			}
		}
		l.each = append(l.each, t.orNone()...)
		undecided = len(t.Rows) // of the last
	}
	if len(found) == 0 {
		l.bySize.Notes = append(l.bySize.Notes, "In no row, as far as the samples tell.")
	}
	if few > 0 {
		l.bySize.Notes = append(l.bySize.Notes, fmt.Sprintf("Comparisons with too few samples to tell: %d.", few))
	}
	if undecided > 0 {
		l.bySize.Notes = append(l.bySize.Notes, fmt.Sprintf("Rows in which the median is worse, but the samples do not tell: %d.", undecided))
	}
	return l, len(all) > 0
}

// times is how many times worse: of differences, by the medians, and more than nothing is
// the greatest loss.
func (c comparison) times(r *record.Record) float64 {
	if !c.metric.minus {
		return c.effect.Center
	}
	ours, its := c.medians(r)
	if its <= 0 {
		return math.Inf(1)
	}
	return ours / its
}

func (c comparison) medians(r *record.Record) (ours, its float64) {
	own, _ := r.Median(c.own, c.metric.unit)
	rival, _ := r.Median(c.rival, c.metric.unit)
	return own.Center, rival.Center
}

// listed names rows of one metric with their effects, the first of them if they are many,
// and the rivals other than go.
func listed(r *record.Record, rows []comparison) string {
	const most = 4
	var names []string
	for i, c := range rows {
		if i == most && len(rows) > most+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(rows)-most)
		}
		name := c.where(r) + " (" + c.metric.effect(c.effect.Center)
		if !c.toGo() {
			name += ", " + c.rival.Contestant
		}
		names = append(names, name+")")
	}
	return strings.Join(names, ", ")
}

// row has everything of a comparison.
func (c comparison) row(r *record.Record) []string {
	m := c.metric
	name := c.workload()
	if m.unit != record.NsOp {
		name += ", " + m.what
	}
	p := fmt.Sprintf("p=%.3f", c.p)
	if c.p < 0.0005 {
		p = "p<0.001"
	}
	ours, its := c.medians(r)
	return []string{name, fmt.Sprint(c.own.Procs), m.effect(c.effect.Center), c.rival.Contestant, interval(c.effect, m.effect), p,
		fmt.Sprintf("%s %s, not %s %[2]s", m.digits(ours), m.as, m.digits(its))}
}
