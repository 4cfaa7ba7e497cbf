package page

import (
	"fmt"
	"strconv"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// starts shows one table of start latencies for each arrival. The least and the
// greatest p50 of a round tell whether rounds are of two kinds.
func starts(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Starts) {
		t := Table{
			Title: fmt.Sprintf("%s, GOMAXPROCS %d: %s", g.Name, g.Procs, r.Docs[g.Name]),
			Head:  []string{"", "p50 us", "±", "by round", "p99 us", "±", "p99.9 us", "p99 x go", "cores", "CPU us/task", "x go", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			p50, _ := r.Median(k, record.P50)
			p99, _ := r.Median(k, record.P99)
			p999, _ := r.Median(k, record.P999)
			cores, _ := r.Median(k, record.Cores)
			t.Rows = append(t.Rows, []string{c, microseconds(p50.Center), p50.Bound(), rangeOf(r, k, record.P50), microseconds(p99.Center), p99.Bound(),
				microseconds(p999.Center), toReference(r, k, record.P99), fmt.Sprintf("%.2f", cores.Center), processorTime(r, k, microseconds), toReference(r, k, record.CPUOp), strconv.Itoa(p50.N)})
		}
		tables = append(tables, t)
	}
	return tables
}
