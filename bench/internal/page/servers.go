package page

import (
	"fmt"
	"strconv"

	"github.com/lfpool/lfpool/bench/internal/record"
)

// servers shows requests per second, latencies and processor time.
func servers(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Servers) {
		t := Table{
			Title: fmt.Sprintf("%s, GOMAXPROCS %d: %s", g.Name, g.Procs, r.Docs[g.Name]),
			Head:  []string{"", "requests/s", "±", "x go", "p50 us", "p99 us", "±", "CPU us/request", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			rate, _ := r.Median(k, record.Rate)
			p50, _ := r.Median(k, record.P50)
			p99, _ := r.Median(k, record.P99)
			cpu, _ := r.Median(k, record.CPUPerRequest)
			t.Rows = append(t.Rows, []string{c, digits(rate.Center), rate.Bound(), toReference(r, k, record.Rate), microseconds(p50.Center),
				microseconds(p99.Center), p99.Bound(), microseconds(cpu.Center), strconv.Itoa(rate.N)})
		}
		tables = append(tables, t)
	}
	return tables
}
