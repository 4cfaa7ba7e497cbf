package measure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A closingPool counts its Close calls.
type closingPool struct{ closed *atomic.Int32 }

func (closingPool) Go(f func()) { go f() }
func (p closingPool) Close()    { p.closed.Add(1) }

// tiny measures the go statement and a closingPool for an instant.
func tiny(made, closed *atomic.Int32) Stage {
	cs := []baseline.Contestant{
		baseline.All[0],
		{Name: "closing", New: func() baseline.Pool {
			made.Add(1)
			return closingPool{closed}
		}},
	}
	return Stage{Rows: Tasks(cs, load.Named(load.Main, "wait", "burst100")...), Procs: []int{1, 3}, Count: 4, Total: time.Millisecond, Longest: time.Second}
}

func TestMeasure(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	var made, closed atomic.Int32
	var shown bytes.Buffer
	r := new(record.Record)
	rec := NewRecorder(r, &shown)
	Run(context.Background(), []Stage{tiny(&made, &closed)}, rec)
	rec.Close(false)

	assert.Len(t, r.Cells, 2*2*2, "procs x workloads x contestants")
	for _, c := range r.Cells {
		assert.Contains(t, []int{1, 3}, c.Procs)
		for _, unit := range []string{record.NsOp, record.CPUOp, record.BytesOp, record.AllocsOp} {
			assert.Len(t, c.Values[unit], 4, unit)
		}
		for _, ns := range c.Values[record.NsOp] {
			assert.Positive(t, ns)
		}
	}
	assert.EqualValues(t, 2*2, made.Load(), "a pool for each workload and GOMAXPROCS value, through all rounds")
	assert.EqualValues(t, 2*2, closed.Load())
	assert.Contains(t, shown.String(), "  4 of 4: burst100 on 3")
	assert.Contains(t, shown.String(), "....")
	assert.Equal(t, before, runtime.GOMAXPROCS(0))
}

// TestSamplesAreWarm: a tenth goes first, never less than one iteration.
func TestSamplesAreWarm(t *testing.T) {
	for iterations, want := range map[int][]int{1: {1, 1}, 9: {1, 9}, 10: {1, 10}, 50: {5, 50}} {
		var ran []int
		e := bound{iterations: iterations, Load: load.Load{Tasks: 1, Run: func(n int) { ran = append(ran, n) }}}
		e.sample()
		assert.Equal(t, want, ran)
	}
}

func TestMeasureStops(t *testing.T) {
	var made, closed atomic.Int32
	r := new(record.Record)
	rec := NewRecorder(r, io.Discard)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	Run(ctx, []Stage{tiny(&made, &closed)}, rec)
	rec.Close(true)
	assert.Empty(t, r.Cells)
	assert.Equal(t, made.Load(), closed.Load())
	assert.True(t, r.Interrupted)
}

func TestRecorderDropsWhatComesAfterClose(t *testing.T) {
	r := new(record.Record)
	rec := NewRecorder(r, io.Discard)
	rec.step("wait")
	k := record.Key{Kind: record.Tasks, Name: "wait", Contestant: "go"}
	rec.add(k, 1, map[string]float64{record.NsOp: 1})
	rec.Close(false)
	rec.step("wait")
	rec.add(k, 1, map[string]float64{record.NsOp: 1})
	rec.round()
	rec.done(0)
	assert.Len(t, r.Cells[0].Values[record.NsOp], 1)
}

func TestProgressSaysWhatIsLeft(t *testing.T) {
	var shown bytes.Buffer
	rec := NewRecorder(new(record.Record), &shown)
	row := Row{Entrants: make([]Entrant, 1)}
	rec.begin([]Stage{{Rows: []Row{row, row, row, row}, Procs: []int{1}, Count: 1, Longest: 5 * time.Second}, {Rows: []Row{row}, Procs: []int{1, 2}, Count: 1, Longest: 7 * time.Second}})
	rec.step("wait on 1")
	rec.round()
	rec.done(5 * time.Second)
	assert.Regexp(t, `^  1 of 6: wait on 1 +\. 0\.0 s, 29s left\n$`, shown.String())
	shown.Reset()
	rec.step("peak")
	rec.failed("memory of ants", errors.New("disk full"))
	rec.step("again")
	rec.Close(false)
	assert.Regexp(t, `peak +\nbench: memory of ants: disk full\n.*again +\n$`, shown.String())
}
