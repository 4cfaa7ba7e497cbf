package main

import (
	"fmt"
	"io"
)

// printList prints the contestants and workloads with what they are.
func printList(w io.Writer, chosen selection) {
	fmt.Fprintln(w, "contestants")
	for _, c := range chosen.contestants {
		fmt.Fprintf(w, "  %-16s %s\n", c.Name, c.Doc)
	}
	fmt.Fprintln(w, "\nworkloads")
	for _, r := range chosen.rows {
		fmt.Fprintf(w, "  %-16s %s\n", r.workload.name, r.workload.doc)
	}
	fmt.Fprintln(w, "\narrivals, with -latency")
	for _, a := range arrivals {
		fmt.Fprintf(w, "  %-16s %s\n", a.name, a.doc)
	}
}
