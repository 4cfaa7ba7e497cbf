package record

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var syntheticHost = Host{
	CPU: "Example CPU", Cores: 2, GOOS: "linux", GOARCH: "amd64", Go: "go1.26", Governor: "performance",
	Commit: "0123456789ab", Started: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC),
}

func key(name, contestant string) Key {
	return Key{Kind: Tasks, Name: name, Procs: 2, Contestant: contestant}
}

// synthetic has a time per task for each round.
func synthetic() *Record {
	r := &Record{Host: syntheticHost}
	add := func(k Key, ns ...float64) {
		for _, v := range ns {
			r.Add(k, 1, map[string]float64{NsOp: v})
		}
	}
	// In odd rounds the machine is at half its speed.
	add(key("wait", "go"), 300, 600, 300, 600, 300, 600)
	add(key("wait", "lfpool"), 360, 720, 360, 720, 360, 720)
	add(key("deep", "go"), 5000, 5000, 5000, 5000, 5000, 5000)
	add(key("deep", "late"), 2500) // interrupted
	return r
}

func TestRatioIsTakenRoundByRound(t *testing.T) {
	r := synthetic()
	m, ok := r.Ratio(key("wait", "lfpool"), key("wait", "go"), NsOp)
	require.True(t, ok)
	assert.InDelta(t, 1.2, m.Center, 1e-9)
	assert.InDelta(t, 1.2, m.Lo, 1e-9, "a slow round does not widen the interval")
	assert.InDelta(t, 1.2, m.Hi, 1e-9)
}

func TestRatioUsesCommonRounds(t *testing.T) {
	r := synthetic()
	m, ok := r.Ratio(key("deep", "late"), key("deep", "go"), NsOp)
	require.True(t, ok)
	assert.InDelta(t, 0.5, m.Center, 1e-9)
	assert.True(t, math.IsInf(m.Hi, 1), "one sample bounds nothing")
	_, ok = r.Ratio(key("wait", "go"), key("wait", "nobody"), NsOp)
	assert.False(t, ok)
	_, ok = r.Ratio(key("wait", "go"), key("wait", "lfpool"), P50)
	assert.False(t, ok)
}

func TestDifferenceIsTakenRoundByRound(t *testing.T) {
	r := synthetic()
	m, ok := r.Difference(key("wait", "lfpool"), key("wait", "go"), NsOp)
	require.True(t, ok)
	assert.Equal(t, 90.0, m.Center)
	assert.Equal(t, [2]float64{60, 120}, [2]float64{m.Lo, m.Hi})
	_, ok = r.Difference(key("wait", "go"), key("wait", "nobody"), NsOp)
	assert.False(t, ok)
	_, tells := r.Compare(key("wait", "lfpool"), key("wait", "go"), NsOp)
	assert.True(t, tells)
	_, tells = r.Compare(key("wait", "nobody"), key("wait", "go"), NsOp)
	assert.False(t, tells)
}

func TestGroupsAndContestants(t *testing.T) {
	r := synthetic()
	assert.Equal(t, []Key{key("wait", ""), key("deep", "")}, r.Groups(Tasks))
	assert.Equal(t, []string{"go", "late"}, r.Contestants(key("deep", "")))
	r.Order = []string{"late"}
	assert.Equal(t, []string{"late", "go"}, r.Contestants(key("deep", "")))
	assert.Equal(t, []string{"late", "go", "lfpool"}, r.Contestants(r.Groups(Tasks)...))
	assert.Empty(t, r.Groups(Starts))
}

func TestFiveDigitsAreKept(t *testing.T) {
	r := &Record{}
	r.Add(key("wait", "go"), 1, map[string]float64{NsOp: 123456.789})
	assert.Equal(t, []float64{123460}, r.Cells[0].Values[NsOp])
}

// TestNoiseIsTold: a spread of go's samples, or a load at the start, makes a
// run noisy; either is named.
func TestNoiseIsTold(t *testing.T) {
	quiet := &Record{Host: syntheticHost}
	quiet.Host.begun.all = math.MaxFloat64
	for round := range 6 {
		quiet.Add(key("wait", "go"), 1, map[string]float64{NsOp: 300 + float64(round)})
		quiet.Add(key("wait", "lfpool"), 1, map[string]float64{NsOp: 300 * float64(1+round%2)})
	}
	quiet.End(false)
	assert.Empty(t, others(quiet.Noise), "lfpool's own spread does not count")
	assert.Contains(t, Noise{GoSpread: 0.01}.String(), "Quiet")
	assert.NotContains(t, Noise{}.String(), "Quiet", "no sample of go, no verdict")
	assert.Contains(t, Noise{}.String(), "not known")

	loud := synthetic()
	loud.Host.Load = 3
	loud.Host.begun.all = math.MaxFloat64
	delete(loud.index, key("deep", "go"))
	loud.Cells = loud.Cells[:2]
	loud.End(true)
	require.Len(t, others(loud.Noise), 2)
	assert.Contains(t, loud.Noise.String(), "NOISY MACHINE: the samples of go spread by")
	assert.Contains(t, others(loud.Noise)[1], "load average was 3.00")
	assert.True(t, loud.Interrupted)
}

// others leaves out what depends on what else this machine does during the test.
func others(n Noise) []string {
	return slices.DeleteFunc(n.Reasons, func(s string) bool { return strings.Contains(s, "goroutines that compute got") })
}

func TestProcessorsThatAreMissedAreTold(t *testing.T) {
	r := &Record{Host: syntheticHost}
	r.Host.got, r.Host.Cores = 1, 1000
	r.End(false)
	assert.Contains(t, r.Noise.String(), "of 1000 processors")
	assert.Positive(t, r.Noise.Got)
	assert.LessOrEqual(t, processors(), 1.1*float64(runtime.NumCPU()))
}

func TestHostSaysWhatIsKnown(t *testing.T) {
	h := ThisHost()
	assert.NotEmpty(t, h.CPU)
	assert.Positive(t, h.Cores)
	assert.NotEmpty(t, h.Governor)
	assert.Equal(t, "Example CPU, 2 cores, "+syntheticHost.Go+", commit 0123456789ab, 2026-01-02 03:04 UTC", syntheticHost.Line())
}

// TestWholeRecords are of a commit, and complete.
func TestWholeRecords(t *testing.T) {
	of := func(commit string) *Record { return &Record{Host: Host{Commit: commit}} }
	assert.True(t, of("0123456789ab").Whole())
	for _, commit := range []string{"", "unknown", "0123456789ab+dirty"} {
		assert.False(t, of(commit).Whole(), commit)
	}
	r := of("0123456789ab")
	r.Failed = []string{"memory of ants"}
	assert.False(t, r.Whole())
	r = of("0123456789ab")
	r.Interrupted = true
	assert.False(t, r.Whole())
}
