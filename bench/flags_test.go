package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
)

func TestFlagDefaults(t *testing.T) {
	s, err := parseFlags(nil, io.Discard)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, s.count, 6)
	assert.Equal(t, []int{runtime.GOMAXPROCS(0)}, s.procs)
	assert.Equal(t, "lfpool-bench.txt", s.output)
	assert.True(t, s.filter.MatchString("go/wait"))
	assert.False(t, s.quick)
	assert.Empty(t, s.mode)
}

func TestFlagValues(t *testing.T) {
	s, err := parseFlags([]string{"-quick", "-count", "7", "-procs", "1,4", "-o", "", "-run", "^go/"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, 7, s.count)
	assert.Equal(t, []int{1, 4}, s.procs)
	assert.Empty(t, s.output)
	assert.True(t, s.quick)
	assert.False(t, s.filter.MatchString("lfpool/wait"))

	s, err = parseFlags([]string{"-quick"}, io.Discard)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, s.count, 6)
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
		{[]string{"-procs", "0"}, []string{"-procs", `"0"`, "must be from 1"}},
		{[]string{"-procs", "2,,4"}, []string{"-procs", `"2,,4"`, "not an integer"}},
		{[]string{"-procs", ""}, []string{"-procs", `""`, "not an integer"}},
		{[]string{"-procs", "99999999"}, []string{"-procs", `"99999999"`, "to 1024"}},
		{[]string{"-run", "("}, []string{"-run", `"("`, "missing closing )"}},
		{[]string{"-run", "nobody/nothing"}, []string{"-run", `"nobody/nothing"`, "-list"}},
		{[]string{"-list", "-run", "nobody"}, []string{"-run", `"nobody"`}},
		{[]string{"-o", "no/such/folder/file"}, []string{"-o", "no/such/folder/file"}},
		{[]string{"-fast"}, []string{"-fast"}},
		{[]string{"-quick=perhaps"}, []string{"-quick", "perhaps"}},
		{[]string{"wait"}, []string{`"wait"`, "unexpected argument"}},
		{[]string{"-idle", "ms,stack"}, []string{"-idle", `no "stack"`, "seg,ms,counted,treiber,mutex-fifo,mutex-lifo,spin,xsync,chan"}},
		{[]string{"-tasks", "list"}, []string{"-tasks", `no "list"`, "seg,sharded,ms,two-lock,mutex-ring,spin,xsync-ring,chan"}},
		{[]string{"-dispatch", "chains"}, []string{"-dispatch", `no "chains"`, "chain,handoff,grpc,go"}},
		{[]string{"-retention", "lru"}, []string{"-retention", `no "lru"`, "low-water,by-age,adaptive,never"}},
		{[]string{"-multi", "four"}, []string{"-multi", `no "four"`, "one,rr,least,two,fallback,limited-one,limited-rr"}},
		{[]string{"-day", "-memory"}, []string{"-day and -memory exclude each other"}},
		{[]string{"-day", "-run", "^nobody/"}, []string{"matches no contestant"}},
		{[]string{"-replacement", "-run", "/wait$"}, []string{"matches no contestant"}},
		{[]string{"-padding", "maybe"}, []string{"-padding", `no "maybe"`, "on,off"}},
		{[]string{"-paper", "ms98"}, []string{"-paper", `no "ms98"`, "ms96"}},
		{[]string{"-paper", "ms96", "-pairs", "0"}, []string{"-pairs", `"0"`, "must be from 1"}},
		{[]string{"-pairs", "10"}, []string{"-pairs 10 changes nothing of this measurement; it is for -paper"}},
		{[]string{"-servers", "-idle", "ms"}, []string{"-idle ms changes nothing of -servers"}},
		{[]string{"-memory", "-idle=ms,seg"}, []string{"-idle ms,seg changes nothing of -memory"}},
		{[]string{"-memory", "-padding", "off"}, []string{"-padding off changes nothing of -memory"}},
		{[]string{"-paper", "ms96", "-tasks", "ms"}, []string{"-tasks ms changes nothing of -paper"}},
		{[]string{"-day", "-count", "5"}, []string{"-count 5 changes nothing of -day"}},
		{[]string{"-day", "-quick"}, []string{"-quick changes nothing of -day"}},
		{[]string{"-day", "-idle", "ms"}, []string{"-idle ms changes nothing of -day"}},
		{[]string{"-servers", "-gc-every", "1s"}, []string{"-gc-every 1s changes nothing of -servers"}},
		{[]string{"-lateness", "-pairs", "3"}, []string{"-pairs 3 changes nothing of -lateness"}},
		{[]string{"-lateness", "-run", "^nobody/"}, []string{"matches no contestant"}},
		{[]string{"-flood", "-gc-every", "1s"}, []string{"-gc-every 1s changes nothing of -flood"}},
		{[]string{"-flood", "-lateness"}, []string{"-flood and -lateness exclude each other"}},
		{[]string{"-servers", "-all"}, []string{"-all changes nothing of -servers"}},
		{[]string{"-replacement", "-retention", "never"}, []string{"-retention never changes nothing of -replacement"}},
		{[]string{"-full", "-multi", "rr"}, []string{"-multi rr changes nothing of -full"}},
		{[]string{"-show", "x.json", "-count", "5"}, []string{"-count 5 changes nothing of -show"}},
		{[]string{"-refresh", "README.md", "-full"}, []string{"-full changes nothing of -refresh"}},
		{[]string{"-memory", "-procs", "1,2"}, []string{"-procs 1,2: -memory takes one value at a time"}},
		{[]string{"-sweep", "-procs", "1,2"}, []string{"-procs 1,2: -sweep takes one value"}},
		{[]string{"-retention", "never", "-procs", "1,2"}, []string{"-procs 1,2: the day of -retention takes one value"}},
		{[]string{"-latency", "-memory"}, []string{"-latency and -memory exclude each other"}},
		{[]string{"-latency", "-run", "^nobody/"}, []string{"matches no contestant"}},
		{[]string{"-memory", "-run", "^nobody/"}, []string{"matches no contestant"}},
		{[]string{"-machine", "z80"}, []string{`no "z80"`, "milan"}},
		{[]string{"-machine", "5950x", "-cores", "2,64"}, []string{"-cores 64: 5950x has 32 processors"}},
		{[]string{"-transfers", "-cores", "0"}, []string{"-cores", "must be from 1 to"}},
		{[]string{"-latency", "-cores", "2"}, []string{"-cores 2 changes nothing of -latency"}},
		{[]string{"-gc-every", "0s"}, []string{"-gc-every", "must be positive"}},
		{[]string{"-gc-every", "often"}, []string{"-gc-every", "often"}},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitUsage, run(context.Background(), c.args, &stdout, &stderr), "%q", c.args)
		for _, want := range c.want {
			assert.Contains(t, stderr.String(), want, "%q", c.args)
		}
		assert.Empty(t, stdout.String(), "%q", c.args)
	}
}

// TestEveryMeasurementHeedsItsFlags: what it says that it heeds is taken.
func TestEveryMeasurementHeedsItsFlags(t *testing.T) {
	values := map[string]string{"idle": "ms", "tasks": "ms", "dispatch": "grpc", "retention": "never", "multi": "rr", "padding": "off", "count": "3", "procs": "1", "gc-every": "1s", "pairs": "5", "cores": "2,4"}
	for mode, names := range heeds {
		var args []string
		switch mode {
		case modeTasks:
		case modePaper:
			args = []string{"-paper", "ms96"}
		case modeMachine:
			args = []string{"-machine", "milan"}
		default:
			args = []string{"-" + mode}
		}
		for _, name := range names {
			with := append(slices.Clone(args), "-"+name)
			if v, ok := values[name]; ok {
				with = append(with, v)
			}
			s, err := parseFlags(with, io.Discard)
			require.NoError(t, err, "%q", with)
			_, err = s.stages()
			require.NoError(t, err, "%q", with)
		}
	}
}

// TestWholeRuns: README shows no selection, and nothing with fewer samples.
func TestWholeRuns(t *testing.T) {
	for args, want := range map[string]bool{
		"-full": true, "-full -count 12": true, "-full -o x.txt": true,
		"": false, "-latency": false, "-full -quick": false, "-full -count 9": false, "-full -run go": false, "-full -run=": false, "-full -procs 64": false,
	} {
		s, err := parseFlags(strings.Fields(args), io.Discard)
		require.NoError(t, err)
		assert.Equal(t, want, s.whole(), args)
	}
}

// TestDurationsAgree: the documents say what the flag says.
func TestDurationsAgree(t *testing.T) {
	for _, name := range []string{"README.md", "main.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Regexp(t, `-full .*about `+fullTime, string(text), name)
		assert.Equal(t, 1, len(regexp.MustCompile(`about \w+ minutes`).FindAllString(string(text), -1)), "%s: once", name)
	}
}

func TestHelp(t *testing.T) {
	_, err := parseFlags([]string{"-h"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	var stdout, stderr bytes.Buffer
	assert.Zero(t, run(context.Background(), []string{"-h"}, &stdout, &stderr))
	for _, name := range []string{"-quick", "-full", "-list", "-run", "-count", "-procs", "-o", "-idle", "-tasks", "-dispatch", "-padding", "-paper", "-servers", "-refresh", "-retention", "-multi", "-day", "-replacement", "-lateness", "-flood"} {
		assert.Contains(t, stderr.String(), name)
	}
}

func TestVariantFlags(t *testing.T) {
	names := func(args ...string) []string {
		s, err := parseFlags(args, io.Discard)
		require.NoError(t, err)
		var all []string
		for _, c := range s.contestants() {
			all = append(all, c.Name)
		}
		return all
	}
	assert.Equal(t, []string{"go", "lfpool", "idle-ms", "idle-treiber", "tasks-ms", "handoff"},
		names("-idle", "ms,treiber", "-tasks", "ms", "-dispatch", "handoff"))
	assert.Equal(t, []string{"go", "lfpool", "idle-treiber", "idle-treiber-tight", "tasks-two-lock", "tasks-two-lock-tight"},
		names("-padding", "on,off"))
	assert.Equal(t, []string{"go", "lfpool", "tasks-sharded", "retention-never", "multi-two"},
		names("-tasks", "sharded", "-retention", "low-water,never", "-multi", "one,two"))
	assert.Contains(t, names("-all"), "tasks-chan")
	assert.NotContains(t, names(), "tasks-chan")
	assert.Subset(t, names(), []string{contest.Mutex, contest.Spinlock})
}

// TestRetentionPlaysTheDayToo, but only when rules are chosen.
func TestRetentionPlaysTheDayToo(t *testing.T) {
	of := func(args ...string) (names []string) {
		s, err := parseFlags(args, io.Discard)
		require.NoError(t, err)
		stages, err := s.stages()
		require.NoError(t, err, "%q", args)
		for _, stage := range stages {
			names = append(names, stage.Name)
		}
		return names
	}
	assert.Equal(t, []string{"tasks", "cold floods"}, of())
	assert.Equal(t, []string{"tasks", "cold floods", "retention"}, of("-retention", "by-age"))
	assert.Equal(t, []string{"retention"}, of("-retention", "by-age", "-day"))
	assert.Equal(t, []string{"stacks of replaced workers"}, of("-replacement", "-run", "/stacks-with"))
}

// TestStages: each mode measures something, -full everything, within its time.
func TestStages(t *testing.T) {
	for _, args := range [][]string{{}, {"-latency"}, {"-memory"}, {"-sweep"}, {"-headline"}, {"-paper", "ms96"}, {"-servers"}, {"-day"}, {"-replacement"}, {"-lateness"}, {"-flood"}, {"-full"}, {"-quick"}} {
		s, err := parseFlags(args, io.Discard)
		require.NoError(t, err)
		stages, err := s.stages()
		require.NoError(t, err, "%q", args)
		for _, stage := range stages {
			assert.Positive(t, stage.Steps, stage.Name)
			assert.Positive(t, stage.Estimate, stage.Name)
			assert.NotNil(t, stage.Run, stage.Name)
		}
		switch total := measure.Total(stages); {
		case len(args) == 0:
			assert.LessOrEqual(t, total, 100*time.Second)
		case args[0] == "-quick":
			assert.LessOrEqual(t, total, 27*time.Second)
		case args[0] == "-lateness", args[0] == "-flood":
			assert.LessOrEqual(t, total, 3*time.Minute)
		case args[0] == "-day", args[0] == "-replacement":
			assert.LessOrEqual(t, total, 20*time.Second, "both are part of -full")
		case args[0] == "-headline":
			assert.LessOrEqual(t, total, 35*time.Minute)
		case args[0] == "-full":
			assert.Len(t, stages, 15)
			assert.LessOrEqual(t, total, 12*time.Minute)
			if runtime.NumCPU() == 2 {
				assert.InDelta(t, 9, total.Minutes(), 0.5, fullTime)
			}
		}
	}
}
