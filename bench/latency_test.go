package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/internal/baseline"
)

func TestEveryArrivalMeasuresEachTask(t *testing.T) {
	for _, a := range arrivals {
		stop := func() {}
		if a.around != nil {
			stop = a.around()
		}
		latencies := a.sample(baseline.All[0].New(), 2*time.Millisecond, 1)
		stop()
		require.NotEmpty(t, latencies, a.name)
		for _, l := range latencies {
			assert.Positive(t, l, a.name)
		}
	}
}

func TestDelayOfIsTheQuantilesInMicroseconds(t *testing.T) {
	var latencies []float64
	for i := range 1001 {
		latencies = append(latencies, float64(1000-i)*1e3)
	}
	d := delayOf(latencies, 1.5)
	assert.InDelta(t, 500, d.p50, 1)
	assert.InDelta(t, 990, d.p99, 1)
	assert.InDelta(t, 999, d.p999, 1)
	assert.Equal(t, 1.5, d.cores)
}

func TestRunLatency(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-latency", "-quick", "-count", "2", "-run", "^(go|lfpool)/open-1.s-20$"}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	assert.Regexp(t, `(?m)^open-1.s-20, GOMAXPROCS`, stdout.String())
	assert.Regexp(t, `(?m)^ *lfpool( +[0-9.%∞]+)+ +2 *$`, stdout.String())
	assert.NotContains(t, stdout.String(), "ants")
}

func TestOtherModesRefuseNonsense(t *testing.T) {
	for _, args := range [][]string{
		{"-latency", "-memory"},
		{"-latency", "-run", "^nobody/"},
		{"-memory", "-run", "^nobody/"},
		{"-gc-every", "0s"},
		{"-gc-every", "often"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitUsage, run(context.Background(), args, &stdout, &stderr), "%q", args)
		assert.NotEmpty(t, stderr.String(), "%q", args)
	}
}

func TestFootprintOfTheGoStatement(t *testing.T) {
	f := measureFootprint(baseline.All[0].New())
	assert.Greater(t, f.blocked/peakTasks, int64(2000), "a stack of 2 KiB for each blocked goroutine")
	assert.Less(t, f.left, f.blocked/10, "and next to nothing when they have ended")
}
