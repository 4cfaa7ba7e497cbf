package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// A family of tables has one for each workload of a kind, with a row a contestant.
type family struct {
	kind, title string
	columns     []column // the first has something in each table
}

// A column shows something of a contestant's cell that has values in unit.
type column struct {
	head, unit string
	show       func(r *record.Record, k record.Key, m record.Summary) string
}

func center(head, unit string, digits func(float64) string) column {
	return column{head, unit, func(_ *record.Record, _ record.Key, m record.Summary) string { return digits(m.Center) }}
}

func bound(unit string) column {
	return column{"±", unit, func(_ *record.Record, _ record.Key, m record.Summary) string { return m.PctRangeString() }}
}

func overGo(head, unit string) column {
	return column{head, unit, func(r *record.Record, k record.Key, _ record.Summary) string { return toReference(r, k, unit) }}
}

func samples(unit string) column {
	return column{"n", unit, func(_ *record.Record, _ record.Key, m record.Summary) string { return strconv.Itoa(m.N) }}
}

// of shows the column's cells in r, "-" where there is nothing.
func (c column) of(r *record.Record) func(k record.Key) string {
	return func(k record.Key) string {
		m, ok := r.Median(k, c.unit)
		if !ok {
			return "-"
		}
		return c.show(r, k, m)
	}
}

// lessGo shows the difference to the go statement in microseconds.
func lessGo(r *record.Record, k record.Key, _ record.Summary) string {
	m, ok := r.Difference(k, k.Of(contest.Reference), record.P50)
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%+.3g", m.Center/1e3)
}

// shrunk is how soon the pool was empty, if it was.
func shrunk(r *record.Record, k record.Key, all record.Summary) string {
	m, ok := r.Median(k, measure.ShrinkSeconds)
	if !ok {
		return "not"
	}
	text := time.Duration(m.Center * float64(time.Second)).Round(10 * time.Millisecond).String()
	if m.N < all.N {
		text += fmt.Sprintf(", %d of %d", m.N, all.N)
	}
	return text
}

// rangeOf shows the least and the greatest of the rounds in microseconds: where
// rounds fall into two kinds, neither is near the median.
func rangeOf(r *record.Record, k record.Key, _ record.Summary) string {
	values := r.Cell(k).Values[record.P50]
	return fmt.Sprintf("%s to %s", microseconds(slices.Min(values)), microseconds(slices.Max(values)))
}

// The families of tables.
var (
	blocks = family{record.Tasks, "", []column{
		center("ns/task", record.NsOp, digits), bound(record.NsOp), overGo("x go", record.NsOp),
		center("CPU ns/task", record.CPUOp, digits), overGo("x go", record.CPUOp),
		center("B/task", record.BytesOp, digits), center("allocs/task", record.AllocsOp, digits), samples(record.NsOp)}}
	starts = family{record.Starts, "", []column{
		center("p50 us", record.P50, microseconds), bound(record.P50), {"by round", record.P50, rangeOf},
		center("p99 us", record.P99, microseconds), bound(record.P99), center("p99.9 us", record.P999, microseconds), overGo("p99 x go", record.P99),
		center("cores", record.Cores, digits), center("CPU us/task", record.CPUOp, microseconds), overGo("x go", record.CPUOp), samples(record.P50)}}
	lateness = family{record.Lateness, "Lateness of a goroutine that sleeps 1 ms, ", []column{
		center("p50 us", record.P50, microseconds), bound(record.P50), {"less go", record.P50, lessGo},
		center("p99 us", record.P99, microseconds), bound(record.P99), overGo("x go", record.P99), center("tasks/s", measure.TaskRate, digits),
		center("CPU ns/task", record.CPUOp, digits), overGo("x go", record.CPUOp), samples(record.P50)}}
	blocked = family{record.Tasks, "Live heap and stacks, ", []column{
		center("B/blocked task", measure.BytesBlocked, digits), bound(measure.BytesBlocked), overGo("x go", measure.BytesBlocked),
		center("ns/ended task", measure.NsEnded, digits), bound(measure.NsEnded), overGo("x go", measure.NsEnded), samples(measure.BytesBlocked)}}
	memory = family{record.Memory, "Live heap and stacks, ", []column{
		center("B/blocked task", measure.BytesBlocked, digits), bound(measure.BytesBlocked),
		center("goroutines after", measure.GoroutinesAfter, digits), center("B/goroutine after", measure.BytesParked, digits),
		{fmt.Sprintf("shrunk in, of %v", measure.ShrinkPatience), measure.BytesBlocked, shrunk}, center("left, KiB", measure.KiBLeft, digits), samples(measure.BytesBlocked)}}
)

func (f family) tables(r *record.Record) (tables []Table) {
	for _, g := range r.Groups(f.kind) {
		if isSweep(g) || !slices.ContainsFunc(r.Contestants(g), func(c string) bool {
			_, ok := r.Median(g.Of(c), f.columns[0].unit)
			return ok
		}) {
			continue
		}
		t := Table{Title: fmt.Sprintf("%s%s, GOMAXPROCS %d: %s", f.title, g.Name, g.Procs, r.Docs[g.Name]), Head: []string{""}}
		columns := slices.DeleteFunc(slices.Clone(f.columns), func(c column) bool { // older records have no ends of floods
			_, has := r.Median(g.Of(contest.Reference), c.unit)
			return c.unit == measure.NsEnded && !has
		})
		for _, c := range columns {
			t.Head = append(t.Head, c.head)
		}
		for _, name := range r.Contestants(g) {
			row := []string{name}
			for _, c := range columns {
				row = append(row, c.of(r)(g.Of(name)))
			}
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return tables
}

// grid is a table of contestants by workloads, none if there is nothing to show. A
// contestant without anything is left out.
func grid(r *record.Record, title string, head func(g record.Key) string, groups []record.Key, show func(k record.Key) string) []Table {
	t := Table{Title: title, Head: []string{""}}
	for _, g := range groups {
		t.Head = append(t.Head, head(g))
	}
	for _, c := range r.Contestants(groups...) {
		row := []string{c}
		for _, g := range groups {
			row = append(row, show(g.Of(c)))
		}
		if strings.Trim(strings.Join(row[1:], ""), "-") != "" {
			t.Rows = append(t.Rows, row)
		}
	}
	return t.orNone()
}

func workload(g record.Key) string { return g.Name }
func atProcs(g record.Key) string  { return fmt.Sprintf("%s at %d", g.Name, g.Procs) }

// unitWords are what the two times of a task are called.
var unitWords = map[string]string{record.NsOp: "Time", record.CPUOp: "Processor time"}

// matrices shows the ratios of one unit to the go statement, contestants by
// workloads, for each GOMAXPROCS value: of variants, or of all others.
func matrices(r *record.Record, unit string, variants bool) (tables []Table) {
	title := unitWords[unit] + " per task, as a multiple of go, GOMAXPROCS "
	if variants {
		title = "Variants: " + title
	}
	groups := only(taskGroups(r), func(g record.Key) bool {
		_, ok := r.Median(g.Of(contest.Reference), unit)
		return ok
	})
	for _, of := range together(groups, func(g record.Key) int { return g.Procs }) {
		for groups := range slices.Chunk(of, 10) { // which are as wide as a page
			tables = append(tables, grid(r, title+strconv.Itoa(of[0].Procs), workload, groups, func(k record.Key) string {
				if contest.IsVariant(k.Contestant) != variants {
					return "-"
				}
				return toReference(r, k, unit)
			})...)
		}
	}
	return tables
}

// taskGroups lists the groups that time tasks, without the sweeps.
func taskGroups(r *record.Record) []record.Key {
	return only(r.Groups(record.Tasks), func(g record.Key) bool { return !isSweep(g) })
}

// mainProcs is the value of GOMAXPROCS in the main table: the first.
func mainProcs(r *record.Record) int {
	if groups := taskGroups(r); len(groups) > 0 {
		return groups[0].Procs
	}
	return r.Host.Cores
}

// mainGroups lists those of the main table.
func mainGroups(r *record.Record) []record.Key {
	procs := mainProcs(r)
	return only(taskGroups(r), func(g record.Key) bool { return g.Procs == procs })
}

// only keeps the groups for which keep holds.
func only(groups []record.Key, keep func(record.Key) bool) []record.Key {
	return slices.DeleteFunc(slices.Clone(groups), func(g record.Key) bool { return !keep(g) })
}

// together puts the groups together that are alike in something, in their order.
func together[T comparable](groups []record.Key, something func(record.Key) T) (all [][]record.Key) {
	at := map[T]int{}
	for _, g := range groups {
		i, ok := at[something(g)]
		if !ok {
			i = len(all)
			at[something(g)] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], g)
	}
	return all
}

// toReference shows a cell's ratio to the go statement, "-" if there is none.
func toReference(r *record.Record, k record.Key, unit string) string {
	m, ok := r.Ratio(k, k.Of(contest.Reference), unit)
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.2f", m.Center)
}
