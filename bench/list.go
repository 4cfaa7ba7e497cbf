package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// everything gives each what a command measures with all contestants, but for full, which
// has no measurement of its own.
func everything(each func(c command, row measure.Row)) {
	for _, c := range commands {
		if c.stages == nil || c.name == "full" {
			continue
		}
		for _, stage := range c.stages(settings{filter: regexp.MustCompile(".")}) {
			for _, row := range stage.Rows {
				each(c, row)
			}
		}
	}
}

// describe has the record say what its names mean, and in which order tables have
// contestants.
func describe(r *record.Record) {
	r.Docs = map[string]string{}
	known := func(name, doc string) bool {
		_, ok := r.Docs[name]
		if !ok {
			r.Docs[name] = doc
		}
		return ok
	}
	everything(func(_ command, row measure.Row) {
		known(row.Name, row.Doc)
		for _, e := range row.Entrants {
			if !known(e.Name, e.Doc) {
				r.Order = append(r.Order, e.Name)
			}
		}
	})
}

// readme has a table of package testing's benchmarks.
//
//go:embed README.md
var readme string

var benchmark = regexp.MustCompile("(?m)^\\| `(go test .*)` \\| (.*) \\|$")

// list prints what can be run, and what it is.
func list(_ context.Context, _ settings, stdout, _ io.Writer) error {
	w := bufio.NewWriter(stdout)
	line := func(name, doc string) { fmt.Fprintf(w, "  %-22s %s\n", name, doc) }
	known := new(record.Record)
	describe(known)
	fmt.Fprintln(w, "contestants, and queues of the paper")
	for _, name := range known.Order {
		if known.Docs[name] != "" {
			line(name, known.Docs[name])
		}
	}
	last, lastRow := "", "" // a sweep has many of a name
	everything(func(c command, row measure.Row) {
		if c.doc != last {
			fmt.Fprintf(w, "\n%s: %s\n", strings.TrimSpace("bench "+c.name), c.doc)
		}
		if row.Name != lastRow {
			line(row.Name, row.Doc)
		}
		last, lastRow = c.doc, row.Name
	})
	fmt.Fprintln(w, "\npackage testing's benchmarks, for benchstat")
	for _, of := range benchmark.FindAllStringSubmatch(readme, -1) {
		fmt.Fprintf(w, "  %s\n      %s\n", strings.ReplaceAll(of[1], `\|`, "|"), of[2])
	}
	return w.Flush()
}
