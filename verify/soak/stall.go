package main

import (
	"math/rand/v2"
	"runtime"
	"time"
)

// stall takes the caller's thread from it for up to two milliseconds, as an
// operating system does that has other work: the goroutine stands where it is.
// In one case of two its processor stands with it, in the other the runtime
// may give that to another thread, as while a call into C lasts.
//
// The times are not drawn from the seed: whoever is stalled depends on the
// schedule anyway.
func (s *soak) stall() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.stalls.Add(1)
	block(time.Duration(rand.IntN(2_000_000)), rand.IntN(2) == 0)
}
