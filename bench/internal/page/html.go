package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

//go:embed page.html
var source string

var layout = template.Must(template.New("page").Funcs(template.FuncMap{"join": strings.Join}).Parse(source))

// A section of the page: words, plots, tables.
type section struct {
	ID, Title string
	Intro     string
	Key       []keyEntry    // of the series in the plots
	Wide      template.HTML // a plot as wide as the page
	Plots     []template.HTML
	Tables    []Table
	Fold      string  // what is folded, "" for all figures
	Folded    []Table // tables that are shown on demand, and on paper
}

// A keyEntry tells which line is whose.
type keyEntry struct {
	Name string
	Mark template.HTML // the line, as in the plots
}

// HTML writes the record as one page that needs nothing else: no script, no
// other file, no network.
func HTML(w io.Writer, r *record.Record) error {
	d := drawing{r: r}
	var sections []section
	for _, s := range []section{
		d.tasks(), d.processor(), d.lost(), d.crossover(), d.headlines(), d.scaling(), d.starts(), d.lateness(), d.memory(), d.paper(),
	} {
		if len(s.Wide)+len(s.Plots)+len(s.Tables)+len(s.Folded) > 0 {
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

// key tells the series of a section's plots apart, the n-th of them in the n-th style.
func (d *drawing) key(names []string) (key []keyEntry) {
	for i, name := range names {
		key = append(key, keyEntry{name, d.keep(chart.Key(chart.StyleOf(i)))})
	}
	return key
}

// dots draws ratios to go, a row for each workload.
func (d *drawing) dots(s section, groups []record.Key, unit string) section {
	who := slices.DeleteFunc(d.r.Contestants(groups...), contest.IsVariant)
	var p chart.DotPlot
	for i, name := range who {
		p.Series = append(p.Series, chart.Series{Name: name, Style: chart.StyleOf(i)})
	}
	for _, g := range groups {
		if row := dotRow(d.r, g.Name, g, unit, who); len(row.Dots) > 1 {
			p.Rows = append(p.Rows, row)
		}
	}
	if len(p.Rows) > 0 {
		s.Wide, s.Key = d.keep(p.InPage()), d.key(who)
	}
	return s
}

// lines draws a value of each contestant over what groups differ in. A plot without a
// line is left out.
func (d *drawing) lines(s *section, title string, x, y chart.Axis, groups []record.Key, who []string, at func(g record.Key) float64, value func(k record.Key) (stat.Summary, bool)) {
	var lines []chart.Series
	for i, c := range who {
		line := chart.Series{Name: c, Style: chart.StyleOf(i)}
		for _, g := range groups {
			if m, ok := value(g.Of(c)); ok {
				line.X, line.Y = append(line.X, at(g)), append(line.Y, m.Center)
				line.Lo, line.Hi = append(line.Lo, m.Lo), append(line.Hi, m.Hi)
			}
		}
		lines = append(lines, line)
	}
	if slices.ContainsFunc(lines, func(l chart.Series) bool { return len(l.X) > 0 }) {
		s.Plots = append(s.Plots, d.keep(chart.Lines(title, x, y, lines)))
	}
}

// overProcs draws medians over GOMAXPROCS.
func (d *drawing) overProcs(s *section, title string, groups []record.Key, who []string, unit, label string, log bool) {
	groups = slices.SortedStableFunc(slices.Values(groups), func(a, b record.Key) int { return a.Procs - b.Procs })
	x := chart.Axis{Label: "GOMAXPROCS", Log: log}
	for _, procs := range procsOf(groups) {
		x.At = append(x.At, float64(procs))
	}
	d.lines(s, title, x, chart.Axis{Label: label, Log: log}, groups, who,
		func(g record.Key) float64 { return float64(g.Procs) },
		func(k record.Key) (stat.Summary, bool) { return d.r.Median(k, unit) })
}

// tasks draws the workloads of the main table, at the first GOMAXPROCS value.
func (d *drawing) tasks() section {
	return d.dots(section{ID: "tasks", Title: "Time of a task", Intro: "As a multiple of go: marks to the left of 1 are faster. The line through a mark is the interval of the ratio.",
		Tables: matrices(d.r, record.NsOp, isMain), Folded: blocks.tables(d.r)}, mainGroups(d.r), record.NsOp)
}

// processor draws the processor time of the same.
func (d *drawing) processor() section {
	return d.dots(section{ID: "processor", Title: "Processor time of a task", Intro: "User and system time of the whole process while a sample runs, over its tasks, as a multiple of go: what a machine that others share pays.",
		Tables: matrices(d.r, record.CPUOp, isMain)}, mainGroups(d.r), record.CPUOp)
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
	groups := only(d.r.Groups(record.Tasks), func(g record.Key) bool { return isSweep(g.Name) })
	who := d.r.Contestants(groups...)
	s := section{ID: "crossover", Title: "Where go is the better choice", Key: d.key(who), Tables: Crossover(d.r), Folded: slices.Concat(sweepTables(d.r, record.NsOp), sweepTables(d.r, record.CPUOp)),
		Intro: "Time of a task over that of go: above 1 go is faster. Tasks of more frames make a new goroutine's stack grow; a worker's has grown already. What takes no time is in the tables only."}
	for _, sweep := range sweeps {
		for _, way := range load.Ways() {
			own := only(groups, func(g record.Key) bool { return g.Name == sweep.prefix+way })
			d.lines(&s, way+", "+sweep.short, chart.Axis{Label: sweep.label, Log: true, Format: sweep.show}, chart.Axis{Label: "times go", Log: true}, own, who,
				func(g record.Key) float64 { return g.X },
				func(k record.Key) (stat.Summary, bool) { return d.r.Ratio(k, k.Of(contest.Reference), record.NsOp) })
		}
	}
	return s
}

func (d *drawing) headlines() section {
	groups := only(taskGroups(d.r), func(g record.Key) bool { return isHeadline(g.Name) })
	return d.dots(section{ID: "headlines", Title: "The headlines of other pools", Intro: "The workloads that other pools publish figures for, and a chain of tasks of which each waits for the next. In million-limited and workerpool-execute the pools have the limit on workers that is published, and go has none. Time of a task as a multiple of go.",
		Tables: slices.Concat(matrices(d.r, record.NsOp, isHeadline), matrices(d.r, record.CPUOp, isHeadline))}, groups, record.NsOp)
}

// scaling draws times over GOMAXPROCS.
func (d *drawing) scaling() section {
	groups := taskGroups(d.r)
	others := only(groups, func(g record.Key) bool { return g.Procs != groups[0].Procs })
	who := d.r.Contestants(others...)
	s := section{ID: "scaling", Title: "Scaling over GOMAXPROCS", Intro: fmt.Sprintf("The machine has %d cores.", d.r.Host.Cores), Key: d.key(who)}
	for _, name := range namesOf(others) {
		d.overProcs(&s, name, only(groups, func(g record.Key) bool { return g.Name == name }), who, record.NsOp, "ns a task", true)
	}
	return s
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

// starts draws start latency over load, for each length of task.
func (d *drawing) starts() section {
	groups := d.r.Groups(record.Starts)
	who := d.r.Contestants(groups...)
	s := section{ID: "starts", Title: "Time until a task starts", Key: d.key(who), Folded: starts.tables(d.r),
		Intro: "From when a task is due to its first instruction, beside a submitter that keeps its processor busy and does not wait for tasks, by how much of the other processors the tasks need. The lines are medians of the rounds; where the rounds of a contestant are of two kinds, the table shows how far they lie apart."}
	var lengths []string
	for _, g := range groups {
		if length, _, ok := openLoop(g.Name); ok && !slices.Contains(lengths, length) {
			lengths = append(lengths, length)
		}
	}
	for _, unit := range []string{record.P50, record.P99} {
		for _, length := range lengths {
			own := only(groups, func(g record.Key) bool { l, _, ok := openLoop(g.Name); return ok && l == length })
			d.lines(&s, fmt.Sprintf("%s, tasks of %s", strings.TrimSuffix(unit, "-ns"), length), chart.Axis{Label: "load, %"}, chart.Axis{Label: "us", Log: true}, own, who,
				func(g record.Key) float64 { _, load, _ := openLoop(g.Name); return load },
				func(k record.Key) (stat.Summary, bool) {
					m, ok := d.r.Median(k, unit)
					return stat.Summary{Center: m.Center / 1e3, Lo: m.Lo / 1e3, Hi: m.Hi / 1e3, N: m.N}, ok
				})
		}
	}
	return s
}

// openLoop reads the name of an arrival: open-LENGTH-PERCENT.
func openLoop(name string) (length string, percent float64, ok bool) {
	fields := strings.Split(name, "-")
	if len(fields) != 3 || fields[0] != "open" {
		return "", 0, false
	}
	percent, err := strconv.ParseFloat(fields[2], 64)
	return fields[1], percent, err == nil
}

// lateness draws p50 and p99 over GOMAXPROCS, for each neighbour.
func (d *drawing) lateness() section {
	groups := d.r.Groups(record.Lateness)
	who := d.r.Contestants(groups...)
	s := section{ID: "lateness", Title: "How late others are beside the pool", Key: d.key(who), Folded: lateness.tables(d.r),
		Intro: "By how much longer than asked a goroutine sleeps that has nothing to do with the pool, while the pool is busy with endless chains of tasks, with producers, or with the requests of an echo server on loopback."}
	for _, unit := range []string{record.P50, record.P99} {
		for _, name := range namesOf(groups) {
			d.overProcs(&s, strings.TrimSuffix(unit, "-ns")+", "+name, only(groups, func(g record.Key) bool { return g.Name == name }), who, unit, "ns late", true)
		}
	}
	return s
}

func (d *drawing) memory() section {
	return section{ID: "memory", Title: "Memory", Intro: "Of tasks that block: in a fresh pool in a fresh process that is flooded with them, and at a peak and after. lfpool's idle timeout is 1 s for the peak.",
		Tables: append(blocked.tables(d.r), memory.tables(d.r)...)}
}

// paper draws figures 3 to 5 of Michael and Scott 1996 anew.
func (d *drawing) paper() section {
	all, groups := figures(d.r)
	who := d.r.Contestants(d.r.Groups(record.Pairs)...)
	s := section{ID: "paper", Title: "Michael and Scott 1996, figures 3 to 5", Key: d.key(who), Folded: paper(d.r),
		Intro: "Net time of an enqueue and a dequeue by goroutines that do other work after each: 6 us as in the paper (ms96), and a tenth of it (ms96-tenth). One goroutine a processor is the paper's figure 3, two figure 4, three figure 5."}
	for _, f := range all {
		d.overProcs(&s, fmt.Sprintf("%s, %.0f a processor", f.name, f.each), groups[f], who, record.NetPair, "net ns a pair", false)
	}
	return s
}
