package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
)

// A table aligns its first column left and the others right.
type table struct {
	tw    *tabwriter.Writer
	width int // of the first column
}

func newTable(w io.Writer, width int) *table {
	return &table{tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight), width}
}

func (t *table) line(first string, rest ...string) {
	fmt.Fprintf(t.tw, "%-*s\t", t.width, first)
	for _, field := range rest {
		fmt.Fprintf(t.tw, "%s\t", field)
	}
	fmt.Fprintln(t.tw)
}

// flush writes the table. Errors of the writer beneath are that writer's to
// keep: tables are written to memory.
func (t *table) flush() { t.tw.Flush() }

// printBlocks prints one table for each workload, with a line for each
// contestant that has samples.
func printBlocks(w io.Writer, chosen selection, procs int, res results) {
	width := nameWidth(chosen)
	for _, r := range chosen.rows {
		measured := res.measured(r, procs)
		if len(measured) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s, GOMAXPROCS %d: %s\n", r.workload.name, procs, r.workload.doc)
		t := newTable(w, width)
		t.line("", "ns/task", "±", "x go", "B/task", "allocs/task", "n")
		for _, at := range measured {
			samples := res[at]
			ns := summary(samples, perTask)
			t.line(at.contestant,
				formatTime(ns.Center),
				ns.PctRangeString(),
				formatRatio(res.toReference(at)),
				formatCount(summary(samples, bytesEach).Center),
				formatCount(summary(samples, allocsEach).Center),
				strconv.Itoa(len(samples)))
		}
		t.flush()
	}
}

func nameWidth(chosen selection) int {
	width := 0
	for _, c := range chosen.contestants {
		width = max(width, len(c.Name))
	}
	return width
}

// formatTime shows nanoseconds with about four digits.
func formatTime(ns float64) string {
	if ns < 1000 {
		return strconv.FormatFloat(ns, 'f', 1, 64)
	}
	return strconv.FormatFloat(ns, 'f', 0, 64)
}

// formatCount shows a number per task: to the hundredth if it is small.
func formatCount(v float64) string {
	if v < 10 {
		v = math.Round(v*100) / 100
	} else {
		v = math.Round(v)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
