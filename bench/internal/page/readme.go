package page

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// shown are the contestants of README's picture and table, by the names that it
// explains. The first column and the line at 1 are the go statement's.
var shown = []struct{ contestant, name string }{
	{contest.Subject, "lfpool"},
	{contest.Mutex, "mutex pool"},
	{contest.Spinlock, "spinlock pool"},
	{"grpc-style", "gRPC-Go's way"},
	{"ants", "ants"},
}

// firstRows are the workloads of README's picture, in words. Those of short are in its
// table too.
var firstRows = []struct {
	workload, words string
	short           bool
}{
	{"burst100", "100 tasks, then wait for all", true},
	{"burst10k", "10 000 tasks, then wait for all", false},
	{"parallel", "8 producers a core, 32 tasks each", true},
	{"burst100-deep", "100 tasks that grow their stacks", true},
	{"parallel-deep", "producers, tasks that grow their stacks", false},
	{"wait-deep", "one task that grows its stack, waited for", false},
	{"cold10k", "10 000 tasks that block, new pool", true},
	{"sleep1ms", "10 000 tasks that sleep 1 ms", true},
	{"json", "producers, tasks that parse JSON", true},
	{"wait", "one task, waited for", true},
	{"callers", "callers that wait for a task each", true},
	{"callers-2us", "callers, tasks of 2 us", false},
	{"ask", "callers with a timeout", false},
}

// mainGroup finds a workload at the first value of GOMAXPROCS that was measured.
func mainGroup(r *record.Record, workload string) (g record.Key, ok bool) {
	groups := taskGroups(r)
	i := slices.IndexFunc(groups, func(g record.Key) bool { return g.Name == workload && g.Procs == groups[0].Procs })
	if i < 0 {
		return g, false
	}
	return groups[i], true
}

// Picture is README's: times as multiples of that of go, with the record below.
func Picture(r *record.Record, theme chart.Theme) ([]byte, error) {
	p := chart.DotPlot{Label: "time of a task / time of a go statement with the same work (left of 1: faster than go)"}
	for i, s := range shown {
		style := chart.StyleOf(i + 1)
		if s.contestant == contest.Subject {
			style.Mark = chart.Filled
		}
		p.Series = append(p.Series, chart.Series{Name: s.name, Style: style})
	}
	rounds := 0
	for _, row := range firstRows {
		g, ok := mainGroup(r, row.workload)
		if !ok {
			continue
		}
		dots := chart.DotRow{Name: row.words}
		for i, s := range shown {
			if m, ok := r.Ratio(g.Of(s.contestant), g.Of(contest.Reference), record.NsOp); ok {
				dots.Dots = append(dots.Dots, chart.Dot{Series: i, Value: m.Center, Lo: m.Lo, Hi: m.Hi})
				rounds = max(rounds, m.N)
			}
		}
		if len(dots.Dots) > 0 {
			p.Rows = append(p.Rows, dots)
		}
	}
	if len(p.Rows) == 0 {
		return nil, errors.New("the record has none of the picture's workloads")
	}
	foot := fmt.Sprintf("%s, go run ./bench %s. Medians of %d rounds with 95 %% intervals. %s", r.Host.Line(), withoutOutput(r.Args), rounds, r.Noise)
	p.Foot = strings.ReplaceAll(wrapped(foot, 130), "\n    ", "\n")
	return p.SVG(theme)
}

// An occasion is a kind of load for which README says whether to take lfpool or go.
type occasion struct {
	words     string
	workloads []string
}

var occasions = []occasion{
	{"tasks come in bursts, or from many producers", []string{"burst100", "burst10k", "parallel"}},
	{"tasks call deeply, so that their stacks grow (to 9 KiB here)", []string{"wait-deep", "burst100-deep", "burst10k-deep", "parallel-deep"}},
	{"many tasks block at once in a new pool", []string{"cold10k"}},
	{"one goroutine submits a shallow task, waits for it, and submits the next", []string{"wait"}},
	{waitingCallers, []string{"callers", "callers-2us", "callers-10us", "callers-fresh", "ask"}},
	{longTasks, []string{"sleep1ms", "json"}},
}

// waitingCallers is known for a loss, so README names it though an old record does not
// have it.
const waitingCallers = "callers that have nothing to do with each other, one a core, each wait for their own task"

// longTasks are also those of the sweep over sizes that compute for so many ns or more.
const (
	longTasks = "tasks sleep, or compute for 10 us or more"
	long      = 10_000
)

// Choice writes when to use lfpool and when go: lfpool where it is faster in every row
// of the record, go everywhere else, since go needs no library.
func Choice(w io.Writer, r *record.Record, base string) {
	fmt.Fprintf(w, "Figures are times as multiples of that with `go`, so 0.25 is a quarter, from the record [below](#results). There are more [by depth, size and load](%s/crossover.md).\n", path.Dir(base))
	pays, not := choices(r)
	for _, part := range []struct {
		head  string
		lines []string
	}{{"Use it when", pays}, {"Use `go` when", not}} {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n**%s**\n", part.head)
		for _, line := range part.lines {
			fmt.Fprintf(w, "- %s\n", line)
		}
	}
}

func choices(r *record.Record) (pays, not []string) {
	for _, o := range occasions {
		var times, cpus []comparison
		for _, g := range workloadsOf(r, o) {
			for unit, all := range map[string]*[]comparison{record.NsOp: &times, record.CPUOp: &cpus} {
				m := metric{kind: record.Tasks, unit: unit}
				if c, ok := m.judge(r, g.Of(contest.Subject), g.Of(contest.Reference)); ok {
					*all = append(*all, c)
				}
			}
		}
		switch {
		case len(times) == 0 && o.words == waitingCallers:
			not = append(not, o.words+": slower than `go` on 2 cores; this record has no figure")
		case len(times) == 0:
		default:
			line := o.words + ": " + multiples(times)
			if len(cpus) > 0 {
				line += "; processor time " + multiples(cpus)
			}
			if isBetterThroughout(times) {
				pays = append(pays, line)
			} else {
				not = append(not, line)
			}
		}
	}
	return pays, not
}

func isBetterThroughout(all []comparison) bool {
	return !slices.ContainsFunc(all, func(c comparison) bool { return c.verdict != better })
}

// multiples shows the least and the greatest ratio, and what of them the samples do
// not tell.
func multiples(all []comparison) string {
	least, most := math.Inf(1), math.Inf(-1)
	untold := 0
	for _, c := range all {
		least, most = min(least, c.effect.Center), max(most, c.effect.Center)
		if c.verdict == alike || c.verdict == tooFew {
			untold++
		}
	}
	text := fmt.Sprintf("%.2f", least)
	if most := fmt.Sprintf("%.2f", most); most != text {
		text += " to " + most
	}
	switch untold {
	case 0:
		return text
	case len(all):
		return text + ", no difference shown"
	default:
		return text + fmt.Sprintf(", no difference shown in %d of %d workloads", untold, len(all))
	}
}

// workloadsOf lists what of an occasion the record has.
func workloadsOf(r *record.Record, o occasion) (groups []record.Key) {
	for _, workload := range o.workloads {
		if g, ok := mainGroup(r, workload); ok {
			groups = append(groups, g)
		}
	}
	if o.words == longTasks {
		groups = append(groups, only(r.Groups(record.Tasks), func(g record.Key) bool { return strings.HasPrefix(g.Name, load.SizeSweep) && g.X >= long })...)
	}
	return groups
}

// Results writes README's short table, and what lfpool loses in a line for time, for
// processor time and latency, and for memory.
func Results(w io.Writer, r *record.Record, base string) {
	fmt.Fprintf(w, "%s, `go run ./bench %s`. %s Ratios are taken within each round, so that noise spoils them less than times. [All results](docs/results.md), [record](%s.json).\n\n", r.Host.Line(), withoutOutput(r.Args), r.Noise, base)
	t := Table{Head: []string{"time as a multiple of that with `go`", "`go`, ns"}}
	for _, s := range shown {
		t.Head = append(t.Head, s.name)
	}
	for _, row := range firstRows {
		g, ok := mainGroup(r, row.workload)
		if !ok || !row.short {
			continue
		}
		reference, _ := r.Median(g.Of(contest.Reference), record.NsOp)
		cells := []string{row.words, fmt.Sprintf("%.0f", reference.Center)}
		for _, s := range shown {
			m, ok := r.Ratio(g.Of(s.contestant), g.Of(contest.Reference), record.NsOp)
			cells = append(cells, ratio(m, ok))
		}
		t.Rows = append(t.Rows, cells)
	}
	t.Markdown(w)
	lines := lossLines(r)
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\nWhat lfpool loses, with the names of [bench](%s/README.md):\n", path.Dir(path.Dir(base)))
	for _, line := range lines {
		fmt.Fprintf(w, "- %s\n", line)
	}
}

// lossLines counts lfpool's losses to go, with the greatest of each metric.
func lossLines(r *record.Record) (lines []string) {
	all := contests(r)
	for _, part := range []struct {
		name string
		has  func(m metric) bool
	}{
		{"Time", func(m metric) bool { return m.kind == record.Tasks && m.unit == record.NsOp }},
		{"Processor time and latency", func(m metric) bool { return m.unit != record.NsOp && !m.inBytes() && m.kind != record.Pairs }},
		{"Memory", metric.inBytes},
	} {
		var said, never []string
		var others []contested
		for _, m := range metrics {
			if !part.has(m) {
				continue
			}
			of := func(toGo bool) []contested {
				return slices.DeleteFunc(slices.Clone(all), func(c contested) bool {
					return c.metric.kind != m.kind || c.metric.what != m.what || c.toGo() != toGo
				})
			}
			others = append(others, of(false)...)
			mine := of(true)
			lost, _, _ := lossesOf(mine)
			switch {
			case len(mine) == 0:
			case len(lost) == 0:
				never = append(never, m.what)
			default:
				where := lost[0].own.Name
				if lost[0].manyProcs {
					where += fmt.Sprintf(" at GOMAXPROCS %d", lost[0].own.Procs)
				}
				what := m.what + " in "
				if strings.EqualFold(m.what, part.name) {
					what = "in "
				}
				said = append(said, fmt.Sprintf("%s%s rows (at most %s, %s)", what, tally(mine), lost[0].effectWithUnit(), where))
			}
		}
		if len(said)+len(never) == 0 {
			continue
		}
		text := "in no row"
		if len(said) > 0 {
			text = strings.Join(said, ", ")
		}
		lost, _, _ := lossesOf(others)
		rest := ""
		if len(others) > 0 {
			rest = fmt.Sprintf("; than the best other pool of each row in %d of %d", len(lost), len(others))
		}
		lines = append(lines, fmt.Sprintf("**%s**, worse than `go`: %s%s.", part.name, text, rest))
	}
	return lines
}
