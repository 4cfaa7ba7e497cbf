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

//go:embed page.html
var source string

var layout = template.Must(template.New("page").Funcs(template.FuncMap{"join": strings.Join}).Parse(source))

// A section of the page: words, plots, tables.
type section struct {
	ID, Title string
	Intro     string
	Key       []keyEntry // of the series in the plots
	Plots     []template.HTML
	Tables    []Table
	Fold      string  // what is folded, "" for all figures
	Folded    []Table // tables that are shown on demand, and on paper
}

// A keyEntry tells which mark is whose.
type keyEntry struct {
	Name string
	Mark template.HTML
}

// HTML writes the record as one page that needs nothing else: no script, no
// other file, no network.
func HTML(w io.Writer, r *record.Record) error {
	d := drawing{r: r}
	var sections []section
	for _, s := range []section{
		d.tasks(), d.processor(), d.lost(), d.crossover(), d.headlines(), d.scaling(), d.starts(), d.lateness(), d.memory(), d.paper(), d.simulated(), d.transfers(),
	} {
		if len(s.Plots)+len(s.Tables)+len(s.Folded) > 0 {
			sections = append(sections, s)
		}
	}
	if d.err != nil {
		return d.err
	}
	return layout.Execute(w, map[string]any{"R": r, "Learnt": Learnt(r), "How": how, "Sections": sections})
}

// A drawing makes the sections of a record's page. It keeps the first error.
type drawing struct {
	r   *record.Record
	err error
}

func (d *drawing) keep(svg template.HTML, err error) template.HTML {
	if err != nil && d.err == nil {
		d.err = err
	}
	return svg
}

// A plot is of the ratios to go in one unit, a row for each group.
type plot struct {
	title  string
	groups []record.Key
	unit   string
	name   func(g record.Key) string // of the row
}

// draw adds plots of all who are in any of them, in one style each.
func (d *drawing) draw(s section, plots ...plot) section {
	var groups []record.Key
	for _, p := range plots {
		groups = append(groups, p.groups...)
	}
	who := slices.DeleteFunc(d.r.Contestants(groups...), func(c string) bool { return c == contest.Reference || contest.IsVariant(c) })
	series := seriesOf(who)
	for _, p := range plots {
		drawn := chart.DotPlot{Label: p.title, Series: series}
		for _, g := range p.groups {
			if row := dotRow(d.r, p.name(g), g, p.unit, who); len(row.Dots) > 0 {
				drawn.Rows = append(drawn.Rows, row)
			}
		}
		if len(drawn.Rows) > 0 {
			s.Plots = append(s.Plots, d.keep(drawn.InPage()))
		}
	}
	if len(s.Plots) > 0 {
		for _, of := range series {
			s.Key = append(s.Key, keyEntry{of.Name, d.keep(chart.Key(of.Style))})
		}
	}
	return s
}

func workload(g record.Key) string { return g.Name }
func atProcs(g record.Key) string  { return fmt.Sprintf("%s at %d", g.Name, g.Procs) }

// tasks draws the workloads of the main table, at the first GOMAXPROCS value.
func (d *drawing) tasks() section {
	return d.draw(section{ID: "tasks", Title: "Time of a task", Intro: "As a multiple of go: marks to the left of 1 are faster. The line through a mark is the interval of the ratio.",
		Tables: matrices(d.r, record.NsOp, isMain), Folded: blocks.tables(d.r)}, plot{"time of a task, times go", mainGroups(d.r), record.NsOp, workload})
}

// processor draws the processor time of the same.
func (d *drawing) processor() section {
	return d.draw(section{ID: "processor", Title: "Processor time of a task", Intro: "User and system time of the whole process while a sample runs, over its tasks, as a multiple of go: what a machine that others share pays.",
		Tables: matrices(d.r, record.CPUOp, isMain)}, plot{"processor time of a task, times go", mainGroups(d.r), record.CPUOp, workload})
}

// lost stands below the charts.
func (d *drawing) lost() section {
	s := section{ID: "lost", Title: "What lfpool loses", Fold: "Bytes, and each row with its interval", Intro: "Rows in which lfpool is worse than go, or than the best other contestant: how many times worse, by the median of the rounds' ratios. " + rule}
	if bySize, bytes, folded, compared := losses(d.r); compared {
		s.Tables = []Table{bySize}
		if len(bytes.Rows) > 0 {
			s.Folded = append(s.Folded, bytes)
		}
		s.Folded = append(s.Folded, folded...)
	}
	return s
}

// crossover draws the sweeps.
func (d *drawing) crossover() section {
	var plots []plot
	for _, sweep := range sweeps {
		for _, way := range load.Ways() {
			groups := only(d.r.Groups(record.Tasks), func(g record.Key) bool { return g.Name == sweep.prefix+way })
			plots = append(plots, plot{way + ", " + sweep.short + ": time, times go", groups, record.NsOp, func(g record.Key) string { return sweep.show(g.X) }})
		}
	}
	return d.draw(section{ID: "crossover", Title: "Where go is the better choice", Tables: Crossover(d.r), Folded: slices.Concat(sweepTables(d.r, record.NsOp), sweepTables(d.r, record.CPUOp)),
		Intro: "Time of a task over that of go, by its depth in frames and by how long it computes or sleeps: right of 1 go is faster. Tasks of more frames make a new goroutine's stack grow; a worker's has grown already."}, plots...)
}

func (d *drawing) headlines() section {
	groups := only(taskGroups(d.r), func(g record.Key) bool { return isHeadline(g.Name) })
	return d.draw(section{ID: "headlines", Title: "The headlines of other pools", Intro: "The workloads that other pools publish figures for, and a chain of tasks of which each waits for the next. In million-limited and workerpool-execute the pools have the limit on workers that is published, and go has none.",
		Tables: slices.Concat(matrices(d.r, record.NsOp, isHeadline), matrices(d.r, record.CPUOp, isHeadline))}, plot{"time of a task, times go", groups, record.NsOp, workload})
}

// scaling draws times over GOMAXPROCS.
func (d *drawing) scaling() section {
	groups := taskGroups(d.r)
	others := only(groups, func(g record.Key) bool { return g.Procs != groups[0].Procs })
	var plots []plot
	for _, name := range namesOf(others) {
		own := only(groups, func(g record.Key) bool { return g.Name == name })
		slices.SortStableFunc(own, func(a, b record.Key) int { return a.Procs - b.Procs })
		plots = append(plots, plot{"time of a task, times go", own, record.NsOp, atProcs})
	}
	return d.draw(section{ID: "scaling", Title: "Scaling over GOMAXPROCS", Intro: fmt.Sprintf("The machine has %d cores.", d.r.Host.Cores)}, plots...)
}

// namesOf lists the workloads of groups.
func namesOf(groups []record.Key) (names []string) {
	for _, g := range groups {
		if !slices.Contains(names, g.Name) {
			names = append(names, g.Name)
		}
	}
	return names
}

func (d *drawing) starts() section {
	groups := d.r.Groups(record.Starts)
	return d.draw(section{ID: "starts", Title: "Time until a task starts", Folded: starts.tables(d.r),
		Intro: "From when a task is due to its first instruction. Open loops have a submitter that keeps its processor busy and does not wait for tasks: open-LENGTH-PERCENT has tasks of that length that need so much of the other processors. The marks are medians of the rounds' ratios to go; where the rounds of a contestant are of two kinds, the tables show how far they lie apart."},
		plot{"p50, times go", groups, record.P50, workload}, plot{"p99, times go", groups, record.P99, workload})
}

func (d *drawing) lateness() section {
	groups := d.r.Groups(record.Lateness)
	return d.draw(section{ID: "lateness", Title: "How late others are beside the pool", Folded: lateness.tables(d.r),
		Intro: "By how much longer than asked a goroutine sleeps that has nothing to do with the pool, while the pool is busy with endless chains of tasks, with producers, or with the requests of an echo server on loopback, at several values of GOMAXPROCS."},
		plot{"p50, times go", groups, record.P50, atProcs}, plot{"p99, times go", groups, record.P99, atProcs})
}

func (d *drawing) memory() section {
	return section{ID: "memory", Title: "Memory", Intro: "Of tasks that block: in a fresh pool in a fresh process that is flooded with them, and at a peak and after. lfpool's idle timeout is 1 s for the peak.",
		Tables: append(blocked.tables(d.r), memory.tables(d.r)...)}
}

func (d *drawing) paper() section {
	return section{ID: "paper", Title: "Michael and Scott 1996, figures 3 to 5", Tables: paper(d.r),
		Intro: "Net time of an enqueue and a dequeue by goroutines that do other work after each: 6 us as in the paper (ms96), and a tenth of it (ms96-tenth). One goroutine a processor is the paper's figure 3, two figure 4, three figure 5."}
}
