package main

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/stretchr/testify/assert"
)

func TestTables(t *testing.T) {
	var page bytes.Buffer
	chosen, res := syntheticSelection(), syntheticResults()
	printBlocks(&page, chosen, 2, res)
	printMatrix(&page, chosen, 2, res)
	printLosses(&page, chosen, 2, res)
	assert.Equal(t, golden, page.String())
}

const golden = `
wait, GOMAXPROCS 2: one at a time
          ns/task    ±  x go  B/task  allocs/task  n
  go        450.0  33%  1.00       0            0  6
  lfpool    540.0  33%  1.20      16            1  6
  other     675.0  33%  1.50       8          0.5  6

wait-deep, GOMAXPROCS 2: one, deep
          ns/task   ±  x go  B/task  allocs/task  n
  go         5000  0%  1.00       0            0  6
  lfpool    505.0  3%  0.10      16            1  6
  other     500.0  0%  0.10       0            0  6
  late       2500   ∞  0.50       0            0  1

Time per task, as a multiple of go, GOMAXPROCS 2
          wait  wait
                deep
  go      1.00  1.00
  lfpool  1.20  0.10
  other   1.50  0.10
  late       -  0.50

Where lfpool is slower, GOMAXPROCS 2
wait           1.20 x go [1.20, 1.20]
wait-deep      1.01 x other [0.98, 1.02], within the spread
`

func TestHeader(t *testing.T) {
	var page bytes.Buffer
	printHeader(&page, syntheticHost, plan{count: 12})
	assert.Contains(t, page.String(), "2026-01-02 03:04 UTC, commit 0123456789ab\n")
	assert.Contains(t, page.String(), "Example CPU")
	assert.Contains(t, page.String(), "Rounds: 12,")
	assert.Contains(t, page.String(), "95 % confidence interval")
}

func TestNoLosses(t *testing.T) {
	var page bytes.Buffer
	chosen := choose(regexp.MustCompile(""),
		[]baseline.Contestant{{Name: "other"}, {Name: "lfpool"}}, []workload{{name: "wait"}})
	res := syntheticResults()
	delete(res, cell{2, "wait", "go"})
	printLosses(&page, chosen, 2, res)
	assert.Equal(t, "\nlfpool is the fastest on every workload measured, GOMAXPROCS 2\n", page.String())

	page.Reset()
	delete(res, cell{2, "wait", "other"})
	printLosses(&page, chosen, 2, res)
	assert.Empty(t, page.String(), "there is nothing to be faster than")
	printMatrix(&page, chosen, 2, res)
	assert.Empty(t, page.String(), "there is nothing to be a multiple of")
}

func TestNothingMeasured(t *testing.T) {
	var page bytes.Buffer
	printBlocks(&page, syntheticSelection(), 2, results{})
	printMatrix(&page, syntheticSelection(), 2, results{})
	printLosses(&page, syntheticSelection(), 2, results{})
	assert.Empty(t, page.String())
}

func TestFormat(t *testing.T) {
	for want, v := range map[string]float64{"0": 0.004, "0.13": 0.125001, "1": 0.999, "16": 16.02, "8826": 8826.4} {
		assert.Equal(t, want, formatCount(v))
	}
	assert.Equal(t, "41.7", formatTime(41.73))
	assert.Equal(t, "3836", formatTime(3836.2))
}
