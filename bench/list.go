package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/lfpool/lfpool/internal/baseline"
)

// printList prints what is chosen and what it is.
func printList(w io.Writer, chosen selection, filter *regexp.Regexp) {
	fmt.Fprintln(w, "contestants")
	for _, c := range chosen.contestants {
		fmt.Fprintf(w, "  %-16s %s\n", c.Name, c.Doc)
	}
	fmt.Fprintln(w, "\nworkloads")
	for _, r := range chosen.rows {
		fmt.Fprintf(w, "  %-16s %s\n", r.workload.name, r.workload.doc)
	}
	var starts []arrival
	for _, a := range arrivals {
		if slices.ContainsFunc(chosen.contestants, func(c baseline.Contestant) bool { return filter.MatchString(c.Name + "/" + a.name) }) {
			starts = append(starts, a)
		}
	}
	if len(starts) > 0 {
		fmt.Fprintln(w, "\narrivals, with -latency")
	}
	for _, a := range starts {
		fmt.Fprintf(w, "  %-16s %s\n", a.name, a.doc)
	}
}
