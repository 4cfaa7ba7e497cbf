package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place copies a module of testdata to a directory of its own, goes there, and
// returns it.
func place(t *testing.T, module string) string {
	dir := filepath.Join(t.TempDir(), module)
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", module))))
	dir, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	t.Chdir(dir)
	t.Setenv("GOWORK", "off")
	return dir
}

// buildBoth builds the program in the working directory as it is and rewritten.
func buildBoth(t *testing.T, flags ...string) (before, after string, p *pooled) {
	before, after = filepath.Join(t.TempDir(), "before"), filepath.Join(t.TempDir(), "after")
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"build", "-o", before}, flags...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	a, err := parseArguments(append(flags, "."), ownFlags, true)
	require.NoError(t, err)
	t.Setenv("GOWORK", "")
	p, err = pool(t.Context(), a, toRun)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.Close()) })
	var complaints bytes.Buffer
	err = start(t.Context(), job{dir: p.Dir, env: p.Env, name: "go", args: append([]string{"build", p.overlay, "-o", after}, flags...), out: &complaints, errs: &complaints})
	require.NoError(t, err, complaints.String())
	return before, after, p
}

// An outcome is what a program shows to the outside.
type outcome struct {
	status int
	out    string
	// errs are the complaints: the panic, and the lines of the program in the
	// trace of the goroutine that panicked.
	errs []string
}

var frame = regexp.MustCompile(`(?m)^\t\S*/(\w+\.go:\d+)`)

func runCase(t *testing.T, program string, args ...string) outcome {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		require.NoError(t, err)
	}
	o := outcome{status: cmd.ProcessState.ExitCode(), out: out.String()}
	if o.status == 2 {
		head, rest, _ := strings.Cut(errs.String(), "\n\ngoroutine ")
		trace, _, _ := strings.Cut(rest, "\n\n")
		trace, _, _ = strings.Cut(trace, "\ncreated by ")
		head, _, _ = strings.Cut(head, "\n[signal ") // with an address
		o.errs = strings.Split(head, "\n")
		for _, f := range frame.FindAllStringSubmatch(trace, -1) {
			if at := f[1]; strings.HasSuffix(f[0], "/semantics/"+at) && o.errs[len(o.errs)-1] != at {
				o.errs = append(o.errs, at)
			}
		}
	}
	return o
}

// TestSameMeaning runs each case of testdata/semantics as it is and rewritten.
func TestSameMeaning(t *testing.T) {
	place(t, "semantics")
	before, after, p := buildBoth(t)
	left := map[string]int{}
	for _, s := range p.report.Statements {
		if s.Left != "" {
			left[filepath.Base(s.Position.Filename)]++
		}
	}
	assert.Equal(t, map[string]int{"left.go": 7, "operands.go": 1}, left, p.report.Summary(p.Dir, true))

	names := strings.Split(strings.TrimSpace(runCase(t, before).out), "\n")
	require.GreaterOrEqual(t, len(names), 90)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := runCase(t, before, name), runCase(t, after, name)
			if name == "nil function" {
				// Without operands the compiler has the submitter end the program;
				// the rewritten one ends from the new goroutine, as the original
				// does with operands.
				assert.Equal(t, []string{"fatal error: go of nil func value", "builtins.go:39", "main.go:62"}, want.errs)
				assert.Equal(t, want.status, got.status)
				want.errs = []string{"panic: runtime error: invalid memory address or nil pointer dereference", "builtins.go:39"}
			}
			// The closure that calls is one frame more than the original has.
			if n := len(want.errs); len(got.errs) == n+1 {
				got.errs = got.errs[:n]
			}
			assert.Equal(t, want, got)
		})
	}
}

// TestLanguageVersionStays: lfpool needs a newer Go than this module says, and
// the variables of its loops still have the meaning of its own version.
func TestLanguageVersionStays(t *testing.T) {
	place(t, "loopvar")
	before, after, p := buildBoth(t)
	assert.Equal(t, 1, p.report.Rewritten())
	assert.Equal(t, outcome{out: "9\n"}, runCase(t, before))
	assert.Equal(t, outcome{out: "9\n"}, runCase(t, after))
}
