package pool_test

import (
	"bytes"
	"context"
	"crypto/subtle"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
)

// The list "Where a pool is not go" in the package comment: each of its lines has
// tests. Those that no other file has stand here.
var notGo = map[string][]string{
	"Profile labels":          {"TestWorkersDoNotInheritProfileLabels", "TestGoContextLabelsTheWorkerWhileTheTaskRuns"},
	"Labels that a task sets": {"TestLabelsDoNotOutliveTheirBatch"},
	"FIPS 140-3":              {"TestFIPS"},
	"Data-independent timing": {"TestDataIndependentTimingEndsWithItsCall"},
	"Secrets":                 {"TestSecretModeIsNotInherited"},
	"Faults":                  {"TestPanicOnFaultEndsWithTheTask"},
	"Locked threads":          {"TestLockedThreadIsRetired", "TestLockedThreadIsFoundWithoutAnybodysHelp"},
	"Goroutine-local state":   {"TestTasksShareAGoroutine"},
	"Stacks in traces":        {"TestTracesNameTheWorkersCreator", "TestAncestorsAreThoseOfTheWorker"},
	"Execution traces":        {"TestExecutionTraceHasTheWorker", "TestGoContextIsARegionOfTheTask"},
	"Number of goroutines":    {"TestGoroutinesThatArePooled", "TestNoGoroutineIsLeft"},
	"Size of stacks":          {"TestGrownStacksCountUntilWorkersGo", "TestAParkedWorkerIsSmall"},
	"Stuck programs":          {"TestStuckProgramIsTold", "TestSleepingReaperIsToldOfParkedWorkers"},
	"Order under a limit":     {"TestAPlaceOrdersTasks"},
	"Panics and Goexit":       {"TestEndings", "TestCrashes"},
	"Panics with nil":         {"TestPanicWithNil"},
	"Time for others":         {"TestSleepersBesideAnEndlessChain", "TestBusyWorkersPassTheScheduler"},
}

// TestListOfDifferencesIsTested: the list has the lines above and no others, and
// the tests are there.
func TestListOfDifferencesIsTested(t *testing.T) {
	source, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	require.NoError(t, err)
	_, list, found := strings.Cut(source.Doc.Text(), "# Where a pool is not go\n")
	require.True(t, found)
	list, _, _ = strings.Cut(list, "\n# ")
	var lines []string
	for _, line := range regexp.MustCompile(`(?m)^  - ([^:]*):`).FindAllStringSubmatch(list, -1) {
		lines = append(lines, line[1])
	}
	tests := map[string]bool{}
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			tests[name[1]] = true
		}
	}
	for line, names := range notGo {
		assert.Contains(t, lines, line)
		for _, name := range names {
			assert.True(t, tests[name], "%s: there is no %s", line, name)
		}
	}
	assert.Len(t, lines, len(notGo), "%q", lines)
}

// TestDataIndependentTimingEndsWithItsCall: a task that asks for the mode itself
// leaves its worker as it was. (What the mode is, only the processor knows.)
func TestDataIndependentTimingEndsWithItsCall(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	for _, end := range []func(){func() {}, runtime.Goexit} {
		equal := 0
		ran(p, "Go", func() {
			defer func() { assert.False(t, locked()) }()
			subtle.WithDataIndependentTiming(func() {
				equal = subtle.ConstantTimeCompare([]byte("secret"), []byte("secret"))
				end()
			})
		})
		assert.Equal(t, 1, equal)
		ran(p, "Go", func() { assert.False(t, locked(), "Go 1.25 locks the thread meanwhile") })
	}
}

// number returns the number of the caller's goroutine, as libraries for
// goroutine-local state find it.
func number() string {
	var buf [64]byte
	return strings.Fields(string(buf[:runtime.Stack(buf[:], false)]))[1]
}

// TestTasksShareAGoroutine, so what a task has left under its goroutine's number
// is there for the next.
func TestTasksShareAGoroutine(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	local := map[string]string{}
	ran(p, "Go", func() { local[number()] = "user A" })
	settled(p)
	ran(p, "Go", func() { assert.Equal(t, "user A", local[number()]) })
	p.SetLimit(pool.NoLimit)
	require.NoError(t, p.Drain(t.Context()))
	ran(p, "Go", func() { assert.Empty(t, local[number()], "another worker") })
}

// settled waits until the pool's worker has parked. The test's timeout is the
// failure.
func settled(p *pool.Pool) {
	for p.Stats().Idle == 0 {
		runtime.Gosched()
	}
}

//go:noinline
func firstSubmitter(p *pool.Pool, f func()) { ran(p, "Go", f) }

//go:noinline
func secondSubmitter(p *pool.Pool, f func()) { ran(p, "Go", f) }

// TestTracesNameTheWorkersCreator: below a task stand the frames of its worker,
// and "created by" names the pool in the place of the submitter.
func TestTracesNameTheWorkersCreator(t *testing.T) {
	p := pool.New(pool.WithLimit(1))
	for range 2 {
		var stack string
		secondSubmitter(p, func() { stack = string(debug.Stack()) })
		assert.Regexp(t, `lfpool/pool\.\(\*\w+\)\.serve\(`, stack)
		assert.Regexp(t, `created by github\.com/lfpool/lfpool/pool\.\(\*\w+\)\.\w+ in goroutine \d+\n`, stack)
		assert.NotContains(t, stack, "secondSubmitter(")
	}
}

const ancestorsEnv = "LFPOOL_TEST_ANCESTORS"

// TestAncestorsAreThoseOfTheWorker: GODEBUG=tracebackancestors shows the goroutine
// that started the worker, for tasks of others too. It is read at the start of a
// program, so this one is run anew.
func TestAncestorsAreThoseOfTheWorker(t *testing.T) {
	if os.Getenv(ancestorsEnv) != "" {
		p := pool.New(pool.WithLimit(1))
		firstSubmitter(p, func() {})
		settled(p)
		secondSubmitter(p, func() { fmt.Printf("%s\n", debug.Stack()) })
		return
	}
	out := again(t, ancestorsEnv+"=1", "GODEBUG=tracebackancestors=5")
	assert.Contains(t, out, "[originating from goroutine ")
	assert.Contains(t, out, "firstSubmitter(")
	assert.NotContains(t, out, "secondSubmitter(")
}

// again runs the calling test in a process of its own, which must pass, and
// returns what it prints.
func again(t *testing.T, env ...string) string {
	t.Helper()
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes there")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// TestExecutionTraceHasTheWorker: an execution trace shows the creation of one
// goroutine for all tasks that it runs.
func TestExecutionTraceHasTheWorker(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("go tool trace reads the trace, and there are no processes here")
	}
	var events bytes.Buffer
	require.NoError(t, trace.Start(&events))
	p := pool.New(pool.WithLimit(1))
	for range 20 {
		ran(p, "Go", func() { trace.Log(context.Background(), "task", "runs") })
	}
	trace.Stop()
	file := filepath.Join(t.TempDir(), "trace")
	require.NoError(t, os.WriteFile(file, events.Bytes(), 0o600))
	dump, err := exec.CommandContext(t.Context(), "go", "tool", "trace", "-d=parsed", file).CombinedOutput()
	require.NoError(t, err, "%s", dump)
	on := map[string]int{}
	for _, e := range regexp.MustCompile(`G=(\d+) Log .*Category="task"`).FindAllStringSubmatch(string(dump), -1) {
		on[e[1]]++
	}
	require.Len(t, on, 1, "the tasks by their goroutines")
	for _, tasks := range on {
		assert.Equal(t, 20, tasks)
	}
}

const countEnv = "LFPOOL_TEST_COUNT"

// TestGoroutinesThatArePooled: runtime.NumGoroutine counts parked workers, and the
// reaper while there are workers. In a process of its own, with no others.
func TestGoroutinesThatArePooled(t *testing.T) {
	if os.Getenv(countEnv) == "" {
		again(t, countEnv+"=1")
		return
	}
	before := runtime.NumGoroutine()
	p := pool.New()
	assert.Equal(t, before, runtime.NumGoroutine())
	var together sync.WaitGroup
	together.Add(3)
	for range 3 {
		p.Go(func() { together.Done(); together.Wait() })
	}
	for p.Stats().Idle < 3 {
		runtime.Gosched() // until all are parked; the test's timeout is the failure
	}
	assert.Equal(t, before+3+1, runtime.NumGoroutine())
	require.NoError(t, p.Drain(t.Context()))
	for runtime.NumGoroutine() > before {
		runtime.Gosched() // the reaper goes, too
	}
}

// stacks returns how many bytes of memory are stacks.
func stacks() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}

// TestGrownStacksCountUntilWorkersGo: a stack that a task made grow is its
// worker's until the worker goes (or collections have halved it).
func TestGrownStacksCountUntilWorkersGo(t *testing.T) {
	const workers, size = 200, 32 << 10
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	p := pool.New()
	var together sync.WaitGroup
	together.Add(workers)
	before := stacks()
	for range workers {
		p.Go(func() {
			grow(size)
			together.Done()
			together.Wait()
		})
	}
	for p.Stats().Idle < workers {
		runtime.Gosched() // until all are parked; the test's timeout is the failure
	}
	kept := stacks() - before
	assert.GreaterOrEqual(t, kept, int64(workers*size), "bytes of stacks of parked workers")
	require.NoError(t, p.Drain(t.Context()))
	debug.SetGCPercent(100)
	for stacks()-before > kept/4 {
		runtime.GC() // frees the stacks of goroutines that have gone
	}
}

// grow has the caller's stack grow to more than size bytes.
//
//go:noinline
func grow(size int) byte {
	if size <= 0 {
		return 0
	}
	var frame [1 << 10]byte
	frame[size%len(frame)] = 1
	return grow(size-len(frame)) + frame[size%len(frame)]
}

// TestAPlaceOrdersTasks: the end of a task synchronizes before the start of one
// that gets its place under the limit. The race detector is the judge.
func TestAPlaceOrdersTasks(t *testing.T) {
	eachDispatch(t, func(t *testing.T, opts ...pool.Option) {
		p := pool.New(with(opts, pool.WithLimit(1))...)
		n := 0
		for range 100 {
			go p.Go(func() { n++ })
		}
		for range 100 {
			p.Go(func() { n++ })
			time.Sleep(time.Second)
		}
		p.Go(func() { assert.Equal(t, 200, n) })
	})
}

const nilEnv = "LFPOOL_TEST_PANICNIL"

// TestPanicWithNil: with GODEBUG=panicnil=1 recover returns nil for it, and the
// panic handler gets nil. Without, it is a runtime.PanicNilError. In both the
// worker goes on.
func TestPanicWithNil(t *testing.T) {
	setting := os.Getenv(nilEnv)
	if setting == "" {
		for _, setting := range []string{"panicnil=0", "panicnil=1"} {
			again(t, nilEnv+"="+setting, "GODEBUG="+setting)
		}
		return
	}
	for _, way := range submitterNames {
		handled := make(chan any, 1)
		p := pool.New(pool.WithLimit(1), pool.WithPanicHandler(func(v any, _ []byte) { handled <- v }))
		submitters[way](p, func() { panic(nil) }) //nolint:govet // that is the test
		if v := <-handled; setting == "panicnil=1" {
			assert.Nil(t, v, way)
		} else {
			assert.IsType(t, new(runtime.PanicNilError), v, way)
		}
		require.NoError(t, p.Drain(t.Context()))
		s := p.Stats()
		assert.Equal(t, int64(1), s.Panics, way)
		assert.Zero(t, s.Goexits, way)
	}
}

// lateness returns by how much n sleeps of a millisecond took longer, at the
// median, beside a chain of tasks that each submit the next.
func lateness(n int, submit func(func())) time.Duration {
	var stop atomic.Bool
	ended := make(chan struct{})
	var chain func()
	chain = func() {
		if stop.Load() {
			close(ended)
			return
		}
		submit(chain)
	}
	submit(chain)
	late := make([]time.Duration, n)
	for i := range late {
		begun := time.Now()
		time.Sleep(time.Millisecond)
		late[i] = time.Since(begun) - time.Millisecond
	}
	stop.Store(true)
	<-ended
	slices.Sort(late)
	return late[n/2]
}

// TestSleepersBesideAnEndlessChain: a worker that finds task after task passes the
// scheduler by the clock, so timers are on time as beside the go statement. (A
// worker that left it to the runtime's preemption made them 20 ms late.)
func TestSleepersBesideAnEndlessChain(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("timers there wait for the host")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, p := range map[string]*pool.Pool{"default": pool.New(), "a limit": pool.New(pool.WithLimit(1)), "hand-off": pool.New(pool.WithHandOff())} {
		var of, with time.Duration
		for range 5 { // the machine may be busy
			of, with = lateness(21, func(f func()) { go f() }), lateness(21, p.Go)
			if with < 2*of+3*time.Millisecond {
				break
			}
		}
		assert.Less(t, with, 2*of+3*time.Millisecond, "%s: go %v", name, of)
		require.NoError(t, p.Drain(t.Context()))
	}
}
