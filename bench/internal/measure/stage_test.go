package measure

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/internal/binary"
)

func TestMain(m *testing.M) {
	binary.Production() // race builds keep their workers, which is what is measured
	roles["test-procs"] = func(baseline.Contestant, string, int) (int, map[string]float64) {
		return 1, map[string]float64{"procs": float64(runtime.GOMAXPROCS(0))}
	}
	Child()
	os.Exit(m.Run())
}

// steady takes so long for a sample and finds 1.
func steady(name string, d time.Duration) Entrant {
	return Entrant{Name: name, Begin: func(time.Duration) (Sampler, func()) {
		return func(context.Context, int) (int, map[string]float64, error) {
			time.Sleep(d)
			return 1, map[string]float64{record.NsOp: 1}, nil
		}, func() {}
	}}
}

func chosen(filter string) map[string][]string {
	all := []Entrant{{Name: "go"}, {Name: "lfpool"}, {Name: "other"}}
	found := map[string][]string{}
	for _, r := range (Stage{Rows: []Row{{Name: "wait", Entrants: all}, {Name: "wait-deep", Entrants: all}, {Name: "json", Entrants: all}}}).Only(regexp.MustCompile(filter)).Rows {
		for _, e := range r.Entrants {
			found[r.Name] = append(found[r.Name], e.Name)
		}
	}
	return found
}

func TestOnly(t *testing.T) {
	all := []string{"go", "lfpool", "other"}
	assert.Equal(t, map[string][]string{"wait": all, "wait-deep": all, "json": all}, chosen(""))
	assert.Equal(t, map[string][]string{"wait": all}, chosen("/wait$"))
	assert.Equal(t, map[string][]string{"wait": {"go"}, "wait-deep": {"go"}, "json": {"go"}}, chosen("^go/"))
	assert.Equal(t, map[string][]string{"wait-deep": {"go", "lfpool"}}, chosen("^(go|lfpool)/.*-deep"))
	assert.Empty(t, chosen("^json/"))
}

// TestEstimateIsTheBudgetOrLess: samples are as long as the budget allows.
func TestEstimateIsTheBudgetOrLess(t *testing.T) {
	row := Row{Entrants: make([]Entrant, 10), Calibrated: true}
	s := Stage{Rows: []Row{row}, Procs: []int{1, 2}, Count: 10, Total: 12 * time.Second, Longest: time.Second}
	// 10 contestants x (10 samples, a tenth before each, 1 for calibration)
	assert.InDelta(t, 100*time.Millisecond, s.length(), float64(time.Microsecond))
	assert.InDelta(t, 24*time.Second, Total(s), float64(time.Millisecond))
	s.Rows = append(s.Rows, row)
	assert.InDelta(t, 50*time.Millisecond, s.length(), float64(time.Microsecond))
	s.Longest = 10 * time.Millisecond
	assert.Equal(t, s.Longest, s.length())
	s.Total = time.Second
	assert.Equal(t, shortest, s.length(), "the budget is spent")
	s.Rows = s.Rows[:1]
	s.Rows[0].Least = time.Second
	assert.Equal(t, 2*10*23*time.Second, Total(s), "ten samples, one iteration before each, and three to calibrate")
	warm := Stage{Rows: []Row{{Entrants: make([]Entrant, 8), Warm: 1, AtATime: 4}}, Procs: []int{2}, Count: 2, Longest: time.Second}
	assert.Equal(t, 6*time.Second, Total(warm), "three rounds of two times four")
}

// TestRounds: each contestant once a round, in an order of each round's own, the warm
// ones not counted; one that fails takes no part afterwards.
func TestRounds(t *testing.T) {
	var order []string
	row := Row{Kind: record.Tasks, Name: "row", X: 3, Warm: 1}
	for _, name := range []string{"a", "b", "bad", "c", "d", "e"} {
		row.Entrants = append(row.Entrants, Entrant{Name: name, Begin: func(time.Duration) (Sampler, func()) {
			return func(_ context.Context, round int) (int, map[string]float64, error) {
				order = append(order, name)
				if name == "bad" && round == 1 {
					return 0, nil, errors.New("no room")
				}
				return 7, map[string]float64{record.NsOp: float64(round)}, nil
			}, func() { order = append(order, "end of "+name) }
		}})
	}
	r := new(record.Record)
	Run(context.Background(), []Stage{{Rows: []Row{row}, Procs: []int{2}, Count: 3}}, NewRecorder(r, io.Discard))
	require.Len(t, order, 5*4+2+6)
	assert.Equal(t, []string{"row of bad"}, r.Failed)
	require.Len(t, r.Cells, 5)
	for _, c := range r.Cells {
		assert.Equal(t, []float64{1, 2, 3}, c.Values[record.NsOp])
		assert.Equal(t, record.Key{Kind: record.Tasks, Name: "row", X: 3, Procs: 2, Contestant: c.Contestant}, c.Key)
		assert.Equal(t, 7, c.Ops)
	}
	first := slices.Sorted(slices.Values(order[:6]))
	assert.Equal(t, []string{"a", "b", "bad", "c", "d", "e"}, first)
}

// TestSamplesAtATime: so many, and no more.
func TestSamplesAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		row := Row{Kind: record.Memory, Name: "row", AtATime: 4}
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			row.Entrants = append(row.Entrants, steady(name, time.Second))
		}
		begun := time.Now()
		r := new(record.Record)
		Run(context.Background(), []Stage{{Rows: []Row{row}, Procs: []int{1}, Count: 2}}, NewRecorder(r, io.Discard))
		assert.Equal(t, 4*time.Second, time.Since(begun))
		assert.Len(t, r.Cells, 8)
	})
}

// TestInterruptedRounds: what was sampled is kept, what is under way is not.
func TestInterruptedRounds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var samples atomic.Int32
	e := Entrant{Name: "go", Begin: func(time.Duration) (Sampler, func()) {
		return func(context.Context, int) (int, map[string]float64, error) {
			if samples.Add(1) == 3 {
				cancel()
			}
			return 1, map[string]float64{record.NsOp: 1}, nil
		}, func() {}
	}}
	r := new(record.Record)
	stage := Stage{Rows: []Row{{Name: "row", Entrants: []Entrant{e}}, {Name: "next", Entrants: []Entrant{e}}}, Procs: []int{1}, Count: 9}
	Run(ctx, []Stage{stage, stage}, NewRecorder(r, io.Discard))
	assert.EqualValues(t, 3, samples.Load())
	require.Len(t, r.Cells, 1)
	assert.Len(t, r.Cells[0].Values[record.NsOp], 2)
	assert.Empty(t, r.Failed)
}
