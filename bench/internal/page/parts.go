package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// A part of what a record tells: words, plots, tables. Every page is made of parts.
type part struct {
	ID, Title, Intro string
	Plots            []chart.Plot
	Tables           []Table
	More             string  // what else there is
	Folded           []Table // it: shown on demand, on paper and on a terminal
}

// Key is of the series of all plots.
func (p part) Key() []chart.Series {
	if len(p.Plots) == 0 {
		return nil
	}
	return p.Plots[0].Series
}

// A plot is of the ratios to go in one unit, a row for each group.
type plot struct {
	title  string
	groups []record.Key
	unit   string
	name   func(g record.Key) string // of the row
}

// plotted draws all who are in any of the plots, in one style each.
func plotted(r *record.Record, plots ...plot) (drawn []chart.Plot) {
	var groups []record.Key
	for _, p := range plots {
		groups = append(groups, p.groups...)
	}
	who := slices.DeleteFunc(r.Contestants(groups...), func(c string) bool { return c == contest.Reference || contest.IsVariant(c) })
	for _, p := range plots {
		plot := chart.Plot{Label: p.title, Series: seriesOf(who)}
		for _, g := range p.groups {
			if row := dotRow(r, p.name(g), g, p.unit, who); len(row.Dots) > 0 {
				plot.Rows = append(plot.Rows, row)
			}
		}
		if len(plot.Rows) > 0 {
			drawn = append(drawn, plot)
		}
	}
	return drawn
}

// seriesOf has a style for each contestant other than go. lfpool stands out.
func seriesOf(contestants []string) (all []chart.Series) {
	for i, c := range contestants {
		style := chart.StyleOf(i)
		if c == contest.Subject {
			style = chart.Subject
		}
		all = append(all, chart.Series{Name: c, Style: style})
	}
	return all
}

// dotRow has the ratio to go of each contestant that was measured.
func dotRow(r *record.Record, name string, g record.Key, unit string, contestants []string) chart.Row {
	row := chart.Row{Name: name}
	for i, c := range contestants {
		if m, ok := r.Ratio(g.Of(c), g.Of(contest.Reference), unit); ok {
			row.Dots = append(row.Dots, chart.Dot{Series: i, Value: m.Center, Lo: m.Lo, Hi: m.Hi})
		}
	}
	return row
}

// parts are those that the record has something for, in their order on a page.
func parts(r *record.Record) []part {
	main, groups := mainGroups(r), taskGroups(r)
	lost := part{ID: "lost", Title: "What lfpool loses", More: "Bytes, and each row with its interval",
		Intro: "Rows in which lfpool is worse than go, or than the best other pool, of queues seg than the best other: how many times worse, by the median of the rounds' ratios. " + rule}
	if l, compared := losses(r); compared {
		lost.Tables, lost.Folded = append([]Table{l.bySize}, l.bytes.orNone()...), l.each
	}
	var swept, scaled []plot
	for _, s := range sweeps {
		for _, way := range load.Ways() {
			swept = append(swept, plot{way + ", " + s.short + ": time, times go", s.groups(r, way), record.NsOp, s.x})
		}
	}
	others := only(groups, func(g record.Key) bool { return g.Procs != groups[0].Procs })
	for _, of := range together(others, workload) {
		own := only(groups, func(g record.Key) bool { return g.Name == of[0].Name })
		slices.SortStableFunc(own, func(a, b record.Key) int { return a.Procs - b.Procs })
		scaled = append(scaled, plot{"time of a task, times go", own, record.NsOp, atProcs})
	}
	begun, late := r.Groups(record.Starts), r.Groups(record.Lateness)
	var soon []Table
	for _, c := range []column{center("p50", record.P50, microseconds), center("p99", record.P99, microseconds)} {
		soon = append(soon, grid(r, "Microseconds until a task starts, "+c.head, workload, begun, c.of(r))...)
	}
	all := []part{
		ablated(r),
		{ID: "tasks", Title: "Time of a task", Intro: "As a multiple of that with go in the same round: below 1 is faster. In the plots that is left of 1, and the line through a mark is the interval of the ratio.",
			Plots: plotted(r, plot{"time of a task, times go", main, record.NsOp, workload}), Tables: matrices(r, record.NsOp, false), Folded: append(matrices(r, record.NsOp, true), blocks.tables(r)...)},
		{ID: "processor", Title: "Processor time of a task", Intro: "User and system time of the whole process while a sample runs, over its tasks, as a multiple of go: what a machine that others share pays.",
			Plots: plotted(r, plot{"processor time of a task, times go", main, record.CPUOp, workload}), Tables: matrices(r, record.CPUOp, false), Folded: matrices(r, record.CPUOp, true)},
		lost,
		{ID: "crossover", Title: "Where go is the better choice", Plots: plotted(r, swept...), Tables: crossover(r),
			Intro: "Time of a task over that of go, by its depth in frames and by how long it computes or sleeps: above 1 go is faster. Tasks of more frames make a new goroutine's stack grow; a worker's has grown already."},
		{ID: "scaling", Title: "Scaling over GOMAXPROCS", Intro: fmt.Sprintf("The machine has %d cores.", r.Host.Cores), Plots: plotted(r, scaled...)},
		{ID: "starts", Title: "Time until a task starts", Tables: soon, Folded: starts.tables(r),
			Intro: "From when a task is due to its first instruction. Open loops have a submitter that keeps its processor busy and does not wait for tasks: open-LENGTH-PERCENT has tasks of that length that need so much of the other processors; busy-N submits now and then beside so many pairs of goroutines; ramp 100 at once after a rest. Plots have the medians of the rounds' ratios to go; where the rounds of a contestant are of two kinds, the tables of all figures show how far they lie apart.",
			Plots: plotted(r, plot{"p50, times go", begun, record.P50, workload}, plot{"p99, times go", begun, record.P99, workload})},
		{ID: "lateness", Title: "How late others are beside the pool", Folded: lateness.tables(r),
			Intro: "By how much longer than asked a goroutine sleeps that has nothing to do with the pool, while the pool is busy with endless chains of tasks, with producers, or with the requests of an echo server on loopback, at several values of GOMAXPROCS.",
			Plots: plotted(r, plot{"p50, times go", late, record.P50, atProcs}, plot{"p99, times go", late, record.P99, atProcs})},
		{ID: "memory", Title: "Memory", Tables: append(blocked.tables(r), memory.tables(r)...),
			Intro: "Of tasks that block: in a fresh pool in a fresh process that is flooded with them, and at a peak and after. lfpool's idle timeout is 1 s for the peak."},
		{ID: "paper", Title: "Michael and Scott 1996, figures 3 to 5", Tables: paper(r),
			Intro: "Net time of an enqueue and a dequeue by goroutines that do other work after each, medians with 95 % intervals: 6 us as in the paper (ms96), and a tenth of it (ms96-tenth). One goroutine a processor is the paper's figure 3, two figure 4, three figure 5."},
		simulated(r),
		transfers(r),
	}
	return slices.DeleteFunc(all, func(p part) bool { return len(p.Plots)+len(p.Tables)+len(p.Folded) == 0 })
}

// how says what the columns mean.
var how = fmt.Sprintf("Each contestant once a round, in random order. All figures are medians. ± is the bound of the median's %.0f %% interval; x go is the median of the rounds' ratios. Processor time, bytes and allocations are the whole process's. %s", 100*record.Confidence, rule)

//go:embed page.html
var source string

var layout = template.Must(template.New("page").Funcs(template.FuncMap{"join": strings.Join}).Parse(source))

// HTML writes the record as one page that needs nothing else: no script, no
// other file, no network.
func HTML(w io.Writer, r *record.Record) error {
	return layout.Execute(w, map[string]any{"R": r, "Learnt": Learnt(r), "How": how, "Parts": parts(r)})
}

// Text prints the record: first what lfpool loses, then all tables, last in words what was
// learnt.
func Text(w io.Writer, r *record.Record) {
	fmt.Fprintf(w, "lfpool bench, %s, %s/%s, governor %s, load %.2f\n", r.Host.Line(), r.Host.GOOS, r.Host.GOARCH, r.Host.Governor, r.Host.Load)
	fmt.Fprintf(w, "bench %s, %.0f s. %s\n%s\n", strings.Join(r.Args, " "), r.Seconds, strings.TrimSpace(r.Waited+" "+r.Noise.String()), how)
	if len(r.Failed) > 0 {
		fmt.Fprintf(w, "Not measured, for an error: %s.\n", strings.Join(r.Failed, "; "))
	}
	var lost, tables, folded []Table
	for _, p := range parts(r) {
		if p.ID == "lost" {
			lost = p.Tables
			continue // each row is on the page
		}
		tables, folded = append(tables, p.Tables...), append(folded, p.Folded...)
	}
	for _, t := range slices.Concat(lost, tables, folded) {
		t.Text(w)
	}
	if lines := Learnt(r); len(lines) > 0 {
		fmt.Fprintln(w, "\nWhat was learnt")
		for _, line := range lines {
			fmt.Fprintln(w, strings.NewReplacer("; ", ";\n    ", ". ", ".\n").Replace(line))
		}
	}
}
