package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/pairs"
	"github.com/lfpool/lfpool/bench/internal/record"
)

func TestMain(m *testing.M) {
	child.Be()
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
	text, err := os.ReadFile(strings.TrimSuffix(output, ".txt") + ".json")
	require.NoError(t, err)
	r, err := record.Read(text)
	require.NoError(t, err)
	assert.Len(t, r.Cells, 2)
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
	require.Zero(t, run(context.Background(), []string{"-list"}, &stdout, &stderr))
	for _, c := range contest.All() {
		assert.Regexp(t, `(?m)^  `+c.Name+` +\S`, stdout.String())
	}
	for _, w := range load.Every(load.Shown) {
		assert.Regexp(t, `(?m)^  `+w.Name+` +\S`, stdout.String())
	}
	var all []string
	for _, a := range measure.Arrivals {
		all = append(all, a.Name)
	}
	for _, n := range measure.Neighbours {
		all = append(all, n.Name)
	}
	for _, f := range measure.Floods {
		all = append(all, f.Name)
	}
	for _, q := range pairs.Queues {
		all = append(all, q.Name)
	}
	for _, p := range contest.Policies(nil) {
		all = append(all, p.Contestant)
	}
	for _, name := range append(all, "inline", "stream-workers", "http", "grpc", "memory", "trace", "day", "sharing", "ms96", measure.WithCollections) {
		assert.Regexp(t, `(?m)^  `+regexp.QuoteMeta(name)+` +\S`, stdout.String())
	}
	for mode := range heeds {
		if mode != modeTasks && mode != modeFull {
			assert.Contains(t, stdout.String(), "-"+mode, "the flag is named that measures it")
		}
	}
	assert.Contains(t, stdout.String(), "-idle seg,ms,counted,")
	assert.Empty(t, stderr.String())

	stdout.Reset()
	require.Zero(t, run(context.Background(), []string{"-list", "-run", "^go/json$"}, &stdout, &stderr))
	assert.Equal(t, 2, strings.Count(stdout.String(), "\n  "), "one contestant and one workload")

	stdout.Reset()
	require.Zero(t, run(context.Background(), []string{"-list", "-run", "^inline/http$"}, &stdout, &stderr))
	assert.Equal(t, 2, strings.Count(stdout.String(), "\n  "), "one contestant and one server")
}

func TestRunLatency(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-latency", "-quick", "-count", "2", "-o", "", "-run", "^(go|lfpool)/open-1.s-20$"}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	assert.Regexp(t, `(?m)^open-1.s-20, GOMAXPROCS`, stdout.String())
	assert.Regexp(t, `(?m)^ *lfpool( +[0-9.%∞]+)+ to( +[0-9.%∞]+)+ +2 *$`, stdout.String())
	assert.NotContains(t, stdout.String(), "ants")
}

func TestLatencyAndServersAtProcs(t *testing.T) {
	for _, args := range [][]string{
		{"-latency", "-procs", "1,3", "-run", "^go/ramp$"},
		{"-lateness", "-procs", "1,3", "-run", "^go/beside-producers$"},
		{"-flood", "-procs", "1,3", "-run", "^go/cold10k$"},
		{"-servers", "-procs", "1,3", "-run", "^go/http$"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), append(args, "-quick", "-count", "1", "-o", ""), &stdout, &stderr)
		require.Zero(t, code, stderr.String())
		assert.Contains(t, stdout.String(), ", GOMAXPROCS 1:", "%q", args)
		assert.Contains(t, stdout.String(), ", GOMAXPROCS 3:", "%q", args)
	}
}

func TestRunVariants(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-idle", "treiber", "-padding", "on,off", "-quick", "-count", "1", "-o", "", "-run", "/burst100$"}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	for _, name := range []string{"go", "lfpool", "idle-treiber", "idle-treiber-tight"} {
		assert.Regexp(t, `(?m)^ *`+name+` +[0-9.]+ `, stdout.String())
	}
}

// TestInterruptOfServers: the other processes do not outlast the command.
func TestInterruptOfServers(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stderr := &cancelAtDot{cancel: cancel}
	var stdout bytes.Buffer
	code := run(ctx, []string{"-servers", "-quick", "-count", "1000", "-run", "^(go|lfpool)/http$", "-o", ""}, &stdout, stderr)
	assert.Equal(t, exitInterrupted, code)
	assert.Contains(t, stderr.String(), "interrupted")
	assert.Contains(t, stdout.String(), "lfpool bench")
}

// TestRunSimulations: the program is built anew with the atomics watched.
func TestRunSimulations(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"-transfers", "-cores", "2", "-run", "^(seg/queue|lfpool/burst100)$"}, []string{"queue: cache lines moved", "burst100: cache lines moved", "segment.enq", "cell.state"}},
		{[]string{"-machine", "5950x", "-cores", "2", "-run", "^(go|lfpool)/callers$"}, []string{"Simulated 5950x, callers", "to a factor of 2", "Gates", "passes"}},
	} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run(context.Background(), append(c.args, "-quick", "-o", ""), &stdout, &stderr), stderr.String())
		for _, want := range c.want {
			assert.Contains(t, stdout.String(), want)
		}
	}
}

func TestRunReplacement(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"-replacement", "-quick", "-count", "1", "-o", "", "-run", "^(lfpool|replace-10)/(stacks-without-gc|burst100)$"}, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	assert.Regexp(t, `(?m)^ *never( +[0-9.]+){5} +1 *$`, stdout.String())
	assert.Regexp(t, `(?m)^ *10 tasks( +[0-9.]+){5} +1 *$`, stdout.String())
	assert.Regexp(t, `(?m)^ *10 tasks +[0-9.]+ +∞ +[0-9.]+ `, stdout.String())
	assert.NotContains(t, stdout.String(), "100 tasks  ")
	assert.NotContains(t, stdout.String(), "a collection every")
}
