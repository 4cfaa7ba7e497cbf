package measure

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
)

// TestPlay plays a short day against each policy: everyone runs each task, and
// only never keeps its workers.
func TestPlay(t *testing.T) {
	const crowd = 20
	var visits []load.Visit
	for range crowd {
		visits = append(visits, load.Visit{At: 20 * time.Millisecond, For: 50 * time.Millisecond, Deep: true})
	}
	visits = append(visits, load.Visit{At: 200 * time.Millisecond})
	end := 300 * time.Millisecond
	for _, p := range contest.Policies(nil) {
		t.Run(p.Contestant, func(t *testing.T) {
			t.Parallel()
			got := play(p, visits, end)
			assert.Equal(t, p.Contestant, got.Day.Contestant)
			n := len(got.Day.Seconds)
			for _, series := range [][]int{got.Day.Workers, got.Day.Running, got.Day.Started, got.Day.StackKiB, got.Day.HeapKiB} {
				assert.Len(t, series, n)
			}
			assert.Positive(t, n)
			v := got.Values
			assert.GreaterOrEqual(t, v[WorkersPeak], 2.0)
			assert.GreaterOrEqual(t, v[BusySeconds], crowd*0.05)
			assert.Positive(t, v[NeededSeconds]+v[VainSeconds])
			assert.Greater(t, v[FreshShare], 0.0)
			assert.LessOrEqual(t, v[FreshShare], 100.0)
			assert.LessOrEqual(t, slices.Max(got.Day.Workers), crowd+1)
			if p.Rule == "never" {
				assert.NotContains(t, v, EmptySilence)
				assert.Positive(t, v[VainSeconds])
			}
		})
	}
}

// TestStacksShrinkWhenWorkersAreReplaced, and not otherwise while the collector
// is off.
func TestStacksShrinkWhenWorkersAreReplaced(t *testing.T) {
	marks := []int{0, 5, 20}
	kept := stacksOf(0, false, marks)
	assert.Greater(t, kept[0], 32.0, "a very deep task's stack")
	assert.InDelta(t, kept[0], kept[2], 4)
	shed := stacksOf(10, false, marks)
	assert.InDelta(t, shed[0], shed[1], 4)
	assert.Less(t, shed[2], 16.0)
}
