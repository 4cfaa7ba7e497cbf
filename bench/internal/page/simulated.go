package page

import (
	"cmp"
	"fmt"
	"io"
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
	t := Table{Title: "Gates of the simulated machine", Head: []string{"", "known", "simulated", "", "what"}, Words: true}
	for _, g := range r.Groups(record.Gates) {
		for _, name := range r.Contestants(g) {
			k := g.Of(name)
			verdict := "FAILED"
			if m, _ := r.Median(k, record.Passes); m.Center == 1 {
				verdict = "passes"
			}
			t.Rows = append(t.Rows, []string{name, numbered(r, k, record.KnownPrefix), numbered(r, k, record.SimulatedPrefix), verdict, r.Docs[name]})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []Table{t}
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

// overCores is a table of contestants by simulated processors.
func overCores(r *record.Record, groups []record.Key, title string, show func(record.Key) string) Table {
	var heads []string
	for _, g := range groups {
		heads = append(heads, fmt.Sprintf("%d cores", g.Procs))
	}
	return grid(r, title, heads, groups, show)
}

// simulated shows rates, contestants by processors, a table for each workload.
func simulated(r *record.Record) (tables []Table) {
	for _, of := range together(r.Groups(record.Simulated)) {
		t := overCores(r, of, "Simulated "+strings.Replace(of[0].Name, "-", ", ", 1)+": M/s of all processors together", func(k record.Key) string {
			m, ok := r.Median(k, record.SimulatedRate)
			if !ok {
				return "-"
			}
			return digits(m.Center)
		})
		t.Notes = []string{band}
		if !strings.HasSuffix(of[0].Name, machine.QueueWorkload) {
			t.Notes[0] += " " + lingers
		}
		tables = append(tables, t)
	}
	return tables
}

// moved shows the lines that a sum of units has, for writing and for reading.
func moved(r *record.Record, k record.Key, word func(string) bool) (writes, reads float64) {
	c := r.Cell(k)
	if c == nil {
		return 0, 0
	}
	for unit := range c.Values {
		m, _ := r.Median(k, unit)
		if w, ok := strings.CutSuffix(unit, record.WriteSuffix); ok && word(w) {
			writes += m.Center
		} else if w, ok := strings.CutSuffix(unit, record.ReadSuffix); ok && word(w) {
			reads += m.Center
		}
	}
	return writes, reads
}

// transfers shows how many lines move, likewise.
func transfers(r *record.Record) (tables []Table) {
	for _, of := range together(r.Groups(record.Transfers)) {
		t := overCores(r, of, of[0].Name+": cache lines moved an operation (for writing + for reading), by simulated processors", func(k record.Key) string {
			m, ok := r.Median(k, record.Moves)
			if !ok {
				return "-"
			}
			writes, reads := moved(r, k, func(string) bool { return true })
			return fmt.Sprintf("%.2f (%.2f + %.2f)", m.Center, writes, reads)
		})
		if of[0].Name != machine.QueueWorkload {
			t.Notes = []string{"Without those of the Go runtime (channels, goroutines), of plain fields under a lock, and of the workload's own counters. " + lingers}
		}
		tables = append(tables, t)
	}
	return tables
}

// shownWords are whose words are listed.
var shownWords = []string{"lfpool", "lanes-1", "seg", "ms"}

// movedWords lists the words whose lines move most.
func movedWords(r *record.Record) (tables []Table) {
	for _, of := range together(r.Groups(record.Transfers)) {
		for _, c := range shownWords {
			sums := map[string]float64{}
			t := Table{Title: fmt.Sprintf("%s, %s: the words, cache lines moved an operation (for writing + for reading)", c, of[0].Name), Head: []string{""}}
			for _, g := range of {
				t.Head = append(t.Head, fmt.Sprintf("%d cores", g.Procs))
				if cell := r.Cell(g.Of(c)); cell != nil {
					for unit := range cell.Values {
						word := strings.TrimSuffix(strings.TrimSuffix(unit, record.WriteSuffix), record.ReadSuffix)
						if word != unit {
							m, _ := r.Median(g.Of(c), unit)
							sums[word] += m.Center
						}
					}
				}
			}
			words := slices.SortedFunc(maps.Keys(sums), func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
			for _, word := range words {
				if sums[word] < 0.02*float64(len(of)) {
					continue
				}
				row := []string{word}
				for _, g := range of {
					writes, reads := moved(r, g.Of(c), func(w string) bool { return w == word })
					row = append(row, fmt.Sprintf("%.2f + %.2f", writes, reads))
				}
				t.Rows = append(t.Rows, row)
			}
			if len(t.Rows) > 0 {
				tables = append(tables, t)
			}
		}
	}
	return tables
}

// together puts the groups of one name together.
func together(groups []record.Key) (all [][]record.Key) {
	for _, name := range namesOf(groups) {
		all = append(all, only(groups, func(g record.Key) bool { return g.Name == name }))
	}
	return all
}

// assumptions shows the constants of the models that were simulated.
func assumptions(r *record.Record) []Table {
	t := Table{Title: "What the simulated machine takes for granted, ns", Head: []string{"", "ns", "what"}, Words: true}
	for _, m := range machine.Models {
		if !slices.ContainsFunc(r.Groups(record.Simulated), func(g record.Key) bool { return strings.HasPrefix(g.Name, m.Name+"-") }) {
			continue
		}
		for _, c := range m.Constants() {
			t.Rows = append(t.Rows, []string{m.Name, digits(c.Value), c.What})
		}
		t.Notes = append(t.Notes, fmt.Sprintf("%s: %s. Source of the transfers: %s.", m.Name, m.Doc, m.Source))
	}
	if len(t.Rows) == 0 {
		return nil
	}
	for _, c := range machine.Scheduler.Constants() {
		t.Rows = append(t.Rows, []string{"Go", digits(c.Value), c.What})
	}
	return []Table{t}
}

// simulated draws times of tasks over those of go.
func (d *drawing) simulated() section {
	groups := d.r.Groups(record.Simulated)
	var plots []plot
	for _, of := range together(groups) {
		if !strings.HasSuffix(of[0].Name, machine.QueueWorkload) {
			plots = append(plots, plot{"simulated time of a task, times go", of, record.SimulatedNs, atProcs})
		}
	}
	return d.draw(section{ID: "simulated", Title: "Simulated: many processors", Tables: slices.Concat(gates(d.r), simulated(d.r)), Fold: "constants", Folded: assumptions(d.r),
		Intro: band + " The library's compiled code runs one atomic operation at a time; each is charged by the state of its cache line, and the goroutine whose simulated clock is earliest goes next. Instructions between atomics, the allocator but for a constant, and the Go scheduler but for constants are left out. " + lingers}, plots...)
}

// transfers has tables alone.
func (d *drawing) transfers() section {
	return section{ID: "transfers", Title: "Cache lines that move", Tables: transfers(d.r), Fold: "by word", Folded: movedWords(d.r),
		Intro: "How many cache lines an operation moves from one simulated processor to another, counted; all transfers take the same time, which only interleaves the processors. This ranks variants without any latency. " + lingers}
}

// SimulatedPage writes the tables of simulations for a file that sees the record
// under the given name.
func SimulatedPage(w io.Writer, r *record.Record, name string) {
	fmt.Fprintln(w, origin(r, name))
	if len(r.Failed) > 0 {
		fmt.Fprintf(w, "\nNot simulated to its end, as it takes too many steps: %s.\n", strings.Join(r.Failed, "; "))
	}
	for _, t := range slices.Concat(gates(r), simulated(r), assumptions(r), transfers(r), movedWords(r)) {
		t.Title = "**" + t.Title + "**"
		fmt.Fprintln(w)
		t.Markdown(w)
	}
}
