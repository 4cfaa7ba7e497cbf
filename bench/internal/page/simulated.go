package page

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
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
	if len(r.Gates) == 0 {
		return nil
	}
	t := Table{Title: "Gates of the simulated machine", Head: []string{"", "known", "simulated", "", "what"}, Words: true}
	for _, g := range r.Gates {
		t.Rows = append(t.Rows, []string{strconv.Itoa(g.Number), g.Known, g.Simulated, verdictOf(g), g.What + "; " + g.Source})
	}
	return []Table{t}
}

func verdictOf(g record.Gate) string {
	if g.Passes {
		return "passes"
	}
	return "FAILED"
}

// modelOf reads the name of a simulation: model/workload.
func modelOf(name string) (model, workload string) {
	model, workload, _ = strings.Cut(name, "/")
	return model, workload
}

// simulated shows rates, contestants by processors, a table for each workload.
func simulated(r *record.Record) (tables []Table) {
	for _, of := range together(r.Groups(record.Simulated)) {
		model, workload := modelOf(of[0].Name)
		t := overCores(r, of, fmt.Sprintf("Simulated %s, %s: M/s of all processors together", model, workload), func(k record.Key) (string, bool) {
			m, ok := r.Median(k, record.SimulatedRate)
			return digits(m.Center), ok
		})
		t.Notes = []string{band}
		if workload != machine.QueueWorkload {
			t.Notes[0] += " " + lingers
		}
		tables = append(tables, t)
	}
	return tables
}

// transfers shows how many lines move, likewise.
func transfers(r *record.Record) (tables []Table) {
	for _, of := range together(r.Groups(record.Transfers)) {
		t := overCores(r, of, of[0].Name+": cache lines moved an operation (for writing + for reading), by simulated processors", func(k record.Key) (string, bool) {
			writes, ok := r.Median(k, record.WriteMoves)
			reads, _ := r.Median(k, record.ReadMoves)
			return fmt.Sprintf("%s (%s + %s)", digits(writes.Center+reads.Center), digits(writes.Center), digits(reads.Center)), ok
		})
		if of[0].Name != machine.QueueWorkload {
			t.Notes = []string{"Without those of the Go runtime (channels, goroutines), of plain fields under a lock, and of the workload's own counters. " + lingers}
		}
		tables = append(tables, t)
	}
	return tables
}

// shownWords are whose words are listed.
var shownWords = []string{"lfpool", "seg", "ms"}

// movedWords lists the words on the lines that move most.
func movedWords(r *record.Record) (tables []Table) {
	for _, of := range together(r.Groups(record.Words)) {
		for _, c := range shownWords {
			if r.Cell(of[0].Of(c)) == nil {
				continue
			}
			t := Table{Title: fmt.Sprintf("%s, %s: the words, cache lines moved an operation (for writing + for reading)", c, of[0].Name), Head: []string{""}}
			sums := map[string]float64{}
			for _, g := range of {
				t.Head = append(t.Head, fmt.Sprintf("%d cores", g.Procs))
				if cell := r.Cell(g.Of(c)); cell != nil {
					for unit := range cell.Values {
						m, _ := r.Median(g.Of(c), unit)
						sums[wordOf(unit)] += m.Center
					}
				}
			}
			for _, word := range byValue(sums) {
				row := []string{word}
				for _, g := range of {
					writes, ok := r.Median(g.Of(c), word+record.WriteSuffix)
					reads, _ := r.Median(g.Of(c), word+record.ReadSuffix)
					if !ok {
						row = append(row, "-")
						continue
					}
					row = append(row, fmt.Sprintf("%.2f + %.2f", writes.Center, reads.Center))
				}
				if sums[word] >= 0.01*float64(len(of)) {
					t.Rows = append(t.Rows, row)
				}
			}
			tables = append(tables, t)
		}
	}
	return tables
}

func wordOf(unit string) string {
	word, isWrite := strings.CutSuffix(unit, record.WriteSuffix)
	if !isWrite {
		word = strings.TrimSuffix(unit, record.ReadSuffix)
	}
	return word
}

// byValue lists the keys, those with the greatest values first.
func byValue(values map[string]float64) []string {
	var keys []string
	for k := range values {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		switch {
		case values[a] > values[b]:
			return -1
		case values[a] < values[b]:
			return 1
		}
		return strings.Compare(a, b)
	})
	return keys
}

// together puts the groups of one name together.
func together(groups []record.Key) (all [][]record.Key) {
	for _, g := range groups {
		i := slices.IndexFunc(all, func(of []record.Key) bool { return of[0].Name == g.Name })
		if i < 0 {
			all, i = append(all, nil), len(all)
		}
		all[i] = append(all[i], g)
	}
	return all
}

// overCores is a table of contestants by simulated processors.
func overCores(r *record.Record, groups []record.Key, title string, cell func(record.Key) (string, bool)) Table {
	t := Table{Title: title, Head: []string{""}}
	var who []string
	for _, g := range groups {
		t.Head = append(t.Head, fmt.Sprintf("%d cores", g.Procs))
		for _, c := range r.Contestants(g) {
			if !slices.Contains(who, c) {
				who = append(who, c)
			}
		}
	}
	for _, c := range who {
		row := []string{c}
		for _, g := range groups {
			text, ok := cell(g.Of(c))
			if !ok {
				text = "-"
			}
			row = append(row, text)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// assumptions shows the constants of the models that were simulated.
func assumptions(r *record.Record) []Table {
	t := Table{Title: "What the simulated machine takes for granted, ns", Head: []string{"", "ns", "what"}, Words: true}
	var models []string
	for _, g := range r.Groups(record.Simulated) {
		if model, _ := modelOf(g.Name); !slices.Contains(models, model) {
			models = append(models, model)
		}
	}
	if len(models) == 0 {
		return nil
	}
	for _, name := range models {
		m, known := machine.Named(name)
		if !known {
			continue
		}
		for _, c := range m.Constants() {
			t.Rows = append(t.Rows, []string{name, digits(c.Value), c.What})
		}
		t.Notes = append(t.Notes, fmt.Sprintf("%s: %s. Source of the transfers: %s.", name, m.Doc, m.Source))
	}
	for _, c := range machine.Scheduler.Constants() {
		t.Rows = append(t.Rows, []string{"Go", digits(c.Value), c.What})
	}
	return []Table{t}
}

// simulated draws rates over simulated processors.
func (d *drawing) simulated() section {
	groups := d.r.Groups(record.Simulated)
	s := section{ID: "simulated", Title: "Simulated: many processors", Tables: slices.Concat(gates(d.r), simulated(d.r)), Fold: "constants", Folded: assumptions(d.r),
		Intro: band + " The library's compiled code runs one atomic operation at a time; each is charged by the state of its cache line, and the goroutine whose simulated clock is earliest goes next. Instructions between atomics, the allocator but for a constant, and the Go scheduler but for constants are left out. " + lingers}
	s.Key, s.Plots = d.overCores(groups, record.SimulatedRate, "simulated M/s", func(name string) string { return "simulated " + strings.Replace(name, "/", ", ", 1) })
	return s
}

// transfers draws moved lines over simulated processors.
func (d *drawing) transfers() section {
	groups := d.r.Groups(record.Transfers)
	s := section{ID: "transfers", Title: "Cache lines that move", Tables: transfers(d.r), Fold: "by word", Folded: movedWords(d.r),
		Intro: "How many cache lines an operation moves from one simulated processor to another, counted; all transfers take the same time, which only interleaves the processors. This ranks variants without any latency. " + lingers}
	s.Key, s.Plots = d.overCores(groups, record.Moves, "lines an operation", func(name string) string { return name })
	return s
}

// overCores draws a unit over simulated processors, a plot for each name.
func (d *drawing) overCores(groups []record.Key, unit, label string, title func(name string) string) (key []keyEntry, plots []template.HTML) {
	who := d.contestants(groups)
	for _, of := range together(groups) {
		plots = append(plots, d.over("simulated processors", title(of[0].Name), of, who, unit, label, true))
	}
	return d.key(who), plots
}

// SimulatedPage writes the tables of the simulated machine for a file that sees
// the records under the given names.
func SimulatedPage(w io.Writer, r *record.Record, name string) {
	fmt.Fprintf(w, "%s, `go run ./bench %s`. [Plots](%s.html), [record](%s.json). Written by `go run ./bench -refresh README.md`.\n", r.Host.Line(), withoutOutput(r.Args), name, name)
	for _, t := range slices.Concat(gates(r), simulated(r), assumptions(r), transfers(r), movedWords(r)) {
		t.Title = "**" + t.Title + "**"
		fmt.Fprintln(w)
		t.Markdown(w)
	}
}
