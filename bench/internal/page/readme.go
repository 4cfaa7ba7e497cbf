package page

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/contest"
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

// Picture is README's: times as multiples of that of go, with the record below.
func Picture(theme chart.Theme) Writer {
	return func(w io.Writer, r *record.Record, _ string) error {
		foot := fmt.Sprintf("%s, %s; Medians with 95 %% intervals. %s", r.Host.Line(), view{R: r}.Command(), r.Noise)
		p := chart.Plot{
			Label: "time of a task / time of a go statement with the same work (left of 1: faster)",
			Theme: &theme, Foot: strings.Split(foot, "; "),
		}
		var contestants []string
		for _, s := range shown {
			contestants = append(contestants, s.contestant)
		}
		p.Series = seriesOf(contestants)
		for i, s := range shown {
			p.Series[i].Name = s.name
		}
		for _, row := range firstRows {
			g := record.Key{Kind: record.Tasks, Name: row.workload, Procs: mainProcs(r)}
			if dots := dotRow(r, row.words, g, record.NsOp, contestants); len(dots.Dots) > 0 {
				p.Rows = append(p.Rows, dots)
			}
		}
		if len(p.Rows) == 0 {
			return errors.New("the record has none of the picture's workloads")
		}
		svg, err := p.SVG()
		if err == nil {
			_, err = io.WriteString(w, string(svg))
		}
		return err
	}
}

// short is README's table.
func short(r *record.Record) Table {
	t := Table{Head: []string{"time as a multiple of that with `go`", "`go`, ns"}}
	for _, s := range shown {
		t.Head = append(t.Head, s.name)
	}
	for _, row := range firstRows {
		g := record.Key{Kind: record.Tasks, Name: row.workload, Procs: mainProcs(r)}
		reference, ok := r.Median(g.Of(contest.Reference), record.NsOp)
		if !ok || !row.short {
			continue
		}
		cells := []string{row.words, fmt.Sprintf("%.0f", reference.Center)}
		for _, s := range shown {
			cells = append(cells, toReference(r, g.Of(s.contestant), record.NsOp))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
