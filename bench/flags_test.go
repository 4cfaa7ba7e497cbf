package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlagDefaults(t *testing.T) {
	s, err := parseFlags(nil, io.Discard)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, s.count, 6)
	assert.Equal(t, []int{runtime.GOMAXPROCS(0)}, s.procs)
	assert.Equal(t, "lfpool-bench.txt", s.output)
	assert.True(t, s.filter.MatchString("go/wait"))
	assert.Equal(t, defaultBudget, s.budget)
}

func TestFlagValues(t *testing.T) {
	s, err := parseFlags([]string{"-quick", "-count", "7", "-procs", "1,4", "-o", "", "-run", "^go/"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, 7, s.count)
	assert.Equal(t, []int{1, 4}, s.procs)
	assert.Empty(t, s.output)
	assert.Equal(t, quickBudget, s.budget)
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
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitUsage, run(context.Background(), c.args, &stdout, &stderr), "%q", c.args)
		for _, want := range c.want {
			assert.Contains(t, stderr.String(), want, "%q", c.args)
		}
		assert.Empty(t, stdout.String(), "%q", c.args)
	}
}

func TestHelp(t *testing.T) {
	_, err := parseFlags([]string{"-h"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	var stdout, stderr bytes.Buffer
	assert.Zero(t, run(context.Background(), []string{"-h"}, &stdout, &stderr))
	for _, name := range []string{"-quick", "-list", "-run", "-count", "-procs", "-o"} {
		assert.Contains(t, stderr.String(), name)
	}
}
