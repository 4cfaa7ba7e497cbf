//go:build lfpoolhooks && (amd64 || arm64)

package point

// returns fills pcs with the addresses that its caller, the caller's caller and
// so on return to, from the frame pointers, which takes a hundredth of the time
// of runtime.Callers. It does not know of inlined calls; that is enough to tell
// one call site from the other.
//
//go:noescape
func returns(pcs *stack)
