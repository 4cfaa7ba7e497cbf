package explore

import (
	"fmt"
	"strings"
)

// EachRun has see called after each run, and goes on after failures.
func EachRun(see func(r *Run)) Option {
	return func(s *settings) { s.end, s.keepGoing, s.quick = see, true, true }
}

// Err is the failure of the run.
func (r *Run) Err() error { return r.err }

// Class is the run up to the order of independent steps: for each step, how
// many steps of each goroutine happened before it.
func (r *Run) Class() string {
	if len(r.trace) > 0 {
		r.ended(len(r.trace) - 1)
	}
	var b strings.Builder
	for _, th := range r.threads {
		fmt.Fprintf(&b, "%s:", th.name)
		for _, e := range th.events {
			b.WriteByte(' ')
			for _, other := range r.threads {
				n := 0
				for _, f := range other.events {
					if r.trace[e].clock.has(other, int(f)) {
						n++
					}
				}
				fmt.Fprintf(&b, "%d.", n)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// NoShorter leaves out the search for a schedule with fewer preemptions.
func NoShorter() Option { return func(s *settings) { s.quick = true } }

// NoSearchForFewer leaves out the search for the fewest preemptions, as if it
// took too long.
func NoSearchForFewer() Option { return func(s *settings) { s.tries = 0 } }

// Goroutine returns the number of the calling goroutine.
func Goroutine() uint64 { return goid() }
