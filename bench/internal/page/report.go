package page

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// columns are the workloads of the table of all pools, with their heads.
var columns = [][2]string{
	{"wait", "wait"}, {"burst100", "burst 100"}, {"burst10k", "burst 10 000"}, {"parallel", "producers"},
	{"callers", "callers"}, {"callers-2us", "callers, 2 us"},
	{"wait-deep", "wait, deep"}, {"burst100-deep", "burst 100, deep"}, {"parallel-deep", "producers, deep"},
	{"sleep1ms", "sleep 1 ms"}, {"json", "JSON"},
}

// names are how Markdown pages call contestants, where it is not by their own names.
var names = map[string]string{
	"go": "`go`", "lfpool": "**lfpool**", "grpc-style": "gRPC-Go's way", "handoff-mutex": "mutex pool", "handoff-spin": "spinlock pool",
	"gp": "gp (TiDB)", "ants-multi": "ants MultiPool", "bytedance-gopool": "bytedance gopool", "cloudwego-gopool": "cloudwego gopool",
}

// Report writes all that a record tells of pools, in short, for a page: base is the
// record's name there, without its extension.
func Report(w io.Writer, r *record.Record, base string) {
	groups := only(taskGroups(r), func(g record.Key) bool { return g.Procs == taskGroups(r)[0].Procs })
	t := Table{Head: []string{""}}
	var chosen []record.Key
	var rows []string
	rounds := 0
	for _, c := range columns {
		i := slices.IndexFunc(groups, func(g record.Key) bool { return g.Name == c[0] })
		if i < 0 {
			continue
		}
		g := groups[i]
		chosen = append(chosen, g)
		t.Head = append(t.Head, c[1])
		for _, contestant := range r.Contestants(g) {
			if !slices.Contains(rows, contestant) && !isVariant(contestant) {
				rows = append(rows, contestant)
			}
			rounds = max(rounds, len(r.Cell(g.Of(contestant)).Rounds))
		}
	}
	for _, contestant := range rows {
		name := contestant
		if n, ok := names[contestant]; ok {
			name = n
		}
		row := []string{name}
		for _, g := range chosen {
			m, ok := r.Ratio(g.Of(contestant), g.Of(contest.Reference), record.NsOp)
			text := ratio(m, ok)
			if ok && text == least(r, g, rows) {
				text = "**" + text + "**"
			}
			row = append(row, text)
		}
		t.Rows = append(t.Rows, row)
	}
	fmt.Fprintf(w, "Time per task as a multiple of `go` in the same run: below 1 is faster. %s, `go run ./bench %s`, medians of %d rounds. %s All figures, intervals and plots: [report](%s.html), [record](%s.json). Where `go` is the better choice: [by depth, size and load](%s/crossover.md).\n\n",
		r.Host.Line(), withoutOutput(r.Args), rounds, r.Noise, base, base, path.Dir(base))
	t.Markdown(w)
	if slices.ContainsFunc(chosen, func(g record.Key) bool { return g.Name == "callers" }) {
		fmt.Fprint(w, "\n*Callers*: one a processor, each submits one task and waits for it; the task is empty, or computes for 2 us.\n")
	}
	if lines := Learnt(r); len(lines) > 0 {
		fmt.Fprint(w, "\n## In words\n\n")
		for _, line := range lines {
			fmt.Fprintf(w, "- %s\n", line)
		}
	}
	if lost := digest(r); len(lost.Rows) > 0 {
		fmt.Fprintf(w, "\n## What lfpool loses\n\nWhat lfpool loses, in how many rows, and its greatest loss, with 95 %% intervals: the ratio, or the difference of what may be 0. Each row is in the [report](%s.html#lost).\n\n", base)
		lost.Markdown(w)
	}
	if late := startsDigest(r); len(late.Rows) > 0 {
		fmt.Fprintf(w, "\n## How soon a task starts\n\nMicroseconds from when a task is due until it starts, medians of the rounds, by [kind of load](%s/README.md): *open*, tasks of that length at that load in %%, beside a submitter that keeps its processor busy; *busy*, now and then beside that many pairs of goroutines; *ramp*, 100 at once after a rest.\n\n", path.Dir(path.Dir(base)))
		late.Markdown(w)
	}
	if text := memoryDigest(r); text != "" {
		fmt.Fprintf(w, "\n## Memory\n\n%s\n", text)
	}
}

// least is the least ratio in a group, as it is shown.
func least(r *record.Record, g record.Key, among []string) string {
	best, text := 0.0, ""
	for _, c := range among {
		if m, ok := r.Ratio(g.Of(c), g.Of(contest.Reference), record.NsOp); ok && (text == "" || m.Center < best) {
			best, text = m.Center, ratio(m, ok)
		}
	}
	return text
}

// isVariant tells contestants that are only measured beside the default ones.
func isVariant(name string) bool {
	has := func(cs []baseline.Contestant) bool {
		return slices.ContainsFunc(cs, func(c baseline.Contestant) bool { return c.Name == name })
	}
	return has(contest.All()) && !has(contest.Default())
}

// withoutOutput leaves out where the files went.
func withoutOutput(args []string) string {
	var kept []string
	for i := 0; i < len(args); i++ {
		if args[i] == "-o" {
			i++
			continue
		}
		kept = append(kept, args[i])
	}
	return strings.Join(kept, " ")
}

// CrossoverPage writes the crossover tables, for a file that sees the record
// under the given name.
func CrossoverPage(w io.Writer, r *record.Record, name string) {
	origin(w, r, name)
	for _, t := range Crossover(r) {
		fmt.Fprintln(w)
		t.Markdown(w)
	}
}

// Servers writes the tables of servers, likewise.
func Servers(w io.Writer, r *record.Record, name string) {
	origin(w, r, name)
	for _, t := range servers(r) {
		fmt.Fprintln(w)
		t.Markdown(w)
	}
}

// origin says where figures come from.
func origin(w io.Writer, r *record.Record, name string) {
	fmt.Fprintf(w, "%s. %s [Plots](%s.html), [record](%s.json). Written by `go run ./bench -refresh README.md`.\n",
		r.Host.Line(), r.Noise, name, name)
}
