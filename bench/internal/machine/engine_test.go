//go:build lfpoolhooks

package machine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/measure"
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

// lists is a queue that costs nothing.
type lists struct{ values []*int }

func (q *lists) Enqueue(v *int) { q.values = append(q.values, v) }

func (q *lists) Dequeue() (*int, bool) {
	v := q.values[0]
	q.values = q.values[1:]
	return v, true
}

// TestPapersOtherWork: it is all that a pair takes with a queue that costs nothing, and real
// ones take more, whichever number of goroutines each processor has.
func TestPapersOtherWork(t *testing.T) {
	current = t
	const processors, work = 4, 600.0
	for _, perProc := range []int{1, 3} {
		none, err := Paper(Trial{Models[0], processors, 600, 1}, perProc, work, func() measure.Queue { return new(lists) })
		require.NoError(t, err)
		assert.InDelta(t, 2*work/processors, none.Each, 3)
		for _, name := range []string{"seg", "ms"} {
			q, err := Paper(Trial{Models[0], processors, 600, 1}, perProc, work, queueNamed(name))
			require.NoError(t, err)
			assert.Greater(t, q.Each, none.Each+5, name)
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
