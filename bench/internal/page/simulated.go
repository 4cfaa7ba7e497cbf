package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// band is what each figure of the simulated machine is to be taken with.
var band = fmt.Sprintf("Simulated: for the order of variants and the place of kinks; absolute figures to a factor of %d.", machine.Band)

// lingers is said wherever lfpool is simulated.
const lingers = "lfpool is without lingering here."

// gates shows what the simulated machine is held to.
func gates(r *record.Record) []Table {
	var orders []Table
	t := Table{Title: "Gates of the simulated machine", Head: []string{"", "known", "simulated", "", "what"}, Words: true}
	for _, g := range r.Groups(record.Gates) {
		if g.Name != record.AllGates {
			orders = append(orders, order(r, g))
			continue
		}
		for _, name := range r.Contestants(g) {
			k := g.Of(name)
			verdict := "FAILED"
			if m, _ := r.Median(k, record.Passes); m.Center == 1 {
				verdict = "passes"
			}
			t.Rows = append(t.Rows, []string{name, numbered(r, k, record.KnownPrefix), numbered(r, k, record.SimulatedPrefix), verdict, r.Docs[name]})
		}
	}
	return append(t.orNone(), orders...)
}

// order shows what the record of 2 cores has of a workload, and what is simulated.
func order(r *record.Record, g record.Key) Table {
	t := Table{Title: fmt.Sprintf("Gate 1-%s: times of a task, times go", g.Name), Head: []string{"", "recorded", "simulated"}}
	o := machine.Order{Workload: g.Name}
	names := r.Contestants(g)
	for _, c := range names {
		figure := func(unit string) float64 {
			m, _ := r.Median(g.Of(c), unit)
			return m.Center
		}
		var recorded record.Summary
		recorded.Center, recorded.Lo, recorded.Hi = figure(record.KnownPrefix+"1"), figure(record.KnownPrefix+"2"), figure(record.KnownPrefix+"3")
		o.Recorded, o.Simulated = append(o.Recorded, recorded), append(o.Simulated, figure(record.SimulatedPrefix+"1"))
		ratio := func(v float64) string { return fmt.Sprintf("%.2f", v) }
		t.Rows = append(t.Rows, []string{c, ratio(recorded.Center) + " " + interval(recorded, ratio), ratio(figure(record.SimulatedPrefix + "1"))})
	}
	apart, wrong := o.Pairs()
	note := fmt.Sprintf("The record tells %d pairs apart, of which %d are simulated in its order.", apart, apart-len(wrong))
	for _, p := range wrong {
		note += fmt.Sprintf(" Not so: %s before %s.", names[p[0]], names[p[1]])
	}
	t.Notes = []string{note}
	return t
}

// numbered lists the values of the units with that prefix and 1, 2, and so on.
func numbered(r *record.Record, k record.Key, prefix string) string {
	var all []string
	for i := 1; ; i++ {
		m, ok := r.Median(k, fmt.Sprint(prefix, i))
		if !ok {
			return strings.Join(all, ", ")
		}
		all = append(all, digits(m.Center))
	}
}

func cores(g record.Key) string { return fmt.Sprintf("%d cores", g.Procs) }

// withSpread is the median of a few trials, and from the least to the most.
func withSpread(r *record.Record, k record.Key, unit string) string {
	m, ok := r.Median(k, unit)
	if !ok {
		return "-"
	}
	text, values := digits(m.Center), r.Cell(k).Values[unit]
	if least, most := digits(slices.Min(values)), digits(slices.Max(values)); least != most {
		text += " [" + least + ", " + most + "]"
	}
	return text
}

// rates are simulated, contestants by processors, a table for each workload; of the
// paper's workload it is the time of a pair.
func rates(r *record.Record) (tables []Table) {
	for _, of := range together(r.Groups(record.Simulated), func(g record.Key) record.Key { return record.Key{Name: g.Name, X: g.X} }) {
		name := "Simulated " + strings.Replace(of[0].Name, "-", ", ", 1)
		if of[0].X > 0 {
			for _, t := range grid(r, fmt.Sprintf("%s, %.0f a processor: net ns of an enqueue and a dequeue", name, of[0].X), cores, of, func(k record.Key) string { return withSpread(r, k, record.SimulatedPair) }) {
				t.Notes = []string{band}
				tables = append(tables, t)
			}
			continue
		}
		for _, t := range grid(r, name+": M/s of all processors together", cores, of, func(k record.Key) string { return withSpread(r, k, record.SimulatedRate) }) {
			t.Notes = []string{band}
			if !strings.HasSuffix(of[0].Name, machine.QueueWorkload) {
				t.Notes[0] += " " + lingers
			}
			tables = append(tables, t)
		}
	}
	return tables
}

// moved are the lines that a word's operations move, for writing and for reading.
type moved struct{ writes, reads float64 }

func (m moved) String() string { return fmt.Sprintf("%.2f + %.2f", m.writes, m.reads) }

// movedBy lists them by word, and their sums under "".
func movedBy(r *record.Record, k record.Key) map[string]moved {
	words := map[string]moved{}
	if c := r.Cell(k); c != nil {
		for _, unit := range slices.Sorted(maps.Keys(c.Values)) { // in one order, so that a sum is rounded the same each time
			m, _ := r.Median(k, unit)
			word, writes := strings.CutSuffix(unit, record.WriteSuffix)
			word, reads := strings.CutSuffix(word, record.ReadSuffix)
			for _, of := range []string{word, ""} {
				sum := words[of]
				if writes {
					sum.writes += m.Center
				} else if reads {
					sum.reads += m.Center
				}
				words[of] = sum
			}
		}
	}
	return words
}

// shownWords are whose words are listed.
var shownWords = []string{"lfpool", "lanes-1", "seg", "ms"}

// transfers shows how many lines move, and of the words that move most.
func transfers(r *record.Record) part {
	var tables, words []Table
	for _, of := range together(r.Groups(record.Transfers), workload) {
		for _, t := range grid(r, of[0].Name+": cache lines moved an operation (for writing + for reading), by simulated processors", cores, of, func(k record.Key) string {
			m, ok := r.Median(k, record.Moves)
			if !ok {
				return "-"
			}
			return fmt.Sprintf("%.2f (%v)", m.Center, movedBy(r, k)[""])
		}) {
			if of[0].Name != machine.QueueWorkload {
				t.Notes = []string{"Without those of the Go runtime (channels, goroutines), of plain fields under a lock, and of the workload's own counters. " + lingers}
			}
			tables = append(tables, t)
		}
		for _, c := range shownWords {
			t := Table{Title: fmt.Sprintf("%s, %s: the words, cache lines moved an operation (for writing + for reading)", c, of[0].Name), Head: []string{""}}
			sums := map[string]float64{}
			for _, g := range of {
				t.Head = append(t.Head, cores(g))
				for word, m := range movedBy(r, g.Of(c)) {
					sums[word] += m.writes + m.reads
				}
			}
			delete(sums, "")
			for _, word := range slices.SortedFunc(maps.Keys(sums), func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) }) {
				if sums[word] < 0.02*float64(len(of)) {
					continue
				}
				row := []string{word}
				for _, g := range of {
					row = append(row, movedBy(r, g.Of(c))[word].String())
				}
				t.Rows = append(t.Rows, row)
			}
			words = append(words, t.orNone()...)
		}
	}
	return part{ID: "transfers", Title: "Cache lines that move", Tables: append(tables, words...),
		Intro: "How many cache lines an operation moves from one simulated processor to another, counted; all transfers take the same time, which only interleaves the processors. This ranks variants without any latency. " + lingers}
}

// assumptions shows the constants of the models that were simulated.
func assumptions(r *record.Record) []Table {
	t := Table{Title: "What the simulated machine takes for granted, ns", Head: []string{"", "ns", "what"}, Words: true}
	for _, m := range machine.Models {
		if !slices.ContainsFunc(r.Groups(record.Simulated), func(g record.Key) bool { return strings.HasPrefix(g.Name, m.Name+"-") }) {
			continue
		}
		for _, c := range machine.Constants(m) {
			t.Rows = append(t.Rows, []string{m.Name, digits(c.Value), c.What})
		}
		t.Notes = append(t.Notes, fmt.Sprintf("%s: %s. Source of the transfers: %s.", m.Name, m.Doc, m.Source))
	}
	if len(t.Rows) == 0 {
		return nil
	}
	for _, c := range machine.Constants(machine.Scheduler) {
		t.Rows = append(t.Rows, []string{"Go", digits(c.Value), c.What})
	}
	return []Table{t}
}

// simulated draws times of tasks over those of go.
func simulated(r *record.Record) part {
	var plots []plot
	for _, of := range together(r.Groups(record.Simulated), workload) {
		if !strings.HasSuffix(of[0].Name, machine.QueueWorkload) && of[0].X == 0 {
			plots = append(plots, plot{"simulated time of a task, times go", of, record.SimulatedNs, atProcs})
		}
	}
	return part{ID: "simulated", Title: "Simulated: many processors", Plots: plotted(r, plots...), Tables: slices.Concat(gates(r), rates(r), assumptions(r)),
		Intro: band + " The library's compiled code runs one atomic operation at a time; each is charged by the state of its cache line, and the goroutine whose simulated clock is earliest goes next. Instructions between atomics, the allocator but for a constant, and the Go scheduler but for constants are left out. " + lingers}
}
