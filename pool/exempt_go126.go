//go:build go1.26

package pool

import (
	"crypto/fips140"
	"time"
)

// enforced says that the program runs with strict enforcement, which does not
// change after its start.
var enforced = fips140.Enforced()

// exempt reports whether enforcement is off for the caller, in a program that
// enforces.
func exempt() bool { return enforced && !fips140.Enforced() }

func withoutEnforcement(f func()) { fips140.WithoutEnforcement(f) }

// startClean starts a goroutine that inherits nothing from the caller.
func startClean(run func()) { time.AfterFunc(0, run) }
