package leak

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
	// Others is what is in no finding, the healthy workers of lfpool apart.
	Others []Set `json:"others"`
	// Explained is how many goroutines of the last profile are in findings, or
	// healthy workers of lfpool.
	Explained int `json:"explained"`
}

// Summary is one profile in numbers.
type Summary struct {
	Name   string         `json:"name,omitempty"`
	Format Format         `json:"format"`
	Total  int            `json:"total"`
	Pool   map[Worker]int `json:"lfpool,omitempty"` // goroutines of lfpool
}

// Explain says what grows from the first profile to the last, or, of a single
// one, what is large. It panics if there is no profile.
func Explain(o Options, profiles ...*Profile) *Report {
	if len(profiles) == 0 {
		panic("leak.Explain: no profile is given")
	}
	r := &Report{Findings: []Finding{}, Others: []Set{}}
	for _, p := range profiles {
		r.Profiles = append(r.Profiles, Summary{Name: p.Name, Format: p.Format, Total: p.Total, Pool: map[Worker]int{}})
	}
	var rest []Role
	for _, role := range Compare(profiles...) {
		if role.Worker != NoWorker {
			for i, n := range role.Counts {
				if n > 0 {
					r.Profiles[i].Pool[role.Worker] += n
				}
			}
		}
		if role.Worker.Healthy() {
			r.Explained += role.Count()
		} else if role.Count() > 0 {
			rest = append(rest, role)
		}
	}
	for _, s := range Sets(rest) {
		size, least := s.Count(), cmp.Or(o.Min, DefaultMin)
		if len(profiles) > 1 {
			size, least = s.Gain(), cmp.Or(o.Gain, DefaultGain)
		}
		if size < least {
			r.Others = append(r.Others, s)
			continue
		}
		r.Findings = append(r.Findings, Finding{Set: s, Pattern: patternOf(&s)})
		r.Explained += s.Count()
	}
	return r
}
