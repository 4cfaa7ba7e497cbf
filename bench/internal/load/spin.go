package load

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Spin computes for about d. It counts steps and does not look at the clock:
// time in which the goroutine has no processor is no work done.
func Spin(d time.Duration) {
	if d > 0 {
		turn(int(float64(d) * stepsPerNanosecond()))
	}
}

// turns keeps the compiler from leaving the steps out.
var turns atomic.Uint64

func turn(steps int) {
	x := uint64(steps) | 1
	for range steps {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 { // never: the steps map no odd number to 0
		turns.Add(1)
	}
}

// stepsPerNanosecond is calibrated once, as the best of several tries: whatever
// else the machine does only slows a try down.
var stepsPerNanosecond = sync.OnceValue(func() float64 {
	const steps = 200_000
	var tries []time.Duration
	for range 10 {
		start := time.Now()
		turn(steps)
		tries = append(tries, time.Since(start))
	}
	return steps / float64(max(1, slices.Min(tries)))
})
