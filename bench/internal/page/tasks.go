package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// isSweep tells workloads that come in many sizes: they have a table of their
// own.
func isSweep(name string) bool {
	for _, s := range sweeps {
		if strings.HasPrefix(name, s.prefix) {
			return true
		}
	}
	return strings.HasPrefix(name, load.FlatSweep)
}

// taskGroups lists the groups that time tasks, without the sweeps.
func taskGroups(r *record.Record) []record.Key {
	return slices.DeleteFunc(r.Groups(record.Tasks), func(g record.Key) bool { return isSweep(g.Name) })
}

// procsOf lists the GOMAXPROCS values of groups, in their order.
func procsOf(groups []record.Key) []int {
	var all []int
	for _, g := range groups {
		if !slices.Contains(all, g.Procs) {
			all = append(all, g.Procs)
		}
	}
	return all
}

// toReference shows a cell's ratio to the go statement, "-" if there is none.
func toReference(r *record.Record, k record.Key, unit string) string {
	m, ok := r.Ratio(k, k.Of(contest.Reference), unit)
	return ratio(m, ok)
}

func ratio(m stat.Summary, ok bool) string {
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.2f", m.Center)
}

// unitWords are what the two times of a task are called.
var unitWords = map[string]string{record.NsOp: "Time", record.CPUOp: "Processor time"}

// matrices shows the ratios of one unit to the go statement, contestants by
// workloads, for each GOMAXPROCS value, for the workloads for which keep holds. The
// name of a workload variant takes two lines, to keep columns narrow.
func matrices(r *record.Record, unit string, keep func(workload string) bool) []Table {
	what := unitWords[unit]
	var tables []Table
	groups := only(taskGroups(r), func(g record.Key) bool { return keep(g.Name) })
	for _, procs := range procsOf(groups) {
		var rows []string
		var columns []record.Key
		for _, g := range groups {
			if _, ok := r.Median(g.Of(contest.Reference), unit); g.Procs != procs || !ok {
				continue
			}
			columns = append(columns, g)
			for _, c := range r.Contestants(g) {
				if !slices.Contains(rows, c) {
					rows = append(rows, c)
				}
			}
		}
		r.Sort(rows)
		// A dozen columns fit a terminal.
		for columns := range slices.Chunk(columns, 12) {
			t := Table{Title: fmt.Sprintf("%s per task, as a multiple of go, GOMAXPROCS %d", what, procs), Head: []string{""}}
			second := []string{""}
			for _, g := range columns {
				name, variant, _ := strings.Cut(g.Name, "-")
				t.Head = append(t.Head, name)
				second = append(second, variant)
			}
			if strings.Join(second, "") != "" {
				t.Rows = append(t.Rows, second)
			}
			for _, c := range rows {
				row := []string{c}
				for _, g := range columns {
					row = append(row, toReference(r, g.Of(c), unit))
				}
				if strings.Trim(strings.Join(row[1:], ""), "-") != "" {
					t.Rows = append(t.Rows, row)
				}
			}
			tables = append(tables, t)
		}
	}
	return tables
}

// blocks shows one table for each workload.
func blocks(r *record.Record) []Table {
	var tables []Table
	for _, g := range taskGroups(r) {
		t := Table{
			Title: fmt.Sprintf("%s, GOMAXPROCS %d: %s", g.Name, g.Procs, r.Docs[g.Name]),
			Head:  []string{"", "ns/task", "±", "x go", "CPU ns/task", "x go", "B/task", "allocs/task", "n"},
		}
		for _, c := range r.Contestants(g) {
			k := g.Of(c)
			ns, _ := r.Median(k, record.NsOp)
			bytes, _ := r.Median(k, record.BytesOp)
			allocs, _ := r.Median(k, record.AllocsOp)
			t.Rows = append(t.Rows, []string{c, nanoseconds(ns.Center), ns.Bound(), toReference(r, k, record.NsOp), processorTime(r, k, nanoseconds), toReference(r, k, record.CPUOp),
				count(bytes.Center), count(allocs.Center), strconv.Itoa(ns.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// processorTime shows that of a task, "-" where it was not measured, as in records of
// before.
func processorTime(r *record.Record, k record.Key, show func(float64) string) string {
	m, ok := r.Median(k, record.CPUOp)
	if !ok {
		return "-"
	}
	return show(m.Center)
}

// nanoseconds shows about four digits.
func nanoseconds(ns float64) string {
	if ns < 1000 {
		return strconv.FormatFloat(ns, 'f', 1, 64)
	}
	return strconv.FormatFloat(ns, 'f', 0, 64)
}
