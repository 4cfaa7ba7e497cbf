package main

import (
	"bytes"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// TestEachPartCanBeLeftOut: the changes fit the library, what is left compiles,
// and each copy is a contestant.
func TestEachPartCanBeLeftOut(t *testing.T) {
	program, err := build(t.Context(), t.TempDir(), parts)
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), program, "list").Output()
	require.NoError(t, err)
	for _, p := range parts {
		assert.Contains(t, string(out), prefix+p.Name+" ")
	}
	// One burst for each: no copy loses a task of these.
	out, err = exec.CommandContext(t.Context(), program, "-quick", "-count", "1", "-run", "^"+prefix+".*/burst100$", "-o", "").CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestEachPartIsDescribedAndChangesSomething(t *testing.T) {
	assert.Equal(t, "nothing", parts[0].Name)
	assert.Empty(t, parts[0].patches)
	seen := map[string]bool{}
	for _, p := range parts[1:] {
		assert.NotEmpty(t, p.Doc, p.Name)
		assert.NotEmpty(t, p.patches, p.Name)
		assert.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
	}
}

func TestNamed(t *testing.T) {
	chosen, err := named("notices, figures,nothing")
	require.NoError(t, err)
	require.Len(t, chosen, 3)
	assert.Equal(t, "nothing", chosen[0].Name)
	assert.Equal(t, "notices", chosen[1].Name)
	assert.Equal(t, "figures", chosen[2].Name)
	_, err = named("figures,figurs")
	assert.EqualError(t, err, `there is no part "figurs": see -list`)
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for want, args := range map[string][]string{
		`invalid value "x" for flag -parts: there is no part "x": see -list`: {"-parts", "x"},
		`unexpected argument "figures"`:                                      {"figures"},
		`-o "x": want a name that ends in .txt`:                              {"-o", "x"},
	} {
		assert.EqualError(t, run(t.Context(), args, io.Discard, io.Discard), want)
	}
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-list", "-parts", "figures"}, &out, io.Discard))
	assert.Equal(t, 2, bytes.Count(out.Bytes(), []byte("\n")))
}

// TestRecordsAreShown: each record of an ablation has lfpool, the control and a
// part at least, so that the documents can rely on it.
func TestRecordsAreShown(t *testing.T) {
	files, err := filepath.Glob("../results/*-ablation*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"-show", file}, &out, io.Discard))
		assert.Regexp(t, `(?s)What each part costs.*lfpool itself.*nothing .*features .*commit [0-9a-f]{12},`, out.String())
	}
	assert.ErrorIs(t, run(t.Context(), []string{"-show", "none.txt"}, io.Discard, io.Discard), fs.ErrNotExist)
}

// TestCosts: what a part costs is what lfpool takes more than the copy without
// it, round by round.
func TestCosts(t *testing.T) {
	r := record.New(nil)
	for round := range 7 {
		drift := 100 * float64(round)
		for contestant, ns := range map[string]float64{contest.Reference: 300, contest.Subject: 50, "without-nothing": 50, "without-figures": 47.5} {
			r.Add(record.Key{Kind: record.Tasks, Name: "wait", Procs: 2, Contestant: contestant}, round, map[string]float64{record.NsOp: ns + drift})
		}
	}
	chosen, err := named("figures,notices")
	require.NoError(t, err)
	table := costs(r, chosen) // notices were not measured
	assert.Equal(t, []string{"without", "wait"}, table.Head)
	assert.Equal(t, [][]string{
		{"(lfpool itself)", "350.0"},
		{"nothing", "+0.0 [+0.0, +0.0]"},
		{"figures", "+2.5 [+2.5, +2.5]"},
	}, table.Rows)
}
