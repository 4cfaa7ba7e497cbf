package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// marks are what the tests of the documents look for.
var marks = regexp.MustCompile(`edge \w+:|needs store-load|Linearization point`)

func countMarks(text string) map[string]int {
	n := map[string]int{}
	for _, mark := range marks.FindAllString(text, -1) {
		n[mark]++
	}
	return n
}

// TestMutantsFitTheCode: each mutant's text stands exactly once in its file, so
// the table is in step with the code, and its bug is one of the code: the marks
// in the comments stay, and a test that misses them catches
// nothing.
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
		if !assert.NoError(t, m.apply(dir)) {
			continue
		}
		mutated, err := os.ReadFile(filepath.Join(dir, m.file))
		require.NoError(t, err)
		assert.NotEqual(t, string(text), string(mutated), m.name)
		assert.Equal(t, countMarks(string(text)), countMarks(string(mutated)), "%s: marks before and after", m.name)
	}
}

// TestResultsAreKept: a later run adds to what an earlier one found, each with
// its test and its stamp, and rows of mutants that are no more are dropped.
func TestResultsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	name := mutants[0].name
	row := func(first, second finding) []finding {
		r := noFindings()
		r[0], r[1] = first, second
		return r
	}
	no := finding{outcome: notRun}
	lives := finding{outcome: survived, run: "commit 1234567, go1.26, 2026-01-02"}
	hangs := finding{hung, "TestOne", "commit 1234567, go1.26, 2026-01-02"}
	fails := finding{caught, "TestTwo/a_b,_c", "commit 89abcde with changes, go1.26, 2026-01-01"}
	first, err := openResults(path)
	require.NoError(t, err)
	require.NoError(t, first.enter(name, row(lives, no)))
	require.NoError(t, first.enter("no such mutant", row(hangs, no)))
	second, err := openResults(path)
	require.NoError(t, err)
	require.NoError(t, second.enter(name, row(no, fails)))
	third, err := openResults(path)
	require.NoError(t, err)
	assert.Equal(t, row(lives, fails), third.of[name])
	assert.NotContains(t, third.of, "no such mutant")
	require.NoError(t, third.enter(name, row(hangs, no)))
	fourth, err := openResults(path)
	require.NoError(t, err)
	assert.Equal(t, row(hangs, fails), fourth.of[name])
	known, ok := fourth.surest(name)
	assert.True(t, ok)
	assert.Equal(t, knownCatch{checks[1].name, "TestTwo/a_b,_c"}, known, "one that fails before one that hangs")
	_, ok = fourth.surest(mutants[1].name)
	assert.False(t, ok)
	explored := noFindings()
	explored[slices.IndexFunc(checks, func(c check) bool { return c.name == explorer })] = finding{caught, "TestThree", fails.run}
	require.NoError(t, fourth.enter(name, explored))
	known, ok = fourth.surest(name)
	assert.True(t, ok)
	assert.Equal(t, knownCatch{explorer, "TestThree"}, known, "the explorer before all others")
}

// TestFirstFailure: what go test prints, and the test it failed in.
func TestFirstFailure(t *testing.T) {
	for _, c := range []struct{ name, output, want string }{
		{"passes", "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tx/y\t0.003s\n", ""},
		{"fails", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n    b_test.go:3: no\n--- FAIL: TestB (0.01s)\n=== RUN   TestC\n--- FAIL: TestC (0.01s)\nFAIL\n", "TestB"},
		{"subtest", "=== RUN   TestA\n=== RUN   TestA/x\n=== RUN   TestA/y\n--- FAIL: TestA (1.00s)\n    --- PASS: TestA/x (0.00s)\n    --- FAIL: TestA/y (0.10s)\nFAIL\n", "TestA/y"},
		{"panics", "=== RUN   TestA\n--- FAIL: TestA (0.00s)\npanic: no [recovered]\n", "TestA"},
		{"crashes in another goroutine", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\npanic: no\n\ngoroutine 7 [running]:\nFAIL\tx/y\t0.1s\n", "TestB"},
		{"deadlock", "=== RUN   TestB\n=== RUN   TestB/x\nfatal error: all goroutines are asleep - deadlock!\n", "TestB/x"},
		{"hangs", "=== RUN   TestA\npanic: test timed out after 1m0s\n\trunning tests:\n\t\tTestA (1m0s)\n", "TestA"},
	} {
		assert.Equal(t, c.want, firstFailure(c.output), c.name)
	}
	assert.Equal(t, 2500*time.Millisecond, slowestPackage("ok  \tx/y\t0.003s\nFAIL\tx/z\t2.500s\nok  \tx/a\t1.0s [no tests to run]\n"))
}

// TestTestsOnly: a check is cut down to some tests, in the packages that have
// them.
func TestTestsOnly(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, c := range checks {
		if c.args[0] != "test" {
			continue
		}
		var first, dir string
		for _, arg := range c.args {
			if strings.HasPrefix(arg, ".") {
				names, err := testsIn(filepath.Join(root, c.dir, arg), "*_test.go")
				require.NoError(t, err)
				first, dir = names[len(names)-1], arg
			}
		}
		only, err := c.testsOnly(root, []string{first + "/a.b", first + "/c"})
		require.NoError(t, err)
		i := len(only.args) - 1
		assert.Equal(t, dir, only.args[i], c.name)
		assert.NotContains(t, only.args[1:i], dir, c.name)
		assert.Equal(t, []string{"-run", "^" + first + "$/^a\\.b$|^" + first + "$/^c$"}, only.args[1:3], c.name)
		_, err = c.testsOnly(root, []string{"TestThatIsNowhere"})
		assert.Error(t, err, c.name)
		args, err := c.command(root)
		require.NoError(t, err)
		if len(c.files) > 0 {
			assert.Contains(t, args, "-run", "%s runs the tests of its files and no others", c.name)
		}
	}
}

// TestASampleIsAnotherOneForEachCommit, and the same for the same.
func TestASampleIsAnotherOneForEachCommit(t *testing.T) {
	book, err := openResults(filepath.Join(t.TempDir(), "RESULTS.md"))
	require.NoError(t, err)
	o := options{sample: 10}
	one := choose(o, book, "one")
	assert.Len(t, one, 10)
	assert.Equal(t, one, choose(o, book, "one"))
	assert.NotEqual(t, one, choose(o, book, "two"))
	assert.Len(t, choose(options{}, book, "one"), len(mutants))
	for _, m := range choose(options{filter: "gate: ", sample: 3}, book, "one") {
		assert.Contains(t, m.name, "gate: ")
	}
}
