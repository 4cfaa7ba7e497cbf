package measure

import (
	"context"
	"io"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// TestLatenessIsWhatASleepTakesMore: none in a bubble, whose clock is exact.
func TestLatenessIsWhatASleepTakesMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		assert.Equal(t, make([]float64, 20), lateness(20*asked))
		assert.Equal(t, 20*asked, time.Since(begun))
		assert.Len(t, lateness(0), 1, "once at least")
	})
}

func TestLateness(t *testing.T) {
	r := new(record.Record)
	stage := Stage{Rows: Beside(contest.Named("go", "lfpool"), load.Neighbours...), Procs: []int{1, 2}, Count: 2, Longest: 3 * time.Millisecond}.Only(regexp.MustCompile("beside-chains|lfpool/beside-echo"))
	assert.Equal(t, 2*9*3*time.Millisecond, Total(stage), "three rounds of three samples, twice")
	Run(context.Background(), []Stage{stage}, NewRecorder(r, io.Discard))
	require.Len(t, r.Cells, 2*3)
	for _, c := range r.Cells {
		assert.Equal(t, record.Lateness, c.Kind)
		for _, unit := range []string{record.P50, record.P99, record.CPUOp, TaskRate} {
			require.Len(t, c.Values[unit], 2, unit)
			assert.Positive(t, c.Values[unit][0], unit)
		}
	}
}
