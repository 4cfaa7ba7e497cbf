package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

func TestMain(m *testing.M) {
	measure.Child()
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	output := filepath.Join(t.TempDir(), "report.txt")
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-quick", "-run", "^(go|lfpool)/wait$", "-o", output}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())

	page := stdout.String()
	assert.Contains(t, page, "\nwait, GOMAXPROCS ")
	assert.Contains(t, page, "x go")
	assert.Regexp(t, `(?m)^What was learnt\nTime beside go: a task alone: `, page)
	assert.Regexp(t, `(?m)^Processor time beside go: a task alone: `, page)
	html := strings.TrimSuffix(output, ".txt") + ".html"
	assert.True(t, strings.HasSuffix(page, "\nThe page with plots: "+html+"\n"), "the last line says where the page is")
	assert.NotContains(t, page, "burst")
	assert.NotContains(t, page, "grpc")
	assert.Contains(t, stderr.String(), "This takes about ")
	assert.Contains(t, stderr.String(), " 1 of 1: wait")
	assert.Contains(t, stderr.String(), strings.Repeat(".", quickCount))

	samples, err := os.ReadFile(output)
	require.NoError(t, err)
	assert.Equal(t, 2*quickCount, strings.Count(string(samples), "Tasks/workload=wait/contestant="))
	assert.Regexp(t, `(?m)^# (NOISY MACHINE|Quiet machine|Nothing shows noise)`, string(samples))
	r, err := record.Read(samples)
	require.NoError(t, err)
	assert.Len(t, r.Cells, 2)
	assert.Equal(t, []string{"-quick", "-run", "^(go|lfpool)/wait$", "-o", output}, r.Args)
	assert.False(t, r.Full)
	written, err := os.ReadFile(html)
	require.NoError(t, err)
	assert.Contains(t, string(written), `<p class="verdict">Time beside go: a task alone: `)
}

func TestRunAtSeveralProcs(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-quick", "-count", "1", "-procs", "1,3", "-run", "^lfpool/burst100$", "-o", ""}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	assert.Contains(t, stdout.String(), "burst100, GOMAXPROCS 1:")
	assert.Contains(t, stdout.String(), "burst100, GOMAXPROCS 3:")
	assert.Regexp(t, `lfpool +[0-9.]+ +∞ +- +`, stdout.String(), "no ratio without go, no interval for one sample")
}

func TestEmptyOutputWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"-quick", "-count", "1", "-run", "^go/wait$", "-o", ""}, &stdout, &stderr))
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	assert.Empty(t, files)
	assert.NotContains(t, stdout.String(), "The page", "there is none")
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
	assert.NotContains(t, stdout.String(), "\njson,", "what was not measured is not shown")
	assert.Regexp(t, `(?m)^ *go +[0-9.]+ `, stdout.String())
}

func TestList(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"list"}, &stdout, &stderr))
	all := []string{"cold10k", "cold100k", "peak", "ms96", "ms96-tenth"}
	for _, c := range contest.All() {
		all = append(all, c.Name)
	}
	for _, w := range slices.Concat(load.Main, load.Sweeps()) {
		all = append(all, w.Name)
	}
	for _, a := range measure.Arrivals {
		all = append(all, a.Name)
	}
	for _, n := range load.Neighbours {
		all = append(all, n.Name)
	}
	for _, q := range measure.Queues {
		all = append(all, q.Name)
	}
	for _, name := range all {
		assert.Regexp(t, `(?m)^  `+regexp.QuoteMeta(name)+` +\S`, stdout.String())
	}
	for _, c := range commands {
		if c.stages != nil && c.name != "full" {
			assert.Contains(t, stdout.String(), "\n"+strings.TrimSpace("bench "+c.name)+": "+c.doc, "the command is named that measures it")
		}
	}
	assert.Empty(t, stderr.String())
}

// TestListHasPackageTestingsBenchmarks: those of these folders, and no others.
func TestListHasPackageTestingsBenchmarks(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"list"}, &stdout, &stderr))
	named := regexp.MustCompile(`go test -run '\^\$' -bench (\S+).* \./(\S+)\n`).FindAllStringSubmatch(stdout.String(), -1)
	require.NotEmpty(t, named)
	for _, of := range named {
		which := regexp.MustCompile("^(" + strings.Trim(of[1], "'") + ")")
		files, err := filepath.Glob(filepath.Join("..", of[2], "*_test.go"))
		require.NoError(t, err)
		var found []string
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, f := range regexp.MustCompile(`(?m)^func Benchmark(\w+)\(`).FindAllStringSubmatch(string(text), -1) {
				found = append(found, f[1])
			}
		}
		assert.True(t, slices.ContainsFunc(found, which.MatchString), "%s has one of %v", of[2], which)
		for _, name := range found {
			assert.True(t, slices.ContainsFunc(named, func(n []string) bool {
				return n[2] == of[2] && regexp.MustCompile(strings.Trim(n[1], "'")).MatchString(name)
			}), "the list has Benchmark%s of %s", name, of[2])
		}
	}
}

func TestRunLatency(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"latency", "-quick", "-count", "2", "-o", "", "-run", "^(go|lfpool)/open-1.s-20$"}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	assert.Regexp(t, `(?m)^open-1.s-20, GOMAXPROCS`, stdout.String())
	assert.Regexp(t, `(?m)^ *lfpool( +[0-9.%∞]+)+ to( +[0-9.%∞]+)+ +2 *$`, stdout.String())
	assert.NotContains(t, stdout.String(), "ants")
}

func TestCommandsAtSeveralProcs(t *testing.T) {
	for _, args := range [][]string{
		{"latency", "-procs", "1,3", "-run", "^go/ramp$"},
		{"lateness", "-procs", "1,3", "-run", "^go/beside-producers$"},
		{"flood", "-procs", "1,3", "-run", "^go/cold10k$"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), append(args, "-quick", "-count", "1", "-o", ""), &stdout, &stderr)
		require.Zero(t, code, stderr.String())
		assert.Contains(t, stdout.String(), ", GOMAXPROCS 1:", "%q", args)
		assert.Contains(t, stdout.String(), ", GOMAXPROCS 3:", "%q", args)
	}
}

// TestFullWaits for a quiet machine unless it is told not to, and says so.
func TestFullWaits(t *testing.T) {
	output := filepath.Join(t.TempDir(), "report.txt")
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"full", "-wait", "1ns", "-quick", "-count", "1", "-run", "^go/wait$", "-o", output}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	assert.Contains(t, stdout.String(), "Waited for a quiet machine for 0s, in vain")
	r, err := readRecord(output)
	require.NoError(t, err)
	assert.Contains(t, r.Waited, "in vain")
	assert.False(t, r.Full)
}

func TestRunVariants(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-quick", "-count", "1", "-o", "", "-run", "^(go|lfpool|idle-treiber.*)/burst100$"}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	for _, name := range []string{"go", "lfpool", "idle-treiber", "idle-treiber-tight"} {
		assert.Regexp(t, `(?m)^ *`+name+` +[0-9.]+ `, stdout.String())
	}
	assert.NotContains(t, stdout.String(), "idle-ms")
}

// TestInterruptOfChildren: the other processes do not outlast the command.
func TestInterruptOfChildren(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stderr := &cancelAtDot{cancel: cancel}
	var stdout bytes.Buffer
	code := run(ctx, []string{"flood", "-quick", "-count", "1000", "-run", "^(go|lfpool)/cold10k$", "-o", ""}, &stdout, stderr)
	assert.Equal(t, exitInterrupted, code)
	assert.Contains(t, stderr.String(), "interrupted")
	assert.Contains(t, stdout.String(), "lfpool bench")
}

// TestSimulations: the program is built anew with the atomics watched.
func TestSimulations(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"transfers", "-procs", "2", "-quick", "-o", "", "-run", "^(seg/queue|lanes-1/parallel)$"}, []string{"queue: cache lines moved", "parallel: cache lines moved", "segment.enq", "cell.state"}},
		{[]string{"machine", "-procs", "2", "-quick", "-o", "", "-run", "^(go|lfpool)/5950x-callers$", "5950x"}, []string{"Simulated 5950x, callers", "to a factor of 2", "Gates", "passes"}},
	} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run(context.Background(), c.args, &stdout, &stderr), stderr.String())
		for _, want := range c.want {
			assert.Contains(t, stdout.String(), want)
		}
	}
}
