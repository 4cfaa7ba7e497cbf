//go:build lfpoolhooks && (amd64 || arm64)

package point

// returns fills pcs with the addresses that its caller, the caller's caller and
// so on return to, from the frame pointers, which takes a hundredth of the time
// of runtime.Callers. It does not know of inlined calls; that is enough to tell
// one call site from the other.
//
//go:noescape
func returns(pcs *stack)

// self is the address of the runtime's record of the calling goroutine.
func self() uintptr

func record() uintptr { return self() }

// Self tells the calling goroutine from other living ones. Another may have its
// value when it has ended.
func Self() uintptr { return self() }
