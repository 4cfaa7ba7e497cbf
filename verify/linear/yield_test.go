//go:build lfpoolhooks

package linear_test

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/lfpool/lfpool/internal/point"
)

// yieldEvery is at how many of the points inside the queues' operations a
// goroutine yields once.
const yieldEvery = 4

// TestMain makes the goroutines yield inside the queues' operations, directly
// before the atomics that their proofs speak of.
func TestMain(m *testing.M) {
	var met atomic.Uint64
	point.Each(func() {
		if mix(met.Add(1))%yieldEvery == 0 {
			runtime.Gosched()
		}
	})
	os.Exit(m.Run())
}

// mix is the finalizer of SplitMix64: a random number for each n.
func mix(n uint64) uint64 {
	n *= 0x9E3779B97F4A7C15
	n = (n ^ n>>30) * 0xBF58476D1CE4E5B9
	n = (n ^ n>>27) * 0x94D049BB133111EB
	return n ^ n>>31
}
