package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	output := filepath.Join(t.TempDir(), "report.txt")
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-quick", "-run", "^(go|lfpool)/wait$", "-o", output}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())

	page := stdout.String()
	assert.Contains(t, page, "\nwait, GOMAXPROCS ")
	assert.Contains(t, page, "x go")
	assert.NotContains(t, page, "burst")
	assert.NotContains(t, page, "grpc")
	assert.Contains(t, stderr.String(), " 1 of 1: wait")
	assert.Contains(t, stderr.String(), strings.Repeat(".", quickCount))

	results := readReport(t, output)
	assert.Len(t, results, 2*quickCount)
}

func TestRunAtSeveralProcs(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-quick", "-count", "1", "-procs", "1,3", "-run", "^lfpool/burst100$", "-o", ""}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	assert.Contains(t, stdout.String(), "burst100, GOMAXPROCS 1:")
	assert.Contains(t, stdout.String(), "burst100, GOMAXPROCS 3:")
	assert.Regexp(t, `lfpool +[0-9.]+ +∞ +- `, stdout.String(), "no ratio without go, no interval for one sample")
}

func TestEmptyOutputWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"-quick", "-count", "1", "-run", "^go/wait$", "-o", ""}, &stdout, &stderr))
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	assert.Empty(t, files)
}

// A cancelAtDot is standard error that interrupts the command when the first
// round is complete.
type cancelAtDot struct {
	bytes.Buffer
	cancel func()
}

func (w *cancelAtDot) Write(p []byte) (int, error) {
	if string(p) == "." {
		w.cancel()
	}
	return w.Buffer.Write(p)
}

func TestInterruptPrintsWhatWasMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stderr := &cancelAtDot{cancel: cancel}
	var stdout bytes.Buffer
	code := run(ctx, []string{"-count", "1000", "-run", "^go/(wait|json)$", "-o", ""}, &stdout, stderr)
	assert.Equal(t, exitInterrupted, code)
	assert.Contains(t, stderr.String(), "interrupted")
	assert.Regexp(t, `(?m)^ *go +[0-9.]+ `, stdout.String())
}

func TestList(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"-list"}, &stdout, &stderr))
	for _, c := range contestants() {
		assert.Regexp(t, `(?m)^  `+c.Name+` +\S`, stdout.String())
	}
	for _, w := range workloads {
		assert.Regexp(t, `(?m)^  `+w.name+` +\S`, stdout.String())
	}
	assert.Empty(t, stderr.String())

	stdout.Reset()
	require.Zero(t, run(context.Background(), []string{"-list", "-run", "^go/json$"}, &stdout, &stderr))
	assert.Equal(t, 2, strings.Count(stdout.String(), "\n  "), "one contestant and one workload")
}
