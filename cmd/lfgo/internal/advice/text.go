package advice

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

// shown is how many rows a text has.
const shown = 15

// Text is the advice for a terminal.
func (a *Advice) Text() string {
	var b strings.Builder
	p := func(seconds float64) string { return fmt.Sprintf("%.1f %%", 100*a.Share(seconds)) }
	fmt.Fprintf(&b, "%s\n\n", a.Verdict())
	fmt.Fprintf(&b, "%.2f s of processor time in the samples. In goroutines that go statements started:\n\n", a.Total)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	c := a.Program
	lo, hi := c.Saving()
	for _, line := range [][2]string{
		{"growing stacks", p(c.Grow)}, {"starting goroutines", p(c.Start)}, {"ending them", p(c.End)},
		{"finding the next one then", p(c.Switch)}, {"the most a pool could save", p(c.Most())},
		{"what lfpool would save", fmt.Sprintf("%.1f to %.1f %%", 100*a.Share(lo), 100*a.Share(hi))},
	} {
		fmt.Fprintf(w, "%s\t%s\t\n", line[0], line[1])
	}
	w.Flush() // to memory
	if a.Main.Grow > 0 {
		fmt.Fprintf(&b, "\nThe main goroutine grows its stack for %s, which no pool saves.\n", p(a.Main.Grow))
	}
	fmt.Fprintf(&b, "\nBy the function that goroutines start with:\n\n")
	w = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CPU\tgrow\tstart\tlfpool saves\tfunction\tgo statement, or ~ function")
	for i, r := range a.Rows {
		if i == shown {
			fmt.Fprintf(w, "\t\t\t\t%d more\n", len(a.Rows)-shown)
			break
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p(r.Total), p(r.Grow), p(r.Start), a.saves(r), r.Root, r.Where())
	}
	w.Flush()
	return b.String()
}

func (a *Advice) saves(r Row) string {
	if !a.Worth(r) {
		return "leave it"
	}
	lo, hi := r.Saving()
	return fmt.Sprintf("%.1f to %.1f %%", 100*a.Share(lo), 100*a.Share(hi))
}

// Where is the go statement with the last directory of its file, or, if that is
// not known, after a tilde where the function begins.
func (r Row) Where() string {
	if r.At != "" {
		return base(r.At)
	}
	if r.File == "" {
		return "?"
	}
	return "~" + base(fmt.Sprintf("%s:%d", r.File, r.Line))
}

// base is a place with the last directory of its file.
func base(at string) string {
	dir, file := filepath.Split(at)
	return filepath.Join(filepath.Base(filepath.Clean(dir)), file)
}

// LivesText is what a trace shows, for a terminal.
func LivesText(all []Lives) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "started\tat once\treusable\tlives p50\tp99\tstarts after p50\tp99\tfunction\tgo statement")
	for i, l := range all {
		if i == shown {
			fmt.Fprintf(w, "\t\t\t\t\t\t\t%d more\n", len(all)-shown)
			break
		}
		fmt.Fprintf(w, "%d\t%d\t%.0f %%\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Started, l.Peak, 100*l.Reused(),
			l.lifetime(l.Lifetime.P50), l.lifetime(l.Lifetime.P99), short(l.Latency.P50), short(l.Latency.P99), l.Root, base(l.At))
	}
	w.Flush() // to memory
	return b.String()
}

func (l Lives) lifetime(d time.Duration) string {
	if l.Ended == 0 {
		return "on"
	}
	return short(d)
}

// short has three digits at most.
func short(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= 100*unit {
			return d.Round(unit).String()
		}
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}
