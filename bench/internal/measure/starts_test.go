package measure

import (
	"context"
	"io"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

func TestEveryArrivalMeasuresEachTask(t *testing.T) {
	for _, a := range Arrivals {
		stop := func() {}
		if a.around != nil {
			stop = a.around()
		}
		latencies := a.sample(baseline.All[0].New(), 2*time.Millisecond, 1)
		stop()
		require.NotEmpty(t, latencies, a.Name)
		for _, l := range latencies {
			assert.Positive(t, l, a.Name)
		}
		assert.NotEmpty(t, a.Doc)
	}
}

// blocking runs each task at once, and has its first submitter wait.
type blocking struct {
	first bool
	d     time.Duration
}

func (p *blocking) Go(f func()) {
	f()
	if p.first {
		p.first = false
		load.Spin(p.d)
	}
}

// TestLatenessOfTheSubmitterCounts: tasks that are due while Go(f) has not
// returned are late, though they start as soon as they are submitted.
func TestLatenessOfTheSubmitterCounts(t *testing.T) {
	const late = 5 * time.Millisecond
	latencies := openLoop(&blocking{true, late}, 0, float64(50*time.Microsecond), 50, 1)
	tardy := 0
	for _, l := range latencies {
		if l > float64(late)/5 {
			tardy++
		}
	}
	assert.Greater(t, tardy, 10, "%v", latencies)
}

func TestDelaysAreQuantiles(t *testing.T) {
	var latencies []float64
	for i := range 1001 {
		latencies = append(latencies, float64(1000-i))
	}
	d := delays(latencies, 3*time.Millisecond, 2*time.Millisecond)
	assert.InDelta(t, 500, d[record.P50], 1)
	assert.InDelta(t, 990, d[record.P99], 1)
	assert.InDelta(t, 999, d[record.P999], 1)
	assert.Equal(t, 1.5, d[record.Cores])
	assert.InDelta(t, 3e6/1001, d[record.CPUOp], 1e-6)
}

func TestStarts(t *testing.T) {
	stage := Stage{Rows: Starts(contest.Named("go", "lfpool")), Procs: []int{2}, Count: 2, Longest: time.Millisecond}.Only(regexp.MustCompile("open-1.s-20|go/ramp"))
	assert.Len(t, stage.Rows, 2)
	assert.Equal(t, 9*time.Millisecond, Total(stage), "three rounds of three samples")
	r := new(record.Record)
	Run(context.Background(), []Stage{stage}, NewRecorder(r, io.Discard))
	require.Len(t, r.Cells, 3)
	for _, c := range r.Cells {
		assert.Len(t, c.Values[record.P99], 2)
	}
}
