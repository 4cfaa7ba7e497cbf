//go:build lfpoolhooks

package machine

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/padded"
)

// A batch of tasks is waited for as with a sync.WaitGroup, whose word is seen.
type batch struct {
	left padded.Int64
	over chan struct{}
}

func (b *batch) add(n int) { b.left.Store(int64(n)) }

func (b *batch) done() {
	if b.left.Add(-1) == 0 {
		b.over <- struct{}{}
	}
}

// Play has so many tasks, or two rounds of all producers, run by a pool.
func (w Workload) Play(t *testing.T, trial Trial, newPool func() baseline.Pool) (*Machine, error) {
	producers := w.producers(trial.Processors)
	// Time is taken of the second half of one round and of most of the next, and
	// there is a third so that nobody is out of work meanwhile.
	trial.Operations = max(trial.Operations, 2*producers*w.batch)
	rounds := trial.Operations/(producers*w.batch) + 1
	var ran atomic.Int64
	m, err := Run(t, trial, func(m *Machine) func() {
		p := newPool()
		for range producers {
			b := &batch{over: make(chan struct{}, 1)}
			task := func() {
				if w.work > 0 {
					m.Work(w.work)
				}
				ran.Add(1)
				m.tick()
				b.done()
			}
			m.Go(func() {
				for range rounds {
					b.add(w.batch)
					for range w.batch {
						p.Go(task)
					}
					<-b.over
				}
			})
		}
		return func() {
			if d, ok := p.(interface{ Drain(context.Context) error }); ok {
				_ = d.Drain(context.Background()) // fails only with its context
			}
		}
	})
	if got, want := ran.Load(), int64(rounds*producers*w.batch); err == nil && got != want {
		err = fmt.Errorf("machine: %d tasks were submitted and %d ran", want, got)
	}
	return m, err
}
