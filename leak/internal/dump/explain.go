package dump

import "cmp"

const (
	// DefaultMin is so large because one profile does not tell a leak from a
	// service at work.
	DefaultMin = 100
	// DefaultGain leaves out what comes and goes in any program.
	DefaultGain = 10
)

// Options says what is worth a finding; zero fields mean the defaults.
type Options struct {
	Min  int // with one profile: goroutines that a set has
	Gain int // with more: goroutines that a set has gained
}

// Finding is a set of roles that has grown, or that is large.
type Finding struct {
	Set
	Pattern *Pattern `json:"pattern,omitempty"` // nil if no known one matches
}

// Report is what [Explain] finds. Its JSON form has the same names, in lower
// case.
type Report struct {
	Profiles []Summary `json:"profiles"`
	Findings []Finding `json:"findings"`
	// Others is what is in no finding, lfpool's own goroutines apart.
	Others []Set `json:"others"`
	// Explained is how many goroutines of the last profile are in findings with
	// a pattern, or are lfpool's own: parked workers and reapers.
	Explained int `json:"explained"`
	// Unexplained is how many are in findings without a pattern.
	Unexplained int `json:"unexplained"`

	sought Options // what was worth a finding, defaults filled in
}

// Summary is one profile in numbers.
type Summary struct {
	Name   string         `json:"name,omitempty"`
	Format Format         `json:"format"`
	Total  int            `json:"total"`
	Pool   map[Worker]int `json:"lfpool,omitempty"` // goroutines of lfpool
	// Parked is for how long lfpool's parked workers have waited.
	Parked Age `json:"parked,omitzero"`
	// Whole is Profile.Whole, Leaks is Profile.Leaks.
	Whole bool `json:"whole"`
	Leaks bool `json:"leaks,omitempty"`
}

// Explain says what grows from the first profile to the last, or, of a single
// one, what is large; and in any case what is leaked, if a goroutineleak profile
// tells so of goroutines of the last profile. It panics if there is no profile.
func Explain(o Options, profiles ...*Profile) *Report {
	if len(profiles) == 0 {
		panic("dump.Explain: no profile is given")
	}
	o.Min, o.Gain = cmp.Or(o.Min, DefaultMin), cmp.Or(o.Gain, DefaultGain)
	r := &Report{Findings: []Finding{}, Others: []Set{}, sought: o}
	for _, p := range profiles {
		r.Profiles = append(r.Profiles, summarize(p))
	}
	var idle, rest []Role
	for _, role := range Compare(profiles...) {
		switch {
		case role.Count() == 0:
		case role.Worker.Idle():
			idle = append(idle, role)
		default:
			rest = append(rest, role)
		}
	}
	found := func(s *Set) bool {
		if s.Leaked() > 0 {
			return true // a single one is proof
		}
		if len(profiles) > 1 {
			return s.Gain() >= o.Gain
		}
		return s.Roles[0].Worker != Parked && s.Count() >= o.Min
	}
	sets := append(Sets(rest), poolSets(idle, found)...)
	rank(sets)
	for _, s := range sets {
		var pattern *Pattern
		told := found(&s)
		if told {
			pattern = patternOf(&s)
			r.Findings = append(r.Findings, Finding{Set: s, Pattern: pattern})
		}
		switch {
		case pattern != nil || s.idle():
			r.Explained += s.Count()
		case told:
			r.Unexplained += s.Count()
		default:
			r.Others = append(r.Others, s)
		}
	}
	return r
}

func summarize(p *Profile) Summary {
	s := Summary{Name: p.Name, Format: p.Format, Total: p.Total, Pool: map[Worker]int{}, Whole: p.Whole, Leaks: p.Leaks}
	for _, g := range p.Groups {
		_, worker := entryOf(g.Stack)
		if worker == NoWorker {
			continue
		}
		if worker == Parked {
			if s.Pool[Parked] == 0 {
				s.Parked = g.Age
			}
			s.Parked = s.Parked.or(g.Age)
		}
		s.Pool[worker] += g.Count
	}
	return s
}
