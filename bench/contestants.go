package main

import (
	"slices"

	"github.com/lfpool/lfpool/internal/baseline"
)

// Contestants that the tables treat apart.
const (
	reference = "go"     // what ratios are to
	subject   = "lfpool" // whose losses are listed
)

// contestants lists what can be measured, in the order of the tables.
func contestants() []baseline.Contestant {
	return append(slices.Clone(baseline.All), peers...)
}

// details names the contestants that exchange one part of lfpool, or of a
// classic pool, and do not stand for a pool that people use. They are measured
// with -all, or when -run names contestants.
var details = []string{
	"idle-ms", "idle-counted", "idle-mutex", "idle-spin", "idle-xsync",
	"tasks-sharded", "tasks-ms", "tasks-spin", "handoff-spin",
}

// withoutDetails is what a default run measures.
func withoutDetails(cs []baseline.Contestant) []baseline.Contestant {
	return slices.DeleteFunc(slices.Clone(cs), func(c baseline.Contestant) bool {
		return slices.Contains(details, c.Name)
	})
}
