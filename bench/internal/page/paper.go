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

// figures lists those of a record, each with its groups.
func figures(r *record.Record) (all []figure, groups map[figure][]record.Key) {
	groups = map[figure][]record.Key{}
	for _, g := range r.Groups(record.Pairs) {
		f := figure{g.Name, g.X}
		if groups[f] == nil {
			all = append(all, f)
		}
		groups[f] = append(groups[f], g)
	}
	return all, groups
}

// paper shows net times of queue operations: queues by processors, a table for each
// figure.
func paper(r *record.Record) (tables []Table) {
	all, groups := figures(r)
	for _, f := range all {
		var heads []string
		for _, g := range groups[f] {
			heads = append(heads, fmt.Sprintf("%d procs", g.Procs))
		}
		t := grid(r, fmt.Sprintf("**%s, %.0f a processor**, net ns of an enqueue and a dequeue", f.name, f.each), heads, groups[f], func(k record.Key) string {
			m, ok := r.Median(k, record.NetPair)
			if !ok {
				return "-"
			}
			return bracket(fmt.Sprintf("%.0f [%.0f, %.0f]", m.Center, m.Lo, m.Hi))
		})
		t.Notes = []string{samplesOf(r, groups[f])}
		tables = append(tables, t)
	}
	return tables
}

// samplesOf says how many samples a figure has, and of how many pairs each.
func samplesOf(r *record.Record, groups []record.Key) string {
	var samples, pairs []int
	for _, g := range groups {
		for _, q := range r.Contestants(g) {
			c := r.Cell(g.Of(q))
			samples, pairs = append(samples, len(c.Values[record.NetPair])), append(pairs, c.Ops)
		}
	}
	text := fmt.Sprintf("%d samples of %d", slices.Max(samples), slices.Min(pairs))
	if most := slices.Max(pairs); most > slices.Min(pairs) {
		text += fmt.Sprintf(" to %d", most)
	}
	return text + " pairs each."
}

// PaperFigures writes the net times of the queues, and which is the fastest,
// beside the record with the given name.
func PaperFigures(w io.Writer, r *record.Record, name string) {
	fmt.Fprintf(w, "%s Medians with 95 %% intervals; *ms96* has the paper's other work, *ms96-tenth* a tenth of it.\n", origin(r, name))
	for _, t := range paper(r) {
		fmt.Fprintln(w)
		t.Markdown(w)
	}
	fastest := Table{Head: []string{"", "goroutines a processor", "procs", "fastest", "not told apart from it"}}
	for _, g := range r.Groups(record.Pairs) {
		first, others := leaders(r, g)
		fastest.Rows = append(fastest.Rows, []string{g.Name, digits(g.X), strconv.Itoa(g.Procs), first, strings.Join(others, ", ")})
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
