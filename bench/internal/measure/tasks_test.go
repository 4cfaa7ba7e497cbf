package measure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A closingPool counts its Close calls.
type closingPool struct{ closed *atomic.Int32 }

func (closingPool) Go(f func()) { go f() }
func (p closingPool) Close()    { p.closed.Add(1) }

// tiny measures the go statement and a closingPool for an instant.
func tiny(made, closed *atomic.Int32) Tasks {
	cs := []baseline.Contestant{
		baseline.All[0],
		{Name: "closing", New: func() baseline.Pool {
			made.Add(1)
			return closingPool{closed}
		}},
	}
	ws := load.Named(load.Main, "wait", "burst100")
	return Tasks{Rows: Choose(regexp.MustCompile(""), cs, ws).Rows, Procs: []int{1, 2}, Count: 4, Total: time.Millisecond, Longest: time.Second}
}

func TestMeasure(t *testing.T) {
	var made, closed atomic.Int32
	var file, shown bytes.Buffer
	r := new(record.Record)
	text, err := record.NewText(&file, record.Host{})
	require.NoError(t, err)
	rec := NewRecorder(r, text, &shown)
	Run(context.Background(), []Stage{tiny(&made, &closed).Stage()}, rec)
	require.NoError(t, rec.Close(false))

	assert.Len(t, r.Cells, 2*2*2, "procs x workloads x contestants")
	for _, c := range r.Cells {
		assert.Equal(t, []int{0, 1, 2, 3}, c.Rounds)
		for _, unit := range []string{record.NsOp, record.CPUOp, record.BytesOp, record.AllocsOp} {
			assert.Len(t, c.Values[unit], 4, unit)
		}
		for _, ns := range c.Values[record.NsOp] {
			assert.Positive(t, ns)
		}
	}
	assert.Equal(t, 2*2*2*4, bytes.Count(file.Bytes(), []byte("Tasks/workload=")))
	assert.EqualValues(t, 2*2, made.Load(), "a pool for each workload and GOMAXPROCS value, through all rounds")
	assert.EqualValues(t, 2*2, closed.Load())
	assert.Contains(t, shown.String(), "  4 of 4: burst100 on 2")
	assert.Contains(t, shown.String(), "....")
}

// TestSamplesAreWarm: a tenth goes first, never less than one iteration.
func TestSamplesAreWarm(t *testing.T) {
	for iterations, want := range map[int][]int{1: {1, 1}, 9: {1, 9}, 10: {1, 10}, 50: {5, 50}} {
		var ran []int
		e := entrant{iterations: iterations, Load: load.Load{Tasks: 1, Run: func(n int) { ran = append(ran, n) }}}
		e.sample()
		assert.Equal(t, want, ran)
	}
}

func TestMeasureStops(t *testing.T) {
	var made, closed atomic.Int32
	r := new(record.Record)
	rec := NewRecorder(r, nil, io.Discard)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	stage := tiny(&made, &closed).Stage()
	Run(ctx, []Stage{stage}, rec)
	require.NoError(t, rec.Close(true))
	assert.Empty(t, r.Cells)
	assert.Equal(t, made.Load(), closed.Load())
	assert.True(t, r.Interrupted)
}

func TestRecorderDropsWhatComesAfterClose(t *testing.T) {
	r := new(record.Record)
	rec := NewRecorder(r, nil, io.Discard)
	rec.stage([]Stage{{Steps: 2}}, 0)
	rec.Step("wait")
	k := record.Key{Kind: record.Tasks, Name: "wait", Contestant: "go"}
	rec.Add(k, 0, 1, map[string]float64{record.NsOp: 1})
	require.NoError(t, rec.Close(false))
	rec.Step("wait")
	rec.Add(k, 1, 1, map[string]float64{record.NsOp: 1})
	rec.AddTrace(record.Trace{})
	rec.Round()
	rec.Done()
	assert.Equal(t, []int{0}, r.Cells[0].Rounds)
	assert.Empty(t, r.Traces)
}

type badDisk struct{ writes int }

var errDisk = errors.New("disk full")

func (w *badDisk) Write(p []byte) (int, error) {
	if w.writes++; w.writes > 1 {
		return 0, errDisk
	}
	return len(p), nil
}

func TestRecorderKeepsTheErrorOfItsText(t *testing.T) {
	text, err := record.NewText(new(badDisk), record.Host{})
	require.NoError(t, err)
	rec := NewRecorder(new(record.Record), text, io.Discard)
	for range 100 {
		rec.Add(record.Key{Kind: record.Tasks, Name: "wait", Contestant: "go"}, 0, 1, map[string]float64{record.NsOp: 1})
	}
	assert.ErrorIs(t, rec.Close(false), errDisk)
}

func TestProgressSaysWhatIsLeft(t *testing.T) {
	var shown bytes.Buffer
	p := progress{w: &shown}
	stages := []Stage{{Name: "tasks", Steps: 4, Estimate: 20 * time.Second}, {Name: "memory", Steps: 1, Estimate: 7 * time.Second}}
	p.stage(stages, 0)
	p.step("wait")
	p.round()
	p.done()
	assert.Regexp(t, `^1 of 2, tasks: about 20s\n  1 of 4: wait +\. 0\.0 s, 22s left\n$`, shown.String())
	shown.Reset()
	p.stage(stages, 1)
	p.step("peak")
	p.failed("memory of ants", errDisk)
	p.step("again")
	p.close()
	assert.Regexp(t, `peak +\nbench: memory of ants: disk full\n.*again +\n$`, shown.String())
}
