package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// A sweepCase is one load under which a sweep was made.
type sweepCase struct {
	way    string
	points []sweepPoint
}

// A sweepPoint is lfpool's time over go's at one depth, size or sleep.
type sweepPoint struct {
	x       float64
	ratio   string
	verdict verdict
}

// A sweepKind is what varies in a sweep: in titles, and on an axis.
type sweepKind struct {
	prefix, title, short, label string
	show                        func(float64) string
}

var sweeps = []sweepKind{
	{load.DepthSweep, "by the depth of a task in frames", "by depth", "frames of a task", plain},
	{load.SizeSweep, "by the time that a task computes", "by size", "a task computes for", size},
	{load.SleepSweep, "by the time that a task sleeps", "by sleep", "a task sleeps for", size},
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// taskTime is what sweeps compare.
var taskTime = metric{kind: record.Tasks, unit: record.NsOp}

// sweep collects the cases of a sweep, as far as both were measured.
func sweep(r *record.Record, prefix string) []sweepCase {
	var cases []sweepCase
	for _, way := range load.Ways() {
		c := sweepCase{way: way}
		for _, g := range r.Groups(record.Tasks) {
			if g.Name != prefix+way {
				continue
			}
			if m, ok := taskTime.judge(r, g.Of(contest.Subject), g.Of(contest.Reference)); ok {
				c.points = append(c.points, sweepPoint{g.X, fmt.Sprintf("%.2f", m.effect.Center), m.verdict})
			}
		}
		if len(c.points) > 0 {
			cases = append(cases, c)
		}
	}
	return cases
}

// Crossover says for which depth, size and sleep of a task, under which load, the
// go statement is the better choice.
func Crossover(r *record.Record) []Table {
	var tables []Table
	for _, s := range sweeps {
		cases := sweep(r, s.prefix)
		if len(cases) == 0 {
			continue
		}
		t := Table{Title: "lfpool's time over go's, " + s.title + " (go where go is better, = where the samples do not tell, ? where they are too few)", Head: []string{""}}
		var xs []float64
		for _, c := range cases {
			for _, p := range c.points {
				if !slices.Contains(xs, p.x) {
					xs = append(xs, p.x)
				}
			}
		}
		for _, x := range xs {
			t.Head = append(t.Head, s.show(x))
		}
		for _, c := range cases {
			row := []string{c.way}
			for _, x := range xs {
				row = append(row, c.at(x))
			}
			t.Rows = append(t.Rows, row)
			t.Notes = append(t.Notes, c.sentence(s.show))
		}
		tables = append(tables, t)
	}
	return tables
}

// sweepTables show all contestants' times, or processor times, over go's, for each
// load of a sweep.
func sweepTables(r *record.Record, unit string) []Table {
	var tables []Table
	for _, s := range sweeps {
		for _, way := range load.Ways() {
			groups := only(r.Groups(record.Tasks), func(g record.Key) bool { return g.Name == s.prefix+way })
			t := Table{Title: unitWords[unit] + " over go's, " + s.title + ": " + way, Head: []string{""}}
			var who []string
			for _, g := range groups {
				t.Head = append(t.Head, s.show(g.X))
				for _, c := range r.Contestants(g) {
					if !slices.Contains(who, c) && c != contest.Reference {
						who = append(who, c)
					}
				}
			}
			r.Sort(who)
			for _, c := range who {
				row := []string{c}
				measured := false
				for _, g := range groups {
					_, ok := r.Median(g.Of(c), unit)
					measured = measured || ok
					row = append(row, toReference(r, g.Of(c), unit))
				}
				if measured {
					t.Rows = append(t.Rows, row)
				}
			}
			if len(t.Rows) > 0 {
				tables = append(tables, t)
			}
		}
	}
	return tables
}

func (c sweepCase) at(x float64) string {
	i := slices.IndexFunc(c.points, func(p sweepPoint) bool { return p.x == x })
	if i < 0 {
		return "-"
	}
	return c.points[i].ratio + map[verdict]string{worse: " go", alike: " =", tooFew: " ?"}[c.points[i].verdict]
}

// sentence says where each is the better choice.
func (c sweepCase) sentence(show func(float64) string) string {
	var lost, undecided, few []string
	from := -1  // the index from which on lfpool is better throughout
	first := -1 // the first at which it is better
	for i, p := range c.points {
		switch p.verdict {
		case better:
			if from < 0 {
				from = i
			}
			if first < 0 {
				first = i
			}
			continue
		case worse:
			lost = append(lost, show(p.x))
		case alike:
			undecided = append(undecided, show(p.x))
		case tooFew:
			few = append(few, show(p.x))
		}
		from = -1
	}
	s := c.way + ": "
	switch {
	case len(few) == len(c.points):
		return s + "too few samples to tell."
	case first == 0 && from == 0:
		return s + "lfpool is the better choice throughout."
	case len(lost) > 0:
		s += "go is the better choice at " + strings.Join(lost, ", ") + "; "
	}
	if len(few) > 0 {
		s += "too few samples at " + strings.Join(few, ", ") + "; "
	}
	if len(undecided) > 0 {
		s += "no difference shown at " + strings.Join(undecided, ", ") + "; "
	}
	switch {
	case from > 0 && from == first:
		return s + "pooling pays from " + show(c.points[from].x) + " on."
	case first < 0:
		return s + "pooling does not pay."
	default:
		return s + "lfpool is the better choice otherwise."
	}
}
