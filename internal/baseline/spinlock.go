package baseline

import (
	"runtime"

	"github.com/lfpool/lfpool/internal/atomic"
)

// SpinLock is a test-and-set lock that yields the processor between tries,
// once, then twice, up to maxYields times: the lock of the ants family of
// pools. The zero value is unlocked.
type SpinLock struct{ held atomic.Uint32 }

const maxYields = 16

// Lock takes the lock. Not lock-free: it waits for the holder.
func (l *SpinLock) Lock() {
	for yields := 1; !l.held.CompareAndSwap(0, 1); yields = min(2*yields, maxYields) {
		for range yields {
			runtime.Gosched()
		}
	}
}

// Unlock gives the lock up. The caller holds it.
func (l *SpinLock) Unlock() { l.held.Store(0) }
