package dump

import "slices"

// What is told of lfpool's own goroutines, its reapers and its parked workers.
//
// A pool has one reaper while it has workers: many reapers are many pools, and
// a program needs few. Parked workers are what a pool keeps of its last burst.
// No profile tells for how long its rule keeps them, so how many there are in a
// single one says nothing; that more and more are kept says something.

// poolSets makes sets of the roles of one kind each that idle has: one set if
// there are many pools and each may have a worker parked.
func poolSets(idle []Role, found func(*Set) bool) (sets []Set) {
	of := func(w Worker) int { return slices.IndexFunc(idle, func(r Role) bool { return r.Worker == w }) }
	many := true
	for i := range idle {
		sets = append(sets, newSet(idle, []int{i}))
		many = many && (found(&sets[i]) || idle[i].Worker == Parked && len(idle[i].Counts) == 1)
	}
	if reaper, parked := of(Reaper), of(Parked); many && reaper >= 0 && parked >= 0 && idle[parked].Count() >= idle[reaper].Count() {
		return []Set{newSet(idle, []int{reaper, parked})}
	}
	return sets
}

// idle reports whether s is lfpool's own goroutines.
func (s *Set) idle() bool { return s.Roles[0].Worker.Idle() }
