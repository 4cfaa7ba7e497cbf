package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMutantsFitTheCode: each mutant's text stands exactly once in its file, so
// the table is in step with the code.
func TestMutantsFitTheCode(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mutants {
		assert.False(t, names[m.name], "%s: twice in the table", m.name)
		names[m.name] = true
		text, err := os.ReadFile(filepath.Join("..", "..", m.file))
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(m.file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, m.file), text, 0o644))
		assert.NoError(t, m.apply(dir))
	}
}

// TestControl: a check that fails on the library itself catches no mutant.
func TestControl(t *testing.T) {
	before := checks
	defer func() { checks = before }()
	checks = []check{
		{"good", "verify", []string{"vet", "./mutants"}, time.Minute},
		{"bad", "verify", []string{"vet", "./no-such-directory"}, time.Minute},
	}
	root := filepath.Join("..", "..")
	control := controls(root)
	assert.NoError(t, control[0]())
	assert.ErrorContains(t, control[1](), "check bad does not pass on the library itself")
	found, err := try(root, mutants[0], "good", false, control)
	assert.NoError(t, err)
	assert.Equal(t, []outcome{survived, notRun}, found)
	_, err = try(root, mutants[0], "bad", false, control)
	assert.ErrorContains(t, err, "check bad does not pass on the library itself")
}

// TestACopyIsWhole: what the tests of the library look at is in a copy.
func TestACopyIsWhole(t *testing.T) {
	copied, err := newCopy(filepath.Join("..", ".."))
	require.NoError(t, err)
	defer os.RemoveAll(copied)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-short", "-vet=off", "-run", "Docs|FAQ|Readme|Edges|Imports", ".")
	cmd.Dir, cmd.Env = copied, append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

// TestWhatReadmeSays: README.md has the number of mutants, and of those that have
// been seen caught.
func TestWhatReadmeSays(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	record, err := openResults("RESULTS.md")
	require.NoError(t, err)
	seen := 0
	for _, m := range mutants {
		if isCaught(record.of[m.name]) {
			seen++
		} else {
			t.Logf("RESULTS.md does not show %q caught: go run ./mutants -new", m.name)
		}
	}
	assert.Contains(t, string(readme), fmt.Sprintf(" %d seeded bugs in the code, of which the record shows %d caught", len(mutants), seen))
}

// TestResultsAreKept: a later run adds to what an earlier one found, and rows
// of mutants that are no more are dropped.
func TestResultsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	name := mutants[0].name
	row := func(first, second outcome) []outcome {
		r := make([]outcome, len(checks))
		for i := range r {
			r[i] = notRun
		}
		r[0], r[1] = first, second
		return r
	}
	first, err := openResults(path)
	require.NoError(t, err)
	require.NoError(t, first.enter(name, row(survived, notRun)))
	require.NoError(t, first.enter("no such mutant", row(caught, notRun)))
	second, err := openResults(path)
	require.NoError(t, err)
	require.NoError(t, second.enter(name, row(notRun, caught)))
	third, err := openResults(path)
	require.NoError(t, err)
	assert.Equal(t, row(survived, caught), third.of[name])
	assert.NotContains(t, third.of, "no such mutant")
}
