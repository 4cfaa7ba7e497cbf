package contest

import (
	"fmt"
	"slices"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/pool"
)

// A Policy is a way to keep parked workers: a rule, and the order in which they
// are taken.
type Policy struct {
	Contestant string // who has it
	Rule       string // its name in -retention
	Doc        string
	FIFO       bool // the worker that parked last has no slot before the queue
	options    []pool.Option
}

// New makes a pool with the policy.
func (p Policy) New(opts ...pool.Option) *pool.Pool {
	return pool.New(append(slices.Clone(p.options), opts...)...)
}

// Policies lists the rules that are chosen, or all if none is. Those that ask
// how long a worker has been parked, or are what they are compared with, come a
// second time with hand-off, whose parked workers are in a plain queue: each
// task takes the one that has been parked longest.
func Policies(chosen []string) []Policy {
	var plain, fifo []Policy
	for i, r := range baseline.Retentions {
		if len(chosen) > 0 && !slices.Contains(chosen, r.Name) {
			continue
		}
		p := Policy{Contestant: "retention-" + r.Name, Rule: r.Name, Doc: r.Doc, options: []pool.Option{pool.WithRetention(r.Rule)}}
		if i == 0 {
			p.Contestant = Subject
		}
		plain = append(plain, p)
		if r.Name == "low-water" || r.Name == "by-age" {
			p.Contestant, p.FIFO = "handoff-"+r.Name, true
			p.Doc = fmt.Sprintf("%s; each task is handed to the worker that has been parked longest", r.Doc)
			p.options = append(slices.Clone(p.options), pool.WithHandOff())
			fifo = append(fifo, p)
		}
	}
	return append(plain, fifo...)
}

// Replacements are how many tasks a worker runs before it hands over to a fresh
// goroutine, where that is measured; 0 is no bound.
var Replacements = []int{0, 1000, 100, 10}

// Replaced names the contestant whose workers are replaced after n tasks.
func Replaced(n int) string {
	if n == 0 {
		return Subject
	}
	return fmt.Sprintf("replace-%d", n)
}

// Replacing returns the option for it, none for 0.
func Replacing(n int) []pool.Option {
	if n == 0 {
		return nil
	}
	return []pool.Option{pool.WithMaxTasksPerWorker(n)}
}

// Replacers lists go, lfpool, and lfpool whose workers are replaced.
func Replacers() []baseline.Contestant {
	cs := Named(Reference)
	for _, n := range Replacements {
		c := baseline.Contestant{Name: Replaced(n), Doc: fmt.Sprintf("lfpool, each worker replaced after %d tasks", n), New: func() baseline.Pool {
			return pool.New(Replacing(n)...)
		}}
		if n == 0 {
			c.Doc = Named(Subject)[0].Doc
		}
		cs = append(cs, c)
	}
	return cs
}
