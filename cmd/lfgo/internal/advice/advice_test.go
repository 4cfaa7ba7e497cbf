package advice

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deep makes the stack grow to n frames of some 200 bytes.
//
//go:noinline
func deep(n int) int {
	var room [128]byte
	room[n%128] = 1
	if n == 0 {
		return int(room[0])
	}
	return deep(n-1) + int(room[n%128])
}

// grow starts goroutines in turn, each with deep calls, for a while, and returns
// the line of the go statement.
func grow(d time.Duration, frames int) (line int) {
	_, _, here, _ := runtime.Caller(0)
	for end := time.Now().Add(d); time.Now().Before(end); {
		var wg sync.WaitGroup
		for range 20 {
			wg.Add(1)
			go func() { // 6 lines below here
				defer wg.Done()
				deep(frames)
			}()
		}
		wg.Wait()
	}
	return here + 5
}

// spin computes in one goroutine.
func spin(d time.Duration) (n int) {
	for end := time.Now().Add(d); time.Now().Before(end); n++ {
		for i := range 1000 {
			n += i & n
		}
	}
	return n
}

var spun int

// profiled returns the CPU profile of a function.
func profiled(t *testing.T, f func()) []byte {
	var b bytes.Buffer
	require.NoError(t, pprof.StartCPUProfile(&b))
	f()
	pprof.StopCPUProfile()
	return b.Bytes()
}

func TestProfileOfGrowingStacks(t *testing.T) {
	line := 0
	a, err := FromProfile(profiled(t, func() { line = grow(time.Second, 60) }))
	require.NoError(t, err)
	assert.Greater(t, a.Share(a.Program.Grow), 0.3)
	lo, hi := a.Program.Saving()
	assert.Less(t, lo, hi)
	assert.LessOrEqual(t, hi, a.Program.Most())
	assert.LessOrEqual(t, a.Program.Most(), a.Total)
	assert.Contains(t, a.Verdict(), "Worth it: lfpool would save ")

	row := a.Rows[0]
	assert.Equal(t, "github.com/lfpool/lfpool/cmd/lfgo/internal/advice.grow.func1", row.Root)
	assert.Equal(t, line, row.Line)
	assert.True(t, a.Worth(row))
	assert.Greater(t, row.Grow, a.Program.Grow*0.9)
	if row.At != "" { // a start was seen
		assert.Equal(t, fmt.Sprintf("%s:%d", row.File, line), row.At)
	}
	text := a.Text()
	assert.Regexp(t, `growing stacks +\d\d\.\d %`, text)
	assert.Contains(t, text, row.Root)
}

// TestProfileOfStacksThatAreCutOff: the runtime keeps the innermost frames only.
func TestProfileOfStacksThatAreCutOff(t *testing.T) {
	data := profiled(t, func() { grow(time.Second, 600) })
	a, err := FromProfile(data)
	require.NoError(t, err)
	assert.Equal(t, "github.com/lfpool/lfpool/cmd/lfgo/internal/advice.grow.func1", a.Rows[0].Root)
	assert.Greater(t, a.Share(a.Rows[0].Total), 0.8)
	p, err := profile.ParseData(data)
	require.NoError(t, err)
	total := int64(0)
	for _, s := range p.Sample {
		total += s.Value[1]
	}
	assert.InDelta(t, float64(total)/1e9, a.Total, 1e-6, "every sample counts once")
}

func TestLeaveItWhereNothingIsStarted(t *testing.T) {
	a, err := FromProfile(profiled(t, func() { spun = spin(300 * time.Millisecond) }))
	require.NoError(t, err)
	assert.Regexp(t, `^Leave it: the most that a pool could save is 0\.\d % of the processor time\.$`, a.Verdict())
	for _, r := range a.Rows {
		assert.False(t, a.Worth(r))
		assert.Equal(t, "leave it", a.saves(r))
	}
}

// made is a profile with the given stacks, the innermost function first, of one
// second each.
func made(stacks ...string) []byte {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}}}
	for _, stack := range stacks {
		s := &profile.Sample{Value: []int64{1, 1e9}}
		for i, name := range strings.Fields(stack) {
			f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name, Filename: "/d/f.go", StartLine: 10}
			l := &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f, Line: int64(10 + i)}}}
			p.Function, p.Location = append(p.Function, f), append(p.Location, l)
			s.Location = append(s.Location, l)
		}
		p.Sample = append(p.Sample, s)
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestClasses(t *testing.T) {
	for _, c := range []struct {
		stack   string
		program Cost
		main    Cost
	}{
		{"runtime.memmove runtime.copystack runtime.newstack p.f p.root", Cost{Grow: 1}, Cost{}},
		{"runtime.newstack p.f p.root runtime.goexit", Cost{Grow: 1}, Cost{}},
		{"runtime.newstack main.f main.main runtime.main", Cost{}, Cost{Grow: 1}},
		{"runtime.schedule runtime.gopreempt_m runtime.newstack p.f p.root", Cost{}, Cost{}},
		{"runtime.copystack runtime.shrinkstack runtime.scanstack runtime.gcBgMarkWorker", Cost{}, Cost{}},
		{"runtime.gfget runtime.newproc1 runtime.newproc.func1 runtime.systemstack runtime.newproc p.f p.root", Cost{Start: 1}, Cost{}},
		{"runtime.newproc main.main runtime.main", Cost{Start: 1}, Cost{}},
		{"runtime.gdestroy runtime.goexit0 runtime.mcall", Cost{End: 1}, Cost{}},
		{"runtime.execute runtime.schedule runtime.goexit0 runtime.mcall", Cost{Switch: 1}, Cost{}},
		{"runtime.futex runtime.notesleep runtime.stopm runtime.findRunnable runtime.schedule runtime.goexit0 runtime.mcall", Cost{}, Cost{}},
		{"runtime.schedule runtime.park_m runtime.mcall", Cost{}, Cost{}},
		{"p.f p.root", Cost{}, Cost{}},
	} {
		a, err := FromProfile(made(c.stack))
		require.NoError(t, err)
		assert.Equal(t, c.program, a.Program, c.stack)
		assert.Equal(t, c.main, a.Main, c.stack)
		assert.InDelta(t, 1, a.Total, 0)
	}
}

func TestVerdicts(t *testing.T) {
	busy := strings.Split(strings.Repeat("p.f p.root\n", 99), "\n")[:99]
	verdict := func(stacks ...string) string {
		a, err := FromProfile(made(append(stacks, busy...)...))
		require.NoError(t, err)
		return a.Verdict()
	}
	assert.Equal(t, "Leave it: the most that a pool could save is 0.0 % of the processor time.", verdict())
	assert.Equal(t, "Worth it: lfpool would save 1.4 to 2.0 % of the processor time.", verdict("runtime.newstack p.root", "runtime.newstack p.root"))
	assert.Equal(t, "Leave it: the most that a pool could save is 1.0 % of the processor time.", verdict("runtime.newproc p.root"))
	assert.Equal(t, "Try it, and measure: lfpool would cost up to 0.4 % or save up to 1.7 % of the processor time, by whether tasks come in bursts or are waited for one by one.", verdict("runtime.newproc p.root", "runtime.newproc p.root"))
	assert.Contains(t, verdict("runtime.newstack github.com/lfpool/lfpool/pool.(*Worker).run"), "on lfpool already")
}

func TestBadProfiles(t *testing.T) {
	_, err := FromProfile([]byte("text"))
	assert.ErrorContains(t, err, "not a profile: ")
	_, err = FromProfile(made())
	assert.ErrorContains(t, err, "the CPU profile has no samples")
	var heap bytes.Buffer
	require.NoError(t, pprof.Lookup("allocs").WriteTo(&heap, 0))
	_, err = FromProfile(heap.Bytes())
	assert.ErrorContains(t, err, "not a CPU profile: it has alloc_objects, alloc_space")
	_, err = FromTrace([]byte("text"))
	assert.ErrorContains(t, err, "not an execution trace: ")
	assert.ErrorContains(t, new(Advice).AddDump("text"), "not a goroutine dump")
}

// waiting blocks until c is closed, as the root of a goroutine.
func waiting(c chan int, up chan int) {
	up <- 1
	<-c
}

// TestDumpNamesStatements: of a declared function the profile does not tell the go
// statement, a dump does.
func TestDumpNamesStatements(t *testing.T) {
	c, up := make(chan int), make(chan int)
	_, file, line, _ := runtime.Caller(0)
	go waiting(c, up)
	<-up
	buffer := make([]byte, 1<<20)
	dump := string(buffer[:runtime.Stack(buffer, true)])
	close(c)
	a, err := FromProfile(made("runtime.newstack github.com/lfpool/lfpool/cmd/lfgo/internal/advice.waiting"))
	require.NoError(t, err)
	require.Len(t, a.Rows, 1)
	assert.Empty(t, a.Rows[0].At)
	require.NoError(t, a.AddDump(dump))
	assert.Equal(t, fmt.Sprintf("%s:%d", file, line+1), a.Rows[0].At)
}

func TestTraceTellsLives(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, trace.Start(&b))
	_, file, line, _ := runtime.Caller(0)
	for range 50 {
		done := make(chan int)
		go func() { // 3 lines below
			time.Sleep(time.Millisecond)
			close(done)
		}()
		<-done
	}
	trace.Stop()
	all, err := FromTrace(b.Bytes())
	require.NoError(t, err)
	var found *Lives
	for i, l := range all {
		if l.At == fmt.Sprintf("%s:%d", file, line+3) {
			found = &all[i]
		}
	}
	require.NotNil(t, found, all)
	assert.Contains(t, found.Root, "TestTraceTellsLives.func")
	assert.Equal(t, 50, found.Started)
	assert.GreaterOrEqual(t, found.Ended, 49) // the last may end after the trace
	assert.LessOrEqual(t, found.Peak, 3)
	assert.Greater(t, found.Reused(), 0.9)
	assert.Greater(t, found.Lifetime.P50, time.Millisecond)
	assert.GreaterOrEqual(t, found.Lifetime.P99, found.Lifetime.P50)
	assert.Positive(t, found.Latency.P50)
	assert.Positive(t, found.Running)
	assert.Contains(t, LivesText(all), filepath.Base(file))

	a, err := FromProfile(made("runtime.newstack " + found.Root))
	require.NoError(t, err)
	assert.Equal(t, "~d/f.go:10", a.Rows[0].Where())
	a.AddLives(all)
	assert.Equal(t, found.At, a.Rows[0].At)
	assert.True(t, strings.HasSuffix(a.Rows[0].Where(), "advice/"+fmt.Sprintf("advice_test.go:%d", line+3)), a.Rows[0].Where())
}

func TestPageHasAPicture(t *testing.T) {
	a, err := FromProfile(made("runtime.newstack p.f p.root", "runtime.newproc p.f p.root", "p.f p.other[...]<x>"))
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, Page(&b, a, []Lives{{At: "/d/f.go:3", Root: "p.lives", Started: 3}}, []string{"cpu.pprof"}))
	page := b.String()
	for _, part := range []string{"Worth it: ", "<svg", "p.root", "f.go:3", "p.lives", "cpu.pprof", "growing stacks"} {
		assert.Contains(t, page, part)
	}
	assert.NotContains(t, page, "<x>", "names are escaped")
	assert.NotContains(t, page, "<?xml")
	b.Reset()
	require.NoError(t, Page(&b, nil, []Lives{{Root: "p.lives"}}, nil))
	assert.NotContains(t, b.String(), "<svg")
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		7: "7ns", 1234: "1.23µs", 123456: "123µs", 12345678: "12.35ms", 123456789: "123ms", 1234567890: "1.23s", 123 * time.Second: "2m3s",
	} {
		assert.Equal(t, want, short(d))
	}
}
