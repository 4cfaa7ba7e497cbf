//go:build !lfpoolhooks

package home

// Of returns the hash from which the calling submitter's lane follows: that of its
// stack.
func Of(stack uint32) uint32 { return stack }

// Calm reports whether no goroutine is to be taken for one that waits for a processor:
// false, so that the runtime's count says it.
func Calm() bool { return false }
