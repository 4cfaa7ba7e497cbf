package main

import (
	"context"
	"io"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A closingPool counts its Close calls.
type closingPool struct{ closed *atomic.Int32 }

func (closingPool) Go(f func()) { go f() }
func (p closingPool) Close()    { p.closed.Add(1) }

// tinyPlan measures the go statement and a closingPool for an instant.
func tinyPlan(made, closed *atomic.Int32) plan {
	cs := []baseline.Contestant{
		{Name: "go", New: func() baseline.Pool { return newCountingPool() }},
		{Name: "closing", New: func() baseline.Pool {
			made.Add(1)
			return closingPool{closed}
		}},
	}
	ws := []workload{
		{name: "wait", bind: burst(1, shallow)},
		{name: "burst", bind: burst(7, shallow)},
	}
	return plan{
		selection: choose(regexp.MustCompile(""), cs, ws),
		procs:     []int{1, 2},
		count:     4,
		budget:    budget{total: time.Millisecond},
	}
}

func TestMeasure(t *testing.T) {
	var made, closed atomic.Int32
	p := tinyPlan(&made, &closed)
	rec := newRecorder(nil, &progress{w: io.Discard, plan: p})
	measure(context.Background(), p, rec)
	res, err := rec.close()
	require.NoError(t, err)

	assert.Len(t, res, 2*2*2, "procs x workloads x contestants")
	for at, samples := range res {
		require.Len(t, samples, p.count, at)
		for round, s := range samples {
			assert.Equal(t, at, s.cell)
			assert.Equal(t, round, s.round)
			assert.Positive(t, s.tasks)
			assert.Positive(t, s.elapsed)
			if at.workload == "burst" {
				assert.Zero(t, s.tasks%7)
			}
		}
	}
	assert.EqualValues(t, 2*2, made.Load(), "a pool for each workload and GOMAXPROCS value, through all rounds")
	assert.EqualValues(t, 2*2, closed.Load())
}

func TestMeasureStops(t *testing.T) {
	var made, closed atomic.Int32
	p := tinyPlan(&made, &closed)
	rec := newRecorder(nil, &progress{w: io.Discard, plan: p})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	measure(ctx, p, rec)
	res, err := rec.close()
	require.NoError(t, err)
	assert.Empty(t, res)
	assert.Equal(t, made.Load(), closed.Load())
}

func TestRecorderDropsWhatComesAfterClose(t *testing.T) {
	var made, closed atomic.Int32
	p := tinyPlan(&made, &closed)
	rec := newRecorder(nil, &progress{w: io.Discard, plan: p})
	rec.begin(1, 0)
	rec.add(sample{cell: cell{1, "wait", "go"}})
	res, err := rec.close()
	require.NoError(t, err)
	rec.begin(1, 1)
	rec.add(sample{cell: cell{1, "wait", "closing"}})
	rec.end()
	assert.Len(t, res, 1)
}
