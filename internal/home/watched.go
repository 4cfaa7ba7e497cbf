//go:build lfpoolhooks

package home

import "sync/atomic"

var set atomic.Uint32

// Of returns the hash from which the calling submitter's lane follows: that of its
// stack, or what Set says.
func Of(stack uint32) uint32 {
	if n := set.Load(); n != 0 {
		return n
	}
	return stack
}

// Set makes Of return n; 0 sets it back.
func Set(n uint32) { set.Store(n) }

var calm atomic.Bool

// Calm reports whether no goroutine is to be taken for one that waits for a processor:
// what SetCalm says. Otherwise the runtime's count says it.
func Calm() bool { return calm.Load() }

// SetCalm makes Calm return yes.
func SetCalm(yes bool) { calm.Store(yes) }
