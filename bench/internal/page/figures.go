package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// A family of tables has one for each workload of a kind, with a row a contestant.
type family struct {
	kind, title string
	has         func(workload string) bool
	columns     []column
}

// A column shows something of a contestant's cell.
type column struct {
	head string
	show func(r *record.Record, k record.Key) string
}

func center(head, unit string, digits func(float64) string) column {
	return column{head, func(r *record.Record, k record.Key) string {
		m, ok := r.Median(k, unit)
		if !ok {
			return "-"
		}
		return digits(m.Center)
	}}
}

func bound(unit string) column {
	return column{"±", func(r *record.Record, k record.Key) string {
		m, ok := r.Median(k, unit)
		if !ok {
			return "-"
		}
		return m.Bound()
	}}
}

func overGo(head, unit string) column {
	return column{head, func(r *record.Record, k record.Key) string { return toReference(r, k, unit) }}
}

func samples(unit string) column {
	return column{"n", func(r *record.Record, k record.Key) string {
		m, _ := r.Median(k, unit)
		return strconv.Itoa(m.N)
	}}
}

// The families of tables.
var (
	blocks = family{record.Tasks, "", func(w string) bool { return !isSweep(w) }, []column{
		center("ns/task", record.NsOp, nanoseconds), bound(record.NsOp), overGo("x go", record.NsOp),
		center("CPU ns/task", record.CPUOp, nanoseconds), overGo("x go", record.CPUOp),
		center("B/task", record.BytesOp, count), center("allocs/task", record.AllocsOp, count), samples(record.NsOp)}}
	starts = family{record.Starts, "", every, []column{
		center("p50 us", record.P50, microseconds), bound(record.P50), {"by round", func(r *record.Record, k record.Key) string { return rangeOf(r, k, record.P50) }},
		center("p99 us", record.P99, microseconds), bound(record.P99), center("p99.9 us", record.P999, microseconds), overGo("p99 x go", record.P99),
		center("cores", record.Cores, digits), center("CPU us/task", record.CPUOp, microseconds), overGo("x go", record.CPUOp), samples(record.P50)}}
	lateness = family{record.Lateness, "Lateness of a goroutine that sleeps 1 ms, ", every, []column{
		center("p50 us", record.P50, microseconds), bound(record.P50), {"less go", func(r *record.Record, k record.Key) string {
			if m, ok := r.Difference(k, k.Of(contest.Reference), record.P50); ok {
				return fmt.Sprintf("%+.3g", m.Center/1e3)
			}
			return "-"
		}},
		center("p99 us", record.P99, microseconds), bound(record.P99), overGo("x go", record.P99), center("tasks/s", measure.TaskRate, digits),
		center("CPU ns/task", record.CPUOp, nanoseconds), overGo("x go", record.CPUOp), samples(record.P50)}}
	blocked = family{record.Tasks, "Live heap and stacks, ", isFlood, []column{
		center("B/blocked task", measure.BytesBlocked, count), bound(measure.BytesBlocked), overGo("x go", measure.BytesBlocked), samples(measure.BytesBlocked)}}
	memory = family{record.Memory, "Live heap and stacks, ", every, []column{
		center("B/blocked task", measure.BytesBlocked, count), bound(measure.BytesBlocked),
		center("goroutines after", measure.GoroutinesAfter, count), {"B/goroutine after", perGoroutine},
		{fmt.Sprintf("shrunk in, of %v", measure.ShrinkPatience), shrunk}, center("left, KiB", measure.KiBLeft, count), samples(measure.BytesBlocked)}}
)

func every(string) bool { return true }

// perGoroutine is the memory of a goroutine after the peak, if there are any.
func perGoroutine(r *record.Record, k record.Key) string {
	m, ok := r.Median(k, measure.BytesParked)
	if after, _ := r.Median(k, measure.GoroutinesAfter); !ok || after.Center < 1 {
		return "-"
	}
	return count(m.Center)
}

// shrunk is how soon the pool was empty, if it was.
func shrunk(r *record.Record, k record.Key) string {
	m, ok := r.Median(k, measure.ShrinkSeconds)
	if !ok {
		return "not"
	}
	text := time.Duration(m.Center * float64(time.Second)).Round(10 * time.Millisecond).String()
	if all, _ := r.Median(k, measure.BytesBlocked); m.N < all.N {
		text += fmt.Sprintf(", %d of %d", m.N, all.N)
	}
	return text
}

// rangeOf shows the least and the greatest of the rounds in microseconds: where
// rounds fall into two kinds, neither is near the median.
func rangeOf(r *record.Record, k record.Key, unit string) string {
	c := r.Cell(k)
	if c == nil || len(c.Values[unit]) == 0 {
		return "-"
	}
	return fmt.Sprintf("%s to %s", microseconds(slices.Min(c.Values[unit])), microseconds(slices.Max(c.Values[unit])))
}

func (f family) tables(r *record.Record) (tables []Table) {
	for _, g := range only(r.Groups(f.kind), func(g record.Key) bool { return f.has(g.Name) }) {
		t := Table{Title: fmt.Sprintf("%s%s, GOMAXPROCS %d: %s", f.title, g.Name, g.Procs, r.Docs[g.Name]), Head: []string{""}}
		for _, c := range f.columns {
			t.Head = append(t.Head, c.head)
		}
		for _, name := range r.Contestants(g) {
			row := []string{name}
			for _, c := range f.columns {
				row = append(row, c.show(r, g.Of(name)))
			}
			t.Rows = append(t.Rows, row)
		}
		tables = append(tables, t)
	}
	return tables
}

// grid is a table of contestants by workloads. Who has nothing to show is left out.
func grid(r *record.Record, title string, heads []string, groups []record.Key, show func(k record.Key) string) Table {
	t := Table{Title: title, Head: append([]string{""}, heads...)}
	for _, c := range r.Contestants(groups...) {
		row := []string{c}
		for _, g := range groups {
			row = append(row, show(g.Of(c)))
		}
		if strings.Trim(strings.Join(row[1:], ""), "-") != "" {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// unitWords are what the two times of a task are called.
var unitWords = map[string]string{record.NsOp: "Time", record.CPUOp: "Processor time"}

// matrices shows the ratios of one unit to the go statement, contestants by
// workloads, for each GOMAXPROCS value, for the workloads for which keep holds. The
// name of a workload variant takes two lines, to keep columns narrow.
func matrices(r *record.Record, unit string, keep func(workload string) bool) (tables []Table) {
	groups := only(taskGroups(r), func(g record.Key) bool {
		_, ok := r.Median(g.Of(contest.Reference), unit)
		return ok && keep(g.Name)
	})
	for _, procs := range procsOf(groups) {
		// A dozen columns fit a terminal.
		for groups := range slices.Chunk(only(groups, func(g record.Key) bool { return g.Procs == procs }), 12) {
			var heads []string
			second := []string{""}
			for _, g := range groups {
				name, variant, _ := strings.Cut(g.Name, "-")
				heads, second = append(heads, name), append(second, variant)
			}
			t := grid(r, fmt.Sprintf("%s per task, as a multiple of go, GOMAXPROCS %d", unitWords[unit], procs), heads, groups,
				func(k record.Key) string { return toReference(r, k, unit) })
			if strings.Join(second, "") != "" {
				t.Rows = slices.Insert(t.Rows, 0, second)
			}
			tables = append(tables, t)
		}
	}
	return tables
}

// sweepTables show all contestants' times, or processor times, over go's, for each
// load of a sweep.
func sweepTables(r *record.Record, unit string) (tables []Table) {
	for _, s := range sweeps {
		for _, way := range load.Ways() {
			groups := only(r.Groups(record.Tasks), func(g record.Key) bool { return g.Name == s.prefix+way })
			var heads []string
			for _, g := range groups {
				heads = append(heads, s.show(g.X))
			}
			t := grid(r, unitWords[unit]+" over go's, "+s.title+": "+way, heads, groups, func(k record.Key) string {
				if k.Contestant == contest.Reference {
					return "-"
				}
				return toReference(r, k, unit)
			})
			if len(t.Rows) > 0 {
				tables = append(tables, t)
			}
		}
	}
	return tables
}

// isSweep tells workloads that come in many sizes: they have tables of their own. Old
// records have one more sweep.
func isSweep(name string) bool {
	return strings.HasPrefix(name, "flat-") || slices.ContainsFunc(sweeps, func(s sweepKind) bool { return strings.HasPrefix(name, s.prefix) })
}

func isFlood(name string) bool { return strings.HasPrefix(name, "cold") }

func isMain(name string) bool {
	return isFlood(name) || slices.ContainsFunc(load.Main, func(w load.Workload) bool { return w.Name == name })
}

// isHeadline tells the workloads that other pools publish figures for, which are in old
// records; isLimited those whose pools have a limit on workers, and go none.
func isHeadline(name string) bool { return !isMain(name) }
func isLimited(name string) bool {
	return name == "million-limited" || strings.HasPrefix(name, "workerpool-")
}

// taskGroups lists the groups that time tasks, without the sweeps.
func taskGroups(r *record.Record) []record.Key {
	return only(r.Groups(record.Tasks), func(g record.Key) bool { return !isSweep(g.Name) })
}

// mainGroups lists those of the main table at the first value of GOMAXPROCS.
func mainGroups(r *record.Record) []record.Key {
	groups := taskGroups(r)
	return only(groups, func(g record.Key) bool { return g.Procs == groups[0].Procs && isMain(g.Name) })
}

// only keeps the groups for which keep holds.
func only(groups []record.Key, keep func(record.Key) bool) []record.Key {
	return slices.DeleteFunc(slices.Clone(groups), func(g record.Key) bool { return !keep(g) })
}

// procsOf lists the GOMAXPROCS values of groups, in their order.
func procsOf(groups []record.Key) (all []int) {
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
