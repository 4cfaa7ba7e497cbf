package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/perf/benchmath"
)

// printLosses lists the workloads on which lfpool is slower than go, or slower
// than the best of the others.
func printLosses(w io.Writer, chosen selection, procs int, res results) {
	compared := false
	var lines []string
	for _, r := range chosen.rows {
		own := cell{procs, r.workload.name, subject}
		best, ok := fastestOther(own, r, res)
		if len(res[own]) == 0 || !ok {
			continue
		}
		compared = true
		if lost := losses(own, best, res); len(lost) > 0 {
			lines = append(lines, fmt.Sprintf("%-14s %s", r.workload.name, strings.Join(lost, "; ")))
		}
	}
	switch {
	case !compared:
	case len(lines) == 0:
		fmt.Fprintf(w, "\n%s is the fastest on every workload measured, GOMAXPROCS %d\n", subject, procs)
	default:
		fmt.Fprintf(w, "\nWhere %s is slower, GOMAXPROCS %d\n", subject, procs)
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
	}
}

// losses says whether own is slower than go, and than the best of the others.
func losses(own, best cell, res results) []string {
	rivals := []cell{{own.procs, own.workload, reference}}
	if best != rivals[0] {
		rivals = append(rivals, best)
	}
	var lost []string
	for _, rival := range rivals {
		m, ok := res.ratio(own, rival)
		if ok && m.Center > 1 {
			lost = append(lost, formatLoss(m, rival.contestant))
		}
	}
	return lost
}

// fastestOther finds the contestant with the least median, apart from own.
func fastestOther(own cell, r row, res results) (best cell, ok bool) {
	var least float64
	for _, at := range res.measured(r, own.procs) {
		if at == own {
			continue
		}
		if ns := summary(res[at], perTask).Center; !ok || ns < least {
			best, least, ok = at, ns, true
		}
	}
	return best, ok
}

// formatLoss shows a ratio with its interval. An interval that reaches 1 means
// that the samples do not tell the two apart.
func formatLoss(m benchmath.Summary, rival string) string {
	s := fmt.Sprintf("%.2f x %s [%.2f, %.2f]", m.Center, rival, m.Lo, m.Hi)
	if m.Lo <= 1 {
		s += ", within the spread"
	}
	return s
}
