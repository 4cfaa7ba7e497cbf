package page

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// A figure of the paper: a length of other work, and goroutines a processor.
type figure struct {
	name string
	each float64
}

func figures(groups []record.Key) []figure {
	var all []figure
	for _, g := range groups {
		if f := (figure{g.Name, g.X}); !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

// pairs shows net times of queue operations: queues by processors, a table for
// each length of other work and number of goroutines a processor, which is X.
func pairs(r *record.Record) []Table {
	groups := r.Groups(record.Pairs)
	var tables []Table
	for _, f := range figures(groups) {
		t := Table{
			Title: fmt.Sprintf("%s: net nanoseconds of an enqueue and a dequeue, %.0f goroutines a processor", f.name, f.each),
			Head:  []string{""},
		}
		if about := samplesOf(r, f); about != "" {
			t.Notes = []string{about}
		}
		var columns []record.Key
		var queues []string
		for _, g := range groups {
			if (figure{g.Name, g.X}) == f {
				columns = append(columns, g)
				t.Head = append(t.Head, fmt.Sprintf("%d procs", g.Procs), "±")
				for _, q := range r.Contestants(g) {
					if !slices.Contains(queues, q) {
						queues = append(queues, q)
					}
				}
			}
		}
		for _, q := range queues {
			row := []string{q}
			for _, g := range columns {
				m, ok := r.Median(g.Of(q), record.NetPair)
				if !ok {
					row = append(row, "-", "")
					continue
				}
				row = append(row, digits(m.Center), m.Bound())
			}
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return tables
}

// samplesOf says how many samples a figure has, and of how many pairs each.
func samplesOf(r *record.Record, f figure) string {
	cells := r.Find(record.Pairs, func(k record.Key) bool { return (figure{k.Name, k.X}) == f })
	rounds, least, most := 0, 0, 0
	for i, c := range cells {
		rounds = max(rounds, len(c.Rounds))
		if i == 0 || c.Ops < least {
			least = c.Ops
		}
		most = max(most, c.Ops)
	}
	switch {
	case least == 0:
		return fmt.Sprintf("%d samples; of how many pairs each was not recorded.", rounds)
	case least == most:
		return fmt.Sprintf("%d samples of %d pairs each.", rounds, most)
	default:
		return fmt.Sprintf("%d samples of %d to %d pairs each.", rounds, least, most)
	}
}

// PaperFigures writes the net times of the queues, and which is the fastest,
// beside the record with the given name.
func PaperFigures(w io.Writer, r *record.Record, name string) {
	fmt.Fprintf(w, "%s, `go run ./bench %s`. %s [Plots](%s.html#paper), [record](%s.json). Medians with 95 %% intervals; *ms96* has the paper's other work, *ms96-tenth* a tenth of it. Written by `go run ./bench -refresh README.md`.\n",
		r.Host.Line(), withoutOutput(r.Args), r.Noise, name, name)
	groups := r.Groups(record.Pairs)
	fastest := Table{Head: []string{"", "goroutines a processor", "procs", "fastest", "not told apart from it"}}
	for _, f := range figures(groups) {
		t := Table{Title: fmt.Sprintf("**%s, %.0f a processor**, net ns of an enqueue and a dequeue. %s", f.name, f.each, samplesOf(r, f)), Head: []string{""}}
		own := only(groups, func(g record.Key) bool { return figure{g.Name, g.X} == f })
		var queues []string
		for _, g := range own {
			t.Head = append(t.Head, fmt.Sprintf("%d procs", g.Procs))
			for _, q := range r.Contestants(g) {
				if !slices.Contains(queues, q) {
					queues = append(queues, q)
				}
			}
			first, others := leaders(r, g)
			fastest.Rows = append(fastest.Rows, []string{f.name, digits(f.each), strconv.Itoa(g.Procs), first, strings.Join(others, ", ")})
		}
		for _, q := range queues {
			row := []string{q}
			for _, g := range own {
				m, ok := r.Median(g.Of(q), record.NetPair)
				if !ok {
					row = append(row, "-")
					continue
				}
				row = append(row, bracket(fmt.Sprintf("%.0f [%.0f, %.0f]", m.Center, m.Lo, m.Hi)))
			}
			t.Rows = append(t.Rows, row)
		}
		fmt.Fprintln(w)
		t.Markdown(w)
	}
	fmt.Fprintln(w)
	fastest.Markdown(w)
}

// leaders finds the queue with the least median of a group, and those that the
// samples do not tell from it.
func leaders(r *record.Record, g record.Key) (first string, others []string) {
	pair := metric{kind: record.Pairs, unit: record.NetPair, minus: true}
	best, ok := pair.best(r, g)
	if !ok {
		return "-", nil
	}
	for _, q := range r.Contestants(g) {
		if c, ok := pair.judge(r, g.Of(q), best); ok && q != best.Contestant && c.verdict != worse && c.verdict != better {
			others = append(others, q)
		}
	}
	return best.Contestant, others
}

// sharing shows what false sharing costs, by itself.
func sharing(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Sharing) {
		t := Table{
			Title: fmt.Sprintf("False sharing: an atomic add to a counter of one's own, %d goroutines", g.Procs),
			Head:  []string{"", "ns", "±", "n"},
		}
		for _, c := range r.Contestants(g) {
			m, _ := r.Median(g.Of(c), record.NsOp)
			t.Rows = append(t.Rows, []string{c, digits(m.Center), m.Bound(), strconv.Itoa(m.N)})
		}
		tables = append(tables, t)
	}
	return tables
}
