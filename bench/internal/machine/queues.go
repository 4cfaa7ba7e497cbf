//go:build lfpoolhooks

package machine

import (
	"fmt"
	"testing"
)

// Produce has half of the processors enqueue the values between them and the other
// half dequeue them, as in the benchmarks of max0x7ba/atomic_queue. Producer and
// consumer i are on neighbouring processors.
func Produce(t *testing.T, trial Trial, newQueue func() Queue) (*Machine, error) {
	processors := trial.Processors
	if processors%2 != 0 {
		return nil, fmt.Errorf("machine: %d processors: want a producer for each consumer", processors)
	}
	n := trial.Operations / (processors / 2) * (processors / 2)
	trial.Operations = n
	came := 0
	m, err := Run(t, trial, func(m *Machine) func() {
		q := newQueue()
		v := new(int)
		each := n / (processors / 2)
		for range processors / 2 {
			m.Go(func() {
				for range each {
					q.Enqueue(v)
				}
			})
			m.Go(func() {
				for i := 0; i < each; {
					if _, ok := q.Dequeue(); ok {
						i++
						came++ // one goroutine runs at a time
						m.tick()
					}
				}
			})
		}
		return nil
	})
	if err == nil && came != n {
		err = fmt.Errorf("machine: %d values went in and %d came out", n, came)
	}
	return m, err
}
