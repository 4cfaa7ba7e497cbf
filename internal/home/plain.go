//go:build !lfpoolhooks

package home

// Of returns the hash from which the calling submitter's lane follows: that of its
// stack.
func Of(stack uint32) uint32 { return stack }
