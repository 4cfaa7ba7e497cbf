//go:build lfpoolhooks

package machine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/internal/atomic"
	"github.com/lfpool/lfpool/internal/baseline"
)

// adders have each processor add to a word of its own, or to one of all.
func adders(t *testing.T, processors int, shared bool) Result {
	const each = 400
	current = t
	m, err := Run(Trial{Uniform, processors, each * processors, 1}, func(m Machine) func() {
		words := make([]struct {
			_ [lineSize]byte
			atomic.Uint64
		}, processors)
		for i := range processors {
			word := &words[i].Uint64
			if shared {
				word = &words[0].Uint64
			}
			m.Go(func() {
				for range each {
					word.Add(1)
					m.tick()
				}
			})
		}
		return nil
	})
	require.NoError(t, err)
	return m
}

// TestWordsOfOnesOwnScale: a processor's own line costs an atomic each time; a line
// of all moves each time.
func TestWordsOfOnesOwnScale(t *testing.T) {
	m := Uniform
	alone := m.Atomic + m.Local
	assert.InDelta(t, alone, adders(t, 1, false).Each, 0.1*alone)
	assert.InDelta(t, alone/4, adders(t, 4, false).Each, 0.1*alone)
	assert.InDelta(t, m.Near+m.Atomic, adders(t, 4, true).Each, 0.2*m.Near)
}

// TestSchedulersConstants: the go statement costs what the constants say, and
// no less however many processors there are.
func TestSchedulersConstants(t *testing.T) {
	current = t
	w := workloadNamed("burst100")
	one, err := w.Play(Trial{Uniform, 1, 2000, 1}, baseline.All[0].New)
	require.NoError(t, err)
	each := Scheduler.Go + Scheduler.Start + Scheduler.Park
	assert.InDelta(t, each, one.Each, 0.15*each)
	many, err := workloadNamed("parallel").Play(Trial{Uniform, 32, 2000, 1}, baseline.All[0].New)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, many.Each, 0.95*Scheduler.Creation)
}

// TestEveryContestantPlays: all tasks run, and lfpool's words have names.
func TestEveryContestantPlays(t *testing.T) {
	current = t
	for _, w := range Workloads {
		for _, c := range Contestants(3) {
			m, err := w.Play(Trial{Uniform, 3, 200, 1}, c.New)
			require.NoError(t, err, "%s/%s", c.Name, w.Name)
			assert.Positive(t, m.Rate(), "%s/%s", c.Name, w.Name)
			if c.Name == "lfpool" && w.Name == "parallel" {
				assert.Positive(t, m.Transfers["cell.state"].Writes, w.Name)
			}
		}
	}
}

func workloadNamed(name string) Workload {
	for _, w := range Workloads {
		if w.Name == name {
			return w
		}
	}
	panic(name)
}

func TestTrialsThatCannotBe(t *testing.T) {
	current = t
	run := func(processors int) error {
		_, err := Run(Trial{Models[0], processors, 10, 1}, func(m Machine) func() {
			m.Go(func() { <-make(chan int) })
			return nil
		})
		return err
	}
	assert.ErrorContains(t, run(0), "no 0 processors")
	assert.ErrorContains(t, run(193), "no 193 processors")
	assert.ErrorContains(t, run(1), "nobody is left to wake them")
	_, err := Produce(Trial{Models[0], 3, 10, 1}, Queues[0].New)
	assert.ErrorContains(t, err, "3 processors")
}
