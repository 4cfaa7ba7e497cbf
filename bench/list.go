package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/pairs"
	"github.com/lfpool/lfpool/bench/internal/serving"
	"github.com/lfpool/lfpool/internal/baseline"
)

// printList prints what can be chosen, and what it is. ok is false if the
// filter leaves nothing.
func printList(w io.Writer, s settings) (ok bool) {
	chosen := measure.Choose(s.filter, s.contestants(), load.Every(load.Shown))
	if len(chosen.Rows) == 0 {
		return false
	}
	fmt.Fprintln(w, "contestants")
	for _, c := range chosen.Contestants {
		fmt.Fprintf(w, "  %-22s %s\n", c.Name, c.Doc)
	}
	fmt.Fprintln(w, "\nworkloads")
	var names []string
	for _, r := range chosen.Rows {
		if name := r.Workload.Name; !slices.Contains(names, name) {
			names = append(names, name)
			fmt.Fprintf(w, "  %-22s %s\n", name, r.Workload.Doc)
		}
	}
	var starts []measure.Arrival
	for _, a := range measure.Arrivals {
		if slices.ContainsFunc(chosen.Contestants, func(c baseline.Contestant) bool { return s.filter.MatchString(c.Name + "/" + a.Name) }) {
			starts = append(starts, a)
		}
	}
	if len(starts) > 0 {
		fmt.Fprintln(w, "\narrivals, with -latency")
	}
	for _, a := range starts {
		fmt.Fprintf(w, "  %-22s %s\n", a.Name, a.Doc)
	}
	var queues []pairs.Entry
	for _, q := range pairs.Queues {
		if s.filter.MatchString(q.Name + "/ms96") {
			queues = append(queues, q)
		}
	}
	if len(queues) > 0 {
		fmt.Fprintln(w, "\nqueues, with -paper ms96")
	}
	for _, q := range queues {
		fmt.Fprintf(w, "  %-22s %s\n", q.Name, q.Doc)
	}
	var policies []contest.Policy
	for _, p := range contest.Policies(nil) {
		if s.filter.MatchString(p.Contestant + "/day") {
			policies = append(policies, p)
		}
	}
	if len(policies) > 0 {
		fmt.Fprintln(w, "\npolicies, with -day")
	}
	for _, p := range policies {
		fmt.Fprintf(w, "  %-22s %s\n", p.Contestant, p.Doc)
	}
	fmt.Fprintln(w, "\nvariants, one part of lfpool exchanged at a time")
	for _, choice := range contest.Choices {
		fmt.Fprintf(w, "-%s %s\n", choice.Part, strings.Join(choice.Names, ","))
	}
	fmt.Fprintf(w, "-padding %s\n", strings.Join(contest.Paddings, ","))
	return true
}

// docs tells by name what is measured, for the record, with headlines in sizes
// divided by divisor.
func docs(divisor int) map[string]string {
	all := map[string]string{}
	for _, p := range contest.Policies(nil) {
		all[p.Contestant] = p.Doc
	}
	for _, c := range slices.Concat(contest.Replacers(), contest.All()) {
		all[c.Name] = c.Doc
	}
	for _, w := range load.Every(divisor) {
		all[w.Name] = w.Doc
	}
	for _, a := range measure.Arrivals {
		all[a.Name] = a.Doc
	}
	for _, q := range pairs.Queues {
		all[q.Name] = q.Doc
	}
	for _, k := range serving.Kinds {
		all[k.Name] = k.Doc
	}
	return all
}

// order is that of contestants in tables.
func order() []string {
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, c := range contest.All() {
		add(c.Name)
	}
	for _, p := range contest.Policies(nil) {
		add(p.Contestant)
	}
	for _, c := range contest.Replacers() {
		add(c.Name)
	}
	for _, q := range pairs.Queues {
		add(q.Name)
	}
	return names
}
