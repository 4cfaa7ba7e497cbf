package record

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMedianHasAnIntervalRoundIt(t *testing.T) {
	values := []float64{10, 30, 20, 40, 50, 60, 70, 80, 90, 100}
	m, ok := median(values)
	assert.True(t, ok)
	assert.InDelta(t, 55, m.Center, 1e-9)
	assert.Equal(t, 10, m.N)
	assert.Equal(t, [2]float64{20, 90}, [2]float64{m.Lo, m.Hi}, "the second and the ninth of ten")
	assert.Equal(t, []float64{10, 30, 20, 40, 50, 60, 70, 80, 90, 100}, values, "the order is the caller's")
}

func TestEqualValuesHaveNoWidth(t *testing.T) {
	m, _ := median([]float64{7, 7, 7, 7, 7, 7})
	assert.Equal(t, [3]float64{7, 7, 7}, [3]float64{m.Lo, m.Center, m.Hi})
	assert.Equal(t, "0%", m.PctRangeString())
	assert.Zero(t, spread([]float64{7, 7, 7, 7}))
}

func TestFewSamplesBoundNothing(t *testing.T) {
	m, _ := median([]float64{1, 2, 3})
	assert.Equal(t, 2.0, m.Center)
	assert.True(t, math.IsInf(m.Hi, 1) && math.IsInf(m.Lo, -1))
	assert.Equal(t, "∞", m.PctRangeString())
}

// TestIntervalCoversTheMedian draws samples whose median is known.
func TestIntervalCoversTheMedian(t *testing.T) {
	covered := 0
	const trials = 200
	for trial := range trials {
		var values []float64
		for i := range 10 {
			// A permutation of equidistant points, shifted: the median is 0.
			values = append(values, math.Sin(float64(1+trial*10+i)*12.9898)*43758.5453)
			values[i] -= math.Floor(values[i]) + 0.5
		}
		if m, _ := median(values); m.Lo <= 0 && 0 <= m.Hi {
			covered++
		}
	}
	assert.Greater(t, covered, trials*88/100)
}

func TestSpreadIsOfTheMiddleHalf(t *testing.T) {
	assert.InDelta(t, 0.5, spread([]float64{75, 75, 75, 100, 100, 100, 125, 125, 125}), 0.01)
	assert.InDelta(t, 0, spread([]float64{100, 100, 100, 100, 100, 100, 100, 100, 900}), 1e-9, "one slow sample is no spread")
}

func TestQuantiles(t *testing.T) {
	var values []float64
	for i := range 1001 {
		values = append(values, float64(1000-i))
	}
	q := Quantiles(values, 0.5, 0.99)
	assert.InDelta(t, 500, q[0], 1)
	assert.InDelta(t, 990, q[1], 1)
}

func TestMannWhitney(t *testing.T) {
	a, b := []float64{1, 2, 3, 4, 5, 6}, []float64{11, 12, 13, 14, 15, 16}
	p, tells := compare(a, b)
	// All of b above all of a: 2 of the 924 orders of six and six.
	assert.InDelta(t, 2.0/924, p, 1e-9)
	assert.True(t, tells)
	p, tells = compare(a, a)
	assert.Greater(t, p, 0.9)
	assert.True(t, tells, "that nothing shows")
	// Of 3 and 3 there are 20 orders, of 4 and 4 there are 70.
	_, tells = compare(a[:3], b[:3])
	assert.False(t, tells)
	_, tells = compare(a[:4], b[:4])
	assert.True(t, tells)
	_, tells = compare(a, nil)
	assert.False(t, tells)
}
