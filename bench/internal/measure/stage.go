// Package measure takes the samples: of each row of a stage, all that are measured on
// it once a round.
package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A Sampler takes a sample in a round: of ops operations, with a value for each unit.
type Sampler func(ctx context.Context, round int) (ops int, values map[string]float64, err error)

// An Entrant is measured on a row.
type Entrant struct {
	Name, Doc string
	// Begin makes it ready for samples of about that length. end frees what it has.
	Begin func(length time.Duration) (take Sampler, end func())
}

// A Row is a workload with those that are measured on it.
type Row struct {
	Kind, Name, Doc string
	X               float64
	Entrants        []Entrant
	Around          func() (end func()) // what goes on meanwhile; nil for nothing
	Warm            int                 // rounds before those that count
	Calibrated      bool                // Begin takes a sample or so, and a tenth goes before each
	Least           time.Duration       // what a sample takes at least, about
	First           time.Duration       // what Begin takes beside its samples, about
	AtATime         int                 // samples in processes of their own; 0 for one after the other
}

// A Stage is one kind of measurement in a run.
type Stage struct {
	Rows    []Row
	Procs   []int         // GOMAXPROCS values; the rows are measured at each
	Count   int           // rounds that count
	Longest time.Duration // of one sample, so that a small selection ends soon
	Total   time.Duration // of one pass over the rows, as far as it can be kept; 0 for no bound
}

// Only keeps what filter matches in contestant/row, and gates.
func (s Stage) Only(filter *regexp.Regexp) Stage {
	var rows []Row
	for _, r := range s.Rows {
		r.Entrants = slices.DeleteFunc(slices.Clone(r.Entrants), func(e Entrant) bool { return r.Kind != record.Gates && !filter.MatchString(e.Name+"/"+r.Name) })
		if len(r.Entrants) > 0 {
			rows = append(rows, r)
		}
	}
	s.Rows = rows
	return s
}

// shortest bounds a sample from below, so that the clock's resolution (under 1 us)
// and the producers' start do not show.
const shortest = 5 * time.Millisecond

// length is that of a sample: the longest with which a pass over the rows takes no
// more than Total, as far as iterations go.
func (s Stage) length() time.Duration {
	length := s.Longest
	for range 100 {
		if pass := s.pass(length); s.Total > 0 && pass > s.Total {
			length = max(shortest, time.Duration(float64(length)*float64(s.Total)/float64(pass)))
		}
	}
	return length
}

// pass is what one pass over the rows takes, about, with samples of that length.
func (s Stage) pass(length time.Duration) (sum time.Duration) {
	for _, r := range s.Rows {
		each := r.First + time.Duration(s.Count+r.Warm)*max(length, r.Least)
		if r.Calibrated { // which takes three iterations at least
			each += time.Duration(s.Count)*max(length/10, r.Least) + max(length, 3*r.Least)
		}
		sum += each * time.Duration(len(r.Entrants)) / time.Duration(max(1, r.AtATime))
	}
	return sum
}

// Total is how long the stages will take.
func Total(stages ...Stage) (sum time.Duration) {
	for _, s := range stages {
		sum += time.Duration(len(s.Procs)) * s.pass(s.length())
	}
	return sum
}

// Run makes the stages one after the other. It returns early, between two samples,
// when ctx is cancelled.
func Run(ctx context.Context, stages []Stage, rec *Recorder) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rec.begin(stages)
	for _, s := range stages {
		for _, procs := range s.Procs {
			runtime.GOMAXPROCS(procs)
			end := time.Now().Add(s.Total)
			for i, r := range s.Rows {
				if ctx.Err() != nil {
					return
				}
				left := s // a row that overran shortens the samples of those after it
				left.Rows = s.Rows[i:]
				if s.Total > 0 {
					left.Total = max(1, time.Until(end))
				}
				name := r.Name
				if r.X != 0 {
					name += fmt.Sprintf(" %.0f", r.X)
				}
				rec.step(fmt.Sprintf("%s on %d", name, procs))
				r.run(ctx, procs, s.Count, left.length(), rec)
				left.Rows = s.Rows[i : i+1]
				rec.done(left.pass(s.length()))
			}
		}
	}
}

// run takes the samples of a row. In each round every entrant is sampled once, in an
// order drawn anew, so that whatever slows the machine for a while slows them alike,
// and so that none always follows the same other one. An entrant is made once: its
// steady state is what is measured. One that fails takes no part in later rounds.
func (r Row) run(ctx context.Context, procs, count int, length time.Duration, rec *Recorder) {
	if r.Around != nil {
		defer r.Around()()
	}
	takes := make([]Sampler, len(r.Entrants)) // nil for one that has failed
	for i, e := range r.Entrants {
		if ctx.Err() != nil {
			return
		}
		take, end := e.Begin(length)
		defer end()
		takes[i] = take
	}
	sample := func(round, i int) {
		ops, values, err := takes[i](ctx, round)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			takes[i] = nil
			rec.failed(fmt.Sprintf("%s of %s", r.Name, r.Entrants[i].Name), err)
		case round >= r.Warm:
			rec.add(record.Key{Kind: r.Kind, Name: r.Name, X: r.X, Procs: procs, Contestant: r.Entrants[i].Name}, ops, values)
		}
	}
	for round := range r.Warm + count {
		var sampling errgroup.Group
		sampling.SetLimit(max(1, r.AtATime))
		for _, i := range rand.Perm(len(takes)) {
			switch {
			case ctx.Err() != nil, takes[i] == nil:
			case r.AtATime == 0: // in this goroutine, with no other beside it
				sample(round, i)
			default:
				sampling.Go(func() error {
					sample(round, i)
					return nil
				})
			}
		}
		_ = sampling.Wait() // no error: sample has noted it
		if ctx.Err() != nil {
			return
		}
		rec.round()
	}
}

// onPools has each contestant's pool sampled by what begin returns for it.
func onPools(cs []baseline.Contestant, begin func(p baseline.Pool, length time.Duration) Sampler) (all []Entrant) {
	for _, c := range cs {
		all = append(all, Entrant{c.Name, c.Doc, func(length time.Duration) (Sampler, func()) {
			p := c.New()
			return begin(p, length), func() { end(p) }
		}})
	}
	return all
}

// end ends a pool that needs to be ended.
func end(p baseline.Pool) {
	if c, ok := p.(interface{ Close() }); ok {
		c.Close()
	}
}
