package measure

import (
	"context"
	"io"
	"regexp"
	"runtime"
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
	r := new(record.Record)
	rec := NewRecorder(r, nil, io.Discard)
	stage := Starts{Filter: regexp.MustCompile("open-1.s-20|go/ramp"), Contestants: contest.Named("go", "lfpool"), Count: 2, Sample: time.Millisecond}.Stage()
	assert.Equal(t, 2, stage.Steps)
	assert.Equal(t, 9*time.Millisecond, stage.Estimate, "three rounds of three samples")
	Run(context.Background(), []Stage{stage}, rec)
	require.Len(t, r.Cells, 3)
	for _, c := range r.Cells {
		assert.Equal(t, []int{0, 1}, c.Rounds)
		assert.Len(t, c.Values[record.P99], 2)
	}
	assert.Zero(t, Starts{Filter: regexp.MustCompile("nobody/")}.Stage().Steps)
}

// TestAtSeveralProcs: a stage is made at each value, and leaves the process's own.
func TestAtSeveralProcs(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	r := new(record.Record)
	stage := Starts{Filter: regexp.MustCompile("go/ramp"), Contestants: contest.Named("go"), Count: 1, Sample: time.Millisecond}.Stage().At([]int{1, 3})
	assert.Equal(t, 2, stage.Steps)
	assert.Equal(t, 4*time.Millisecond, stage.Estimate)
	Run(context.Background(), []Stage{stage}, NewRecorder(r, nil, io.Discard))
	var procs []int
	for _, c := range r.Cells {
		procs = append(procs, c.Procs)
	}
	assert.Equal(t, []int{1, 3}, procs)
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
}

func TestFootprintOfTheGoStatement(t *testing.T) {
	const tasks = 10_000
	f := footprint(baseline.All[0].New(), tasks)
	assert.Greater(t, f[BytesBlocked], 2000.0, "a stack of 2 KiB for each blocked goroutine")
	assert.Less(t, f[KiBLeft]*1024, f[BytesBlocked]*tasks/2, "and far less when they have ended")
}

// TestChildren: footprints and traces come from processes of their own.
func TestChildren(t *testing.T) {
	r := new(record.Record)
	rec := NewRecorder(r, nil, io.Discard)
	memory := Footprints{Filter: regexp.MustCompile("^(lfpool|workerpool)/"), Contestants: contest.Default(), Tasks: 5000, Count: 2}.Stage()
	Run(context.Background(), []Stage{memory, Traces()}, rec)
	require.Len(t, r.Cells, 1, "workerpool has no room for the peak")
	c := r.Cells[0]
	assert.Equal(t, "lfpool", c.Contestant)
	assert.Greater(t, c.Values[GoroutinesAfter][0], 4500.0)
	require.Len(t, c.Values[ShrinkSeconds], 2, "it shrinks in time")
	assert.Equal(t, []int{0, 1}, c.Rounds)

	require.Len(t, r.Traces, len(traced))
	for _, trace := range r.Traces {
		require.Len(t, trace.Goroutines, len(trace.Seconds))
		most := 0
		for _, n := range trace.Goroutines {
			most = max(most, n)
		}
		assert.Greater(t, most, peakSize/10, "%s: the peak shows", trace.Contestant)
	}
}

func TestChildrenThatFailAreReported(t *testing.T) {
	ctx := context.Background()
	var shown failures
	r := new(record.Record)
	rec := NewRecorder(r, nil, &shown)
	rec.stage([]Stage{{}}, 0)
	inChildren(ctx, "memory", []string{"nobody"}, 1, rec, func(int) any { return new(any) }, "1")
	assert.Contains(t, string(shown), "bench: memory of nobody: exit status")
	assert.Equal(t, []string{"memory of nobody"}, r.Failed)
}

type failures []byte

func (f *failures) Write(p []byte) (int, error) {
	*f = append(*f, p...)
	return len(p), nil
}
