package dump_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lfpool/lfpool"
	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/leak/internal/dump"
	"github.com/lfpool/lfpool/pool"
)

func waitForChannel(c chan struct{}) { <-c }

func workers(p *dump.Profile) map[dump.Worker]int {
	return dump.Explain(dump.Options{}, p).Profiles[0].Pool
}

// newPool returns a pool the workers of which stay until the process ends, so
// that no test sees those of another go. It has a limit, which no test reaches,
// for a pool without one may use fresh goroutines in a race build.
func newPool() *pool.Pool {
	return pool.New(pool.WithIdleTimeout(time.Hour), pool.WithLimit(10*many))
}

// TestWorkers: of a pool's workers those with a task count as the task, and
// those without as lfpool's own, in every format.
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
			busy := await(t, format, func(p *dump.Profile) bool { return workers(p)[dump.Busy] == 2*many })
			assert.Equal(t, before[dump.Parked], workers(busy)[dump.Parked])
			assert.Equal(t, before[dump.Reaper]+1, workers(busy)[dump.Reaper])
			close(short)
			half := await(t, format, func(p *dump.Profile) bool { return workers(p)[dump.Busy] == many })
			assert.Equal(t, before[dump.Parked]+many, workers(half)[dump.Parked])

			grown := dump.Explain(dump.Options{Gain: many}, none, half)
			require.Len(t, grown.Findings, 2)
			f := grown.Findings[0]
			if f.Roles[0].Worker == dump.Parked {
				f = grown.Findings[1]
			}
			assert.Equal(t, dump.Busy, f.Roles[0].Worker)
			assert.Contains(t, f.Roles[0].Entry, "dump_test.TestWorkers.")
			assert.Equal(t, []int{0, many}, f.Counts)
			assert.Equal(t, many+before[dump.Parked]+many+before[dump.Reaper]+1, grown.Explained+grown.Unexplained)

			close(long)
			idle := await(t, format, func(p *dump.Profile) bool { return workers(p)[dump.Busy] == 0 })
			assert.Equal(t, before[dump.Parked]+2*many, workers(idle)[dump.Parked])
			grown = dump.Explain(dump.Options{Gain: 1}, half, idle)
			require.Len(t, grown.Findings, 1)
			f = grown.Findings[0]
			assert.Equal(t, "parked workers of lfpool", f.Pattern.Name)
			assert.Equal(t, many, f.Gain())
			assert.Empty(t, dump.Explain(dump.Options{Gain: 1}, idle, idle).Findings, "there are no more")
			assert.False(t, slices.ContainsFunc(dump.Explain(dump.Options{Min: 1}, idle).Findings, func(f dump.Finding) bool {
				return f.Roles[0].Worker == dump.Parked
			}), "a single profile does not tell whether they stay")
		})
	}
}

// forgetPools makes n pools that keep a worker each. The end of the test drains
// them.
func forgetPools(t *testing.T, n int) {
	before := workers(parse(t, written(t, dump.Debug2)))
	t.Cleanup(func() { // the last, when all are drained: goroutines are a moment in going
		await(t, dump.Debug2, func(p *dump.Profile) bool {
			return workers(p)[dump.Parked] <= before[dump.Parked] && workers(p)[dump.Reaper] <= before[dump.Reaper]
		})
	})
	for range n {
		p := pool.New(pool.WithLimit(1), pool.WithRetention(idle.Never))
		p.Go(func() {})
		t.Cleanup(func() { assert.NoError(t, p.Drain(context.Background())) })
	}
}

// TestForgottenPools: pools that nobody drains are a finding, in one profile
// and in two, and in every format.
func TestForgottenPools(t *testing.T) {
	const forgotten = dump.DefaultMin + 7
	for format := range debugOf {
		t.Run(string(format), func(t *testing.T) {
			none := parse(t, written(t, format))
			before := workers(none)
			forgetPools(t, forgotten)
			p := await(t, format, func(p *dump.Profile) bool {
				return workers(p)[dump.Parked] == before[dump.Parked]+forgotten && workers(p)[dump.Reaper] == before[dump.Reaper]+forgotten
			})
			gained := 2 * forgotten
			for _, r := range []*dump.Report{dump.Explain(dump.Options{}, p), dump.Explain(dump.Options{}, none, p)} {
				require.Len(t, r.Findings, 1)
				f := r.Findings[0]
				assert.Equal(t, "too many pools", f.Pattern.Name)
				assert.Equal(t, gained+before[dump.Parked]+before[dump.Reaper], f.Count())
				assert.Equal(t, []dump.Worker{dump.Reaper, dump.Parked}, []dump.Worker{f.Roles[0].Worker, f.Roles[1].Worker})
				var text strings.Builder
				require.NoError(t, r.WriteText(&text))
				assert.Contains(t, text.String(), "cure: one pool for the program")
			}
			assert.Equal(t, gained, dump.Explain(dump.Options{}, none, p).Findings[0].Gain())
		})
	}
}

// TestPoolsAndWorkersApart: parked workers that are more pools' than have come,
// or fewer, are a finding of their own or none.
func TestPoolsAndWorkersApart(t *testing.T) {
	profile := func(reapers, parked int) *dump.Profile {
		return &dump.Profile{Format: dump.Debug1, Total: reapers + parked, Groups: []dump.Group{
			{Count: reapers, Stack: dump.Stack{{Func: "github.com/lfpool/lfpool/idle.(*Reaper).Run"}}},
			{Count: parked, Stack: dump.Stack{{Func: "github.com/lfpool/lfpool/pool.(*start).work"}}},
		}}
	}
	for _, c := range []struct {
		name     string
		profiles []*dump.Profile
		want     []int // goroutines of each finding
	}{
		{"one pool", []*dump.Profile{profile(1, 5000)}, nil},
		{"many pools, most busy", []*dump.Profile{profile(200, 30)}, []int{200}},
		{"many pools, several workers each", []*dump.Profile{profile(200, 450)}, []int{650}},
		{"one pool's burst", []*dump.Profile{profile(1, 0), profile(1, 50)}, []int{50}},
		{"pools come, workers go", []*dump.Profile{profile(1, 500), profile(50, 300)}, []int{50}},
		{"fewer", []*dump.Profile{profile(300, 900), profile(100, 300)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := dump.Explain(dump.Options{}, c.profiles...)
			var got []int
			for _, f := range r.Findings {
				got = append(got, f.Count())
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.profiles[len(c.profiles)-1].Total, r.Explained)
			assert.Empty(t, r.Others)
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
	p := await(t, dump.Debug2, func(p *dump.Profile) bool {
		return role(p, "TestCarriers.func1").Count() == many && role(p, "TestCarriers.func2").Count() == many
	})
	assert.Equal(t, dump.Busy, role(p, "TestCarriers.func1").Worker)
	assert.Equal(t, dump.NoWorker, role(p, "TestCarriers.func2").Worker)
	close(stop)
	assert.NoError(t, ours.Wait())
	assert.NoError(t, theirs.Wait())
}
