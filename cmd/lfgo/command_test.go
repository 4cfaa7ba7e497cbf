package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be lfgo, as go test -exec and TestInterrupt start it.
func TestMain(m *testing.M) {
	if os.Getenv("BE_LFGO") != "" || len(os.Args) > 1 && (os.Args[1] == execWord || os.Args[1] == measureWord) {
		main()
	}
	os.Exit(m.Run())
}

// lfgo runs a command line in the working directory.
func lfgo(t *testing.T, args ...string) (status int, out, errs string) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	temp := t.TempDir()
	cmd.Env = append(os.Environ(), "BE_LFGO=1", "GOWORK=", "TMPDIR="+temp)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		require.NoError(t, err)
	}
	left, err := filepath.Glob(filepath.Join(temp, "*"))
	require.NoError(t, err)
	assert.Empty(t, left, "left behind by lfgo %s", strings.Join(args, " "))
	return cmd.ProcessState.ExitCode(), o.String(), e.String()
}

// tree is what a directory holds, with the times of change.
func tree(t *testing.T, dir string) (all []string) {
	require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		all = append(all, path+" "+info.ModTime().String())
		return err
	}))
	return all
}

func TestTestRewritesWhatIsBuilt(t *testing.T) {
	dir := place(t, "files")
	before := tree(t, dir)
	status, out, errs := lfgo(t, "test", "-why", "-count=1", "./...")
	assert.Zero(t, status, out+errs)
	assert.Contains(t, out, "ok  \texample.com/files")
	assert.Contains(t, errs, "lfgo: 3 of 4 go statements in 2 packages are calls of lfpool.Go; left as they are: 1 (its file is embedded in a program)\n", "two of the package, one of its outer test")
	assert.Contains(t, errs, `lfgo: c.go left alone with 1 go statements: it imports "C"`)
	assert.Equal(t, before, tree(t, dir), "something was written")

	status, out, errs = lfgo(t, "test", "-tags", "special", "-run=Outside", "./...")
	assert.Zero(t, status, out+errs)
	assert.Contains(t, errs, "5 of 6 go statements")
}

func TestBenchCompares(t *testing.T) {
	place(t, "files")
	status, out, errs := lfgo(t, "bench", "-rounds=2", "-benchtime=20000x", "-foretell", "-o=results.txt")
	assert.Zero(t, status, errs)
	assert.Regexp(t, `(?m)^processor time +a pool could save +lfpool/go foretold +measured +growing left`, out)
	assert.Regexp(t, `(?m)^Plain-\d+ +\d+\.\d % +\d\.\d\d to \d\.\d\d +[\d.]+ \[`, out)
	for _, unit := range []string{"sec/op", "cpu-sec/op", "allocs/op", "B/op"} {
		assert.Regexp(t, `(?m)^`+unit+` +go +lfpool +lfpool/go`, out)
	}
	assert.Contains(t, out, "of 1 benchmarks")
	results, err := os.ReadFile("results.txt")
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count(string(results), "BenchmarkPlain"))
	assert.Contains(t, string(results), "goroutines: lfpool")

	status, _, errs = lfgo(t, "bench", "-bench", "None")
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "lfgo: no benchmarks match -bench None\n")
}

// TestBenchMeasuresProduction: in a test binary idle workers are gone within 20 ms,
// but not while lfgo measures.
func TestBenchMeasuresProduction(t *testing.T) {
	place(t, "files")
	const source = `package files

import (
	"bytes"
	"runtime"
	"testing"
	"time"
)

func BenchmarkParked(b *testing.B) {
	done := make(chan int)
	Plain(done)
	<-done
	time.Sleep(200 * time.Millisecond)
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	b.ReportMetric(float64(1+bytes.Count(stacks, []byte("pool.(*Worker).park("))), "parked")
}
`
	require.NoError(t, os.WriteFile("parked_test.go", []byte(source), 0o666))
	status, _, errs := lfgo(t, "bench", "-bench=Parked", "-rounds=1", "-benchtime=1x", "-o=results.txt")
	assert.Zero(t, status, errs)
	results, err := os.ReadFile("results.txt")
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(results), "goroutines: lfpool")
	assert.Regexp(t, `\b2 parked`, after)
}

// TestErrorsAreTheUsers: a package that does not compile is left to the go
// command, which complains of the user's own lines.
func TestErrorsAreTheUsers(t *testing.T) {
	place(t, "files")
	require.NoError(t, os.WriteFile("wrong.go", []byte("package files\n\nfunc wrong() {\n\tgo undefined()\n}\n"), 0o666))
	status, out, errs := lfgo(t, "test", "./...")
	assert.Equal(t, 1, status)
	assert.Empty(t, out)
	assert.Regexp(t, `^lfgo: the build fails, .*/wrong.go:4:5: undefined: undefined\n$`, errs)
}

func TestBadInputGetsOneLine(t *testing.T) {
	place(t, "files")
	require.NoError(t, os.WriteFile("text.txt", []byte("no profile"), 0o666))
	require.NoError(t, os.WriteFile("trace.out", []byte("go 1.26 trace\x00\x00\x00broken"), 0o666))
	require.NoError(t, os.Mkdir("none", 0o777))
	require.NoError(t, os.WriteFile("none/none.go", []byte("package none\n"), 0o666))
	for _, c := range []struct {
		args string
		want string
	}{
		{"frob", "there is no command frob: lfgo help lists them"},
		{"help frob", "there is no command frob: lfgo help lists them"},
		{"test ./missing", "no such directory|directory not found|no packages"},
		{"test ./none", "no go statements found"},
		{"test -run", "-run is not followed by a value"},
		{"test -overlay=x", "-overlay cannot be given"},
		{"test -deps=a^b ./...", "-deps=a\\^b: module paths"},
		{"test -leave=text.txt .", "text.txt is not a goroutine dump"},
		{"test -lfpool=none .", "no lfpool in .*none"},
		{"run", "which program"},
		{"run ./missing", "no such directory|directory not found|no packages"},
		{"bench -rounds=0", "-rounds=0: a number of at least 1"},
		{"advise", "advise from what"},
		{"advise missing", "open missing: no such file"},
		{"advise text.txt", "text.txt: not a profile"},
		{"advise trace.out", "trace.out: (not an|the) execution trace"},
		{"advise -x", "-x"},
		{"fix", "fix which go statements"},
		{"fix -all -profile=x", "not both"},
		{"fix -profile=text.txt", "text.txt: not a profile"},
		{"fix -all ./none", "nothing to change"},
	} {
		t.Run(c.args, func(t *testing.T) {
			status, out, errs := lfgo(t, strings.Fields(c.args)...)
			assert.Equal(t, 1, status)
			assert.Empty(t, out)
			assert.Regexp(t, "^lfgo: .*("+c.want+")", errs)
			assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
		})
	}
	t.Run("no module", func(t *testing.T) {
		t.Chdir(t.TempDir())
		status, _, errs := lfgo(t, "test")
		assert.Equal(t, 1, status)
		assert.Regexp(t, `^lfgo: .* is in no module`, errs)
	})
	t.Run("nothing", func(t *testing.T) {
		status, out, errs := lfgo(t)
		assert.Equal(t, 2, status)
		assert.Empty(t, out)
		assert.Contains(t, errs, "lfgo test")
	})
}

func TestHelpTellsOfEachCommand(t *testing.T) {
	_, overview, _ := lfgo(t, "help")
	for _, c := range commands {
		assert.Contains(t, overview, "lfgo "+c.name)
		status, text, errs := lfgo(t, "help", c.name)
		assert.Zero(t, status, errs)
		assert.True(t, strings.HasPrefix(text, "lfgo "+c.name), text)
	}
}

// TestLeave leaves what a dump shows to have waited for minutes.
func TestLeave(t *testing.T) {
	dir := place(t, "files")
	dump := "goroutine 1 [running]:\nmain.main()\n\t/x.go:1 +0x1\n\n" +
		"goroutine 7 [chan receive, 12 minutes]:\nx.f()\n\t/x.go:3 +0x1\ncreated by example.com/files.Plain in goroutine 1\n\t" + dir + "/plain.go:4 +0x2\n\n" +
		"goroutine 8 [chan receive]:\nx.f()\n\t/x.go:3 +0x1\ncreated by example.com/files.Generated in goroutine 1\n\t" + dir + "/generated.go:5 +0x2\n"
	require.NoError(t, os.WriteFile("dump.txt", []byte(dump), 0o666))
	status, _, errs := lfgo(t, "test", "-why", "-leave=dump.txt", "-run=Outside")
	assert.Zero(t, status, errs)
	assert.Contains(t, errs, "plain.go:4: left as go: it lives long: 12 minutes were seen")
	assert.Contains(t, errs, "2 of 4 go statements")
}

// TestRunIsTheProgram: its arguments, input, output and exit status.
func TestRunIsTheProgram(t *testing.T) {
	place(t, "semantics")
	status, out, _ := lfgo(t, "run", ".", "variadic")
	assert.Zero(t, status)
	assert.Equal(t, "1 x <nil>\nfalse\nend\n", out)
	status, _, _ = lfgo(t, "run", ".", "exit status")
	assert.Equal(t, 7, status)
}

// TestInterruptLeavesNothing interrupts a test that would run for ever.
func TestInterruptLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signal to send")
	}
	dir := place(t, "files")
	before := tree(t, dir)
	started := filepath.Join(t.TempDir(), "started")
	test := "package files\n\nimport (\n\t\"os\"\n\t\"strconv\"\n\t\"testing\"\n)\n\nfunc TestSleeps(t *testing.T) {\n\tos.WriteFile(" + "`" + started + "`" + ", []byte(strconv.Itoa(os.Getpid())), 0o666)\n\tselect {}\n}\n"
	require.NoError(t, os.WriteFile("sleeps_test.go", []byte(test), 0o666))
	temp := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "test", "-run=Sleeps", ".")
	cmd.Env = append(os.Environ(), "BE_LFGO=1", "GOWORK=", "TMPDIR="+temp)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	require.NoError(t, cmd.Start())
	var pid []byte
	require.Eventually(t, func() bool {
		pid, _ = os.ReadFile(started)
		return len(pid) > 0
	}, 2*time.Minute, 10*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	var ended *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &ended)
	assert.Equal(t, 130, ended.ExitCode())
	assert.Contains(t, errs.String(), "lfgo: interrupted\n")
	assert.NoFileExists(t, filepath.Join("/proc", string(pid), "exe"), "the test goes on")
	left, err := filepath.Glob(filepath.Join(temp, "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	require.NoError(t, os.Remove("sleeps_test.go"))
	after := tree(t, dir)
	assert.Equal(t, before[1:], after[1:]) // but for the directory's own time
}

// TestFix changes the cases of testdata/semantics, which then do what they did.
func TestFix(t *testing.T) {
	dir := place(t, "semantics")
	before := filepath.Join(t.TempDir(), "before")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", before).CombinedOutput()
	require.NoError(t, err, "%s", out)
	status, names, errs := lfgo(t, "fix", "-all", "-n", "./...")
	assert.Zero(t, status, errs)
	for _, file := range []string{"builtins.go", "functions.go", "left.go", "operands.go"} {
		assert.Contains(t, names, filepath.Join(dir, file)+"\n")
	}
	status, _, errs = lfgo(t, "fix", "-all", "./...")
	assert.Zero(t, status, errs)
	assert.Contains(t, errs, "are calls of lfpool.Go now")

	status, _, errs = lfgo(t, "fix", "-all", "./...")
	assert.Equal(t, 1, status, "it was done before")
	assert.Contains(t, errs, "build fails")

	root, err := filepath.Abs(filepath.Join(testDir, "..", ".."))
	require.NoError(t, err)
	for _, args := range [][]string{
		{"mod", "edit", "-require=github.com/lfpool/lfpool@v0.0.0", "-replace=github.com/lfpool/lfpool=" + root},
		{"mod", "tidy"}, {"build", "-o", before + "-fixed"},
	} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	for _, name := range strings.Fields(runCase(t, before).out) {
		if name == "order" || name == "variadic" || name == "nested" || name == "labels" || name == "inferred" || name == "layout" {
			assert.Equal(t, runCase(t, before, name), runCase(t, before+"-fixed", name))
		}
	}
}

// testDir is where the tests stand, before any of them goes elsewhere.
var testDir = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()

// TestVetTool runs the analyzer as go vet does.
func TestVetTool(t *testing.T) {
	place(t, "files")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(t.TempDir(), "lfgo"), ".")
	tool := cmd.Args[3]
	cmd.Dir = testDir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	vet := exec.CommandContext(t.Context(), "go", "vet", "-vettool="+tool, ".")
	out, err = vet.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "plain.go:4:29: this goroutine can run in a pool")
	assert.NotContains(t, string(out), "generated.go")
}

// TestDeps rewrites a dependency, whose lines and file name stay.
func TestDeps(t *testing.T) {
	dir := place(t, "deps")
	status, _, errs := lfgo(t, "run", ".")
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "no go statements found")
	status, out, errs := lfgo(t, "run", "-deps=example.com/d...", ".")
	assert.Zero(t, status, errs)
	assert.Contains(t, errs, "1 of 1 go statements in 1 packages")
	assert.Contains(t, out, "lfpool/lfpool/pool.")
	assert.Contains(t, out, "\t"+dir+"/dep/dep.go:9 ")

	// In the user's workspace it is one of the user's own modules.
	require.NoError(t, os.WriteFile("go.work", []byte("go 1.25\n\nuse (\n\t.\n\t./dep\n)\n"), 0o666))
	status, out, errs = lfgo(t, "run", ".")
	assert.Zero(t, status, errs)
	assert.Contains(t, out, "lfpool/lfpool/pool.")
}
