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

// contestants lists what is measured, in the order of the tables.
func contestants() []baseline.Contestant {
	return append(slices.Clone(baseline.All), peers...)
}

// peers are the pools of other modules. A module that is needed for one is
// required by this module's go.mod only, never by the library's.
var peers []baseline.Contestant
