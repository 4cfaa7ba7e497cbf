// Package contest says who is measured: the go statement, lfpool, lfpool with
// one part exchanged, and the pools of other modules.
package contest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/internal/baseline"
)

// Contestants that the tables treat apart.
const (
	Reference = "go"     // what ratios are to
	Subject   = "lfpool" // whose losses are listed
	Mutex     = "handoff-mutex"
	Spinlock  = "handoff-spin"
	Without   = "without-" // before a part's name: lfpool without it, where an ablation has it
)

// All lists what can be measured, in the order of the tables.
func All() []baseline.Contestant {
	return slices.Concat(baseline.All, baseline.Limited, peers)
}

// Default is what a run measures when it is not told otherwise: without the
// contestants that exchange one part of lfpool. Of the pools under a lock there is
// one with a mutex and one with a spinlock.
func Default() []baseline.Contestant {
	return slices.DeleteFunc(All(), func(c baseline.Contestant) bool { return IsVariant(c.Name) })
}

// locked lists the pools of a run whose parked workers are under a lock.
var locked = []string{Mutex, Spinlock}

// IsVariant tells the contestants that are lfpool with one part exchanged, or without it.
func IsVariant(name string) bool {
	part, _, _ := strings.Cut(name, "-")
	return slices.Contains([]string{"idle", "tasks", "lanes", "retention", "multi", "handoff", "without"}, part) && !slices.Contains(locked, name)
}

// IsOtherPool tells what the pages call another pool: it keeps goroutines for tasks to
// come, and is not lfpool, as it is or with a part exchanged. The go statement is none,
// nor is what starts a goroutine for each task.
func IsOtherPool(name string) bool {
	return !IsVariant(name) && !slices.Contains([]string{Reference, Subject, "conc", "errgroup"}, name)
}

// Named returns the contestants with these names, in the order of the names.
// It panics if there is none of a name.
func Named(names ...string) []baseline.Contestant {
	var cs []baseline.Contestant
	all := All()
	for _, name := range names {
		i := slices.IndexFunc(all, func(c baseline.Contestant) bool { return c.Name == name })
		if i < 0 {
			panic(fmt.Sprintf("no contestant %q", name))
		}
		cs = append(cs, all[i])
	}
	return cs
}

// IsPeer tells the pools of other modules.
func IsPeer(name string) bool {
	return slices.ContainsFunc(peers, func(c baseline.Contestant) bool { return c.Name == name })
}
