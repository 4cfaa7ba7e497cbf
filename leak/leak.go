// Package leak reads goroutine profiles and says what is growing and why.
//
// [Parse] reads what runtime/pprof and net/http/pprof write: text with debug=1
// or debug=2, or the protobuf; and the output of a crash. [Explain] groups the
// goroutines of one or more profiles by what they run and by what created them,
// finds those that come and go together, such as reader, writer and keepalive
// of one connection, and names the known patterns with their usual cure. The
// command lfleak does so for files and URLs, and its README says what can be
// seen and what cannot.
//
// Use debug=2 where you can: only it tells creators, and of every goroutine what
// it waits for, and since when. The program stands still while it is written.
// For debug=1 and the protobuf it does so only for a moment; they have labels.
// The goroutineleak profile, which Go has since 1.27, tells which goroutines
// nothing can wake: each is a finding.
//
// Workers of a [github.com/lfpool/lfpool/pool.Pool] that have no task, and the
// pools' reapers, are set apart: they are a finding if there are more from
// profile to profile, if so many reapers are up that each request must have a
// pool of its own, or if they are leaked. A worker with a task counts as what
// the task is.
package leak

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// Profile is the goroutines of a program at one instant.
type Profile struct {
	// Name says in reports where the profile comes from. Parse leaves it empty.
	Name string

	parsed *dump.Profile
}

// Parse reads a goroutine profile and finds out which format it has. Input that
// is cut short, or is something else, is an error that says so and where. (Cut
// exactly between two goroutines, debug=2 looks whole; the report warns of it.)
func Parse(r io.Reader) (*Profile, error) {
	p, err := dump.Parse(r)
	if err != nil {
		return nil, err
	}
	return &Profile{parsed: p}, nil
}

// Options says what is worth a finding; zero fields mean the defaults.
type Options struct {
	Min  int // with one profile: goroutines that a set has; default 100
	Gain int // with more: goroutines that a set has gained; default 10
}

// Report is what [Explain] finds. Its JSON form, which has more than its fields,
// is that of lfleak -json.
type Report struct {
	// Findings has steady growth first, then the largest gain; where there is no
	// gain, so with one profile, the largest.
	Findings []Finding

	whole *dump.Report
}

// Finding is a set of goroutines that has grown, is large, or is leaked.
type Finding struct {
	// Pattern, Why and Cure are "" if no known pattern matches.
	Pattern, Why, Cure string
	// Entries are the functions that the goroutines run: one for each role in the
	// set.
	Entries []string
	// Counts has the number of goroutines in each profile.
	Counts []int
	// Leaked is how many nothing can wake, as a goroutineleak profile tells.
	Leaked int
}

// Gain returns by how many goroutines the last profile has more than the first.
func (f Finding) Gain() int { return f.Counts[len(f.Counts)-1] - f.Counts[0] }

// Explain says what grows from the first profile to the last, in the order in
// which they were taken, or, of a single one, what is large; and in any case what
// is leaked. It panics if there is no profile, or one that is not from Parse.
func Explain(o Options, profiles ...*Profile) *Report {
	if len(profiles) == 0 {
		panic("leak.Explain: no profile is given")
	}
	var parsed []*dump.Profile
	for _, p := range profiles {
		if p == nil || p.parsed == nil {
			panic("leak.Explain: a profile is not from Parse")
		}
		named := *p.parsed
		named.Name = p.Name
		parsed = append(parsed, &named)
	}
	r := &Report{whole: dump.Explain(dump.Options{Min: o.Min, Gain: o.Gain}, parsed...)}
	for _, f := range r.whole.Findings {
		finding := Finding{Counts: slices.Clone(f.Counts), Leaked: f.Leaked()}
		if f.Pattern != nil {
			finding.Pattern, finding.Why, finding.Cure = f.Pattern.Name, f.Pattern.Why, f.Pattern.Cure
		}
		for _, role := range f.Roles {
			finding.Entries = append(finding.Entries, role.Entry)
		}
		r.Findings = append(r.Findings, finding)
	}
	return r
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error { return r.whole.WriteText(w) }

// MarshalJSON returns the report for programs.
func (r *Report) MarshalJSON() ([]byte, error) { return json.Marshal(r.whole) }
