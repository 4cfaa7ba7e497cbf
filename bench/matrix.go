package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// printMatrix prints the ratios to the go statement, contestants by workloads.
// It prints nothing if go was not measured. The name of a workload variant
// takes two lines, to keep columns narrow.
func printMatrix(w io.Writer, chosen selection, procs int, res results) {
	isReference := func(r row) bool { return len(res[cell{procs, r.workload.name, reference}]) > 0 }
	if !slices.ContainsFunc(chosen.rows, isReference) {
		return
	}
	fmt.Fprintf(w, "\nTime per task, as a multiple of go, GOMAXPROCS %d\n", procs)
	t := newTable(w, nameWidth(chosen))
	var names, variants []string
	for _, r := range chosen.rows {
		name, variant, _ := strings.Cut(r.workload.name, "-")
		names = append(names, name)
		variants = append(variants, variant)
	}
	t.line("", names...)
	if strings.Join(variants, "") != "" {
		t.line("", variants...)
	}
	for _, c := range chosen.contestants {
		var ratios []string
		for _, r := range chosen.rows {
			ratios = append(ratios, formatRatio(res.toReference(cell{procs, r.workload.name, c.Name})))
		}
		t.line(c.Name, ratios...)
	}
	t.flush()
}

// formatRatio shows the median, or "-" if there is no ratio.
func formatRatio(m benchmath.Summary, ok bool) string {
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.2f", m.Center)
}
