package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/pairs"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/serving"
	"github.com/lfpool/lfpool/internal/baseline"
)

// An item is what can be measured, and of whom: -run matches contestant/name.
type item struct {
	name, doc   string
	contestants []string
}

// A section of the list is what one flag measures.
type section struct {
	title string
	items []item
}

// sections lists all that there is to be run.
func sections(s settings) []section {
	all := namesOf(s.contestants())
	var workloads, sweeps, floods, headlines, arrivals, neighbours, servers, stacks, queues, simulated []item
	add := func(items *[]item, name, doc string, contestants ...string) {
		if !slices.ContainsFunc(*items, func(i item) bool { return i.name == name }) { // a sweep has many of a name
			*items = append(*items, item{name, doc, contestants})
		}
	}
	for _, w := range load.Main {
		add(&workloads, w.Name, w.Doc, all...)
	}
	for _, f := range measure.Floods {
		add(&floods, f.Name, f.Doc, all...)
	}
	for _, w := range load.Sweeps() {
		add(&sweeps, w.Name, w.Doc, all...)
	}
	for _, l := range load.LimitedHeadlines(load.Shown) {
		capped := contest.Capped(l.Limit)
		if l.Queues {
			capped = contest.Queueing(l.Limit)
		}
		add(&headlines, l.Name, l.Doc, namesOf(capped)...)
	}
	for _, w := range load.Headlines(load.Shown) {
		add(&headlines, w.Name, w.Doc, all...)
	}
	for _, a := range measure.Arrivals {
		add(&arrivals, a.Name, a.Doc, all...)
	}
	for _, n := range measure.Neighbours {
		add(&neighbours, n.Name, n.Doc, all...)
	}
	for _, k := range serving.Kinds {
		add(&servers, k.Name, fmt.Sprintf("%s: %s", k.Doc, strings.Join(k.Contestants(), ", ")), k.Contestants()...)
	}
	var replaced, played []string
	for _, n := range contest.Replacements {
		replaced = append(replaced, contest.Replaced(n))
	}
	for _, p := range contest.Policies(nil) {
		played = append(played, p.Contestant)
	}
	add(&stacks, measure.WithoutCollections, "stacks after one deep task each, the collector off", replaced...)
	add(&stacks, measure.WithCollections, fmt.Sprintf("the same, with a collection every %d tasks of each worker", measure.CollectEvery), replaced...)
	add(&stacks, "burst100", "what a task costs: "+load.Named(load.Main, "burst100")[0].Doc, append([]string{contest.Reference}, replaced...)...)
	add(&queues, "ms96", "net time of an enqueue and a dequeue beside other work, 6 us as in the paper, and a tenth of it", queueNames()...)
	add(&simulated, machine.QueueWorkload, machine.Docs()[machine.QueueWorkload], machine.QueueNames()...)
	for _, w := range machine.Workloads {
		add(&simulated, w.Name, w.Doc, namesOf(machine.Contestants())...)
	}
	return []section{
		{"workloads", workloads},
		{"cold floods, the first of them without a flag, all with -flood", floods},
		{"sweeps, with -sweep", sweeps},
		{"headlines of other pools, with -headline; with -full in these sizes", headlines},
		{"arrivals, with -latency", arrivals},
		{"neighbours of a goroutine that sleeps, with -lateness", neighbours},
		{"servers, with -servers, and who takes part", servers},
		{"memory, with -memory", []item{
			{record.Memory, fmt.Sprintf("%d tasks that block, and what is left when they have ended", measure.PeakTasks), namesOf(contest.Default())},
			{"trace", "goroutines over time: a trickle throughout, and a peak once", []string{contest.Subject}},
		}},
		{"a day, with -day", []item{{"day", "a day in miniature: bursts, steady load, a trickle, silence", played}}},
		{"replaced workers, with -replacement", stacks},
		{"queues, with -paper ms96", queues},
		{"simulated, with -transfers and -machine", simulated},
		{"false sharing, with -padding on,off", []item{{"sharing", "an atomic add to a counter of one's own, on a cache line of its own or not", []string{"padded"}}}},
	}
}

func namesOf(cs []baseline.Contestant) (names []string) {
	for _, c := range cs {
		names = append(names, c.Name)
	}
	return names
}

func queueNames() (names []string) {
	for _, q := range pairs.Queues {
		names = append(names, q.Name)
	}
	return names
}

// printList prints what can be chosen, and what it is. ok is false if the
// filter leaves nothing.
func printList(w io.Writer, s settings) (ok bool) {
	taking := map[string]bool{} // contestants of anything that the filter leaves
	var kept []section
	for _, sec := range sections(s) {
		sec.items = slices.DeleteFunc(sec.items, func(i item) bool {
			none := true
			for _, c := range i.contestants {
				if s.filter.MatchString(c + "/" + i.name) {
					none, taking[c] = false, true
				}
			}
			return none
		})
		if len(sec.items) > 0 {
			kept = append(kept, sec)
		}
	}
	if len(kept) == 0 {
		return false
	}
	line := func(name, doc string) { fmt.Fprintf(w, "  %-22s %s\n", name, doc) }
	known := docs(load.Shown)
	fmt.Fprintln(w, "contestants, and queues of -paper")
	for _, name := range order() {
		if taking[name] {
			line(name, known[name])
		}
	}
	for _, sec := range kept {
		fmt.Fprintf(w, "\n%s\n", sec.title)
		for _, i := range sec.items {
			line(i.name, i.doc)
		}
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
	for _, n := range measure.Neighbours {
		all[n.Name] = n.Doc
	}
	for _, f := range measure.Floods {
		all[f.Name] = f.Doc
	}
	for _, q := range pairs.Queues {
		all[q.Name] = q.Doc
	}
	for name, doc := range machine.Docs() {
		if _, ok := all[name]; !ok {
			all[name] = doc
		}
	}
	for name, doc := range serving.Own {
		all[name] = doc
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
	for _, name := range slices.Sorted(maps.Keys(serving.Own)) {
		add(name)
	}
	for _, name := range slices.Concat(queueNames(), machine.QueueNames()) {
		add(name)
	}
	return names
}
