package dump

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// maxOthers is how many roles outside findings are printed: enough to see that
// nothing of weight is among them. The JSON form has all.
const maxOthers = 10

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, p := range r.Profiles {
		p.text(&b)
	}
	last := r.Profiles[len(r.Profiles)-1]
	for i := range r.Findings {
		fmt.Fprintf(&b, "\n%d. ", i+1)
		r.Findings[i].text(&b)
	}
	if len(r.Findings) == 0 {
		fmt.Fprintf(&b, "\nNothing found: %s.\n", r.nothing())
	}
	fmt.Fprintf(&b, "\nExplained: %d of %d goroutines (%.1f %%).", r.Explained, last.Total, percent(r.Explained, last.Total))
	if r.Unexplained > 0 {
		fmt.Fprintf(&b, " With no known pattern: %d.", r.Unexplained)
	}
	var others []Role
	for _, s := range r.Others {
		others = append(others, s.Roles...)
	}
	if len(others) > 0 {
		b.WriteString(" The others:")
	}
	b.WriteByte('\n')
	for i, role := range others {
		if i == maxOthers {
			fmt.Fprintf(&b, "   and %d roles more\n", len(others)-i)
			break
		}
		fmt.Fprintf(&b, "%7d  %s (%s)\n", role.Count(), role.Entry, role.state())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// nothing says what was looked for in vain, and what to try next.
func (r *Report) nothing() string {
	switch {
	case r.Profiles[len(r.Profiles)-1].Leaks:
		return "no goroutine is leaked"
	case len(r.Profiles) > 1 && r.sought.Gain > 1:
		return fmt.Sprintf("no set has gained %d or more goroutines; try -gain 1, or profiles that are further apart", r.sought.Gain)
	case len(r.Profiles) > 1:
		return "no set has gained a goroutine; try profiles that are further apart"
	case r.sought.Min > minShared: // smaller ones are of single roles, and listed below
		return fmt.Sprintf("no set of %d or more goroutines; try -min %d, or compare with a second profile taken later", r.sought.Min, minShared)
	}
	return fmt.Sprintf("no set of %d or more goroutines; compare with a second profile taken later", r.sought.Min)
}

func (p *Summary) text(b *strings.Builder) {
	if p.Name != "" {
		b.WriteString(p.Name + ": ")
	}
	kind := "goroutine"
	if p.Leaks {
		kind = "leaked goroutine"
	}
	fmt.Fprintf(b, "%s (%s)\n", plural(p.Total, kind), p.Format)
	if !p.Whole {
		fmt.Fprintf(b, "   %s has no count: if it was cut between two goroutines, some are missing\n", p.Format)
	}
	if len(p.Pool) > 0 {
		fmt.Fprintf(b, "   lfpool: reapers %d, workers busy %d (counted as their tasks), parked %d%s\n",
			p.Pool[Reaper], p.Pool[Busy], p.Pool[Parked], p.Parked.text())
		b.WriteString("   parked workers that nobody needs go within 1.25 idle timeouts; with idle.Never they stay until Drain\n")
	}
}

func (f *Finding) text(b *strings.Builder) {
	name := "no known pattern"
	if f.Pattern != nil {
		name = f.Pattern.Name
	}
	b.WriteString(name + ": ")
	switch {
	case len(f.Roles) == 1:
	case f.Exact():
		fmt.Fprintf(b, "%d x %d = ", f.Each, f.Per)
	default:
		fmt.Fprintf(b, "about %d x %d, ", f.Each, f.Per)
	}
	b.WriteString(plural(f.Count(), "goroutine"))
	if len(f.Counts) > 1 {
		fmt.Fprintf(b, ", %+d (%s", f.Gain(), strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Counts), " ", ", "), "[]"))
		if !f.Steady() {
			b.WriteString("; not steady")
		}
		b.WriteByte(')')
	}
	b.WriteByte('\n')
	for i := range f.Roles {
		f.Roles[i].text(b)
	}
	if f.Pattern != nil {
		fmt.Fprintf(b, "   why:  %s\n   cure: %s\n", f.Pattern.Why, f.Pattern.Cure)
	}
}

func (r *Role) text(b *strings.Builder) {
	const under = "\n         "
	fmt.Fprintf(b, "%7d  %s", r.Count(), r.Entry)
	if at := r.Stack.at(); at.Line == 0 {
	} else if at.Func == r.Entry {
		fmt.Fprintf(b, " %s:%d", path.Base(at.File), at.Line)
	} else {
		fmt.Fprintf(b, "%sat %s %s:%d", under, at.Func, path.Base(at.File), at.Line)
	}
	if r.Creator != "" {
		fmt.Fprintf(b, "%screated by %s", under, r.Creator)
	}
	if r.Worker == Busy {
		fmt.Fprintf(b, "%son workers of lfpool", under)
	}
	fmt.Fprintf(b, "%s%s", under, r.state())
	if r.Leaked > 0 {
		fmt.Fprintf(b, "%s%d leaked: nothing that can run refers to what they wait for", under, r.Leaked)
	}
	if len(r.Labels) > 0 {
		fmt.Fprintf(b, "%slabels %s", under, r.Labels.text())
	}
	b.WriteByte('\n')
}

// state says what the goroutines of r wait for, and for how long.
func (r *Role) state() string {
	return r.Waits.text() + r.Age.text()
}

// plural is "1 goroutine" or "2 goroutines".
func plural(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// text is ", for 3 to 90 minutes", ", for 9 minutes" or, if some have not waited
// for a minute yet, ", for up to 9 minutes"; or nothing if that is not told.
func (a Age) text() string {
	minutes := plural(a.Max, "minute")
	switch a.Min {
	case a.Max:
		if a.Max == 0 {
			return ""
		}
		return ", for " + minutes
	case 0:
		return ", for up to " + minutes
	}
	return fmt.Sprintf(", for %d to %s", a.Min, minutes)
}

// text is "IO wait", or "IO wait 500, runnable 1".
func (t Tally) text() string {
	var parts []string
	for _, name := range t.Names() {
		n := t[name]
		if name == "" {
			name = "wait not told, debug=2 tells"
		}
		if len(t) > 1 {
			name = fmt.Sprintf("%s %d", name, n)
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}

// at returns the innermost frame that is neither the standard library's nor
// golang.org/x's, or the innermost of all.
func (s Stack) at() Frame {
	for _, f := range s {
		first, _, _ := strings.Cut(f.Package(), "/")
		if (strings.Contains(first, ".") || first == "main") && first != "golang.org" && f.Func != "..." {
			return f
		}
	}
	return s[0]
}

func percent(n, total int) float64 { return 100 * float64(n) / float64(max(total, 1)) }
