package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRatioIsTakenRoundByRound(t *testing.T) {
	res := syntheticResults()
	m, ok := res.toReference(cell{2, "wait", "lfpool"})
	require.True(t, ok)
	assert.InDelta(t, 1.2, m.Center, 1e-9)
	assert.InDelta(t, 1.2, m.Lo, 1e-9, "a slow round does not widen the interval")
	assert.InDelta(t, 1.2, m.Hi, 1e-9)

	m, ok = res.toReference(cell{2, "wait", "go"})
	require.True(t, ok)
	assert.InDelta(t, 1, m.Center, 1e-9)
}

func TestRatioUsesCommonRounds(t *testing.T) {
	res := syntheticResults()
	m, ok := res.toReference(cell{2, "wait-deep", "late"})
	require.True(t, ok)
	assert.InDelta(t, 0.5, m.Center, 1e-9)
	assert.True(t, math.IsInf(m.Hi, 1), "one sample bounds nothing")

	_, ok = res.ratio(cell{2, "wait", "go"}, cell{1, "wait", "go"})
	assert.False(t, ok)
}

func TestSummaryIsOfEachTask(t *testing.T) {
	samples := syntheticResults()[cell{2, "wait", "lfpool"}]
	ns := summary(samples, perTask)
	assert.InDelta(t, 540, ns.Center, 1e-9)
	assert.InDelta(t, 360, ns.Lo, 1e-9)
	assert.InDelta(t, 720, ns.Hi, 1e-9)
	assert.InDelta(t, 16, summary(samples, bytesEach).Center, 1e-9)
	assert.InDelta(t, 1, summary(samples, allocsEach).Center, 1e-9)
}
