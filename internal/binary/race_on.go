//go:build race

package binary

import "runtime"

const race = true

// IgnoreSync keeps what the goroutine does until [HeedSync] from ordering
// anything: the race detector takes no note of atomics, locks and channels.
// Without the race detector it does nothing.
func IgnoreSync() { runtime.RaceDisable() }

// HeedSync ends what IgnoreSync has begun. Calls nest.
func HeedSync() { runtime.RaceEnable() }
