//go:build lfpoolhooks && !amd64 && !arm64

package point

import "runtime"

// returns fills pcs with the addresses that its caller, the caller's caller and
// so on return to.
func returns(pcs *stack) { runtime.Callers(2, pcs[:]) }

func record() uintptr { return 0 }

// Self tells the calling goroutine from other living ones. Another may have its
// value when it has ended.
func Self() uintptr { return uintptr(Goroutine()) }
