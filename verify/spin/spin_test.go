package spin

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bounds are the sizes for which every interleaving is searched.
var bounds = []struct {
	name, defines string
}{
	{"1 submitter x 2 tasks", "-DSUBMITTERS=1 -DTASKS=2"},
	{"1 x 2, tasks that need each other", "-DSUBMITTERS=1 -DTASKS=2 -DBLOCK"},
	{"2 x 1", "-DSUBMITTERS=2 -DTASKS=1"},
	{"2 x 1, tasks that need each other", "-DSUBMITTERS=2 -DTASKS=1 -DBLOCK"},
}

// bugs are the seeded bugs of pool.pml, each with a bound that shows it.
var bugs = map[string]string{
	"NO_SUCCESSOR":        "-DSUBMITTERS=1 -DTASKS=2",
	"DUTY_KEPT":           "-DSUBMITTERS=1 -DTASKS=2 -DBLOCK",
	"LOOK_FIRST":          "-DSUBMITTERS=1 -DTASKS=2",
	"NO_SEEK":             "-DSUBMITTERS=1 -DTASKS=2",
	"NO_CAS":              "-DSUBMITTERS=2 -DTASKS=1",
	"NO_PASS_BEFORE_PARK": "-DSUBMITTERS=1 -DTASKS=2",
	"EXIT_BY_STORE":       "-DSUBMITTERS=1 -DTASKS=2",
	"RETIRE_UNOWNED":      "-DSUBMITTERS=1 -DTASKS=2",
}

func needSpin(t *testing.T) {
	if _, err := exec.LookPath("spin"); err != nil {
		const how = "spin is not installed: apt-get install -y spin"
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
}

var (
	errorCount = regexp.MustCompile(`errors: (\d+)`)
	stateCount = regexp.MustCompile(`(\d+) states, stored`)
)

// check searches the model and returns Spin's count of errors and of states. A
// search that was cut short fails the test.
func check(t *testing.T, defines string) (errors, states string) {
	t.Helper()
	model, err := filepath.Abs("pool.pml")
	require.NoError(t, err)
	dir := t.TempDir()
	in := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		return string(out)
	}
	in("spin", append(append([]string{"-a"}, strings.Fields(defines)...), model)...)
	in("gcc", "-O2", "-DSAFETY", "-DVECTORSZ=2048", "-DCOLLAPSE", "-o", "pan", "pan.c")
	out := in("./pan", "-m1000000")
	for _, cut := range []string{"max search depth too small", "out of memory", "truncated", "interrupted"} {
		require.NotContains(t, out, cut)
	}
	count := errorCount.FindStringSubmatch(out)
	require.NotNil(t, count, out)
	stored := stateCount.FindStringSubmatch(out)
	require.NotNil(t, stored, out)
	return count[1], stored[1]
}

func TestPoolModelHolds(t *testing.T) {
	needSpin(t)
	for _, b := range bounds {
		start := time.Now()
		errors, states := check(t, b.defines)
		assert.Equal(t, "0", errors, b.name)
		t.Logf("%-36s %9s states  %v", b.name, states, time.Since(start).Round(10*time.Millisecond))
	}
}

func TestPoolModelFindsSeededBugs(t *testing.T) {
	needSpin(t)
	for bug, defines := range bugs {
		errors, states := check(t, defines+" -D"+bug)
		assert.NotEqual(t, "0", errors, bug)
		t.Logf("%-20s found after %s states", bug, states)
	}
}

// correspondence says where in the code each step of the model stands.
var correspondence = []struct{ step, file, text string }{
	{"submitter", "pool/dispatch.go", "func (p *Pool) submit("},
	{"submitter: take", "pool/dispatch.go", "func (p *Pool) takeSearch("},
	{"seek", "pool/dispatch.go", "func (p *Pool) seek("},
	{"passOn", "pool/dispatch.go", "func (p *Pool) passOn("},
	{"passOn: lay down", "pool/dispatch.go", "left := p.lookout.And(^mine) &^ mine"},
	{"passOn: look", "pool/dispatch.go", "left == none && !p.tasks.Empty()"},
	{"wake", "pool/dispatch.go", "func (p *Pool) wake("},
	{"wake: take a parked worker", "pool/park.go", "func (p *Pool) dismiss("},
	{"wake: slot", "pool/park.go", "w.slot <- f"},
	{"wake: Hire", "idle/control.go", "uint64(pack(old.workers()+1, true))"},
	{"worker", "pool/worker.go", "func (w *Worker) serve("},
	{"worker: linger", "pool/linger.go", "p.lookout.CompareAndSwap(old, old&^mine|lingerer)"},
	{"worker: park", "pool/worker.go", "p.enlist(w)"},
	{"reaper: Exit", "idle/control.go", "c.word.CompareAndSwap(uint64(pack(0, true)), uint64(pack(0, false)))"},
	{"reaper: retire", "pool/worker.go", "func (p *Pool) retireOne("},
}

func TestModelStepsStandInTheCode(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, c := range correspondence {
		code, err := os.ReadFile(filepath.Join("..", "..", c.file))
		require.NoError(t, err)
		assert.Contains(t, string(code), c.text, c.step)
		assert.Contains(t, string(readme), "| "+c.step+" | `"+c.file+"` |", "README.md's table")
	}
}
