package page

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/record"
)

//go:embed page.html
var source string

var layout = template.Must(template.New("page").Funcs(template.FuncMap{"join": strings.Join}).Parse(source))

// A section of the page: words, plots, tables.
type section struct {
	ID, Title string
	Intro     string
	Key       []keyEntry // of the lines in the plots
	Plots     []template.HTML
	Tables    []Table
	Fold      string  // what is folded, "" for all figures
	Folded    []Table // tables that are shown on demand, and on paper
}

// A keyEntry tells which line is whose.
type keyEntry struct {
	Name string
	Mark template.HTML // the line, as in the plots
}

// HTML writes the record as one page that needs nothing else: no script, no
// other file, no network.
func HTML(w io.Writer, r *record.Record) error {
	d := drawing{r: r}
	var sections []section
	for _, s := range []section{
		d.tasks(), d.processor(), d.lost(), d.crossover(), d.sweeps(), d.calls(), d.headlines(), d.scaling(), d.starts(), d.lateness(), d.servers(), d.flood(), d.memory(), d.retention(), d.ring(), d.replacement(), d.paper(), d.simulated(), d.transfers(),
	} {
		if len(s.Plots)+len(s.Tables)+len(s.Folded) > 0 {
			sections = append(sections, s)
		}
	}
	if d.err != nil {
		return d.err
	}
	return layout.Execute(w, map[string]any{"R": r, "Learnt": Learnt(r), "How": how, "Sections": sections})
}

// A drawing makes the sections of a record's page. It keeps the first error.
type drawing struct {
	r   *record.Record
	err error
}

func (d *drawing) keep(svg template.HTML, err error) template.HTML {
	if err != nil && d.err == nil {
		d.err = err
	}
	return svg
}

// style is a contestant's, the same in all plots that it shares with others.
func (d *drawing) style(name string, among []string) chart.Style {
	return chart.StyleOf(slices.Index(among, name))
}

func (d *drawing) key(names []string) []keyEntry {
	var key []keyEntry
	for _, name := range names {
		key = append(key, d.line(name, d.style(name, names)))
	}
	return key
}

func (d *drawing) line(name string, s chart.Style) keyEntry {
	return keyEntry{name, d.keep(chart.Key(s))}
}

// contestants lists who is in any of the groups, in the order of tables.
func (d *drawing) contestants(groups []record.Key) []string {
	var names []string
	for _, g := range groups {
		for _, c := range d.r.Contestants(g) {
			if !slices.Contains(names, c) {
				names = append(names, c)
			}
		}
	}
	d.r.Sort(names)
	return names
}

// only keeps the groups for which keep holds.
func only(groups []record.Key, keep func(record.Key) bool) []record.Key {
	return slices.DeleteFunc(slices.Clone(groups), func(g record.Key) bool { return !keep(g) })
}
