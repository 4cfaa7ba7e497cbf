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

// A sweepPoint is lfpool's time over go's at one depth or size.
type sweepPoint struct {
	x             float64
	ratio         string
	better, worse bool // than go, with the whole interval
}

// sweep collects the cases of a sweep, as far as both were measured.
func sweep(r *record.Record, prefix string) []sweepCase {
	var cases []sweepCase
	for _, way := range load.Ways() {
		c := sweepCase{way: way}
		for _, g := range r.Groups(record.Tasks) {
			if g.Name != prefix+way {
				continue
			}
			m, ok := r.Ratio(g.Of(contest.Subject), g.Of(contest.Reference), record.NsOp)
			if ok {
				c.points = append(c.points, sweepPoint{g.X, fmt.Sprintf("%.2f", m.Center), m.Hi < 1, m.Lo > 1})
			}
		}
		if len(c.points) > 0 {
			cases = append(cases, c)
		}
	}
	return cases
}

// Crossover says for which depth and size of task, under which load, the go
// statement is the better choice.
func Crossover(r *record.Record) []Table {
	var tables []Table
	for _, s := range []struct {
		prefix, title string
		show          func(float64) string
	}{
		{load.DepthSweep, "lfpool's time over go's, by the depth of a task in frames", func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }},
		{load.SizeSweep, "lfpool's time over go's, by the time that a task computes", size},
	} {
		cases := sweep(r, s.prefix)
		if len(cases) == 0 {
			continue
		}
		t := Table{Title: s.title + " (go where go is better, = where the interval reaches 1)", Head: []string{""}}
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

func (c sweepCase) at(x float64) string {
	i := slices.IndexFunc(c.points, func(p sweepPoint) bool { return p.x == x })
	if i < 0 {
		return "-"
	}
	switch p := c.points[i]; {
	case p.worse:
		return p.ratio + " go"
	case !p.better:
		return p.ratio + " ="
	default:
		return p.ratio
	}
}

// sentence says where each is the better choice.
func (c sweepCase) sentence(show func(float64) string) string {
	var worse, undecided []string
	from := -1  // the index from which on lfpool is better throughout
	first := -1 // the first at which it is better
	for i, p := range c.points {
		switch {
		case p.worse:
			worse = append(worse, show(p.x))
		case !p.better:
			undecided = append(undecided, show(p.x))
		}
		if p.better && from < 0 {
			from = i
		} else if !p.better {
			from = -1
		}
		if p.better && first < 0 {
			first = i
		}
	}
	s := c.way + ": "
	switch {
	case len(worse) == 0 && len(undecided) == 0:
		return s + "lfpool is the better choice throughout."
	case len(worse) > 0:
		s += "go is the better choice at " + strings.Join(worse, ", ") + "; "
	}
	if len(undecided) > 0 {
		s += "no difference shown at " + strings.Join(undecided, ", ") + "; "
	}
	switch {
	case from > 0 && from == first:
		return s + "pooling pays from " + show(c.points[from].x) + " on."
	case len(worse)+len(undecided) == len(c.points):
		return s + "pooling does not pay."
	default:
		return s + "lfpool is the better choice otherwise."
	}
}
