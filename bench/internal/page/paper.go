package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// paper shows net times of queue operations, queues by processors, a table for each
// figure; then which queue is the fastest.
func paper(r *record.Record) (tables []Table) {
	groups := r.Groups(record.Pairs)
	for _, of := range together(groups, func(g record.Key) record.Key { return record.Key{Name: g.Name, X: g.X} }) {
		title := fmt.Sprintf("%s, %.0f a processor: net ns of an enqueue and a dequeue. %s", of[0].Name, of[0].X, samplesOf(r, of))
		tables = append(tables, grid(r, title, func(g record.Key) string { return fmt.Sprintf("%d procs", g.Procs) }, of, func(k record.Key) string {
			m, ok := r.Median(k, record.NetPair)
			if !ok {
				return "-"
			}
			whole := func(v float64) string { return fmt.Sprintf("%.0f", v) }
			return whole(m.Center) + " " + interval(m, whole)
		})...)
	}
	fastest := Table{Title: "The fastest queue", Words: true, Head: []string{"", "goroutines a processor", "procs", "fastest", "not told apart from it"}}
	for _, g := range groups {
		best, ok := netPair.best(r, g, func(string) bool { return true })
		if !ok {
			continue
		}
		var others []string
		for _, q := range r.Contestants(g) {
			if c, ok := netPair.judge(r, g.Of(q), best); ok && q != best.Contestant && c.verdict != worse && c.verdict != better {
				others = append(others, q)
			}
		}
		fastest.Rows = append(fastest.Rows, []string{g.Name, digits(g.X), strconv.Itoa(g.Procs), best.Contestant, strings.Join(others, ", ")})
	}
	return append(tables, fastest.orNone()...)
}

// samplesOf says how many samples a figure has, and of how many pairs each at least.
func samplesOf(r *record.Record, groups []record.Key) string {
	samples, pairs := 0, math.MaxInt
	for _, c := range r.Cells {
		if slices.Contains(groups, c.Of("")) {
			samples, pairs = max(samples, len(c.Values[record.NetPair])), min(pairs, c.Ops)
		}
	}
	return fmt.Sprintf("%d samples of %d pairs each, or more.", samples, pairs)
}
