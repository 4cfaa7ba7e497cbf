//go:build lfpoolhooks

package main

import (
	"math/rand/v2"

	"github.com/lfpool/lfpool/internal/point"
)

const whereStalled = "threads stalled between and inside the library's operations"

// insideEvery is at how many of the points inside the library's operations a
// goroutine is stalled once: a few hundred times a second.
const insideEvery = 1 << 13

// stallInside stalls goroutines directly before the library's atomics, until
// stop is called.
func (s *soak) stallInside() (stop func()) {
	point.Each(func() {
		if rand.Uint32N(insideEvery) == 0 {
			s.inside.Add(1)
			s.stall()
		}
	})
	return func() { point.Each(nil) }
}
