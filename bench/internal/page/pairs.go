package page

import (
	"fmt"
	"slices"
	"strconv"

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
