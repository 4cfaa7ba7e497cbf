// Package binary says what kind of binary the program is. Pools follow some
// other rules in test binaries and in race builds: see "In tests and in race
// builds" in the documentation of package pool.
package binary

import "testing"

// Read when a pool is made.
var (
	Test = testing.Testing() // it is a test binary
	Race = race              // the race detector is in it
)

// Production has pools that are made from now on follow the rules of production.
// It is for tests of this library that are to run in real workers, and is called
// before the first of them.
func Production() { Test, Race = false, false }
