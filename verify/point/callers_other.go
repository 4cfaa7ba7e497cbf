//go:build lfpoolhooks && !amd64 && !arm64

package point

import "runtime"

// returns fills pcs with the addresses that its caller, the caller's caller and
// so on return to.
func returns(pcs *stack) { runtime.Callers(2, pcs[:]) }
