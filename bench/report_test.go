package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
)

// readReport returns the results in a report, and fails if it has anything
// that is not in the format.
func readReport(t *testing.T, name string) []*benchfmt.Result {
	t.Helper()
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	var all []*benchfmt.Result
	reader := benchfmt.NewReader(file, name)
	for reader.Scan() {
		r, ok := reader.Result().(*benchfmt.Result)
		require.True(t, ok, "%v", reader.Result())
		all = append(all, r.Clone())
	}
	require.NoError(t, reader.Err())
	return all
}

func TestReportReadsBack(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.txt")
	rep, err := createReport(name, syntheticHost)
	require.NoError(t, err)
	s := sample{
		cell:    cell{2, "wait-deep", "lfpool"},
		tasks:   4000,
		elapsed: 3 * time.Millisecond,
		bytes:   64000,
		allocs:  4001,
	}
	require.NoError(t, rep.add(s))
	s.cell.procs = 1
	require.NoError(t, rep.add(s))
	require.NoError(t, rep.close())

	results := readReport(t, name)
	require.Len(t, results, 2)
	first := results[0]
	assert.Equal(t, "Pool/workload=wait-deep/contestant=lfpool-2", first.Name.String())
	assert.Equal(t, "Pool/workload=wait-deep/contestant=lfpool", results[1].Name.String())
	assert.Equal(t, 4000, first.Iters)
	assert.Equal(t, "Example CPU", first.GetConfig("cpu"))
	for _, key := range []string{"goos", "goarch", "pkg", "go-version"} {
		assert.NotEmpty(t, first.GetConfig(key), key)
	}
	for unit, want := range map[string]float64{"sec/op": 750e-9, "B/op": 16, "allocs/op": 1} {
		got, ok := first.Value(unit)
		require.True(t, ok, unit)
		assert.InDelta(t, want, got, 1e-9+want/1000, unit)
	}

	text, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Contains(t, string(text), "0123456789ab")
}

func TestReportErrorIsKept(t *testing.T) {
	rep, err := createReport(filepath.Join(t.TempDir(), "report.txt"), syntheticHost)
	require.NoError(t, err)
	require.NoError(t, rep.file.Close())
	rec := newRecorder(rep, &progress{w: new(cancelAtDot), plan: plan{selection: syntheticSelection()}})
	rec.begin(2, 0)
	rec.add(sample{cell: cell{2, "wait", "go"}, tasks: 1})
	_, err = rec.close()
	assert.ErrorIs(t, err, os.ErrClosed)
}
