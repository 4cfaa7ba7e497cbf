package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/lfpool/lfpool/bench/ablation"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// everything is what each command measures with all contestants, but for full, which
// has no measurement of its own.
func everything() (cs []command, stages [][]measure.Stage) {
	s := settings{filtered: true}
	for _, c := range commands {
		switch {
		case c.stages == nil || c.name == "full":
			continue
		default:
			stages = append(stages, c.stages(s))
		}
		cs = append(cs, c)
	}
	return cs, stages
}

// describe has the record say what its names mean, and in which order tables have
// contestants.
func describe(r *record.Record) {
	r.Docs = map[string]string{}
	_, all := everything()
	known := func(name, doc string) bool {
		_, ok := r.Docs[name]
		if !ok {
			r.Docs[name] = doc
		}
		return ok
	}
	for _, stages := range all {
		for _, stage := range stages {
			for _, row := range stage.Rows {
				known(row.Name, row.Doc)
				for _, e := range row.Entrants {
					if !known(e.Name, e.Doc) {
						r.Order = append(r.Order, e.Name)
					}
				}
			}
		}
	}
	for _, p := range ablation.Parts {
		r.Order = append(r.Order, p.Contestant())
	}
}

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
	cs, all := everything()
	for i, stages := range all {
		fmt.Fprintf(w, "\n%s: %s\n", strings.TrimSpace("bench "+cs[i].name), cs[i].doc)
		last := "" // a sweep has many of a name
		for _, stage := range stages {
			for _, row := range stage.Rows {
				if row.Name != last {
					line(row.Name, row.Doc)
				}
				last = row.Name
			}
		}
	}
	fmt.Fprintln(w, "\nbench ablation: parts that a copy of lfpool lacks")
	for _, p := range ablation.Parts {
		line(p.Name, p.Doc)
	}
	return w.Flush()
}
