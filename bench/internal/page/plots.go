package page

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

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
	s := section{ID: "crossover", Title: "Where go is the better choice", Tables: Crossover(d.r),
		Intro: "lfpool's time over go's: above 1 go is faster. Tasks of more frames make a new goroutine's stack grow; a worker's has grown already."}
	var ratios []chart.Series
	ways := load.Ways()
	s.Key = d.key(append([]string{""}, ways...))[1:]
	for _, sweep := range sweeps {
		ratios = nil
		for i, way := range ways {
			line := chart.Series{Name: way, Style: chart.StyleOf(i + 1)}
			for _, g := range d.r.Groups(record.Tasks) {
				if g.Name != sweep.prefix+way {
					continue
				}
				if m, ok := d.r.Ratio(g.Of(contest.Subject), g.Of(contest.Reference), record.NsOp); ok {
					add(&line, g.X, m.Center, m.Lo, m.Hi)
				}
			}
			if len(line.X) > 0 {
				ratios = append(ratios, line)
			}
		}
		if len(ratios) > 0 {
			x := chart.Axis{Label: sweep.label, Log: true, Format: sweep.show}
			s.Plots = append(s.Plots, d.keep(chart.Lines("lfpool / go, "+sweep.short+zeroIsApart(ratios), x, chart.Axis{Label: "times go", Log: true}, ratios)))
		}
	}
	if len(s.Plots) == 0 {
		s.Key = nil
	}
	return s
}

// zeroIsApart says where 0 is, which a logarithmic axis has no place for.
func zeroIsApart(lines []chart.Series) string {
	if slices.ContainsFunc(lines, func(l chart.Series) bool { return slices.Contains(l.X, 0) }) {
		return " (0 is in the table)"
	}
	return ""
}

// sweeps draws all contestants' times over go's, for each load of a sweep.
func (d *drawing) sweeps() section {
	groups := only(d.r.Groups(record.Tasks), func(g record.Key) bool {
		return slices.ContainsFunc(sweeps, func(s sweepKind) bool { return strings.HasPrefix(g.Name, s.prefix) })
	})
	who := slices.DeleteFunc(d.contestants(groups), func(c string) bool { return c == contest.Reference })
	s := section{ID: "sweeps", Title: "Depth, size and sleep, other pools", Intro: "Time of a task over that of go, as above, of all that were measured.", Folded: slices.Concat(sweepTables(d.r, record.NsOp), sweepTables(d.r, record.CPUOp))}
	for _, sweep := range sweeps {
		for _, way := range load.Ways() {
			var lines []chart.Series
			for _, c := range who {
				line := chart.Series{Name: c, Style: chart.StyleOf(1 + slices.Index(who, c))}
				for _, g := range groups {
					if m, ok := d.r.Ratio(g.Of(c), g.Of(contest.Reference), record.NsOp); ok && g.Name == sweep.prefix+way {
						add(&line, g.X, m.Center, m.Lo, m.Hi)
					}
				}
				if len(line.X) > 0 {
					lines = append(lines, line)
				}
			}
			if len(lines) > 0 {
				x := chart.Axis{Label: sweep.label, Log: true, Format: sweep.show}
				s.Plots = append(s.Plots, d.keep(chart.Lines(way+", "+sweep.short, x, chart.Axis{Label: "times go", Log: true}, lines)))
			}
		}
	}
	for i, c := range who {
		s.Key = append(s.Key, d.line(c, chart.StyleOf(1+i)))
	}
	return s
}

// calls draws TiDB's comparison: as many frames in one call, or in 15.
func (d *drawing) calls() section {
	s := section{ID: "calls", Title: "Frames in one call, or in 15", Intro: "TiDB's first comparison: tasks of as many frames in all, in bursts of 100."}
	var lines []chart.Series
	for i, of := range []struct{ sweep, contestant, name string }{
		{load.DepthSweep + "burst", contest.Reference, "go, one call"}, {load.DepthSweep + "burst", contest.Subject, "lfpool, one call"},
		{load.FlatSweep + "burst", contest.Reference, "go, 15 calls"}, {load.FlatSweep + "burst", contest.Subject, "lfpool, 15 calls"},
	} {
		line := chart.Series{Name: of.name, Style: chart.StyleOf(i)}
		for _, g := range only(d.r.Groups(record.Tasks), func(g record.Key) bool { return g.Name == of.sweep }) {
			if m, ok := d.r.Median(g.Of(of.contestant), record.NsOp); ok {
				add(&line, g.X, m.Center, m.Lo, m.Hi)
			}
		}
		if len(line.X) > 0 {
			lines = append(lines, line)
			s.Key = append(s.Key, d.line(of.name, line.Style))
		}
	}
	if len(lines) > 0 {
		s.Plots = append(s.Plots, d.keep(chart.Lines("burst, by frames", chart.Axis{Label: "frames in all", Log: true}, chart.Axis{Label: "ns a task", Log: true}, lines)))
	}
	return s
}

func add(s *chart.Series, x, y, lo, hi float64) {
	s.X, s.Y, s.Lo, s.Hi = append(s.X, x), append(s.Y, y), append(s.Lo, lo), append(s.Hi, hi)
}

func isMain(name string) bool {
	return isFlood(name) || slices.ContainsFunc(load.Main, func(w load.Workload) bool { return w.Name == name })
}

func isFlood(name string) bool {
	return slices.ContainsFunc(measure.Floods, func(f measure.Flood) bool { return f.Name == name })
}

func isHeadline(name string) bool { return !isMain(name) }

// tasks draws the workloads of the main table, at the first GOMAXPROCS value.
func (d *drawing) tasks() section {
	groups := taskGroups(d.r)
	groups = only(groups, func(g record.Key) bool { return g.Procs == groups[0].Procs && isMain(g.Name) })
	s := section{ID: "tasks", Title: "Time of a task", Intro: "As a multiple of go: bars to the left of 1 are faster. The line on a bar is the interval of the ratio.", Plots: d.bars(groups, record.NsOp)}
	s.Tables, s.Folded = matrices(d.r, record.NsOp, isMain), blocks(d.r)
	return s
}

// processor draws the processor time of the same.
func (d *drawing) processor() section {
	groups := taskGroups(d.r)
	groups = only(groups, func(g record.Key) bool { return g.Procs == groups[0].Procs && isMain(g.Name) })
	return section{ID: "processor", Title: "Processor time of a task", Intro: "User and system time of the whole process while a sample runs, over its tasks, as a multiple of go: what a machine that others share pays.", Plots: d.bars(groups, record.CPUOp), Tables: matrices(d.r, record.CPUOp, isMain)}
}

func (d *drawing) headlines() section {
	groups := only(taskGroups(d.r), func(g record.Key) bool { return isHeadline(g.Name) })
	return section{ID: "headlines", Title: "The headlines of other pools", Intro: "The workloads that other pools publish figures for, and a chain of tasks of which each waits for the next. In million-limited, workerpool-execute and workerpool-enqueue the pools have the limit on workers that is published, and go has none. Time of a task as a multiple of go.", Plots: d.bars(groups, record.NsOp), Tables: slices.Concat(matrices(d.r, record.NsOp, isHeadline), matrices(d.r, record.CPUOp, isHeadline))}
}

// bars draws one plot of ratios to go for each group.
func (d *drawing) bars(groups []record.Key, unit string) (plots []template.HTML) {
	for _, g := range groups {
		var bars []chart.Bar
		for _, c := range d.r.Contestants(g) {
			if m, ok := d.r.Ratio(g.Of(c), g.Of(contest.Reference), unit); ok {
				style := chart.StyleOf(2)
				switch c {
				case contest.Reference:
					style = chart.StyleOf(0)
				case contest.Subject:
					style = chart.StyleOf(1)
				}
				bars = append(bars, chart.Bar{Name: c, Style: style, Value: m.Center, Lo: m.Lo, Hi: m.Hi})
			}
		}
		if len(bars) > 1 {
			plots = append(plots, d.keep(chart.Bars(g.Name, "times go", bars)))
		}
	}
	return plots
}

// scaling draws times over GOMAXPROCS.
func (d *drawing) scaling() section {
	groups := taskGroups(d.r)
	var names []string // of workloads that were measured at several values
	for _, g := range groups {
		if !slices.Contains(names, g.Name) && len(only(groups, func(o record.Key) bool { return o.Name == g.Name })) > 1 {
			names = append(names, g.Name)
		}
	}
	of := only(groups, func(g record.Key) bool { return slices.Contains(names, g.Name) && g.Procs != groups[0].Procs })
	who := d.contestants(of)
	s := section{ID: "scaling", Title: "Scaling over GOMAXPROCS", Intro: fmt.Sprintf("The machine has %d cores.", d.r.Host.Cores), Key: d.key(who)}
	for _, name := range names {
		own := only(groups, func(g record.Key) bool { return g.Name == name })
		slices.SortStableFunc(own, func(a, b record.Key) int { return a.Procs - b.Procs })
		s.Plots = append(s.Plots, d.overProcs(name, own, who, record.NsOp, "ns a task", true))
	}
	return s
}

// overProcs draws medians over GOMAXPROCS.
func (d *drawing) overProcs(title string, groups []record.Key, who []string, unit, label string, log bool) template.HTML {
	return d.over("GOMAXPROCS", title, groups, who, unit, label, log)
}

// over is overProcs, of processors that are called what.
func (d *drawing) over(what, title string, groups []record.Key, who []string, unit, label string, log bool) template.HTML {
	var lines []chart.Series
	for _, c := range who {
		line := chart.Series{Name: c, Style: d.style(c, who)}
		for _, g := range groups {
			if m, ok := d.r.Median(g.Of(c), unit); ok {
				add(&line, float64(g.Procs), m.Center, m.Lo, m.Hi)
			}
		}
		lines = append(lines, line)
	}
	var at []float64
	for _, g := range groups {
		at = append(at, float64(g.Procs))
	}
	return d.keep(chart.Lines(title, chart.Axis{Label: what, Log: log, At: at}, chart.Axis{Label: label, Log: log}, lines))
}

// starts draws start latency over load, for each length of task.
func (d *drawing) starts() section {
	groups := d.r.Groups(record.Starts)
	who := d.contestants(groups)
	s := section{ID: "starts", Title: "Time until a task starts", Key: d.key(who), Folded: starts(d.r),
		Intro: "From when a task is due to its first instruction, beside a submitter that keeps its processor busy and does not wait for tasks, by how much of the other processors the tasks need. The lines are medians of the rounds; where the rounds of a contestant are of two kinds, the table shows how far they lie apart."}
	var lengths []string
	for _, g := range groups {
		if length, _, ok := openLoop(g.Name); ok && !slices.Contains(lengths, length) {
			lengths = append(lengths, length)
		}
	}
	for _, unit := range []string{record.P50, record.P99} {
		for _, length := range lengths {
			var lines []chart.Series
			for _, c := range who {
				line := chart.Series{Name: c, Style: d.style(c, who)}
				for _, g := range groups {
					l, load, ok := openLoop(g.Name)
					if m, has := d.r.Median(g.Of(c), unit); ok && has && l == length {
						add(&line, load, m.Center/1e3, m.Lo/1e3, m.Hi/1e3)
					}
				}
				lines = append(lines, line)
			}
			title := fmt.Sprintf("%s, tasks of %s", strings.TrimSuffix(unit, "-ns"), length)
			s.Plots = append(s.Plots, d.keep(chart.Lines(title, chart.Axis{Label: "load, %"}, chart.Axis{Label: "us", Log: true}, lines)))
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

func (d *drawing) servers() section {
	return section{ID: "servers", Title: "Three servers on loopback", Intro: "Requests per second as a multiple of go (to the right is better here), with 16 connections that ask again as soon as they have an answer. The client is another process on the same cores.",
		Plots: d.bars(d.r.Groups(record.Servers), record.Rate), Tables: servers(d.r)}
}

func (d *drawing) memory() section {
	s := section{ID: "memory", Title: "Memory, and workers over time", Tables: append(traces(d.r), memory(d.r)...)}
	var lines []chart.Series
	var who []string
	for _, t := range d.r.Traces {
		who = append(who, t.Contestant)
	}
	for _, t := range d.r.Traces {
		line := chart.Series{Name: t.Contestant, Style: d.style(t.Contestant, who), X: t.Seconds}
		for _, n := range t.Goroutines {
			line.Y = append(line.Y, float64(max(1, n)))
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 {
		s.Key = d.key(who)
		s.Plots = append(s.Plots, d.keep(chart.Lines("goroutines (1 stands for none)", chart.Axis{Label: "seconds"}, chart.Axis{Label: "goroutines", Log: true}, lines)))
	}
	return s
}

// paper draws figures 3 to 5 of Michael and Scott 1996 anew.
func (d *drawing) paper() section {
	groups := d.r.Groups(record.Pairs)
	who := d.contestants(groups)
	s := section{ID: "paper", Title: "Michael and Scott 1996, figures 3 to 5", Key: d.key(who), Tables: sharing(d.r), Folded: pairs(d.r),
		Intro: "Net time of an enqueue and a dequeue by goroutines that do other work after each: 6 us as in the paper (ms96), and a tenth of it (ms96-tenth). One goroutine a processor is the paper's figure 3, two figure 4, three figure 5."}
	for _, f := range figures(groups) {
		own := only(groups, func(g record.Key) bool { return figure{g.Name, g.X} == f })
		s.Plots = append(s.Plots, d.overProcs(fmt.Sprintf("%s, %.0f a processor", f.name, f.each), own, who, record.NetPair, "net ns a pair", false))
	}
	return s
}
