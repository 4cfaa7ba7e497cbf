package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// lateness shows one table for each neighbour and GOMAXPROCS value.
func lateness(r *record.Record) []Table {
	var tables []Table
	for _, g := range r.Groups(record.Lateness) {
		t := Table{
			Title: fmt.Sprintf("Lateness of a goroutine that sleeps 1 ms, %s, GOMAXPROCS %d: %s", g.Name, g.Procs, r.Docs[g.Name]),
			Head:  []string{"", "p50 us", "±", "less go", "p99 us", "±", "x go", "tasks/s", "CPU ns/task", "x go", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			p50, _ := r.Median(k, record.P50)
			p99, _ := r.Median(k, record.P99)
			rate, _ := r.Median(k, measure.TaskRate)
			less := "-"
			if m, ok := r.Difference(k, k.Of(contest.Reference), record.P50); ok {
				less = fmt.Sprintf("%+.3g", m.Center/1e3)
			}
			t.Rows = append(t.Rows, []string{c, microseconds(p50.Center), p50.Bound(), less, microseconds(p99.Center), p99.Bound(), toReference(r, k, record.P99),
				digits(rate.Center), processorTime(r, k, nanoseconds), toReference(r, k, record.CPUOp), strconv.Itoa(p50.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// lateness draws p50 and p99 over GOMAXPROCS, for each neighbour.
func (d *drawing) lateness() section {
	groups := d.r.Groups(record.Lateness)
	who := d.contestants(groups)
	s := section{ID: "lateness", Title: "How late others are beside the pool", Key: d.key(who), Folded: lateness(d.r),
		Intro: "By how much longer than asked a goroutine sleeps that has nothing to do with the pool, while the pool is busy with endless chains of tasks, with producers, or with the requests of an echo server on loopback."}
	var names []string
	for _, g := range groups {
		if !slices.Contains(names, g.Name) {
			names = append(names, g.Name)
		}
	}
	for _, unit := range []string{record.P50, record.P99} {
		for _, name := range names {
			own := only(groups, func(g record.Key) bool { return g.Name == name })
			slices.SortStableFunc(own, func(a, b record.Key) int { return a.Procs - b.Procs })
			s.Plots = append(s.Plots, d.overProcs(strings.TrimSuffix(unit, "-ns")+", "+name, own, who, unit, "ns late", true))
		}
	}
	return s
}

// blocked shows the memory of tasks that a fresh pool was flooded with.
func blocked(r *record.Record) []Table {
	var tables []Table
	for _, g := range only(r.Groups(record.Tasks), func(g record.Key) bool { return isFlood(g.Name) }) {
		t := Table{
			Title: fmt.Sprintf("Live heap and stacks, %s, GOMAXPROCS %d: %s", g.Name, g.Procs, r.Docs[g.Name]),
			Head:  []string{"", "B/blocked task", "±", "x go", "n"},
		}
		for _, c := range r.Contestants(g) {
			m, _ := r.Median(g.Of(c), measure.BytesBlocked)
			t.Rows = append(t.Rows, []string{c, count(m.Center), m.Bound(), toReference(r, g.Of(c), measure.BytesBlocked), strconv.Itoa(m.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// flood draws that memory; the time stands with that of other tasks.
func (d *drawing) flood() section {
	groups := only(d.r.Groups(record.Tasks), func(g record.Key) bool { return isFlood(g.Name) })
	return section{ID: "flood", Title: "Cold floods", Intro: "Memory of a task that blocks, live heap and stacks, when a fresh pool in a fresh process was flooded with them, as a multiple of go. The time stands above.",
		Plots: d.bars(groups, measure.BytesBlocked), Tables: blocked(d.r)}
}
