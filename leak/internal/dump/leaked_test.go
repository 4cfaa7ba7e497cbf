package dump_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/idle"
	"github.com/lfpool/lfpool/leak/internal/dump"
	"github.com/lfpool/lfpool/pool"
)

// The goroutineleak profile finds goroutines that wait for what nothing that
// can run refers to. It is there from Go 1.27 on, and in Go 1.26 with
// GOEXPERIMENT=goroutineleakprofile. A goroutine that has been found stays
// marked in other profiles too, so the programs are processes of their own: the
// test binary runs itself.
const childVar = "LEAK_TEST_CHILD"

func TestMain(m *testing.M) {
	program, ok := leakers[os.Getenv(childVar)]
	if !ok {
		os.Exit(m.Run())
	}
	program()
	busy := regexp.MustCompile(`(?m)^goroutine \d+ \[(running|runnable)`)
	var text bytes.Buffer
	for n := 0; n != 1; n = len(busy.FindAllIndex(text.Bytes(), -1)) { // this one
		time.Sleep(time.Millisecond)
		text.Reset()
		pprof.Lookup("goroutine").WriteTo(&text, 2)
	}
	for format, debug := range debugOf {
		f, err := os.Create(filepath.Join(os.Args[1], string(format)))
		if err == nil {
			err = pprof.Lookup("goroutineleak").WriteTo(f, debug)
		}
		if err != nil {
			panic(err)
		}
	}
	runtime.KeepAlive(kept)
}

const (
	forgottenReaders = 5
	forgottenPools   = 12
)

// kept are pools in use.
var kept = []*pool.Pool{newPool(), newPool()}

func forgotten[T any]() {
	c := make(chan T)
	go func() { <-c }()
}

// leakers are programs whose goroutineleak profile is read.
var leakers = map[string]func(){
	"readers": func() {
		for range forgottenReaders {
			forgotten[int]()
		}
		for _, p := range kept {
			done := make(chan struct{})
			p.Go(func() { close(done) })
			<-done
		}
	},
	"pools": func() {
		for range forgottenPools {
			p := pool.New(pool.WithLimit(1), pool.WithRetention(idle.Never))
			done := make(chan struct{})
			p.Go(func() { close(done) })
			<-done
		}
	},
}

// leakProfiles runs one of the programs and returns its goroutineleak profiles.
func leakProfiles(t *testing.T, program string) map[dump.Format]*dump.Profile {
	if pprof.Lookup("goroutineleak") == nil {
		t.Skip("no goroutineleak profile: it takes Go 1.27, or GOEXPERIMENT=goroutineleakprofile")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), childVar+"="+program)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	profiles := map[dump.Format]*dump.Profile{}
	for format := range debugOf {
		data, err := os.ReadFile(filepath.Join(dir, string(format)))
		require.NoError(t, err)
		profiles[format] = parse(t, data)
		assert.Equal(t, format != dump.Debug2, profiles[format].Leaks, "debug=2 has all goroutines")
	}
	return profiles
}

func text(t *testing.T, r *dump.Report) string {
	var b strings.Builder
	require.NoError(t, r.WriteText(&b))
	return b.String()
}

// TestLeakedGoroutines: a few goroutines that are proven to be leaked are a
// finding, in all forms of the goroutineleak profile; the parked workers and
// reapers of pools in use are none.
func TestLeakedGoroutines(t *testing.T) {
	for format, p := range leakProfiles(t, "readers") {
		r := dump.Explain(dump.Options{}, p)
		require.Len(t, r.Findings, 1, "%s:\n%s", format, text(t, r))
		f := r.Findings[0]
		assert.Equal(t, "github.com/lfpool/lfpool/leak/internal/dump_test.forgotten[...].func1", f.Roles[0].Entry, format)
		assert.Equal(t, forgottenReaders, f.Count(), format)
		assert.Equal(t, forgottenReaders, f.Leaked(), format)
		assert.Contains(t, text(t, r), "5 leaked: nothing that can run refers to what they wait for\n", format)
		if format == dump.Debug2 {
			assert.Equal(t, "channel that nobody closes", f.Pattern.Name)
			assert.Equal(t, dump.Tally{"chan receive": forgottenReaders}, f.Roles[0].Waits)
			assert.Equal(t, len(kept), workers(p)[dump.Parked], "silent, but not hidden")
			assert.Equal(t, len(kept), workers(p)[dump.Reaper])
		} else {
			assert.Equal(t, forgottenReaders, p.Total, "no worker is among them")
			assert.Contains(t, text(t, r), fmt.Sprintf("5 leaked goroutines (%s)\n", format))
		}
	}
}

// TestForgottenNever: pools with idle.Never that nothing refers to any more are
// named. The runtime marks their goroutines if their reaper has no timer, for
// with one it can run; debug=2, which has all goroutines, names them in either
// case.
func TestForgottenNever(t *testing.T) {
	for format, p := range leakProfiles(t, "pools") {
		r := dump.Explain(dump.Options{Min: forgottenPools}, p)
		if format != dump.Debug2 && p.Total == 0 {
			assert.Empty(t, r.Findings, format)
			continue
		}
		require.Len(t, r.Findings, 1, "%s:\n%s", format, text(t, r))
		f := r.Findings[0]
		want := "too many pools"
		if f.Leaked() > 0 {
			want = "forgotten pool"
		}
		assert.Equal(t, want, f.Pattern.Name)
		assert.Equal(t, 2*forgottenPools, f.Count(), "reapers and parked workers")
	}
}

// A pool with idle.Never whose reaper has no timer, in the goroutineleak
// profile of Go 1.27.
const forgottenPool = `goroutineleak profile: total 2
1 @ 0x482f6a 0x41538e 0x414ed2 0x4fc8e5 0x4fc8eb 0x4fc773 0x4fc51d 0x4fc4cb 0x488fa1
#	0x4fc8e4	github.com/lfpool/lfpool/pool.(*Worker).park+0xa4	/lfpool/pool/park.go:122
#	0x4fc8ea	github.com/lfpool/lfpool/pool.(*Worker).rest+0xaa	/lfpool/pool/worker.go:187
#	0x4fc772	github.com/lfpool/lfpool/pool.(*runner).serve+0x212	/lfpool/pool/worker.go:158
#	0x4fc51c	github.com/lfpool/lfpool/pool.(*Worker).live+0x9c	/lfpool/pool/worker.go:107
#	0x4fc4ca	github.com/lfpool/lfpool/pool.(*Pool).run+0x4a	/lfpool/pool/worker.go:102

1 @ 0x482f6a 0x45f7f7 0x4ed52b 0x488fa1
#	0x4ed52a	github.com/lfpool/lfpool/idle.(*Reaper).Run+0x1ca	/lfpool/idle/reaper.go:78

`

// TestForgottenPool: one is enough, with one profile and with two.
func TestForgottenPool(t *testing.T) {
	p := parse(t, []byte(forgottenPool))
	for _, r := range []*dump.Report{dump.Explain(dump.Options{}, p), dump.Explain(dump.Options{}, p, p)} {
		require.NotEmpty(t, r.Findings)
		n := 0
		for _, f := range r.Findings {
			assert.Equal(t, "forgotten pool", f.Pattern.Name)
			n += f.Leaked()
		}
		assert.Equal(t, 2, n)
		assert.Contains(t, text(t, r), "cure: Drain the pool before its last reference goes")
	}
}

// TestLabels: debug=2 has the same labels as debug=1, whatever is in them,
// where GODEBUG=tracebacklabels=1 shows them: from Go 1.26 on in the brackets,
// from Go 1.27 on behind them and with quotes only where needed.
func TestLabels(t *testing.T) {
	if goMinor(t) < 26 {
		t.Skip("no labels in debug=2 before Go 1.26")
	}
	t.Setenv("GODEBUG", "tracebacklabels=1")
	for i, labels := range [][]string{
		{"path", "/x"},
		{"a.b", "", "c_d/e", "7"},
		{"", "x"},
		{"key with space", `v "quoted" \ and`},
		{"x", "]:"}, {"x", "] {a: b}:"}, {"x", " labels:{"}, {"x", "a, b: c}"}, {"{", "}"},
		{"x", "line\nand\ttab\r"}, {"x", "ü 語 \U0001F600"}, {"x", "\x00\x7f"},
		{"n", "1 minutes, 5 minutes", "m", "locked to thread"},
	} {
		stop := make(chan struct{})
		started := make(chan struct{})
		pprof.Do(context.Background(), pprof.Labels(append(labels, "case", fmt.Sprint(i))...), func(context.Context) {
			go func() { close(started); <-stop }()
		})
		<-started
		want := dump.Tally{fmt.Sprintf("case=%d", i): 1}
		for j := 0; j < len(labels); j += 2 {
			want[labels[j]+"="+labels[j+1]] = 1
		}
		for _, format := range []dump.Format{dump.Debug1, dump.Debug2} {
			await(t, format, func(p *dump.Profile) bool { return role(p, "TestLabels.func1.1").Count() == 1 })
			assert.Equal(t, want, role(parse(t, written(t, format)), "TestLabels.func1.1").Labels, format)
		}
		close(stop)
		await(t, dump.Debug2, func(p *dump.Profile) bool { return role(p, "TestLabels.func1.1").Count() == 0 })
	}
}
