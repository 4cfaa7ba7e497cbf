package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
)

// parsed are the settings and the command of args.
func parsed(t *testing.T, args ...string) (command, settings) {
	t.Helper()
	c, s, err := parse(args, io.Discard)
	require.NoError(t, err, "%q", args)
	return c, s
}

func TestFlagDefaults(t *testing.T) {
	c, s := parsed(t)
	assert.Empty(t, c.name)
	assert.GreaterOrEqual(t, s.samples(defaultCount), 6)
	assert.Equal(t, []int{runtime.GOMAXPROCS(0)}, s.at())
	assert.Equal(t, "lfpool-bench.txt", s.output)
	assert.True(t, s.filter.MatchString("go/wait"))
	assert.False(t, s.quick)
	assert.Zero(t, s.wait)
	_, s = parsed(t, "full")
	assert.Equal(t, time.Hour, s.wait)
}

func TestFlagValues(t *testing.T) {
	_, s := parsed(t, "-quick", "-count", "7", "-procs", "1,4", "-o", "", "-run", "^go/")
	assert.Equal(t, 7, s.samples(defaultCount))
	assert.Equal(t, []int{1, 4}, s.at())
	assert.Empty(t, s.output)
	assert.True(t, s.quick)
	assert.False(t, s.filter.MatchString("lfpool/wait"))
	_, s = parsed(t, "latency", "-quick")
	assert.GreaterOrEqual(t, s.samples(defaultCount), 6)
	_, s = parsed(t, "refresh", "x.md")
	assert.Equal(t, "x.md", s.file)
}

// TestUsageErrors checks that each mistake is named, with the value, before
// anything is measured.
func TestUsageErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"-count", "0"}, []string{"-count", `"0"`, "must be from 1"}},
		{[]string{"-count", "-3"}, []string{"-count", `"-3"`, "must be from 1"}},
		{[]string{"-count", "many"}, []string{"-count", `"many"`, "not an integer"}},
		{[]string{"-count", "1000000"}, []string{"-count", `"1000000"`, "to 1000"}},
		{[]string{"machine", "z80"}, []string{`no model "z80"`, "milan"}},
		{[]string{"machine"}, []string{"needs an argument: MODEL"}},
		{[]string{"machine", "-procs", "64", "5950x"}, []string{"-procs 64: want at most 32"}},
		{[]string{"transfers", "-procs", "1000"}, []string{"-procs 1000: want at most 512"}},
		{[]string{"-procs", "0"}, []string{"-procs", `"0"`, "must be from 1"}},
		{[]string{"-procs", "2,,4"}, []string{"-procs", `"2,,4"`, "not an integer"}},
		{[]string{"-procs", ""}, []string{"-procs", `""`, "not an integer"}},
		{[]string{"-procs", "99999999"}, []string{"-procs", `"99999999"`, "to 1024"}},
		{[]string{"-run", "("}, []string{"-run", `"("`, "missing closing )"}},
		{[]string{"-run", "nobody/nothing"}, []string{"-run", `"nobody/nothing"`, "bench list"}},
		{[]string{"list", "-run", "nobody"}, []string{"not defined: -run"}},
		{[]string{"-o", "no/such/folder/file"}, []string{"-o", "no/such/folder/file"}},
		{[]string{"-fast"}, []string{"-fast"}},
		{[]string{"-quick=perhaps"}, []string{"-quick", "perhaps"}},
		{[]string{"wait"}, []string{`no command "wait"`, "full, sweep, latency"}},
		{[]string{"-quick", "wait"}, []string{`unexpected argument "wait"`}},
		{[]string{"-full"}, []string{"-full", "full     everything"}},
		{[]string{"paper", "-pairs", "0"}, []string{"-pairs", `"0"`, "must be from 1"}},
		{[]string{"-pairs", "10"}, []string{"not defined: -pairs"}},
		{[]string{"latency", "-wait", "1s"}, []string{"not defined: -wait"}},
		{[]string{"full", "-wait", "long"}, []string{"-wait", "long"}},
		{[]string{"memory", "-procs", "1,2"}, []string{"-procs", `"1,2"`, "one value at a time"}},
		{[]string{"sweep", "-procs", "1,2"}, []string{"-procs", "one value at a time"}},
		{[]string{"latency", "-run", "^nobody/"}, []string{"matches no contestant"}},
		{[]string{"memory", "-run", "^nobody/"}, []string{"matches no contestant"}},
		{[]string{"ablation", "figures"}, []string{`unexpected argument "figures"`}},
		{[]string{"show"}, []string{"show needs an argument: RECORD.txt"}},
		{[]string{"show", "x.txt", "y.txt"}, []string{`unexpected argument "y.txt"`}},
		{[]string{"refresh", "-count", "5"}, []string{"not defined: -count"}},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitUsage, run(context.Background(), c.args, &stdout, &stderr), "%q", c.args)
		for _, want := range c.want {
			assert.Contains(t, stderr.String(), want, "%q", c.args)
		}
		assert.Empty(t, stdout.String(), "%q", c.args)
	}
}

// TestWholeRuns: README shows no selection, and nothing with fewer samples.
func TestWholeRuns(t *testing.T) {
	for args, want := range map[string]bool{
		"full": true, "full -count 12": true, "full -o x.txt": true, "full -wait 0": true,
		"": false, "latency": false, "full -quick": false, "full -count 9": false, "full -run go": false, "full -run=": true, "full -procs 64": false,
	} {
		c, s := parsed(t, strings.Fields(args)...)
		assert.Equal(t, want, c.isWhole(s), args)
	}
}

// TestDurationsAgree: the documents say what the flag says.
func TestDurationsAgree(t *testing.T) {
	for _, name := range []string{"README.md", "main.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Regexp(t, `bench full .*about `+fullTime, string(text), name)
		assert.Equal(t, 1, len(regexp.MustCompile(`about \w+ minutes`).FindAllString(string(text), -1)), "%s: once", name)
	}
}

func TestHelp(t *testing.T) {
	_, _, err := parse([]string{"-h"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	var stdout, stderr bytes.Buffer
	assert.Zero(t, run(context.Background(), []string{"-h"}, &stdout, &stderr))
	for _, name := range []string{"lateness", "refresh", "-quick", "-run", "-count", "-procs", "-o"} {
		assert.Contains(t, stderr.String(), name)
	}
	stderr.Reset()
	assert.Zero(t, run(context.Background(), []string{"paper", "-h"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "-pairs")
	assert.NotContains(t, stderr.String(), "-wait", "each has its own")
}

// TestContestants: variants take part where they are asked for.
func TestContestants(t *testing.T) {
	names := func(args ...string) (all []string) {
		_, s := parsed(t, args...)
		for _, c := range s.among() {
			all = append(all, c.Name)
		}
		return all
	}
	assert.Contains(t, names("-run", "."), "tasks-chan")
	assert.NotContains(t, names(), "tasks-chan")
	assert.Subset(t, names(), []string{contest.Mutex, contest.Spinlock})
}

// TestStages: each command measures something, full everything, within its time.
func TestStages(t *testing.T) {
	for args, most := range map[string]time.Duration{
		"": 100 * time.Second, "-quick": 15 * time.Second, "lateness": 3 * time.Minute, "flood": 3 * time.Minute, "latency": 2 * time.Minute,
		"memory": 2 * time.Minute, "sweep": time.Minute, "paper": 10 * time.Minute, "full": 12 * time.Minute,
	} {
		c, s := parsed(t, strings.Fields(args)...)
		stages := chosen(c.stages(s), s.filter)
		for _, stage := range stages {
			assert.NotEmpty(t, stage.Procs)
			assert.Positive(t, stage.Count)
			assert.Positive(t, measure.Total(stage))
			for _, row := range stage.Rows {
				assert.NotEmpty(t, row.Kind)
				assert.NotEmpty(t, row.Doc, row.Name)
			}
		}
		total := measure.Total(stages...)
		assert.LessOrEqual(t, total, most, args)
		if args == "full" && runtime.NumCPU() == 2 {
			assert.InDelta(t, 7, total.Minutes(), 0.5, fullTime)
		}
	}
	measured := map[string]bool{}
	c, s := parsed(t, "full")
	for _, stage := range c.stages(s) {
		for _, row := range stage.Rows {
			measured[row.Name] = true
		}
	}
	everything(func(c command, row measure.Row) {
		if !c.watched { // of this machine
			assert.True(t, measured[row.Name], "full has %s", row.Name)
		}
	})
}
