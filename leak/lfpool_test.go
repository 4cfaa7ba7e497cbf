package leak_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/leak"
	"github.com/lfpool/lfpool/pool"
)

func waitForChannel(c chan struct{}) { <-c }

func workers(p *leak.Profile) map[leak.Worker]int {
	return leak.Explain(leak.Options{}, p).Profiles[0].Pool
}

// newPool returns a pool the workers of which stay until the process ends, so
// that no test sees those of another go.
func newPool() *pool.Pool { return pool.New(pool.WithIdleTimeout(time.Hour)) }

// TestWorkers: of a pool's workers those with a task count as the task, and
// those without are healthy, in every format.
func TestWorkers(t *testing.T) {
	for format := range debugOf {
		t.Run(string(format), func(t *testing.T) {
			none := parse(t, written(t, format))
			before := workers(none)
			p := newPool()
			short, long := make(chan struct{}), make(chan struct{})
			for range many {
				p.Go(func() { waitForChannel(short) })
				p.Go(func() { waitForChannel(long) })
			}
			busy := await(t, format, func(p *leak.Profile) bool { return workers(p)[leak.Busy] == 2*many })
			assert.Equal(t, before[leak.Parked], workers(busy)[leak.Parked])
			assert.Equal(t, before[leak.Reaper]+1, workers(busy)[leak.Reaper])
			close(short)
			half := await(t, format, func(p *leak.Profile) bool { return workers(p)[leak.Busy] == many })
			assert.Equal(t, before[leak.Parked]+many, workers(half)[leak.Parked])

			grown := leak.Explain(leak.Options{Gain: many}, none, half)
			require.Len(t, grown.Findings, 1)
			f := grown.Findings[0]
			assert.Equal(t, leak.Busy, f.Roles[0].Worker)
			assert.Contains(t, f.Roles[0].Entry, "leak_test.TestWorkers.")
			assert.Equal(t, []int{0, many}, f.Counts)
			assert.Equal(t, many+before[leak.Parked]+many+before[leak.Reaper]+1, grown.Explained)

			close(long)
			idle := await(t, format, func(p *leak.Profile) bool { return workers(p)[leak.Busy] == 0 })
			assert.Equal(t, before[leak.Parked]+2*many, workers(idle)[leak.Parked])
			assert.Empty(t, leak.Explain(leak.Options{Gain: 1}, half, idle).Findings, "a parked worker is no leak")
		})
	}
}

// TestCarriers: who runs other people's functions is not blamed for them.
func TestCarriers(t *testing.T) {
	stop := make(chan struct{})
	ours := lfpool.NewGroup(newPool())
	var theirs errgroup.Group
	for range many {
		ours.Go(func() error { waitForChannel(stop); return nil })
		theirs.Go(func() error { waitForChannel(stop); return nil })
	}
	p := await(t, leak.Debug2, func(p *leak.Profile) bool {
		return role(p, "TestCarriers.func1").Count() == many && role(p, "TestCarriers.func2").Count() == many
	})
	assert.Equal(t, leak.Busy, role(p, "TestCarriers.func1").Worker)
	assert.Equal(t, leak.NoWorker, role(p, "TestCarriers.func2").Worker)
	close(stop)
	assert.NoError(t, ours.Wait())
	assert.NoError(t, theirs.Wait())
}
