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
