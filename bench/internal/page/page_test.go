package page

import (
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

func key(kind, name, contestant string) record.Key {
	return record.Key{Kind: kind, Name: name, Procs: 2, Contestant: contestant}
}

func tasks(name, contestant string) record.Key { return key(record.Tasks, name, contestant) }

// synthetic has a time for each round, and no other values than that.
func synthetic() *record.Record {
	r := &record.Record{
		Host: record.Host{CPU: "Example CPU", Cores: 2, Commit: "0123456789ab", Started: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)},
		Docs: map[string]string{"wait": "one at a time", "wait-deep": "one, deep"},
	}
	add := func(k record.Key, ns ...float64) {
		for _, v := range ns {
			bytes := 16.0
			if k.Contestant == contest.Subject {
				bytes = 16.5
			}
			r.Add(k, 1, map[string]float64{record.NsOp: v, record.CPUOp: 2 * v, record.BytesOp: bytes, record.AllocsOp: 1})
		}
	}
	// From round to round the machine is a little slower.
	add(tasks("wait", "go"), 300, 303, 306, 309, 312, 315)
	add(tasks("wait", "lfpool"), 360, 363.6, 367.2, 370.8, 374.4, 378)
	add(tasks("wait", "other"), 450, 454.5, 459, 463.5, 468, 472.5)
	add(tasks("wait-deep", "go"), 5000, 5000, 5000, 5000, 5000, 5000)
	add(tasks("wait-deep", "lfpool"), 510, 490, 510, 490, 510, 500)
	add(tasks("wait-deep", "other"), 500, 500, 500, 500, 500, 500)
	add(tasks("wait-deep", "late"), 2500) // interrupted
	return r
}

// whole has something of every kind.
func whole() *record.Record {
	r := synthetic()
	for round := range 6 {
		speed := 1 + 0.01*float64(round)
		for _, way := range load.Ways() {
			for _, x := range []float64{1, 10, 100} {
				for _, sweep := range []string{load.DepthSweep, load.SizeSweep, load.SleepSweep} {
					k := record.Key{Kind: record.Tasks, Name: sweep + way, X: x, Procs: 2}
					r.Add(k.Of("go"), 1, map[string]float64{record.NsOp: 300 * speed})
					// Better from ten on.
					r.Add(k.Of("lfpool"), 1, map[string]float64{record.NsOp: map[float64]float64{1: 360, 10: 290, 100: 30}[x] * speed})
				}
			}
		}
		for i, c := range []string{"go", "lfpool"} {
			v := float64(100*(i+1)) * speed
			one := tasks("wait", c)
			one.Procs = 4
			r.Add(one, 1, map[string]float64{record.NsOp: v})
			r.Add(tasks("chain", c), 1, map[string]float64{record.NsOp: v})
			for _, a := range []string{"open-1µs-20", "open-1µs-50", "ramp"} {
				r.Add(key(record.Starts, a, c), 1, map[string]float64{record.P50: v, record.P99: 2 * v, record.P999: 3 * v, record.Cores: 1.5})
			}
			r.Add(key(record.Lateness, "beside-chains", c), 1, map[string]float64{record.P50: v, record.P99: 2 * v, record.CPUOp: v, measure.TaskRate: 1e9 / v})
			r.Add(tasks("cold10k", c), 1, map[string]float64{record.NsOp: v, record.CPUOp: v, measure.BytesBlocked: 2000 + v, measure.NsEnded: v})
			for _, procs := range []int{1, 2} {
				k := record.Key{Kind: record.Pairs, Name: "ms96", X: 2, Procs: procs, Contestant: c}
				r.Add(k, 1, map[string]float64{record.NetPair: v - 150})
			}
		}
	}
	r.Add(key(record.Memory, "peak", "lfpool"), 1, map[string]float64{"B/blocked-task": 2300, "goroutines-after": 0, "KiB-left": 24, "sec/shrink": 1.2})
	return r
}

func TestTables(t *testing.T) {
	var text bytes.Buffer
	r := synthetic()
	l, _ := losses(r)
	require.Empty(t, matrices(r, record.NsOp, true))
	for _, table := range slices.Concat([]Table{l.bySize, l.bytes}, l.each, matrices(r, record.NsOp, false), blocks.tables(r)) {
		table.Text(&text)
	}
	assert.Equal(t, golden, text.String())
}

// TestFloodsThatEnd: records from before a flood's end was measured have no columns for it.
func TestFloodsThatEnd(t *testing.T) {
	flood := func(values map[string]float64) *record.Record {
		r := new(record.Record)
		r.Add(record.Key{Kind: record.Tasks, Name: "cold10k", Procs: 2, Contestant: "go"}, 1, values)
		return r
	}
	tables := blocked.tables(flood(map[string]float64{measure.BytesBlocked: 2000}))
	assert.Equal(t, []string{"", "B/blocked task", "±", "x go", "n"}, tables[0].Head)
	tables = blocked.tables(flood(map[string]float64{measure.BytesBlocked: 2000, measure.NsEnded: 500}))
	assert.Equal(t, []string{"", "B/blocked task", "±", "x go", "ns/ended task", "±", "x go", "n"}, tables[0].Head)
	assert.Equal(t, "500.0", tables[0].Rows[0][4])
}

const golden = `
Where lfpool is worse than go, or than the best other pool or queue
                  than     at most    rows  which
  time              go  1.20 times  1 of 2  wait (1.20)
  processor time    go  1.20 times  1 of 2  wait (1.20)
Rows in which the median is worse, but the samples do not tell: 2.

Bytes in which lfpool is worse
                      than  at most    rows  which
  bytes a task          go   +0.5 B  2 of 2  wait (+0.5), wait-deep (+0.5)
  bytes a task  best other   +0.5 B  2 of 2  wait (+0.5, other), wait-deep (+0.5, other)

Each row in which lfpool is worse
                           procs  times         95 % interval  Mann-Whitney                 medians
  wait                         2   1.20     go   [1.20, 1.20]       p=0.002  369.0 ns, not 307.5 ns
  wait, processor time         2   1.20     go   [1.20, 1.20]       p=0.002  738.0 ns, not 615.0 ns
  wait, bytes a task           2   +0.5     go   [+0.5, +0.5]       p=0.002      16.5 B, not 16.0 B
  wait, bytes a task           2   +0.5  other   [+0.5, +0.5]       p=0.002      16.5 B, not 16.0 B
  wait-deep, bytes a task      2   +0.5     go   [+0.5, +0.5]       p=0.002      16.5 B, not 16.0 B
  wait-deep, bytes a task      2   +0.5  other   [+0.5, +0.5]       p=0.002      16.5 B, not 16.0 B

Rows in which lfpool's median is worse, but the samples do not tell the two apart
                             procs  times         95 % interval  Mann-Whitney                 medians
  wait-deep                      2   1.01  other   [0.98, 1.02]       p=0.409  505.0 ns, not 500.0 ns
  wait-deep, processor time      2   1.01  other   [0.98, 1.02]       p=0.409    1010 ns, not 1000 ns

Time per task, as a multiple of go, GOMAXPROCS 2
          wait  wait-deep
  go      1.00       1.00
  lfpool  1.20       0.10
  other   1.50       0.10
  late       -       0.50

wait, GOMAXPROCS 2: one at a time
          ns/task   ±  x go  CPU ns/task  x go  B/task  allocs/task  n
  go        307.5  2%  1.00        615.0  1.00    16.0            1  6
  lfpool    369.0  2%  1.20        738.0  1.20    16.5            1  6
  other     461.2  2%  1.50        922.5  1.50    16.0            1  6

wait-deep, GOMAXPROCS 2: one, deep
          ns/task   ±  x go  CPU ns/task  x go  B/task  allocs/task  n
  go         5000  0%  1.00        10000  1.00    16.0            1  6
  lfpool    505.0  3%  0.10         1010  0.10    16.5            1  6
  other     500.0  0%  0.10         1000  0.10    16.0            1  6
  late       2500   ∞  0.50         5000  0.50    16.0            1  1
`

// TestEachLossHasARow in the fold, with its interval.
func TestEachLossHasARow(t *testing.T) {
	l, compared := losses(whole())
	require.True(t, compared)
	var rows []string
	for _, row := range l.each[0].Rows {
		rows = append(rows, strings.Join(row[:3], " "))
	}
	assert.Contains(t, rows, "ramp, start p50 2 2.00")
	assert.NotContains(t, strings.Join(rows, "\n"), "depth-", "sweeps have a table of their own")
}

// TestLossesAreSoughtInEveryUnit that has a better and a worse.
func TestLossesAreSoughtInEveryUnit(t *testing.T) {
	for _, m := range metrics {
		r := &record.Record{}
		for round := range 6 {
			for c, v := range map[string]float64{m.subject(): 2, "go": 1, "other": 1} {
				r.Add(key(m.kind, "row", c), 1, map[string]float64{m.unit: v + 0.001*float64(round)})
			}
		}
		var rows []string
		for _, c := range contests(r) {
			assert.Equal(t, worse, c.verdict, m.what)
			rows = append(rows, c.rival.Contestant+" "+m.effect(c.effect.Center))
		}
		effect := "2.00"
		if m.minus {
			effect = m.effect(1)
		}
		assert.Equal(t, []string{"go " + effect, "other " + effect}, rows, m.what)
	}
}

// TestOneRuleTellsDifferences: a loss needs a ratio's interval above 1 and a p below
// 0.05. With either alone the row stands with those that the samples do not tell, in
// words and in the fold.
func TestOneRuleTellsDifferences(t *testing.T) {
	for name, of := range map[string]struct{ reference, own []float64 }{
		"p": { // the machine is at half its speed in odd rounds: the ratio is 1.2 in each
			[]float64{300, 600, 300, 600, 300, 600}, []float64{360, 720, 360, 720, 360, 720}},
		"interval": { // all of one are above all of the other but for a few
			[]float64{100, 101, 102, 103, 104, 105, 400, 400, 400, 106}, []float64{110, 111, 112, 113, 114, 115, 116, 117, 118, 119}},
	} {
		r := &record.Record{}
		for round := range of.own {
			r.Add(tasks("wait", "go"), 1, map[string]float64{record.NsOp: of.reference[round]})
			r.Add(tasks("wait", "lfpool"), 1, map[string]float64{record.NsOp: of.own[round]})
		}
		l, _ := losses(r)
		assert.Empty(t, l.bySize.Rows, name)
		require.Len(t, l.each, 1, name)
		assert.Contains(t, l.each[0].Title, "do not tell", name)
		assert.Equal(t, []string{"In no row, as far as the samples tell.", "Rows in which the median is worse, but the samples do not tell: 1."}, l.bySize.Notes, name)
	}
	assert.Contains(t, rule, "p < 0.05")
}

// TestLossesOfOneMetricShareALine, the greatest first, and many are counted.
func TestLossesOfOneMetricShareALine(t *testing.T) {
	r := &record.Record{}
	for i, w := range load.Main[:9] {
		for round := range 6 {
			drift := 1 + 0.001*float64(round)
			slower := 1.3
			if i == 1 {
				slower = 7
			}
			r.Add(tasks(w.Name, "go"), 1, map[string]float64{record.NsOp: 100 * drift, record.BytesOp: 16, record.CPUOp: 100 * drift})
			r.Add(tasks(w.Name, "lfpool"), 1, map[string]float64{record.NsOp: 100 * slower * drift, record.BytesOp: 16.56, record.CPUOp: 800 * drift})
		}
	}
	l, _ := losses(r)
	bySize, bytes, folded := l.bySize, l.bytes, l.each
	require.Len(t, bySize.Rows, 2)
	assert.Equal(t, []string{"processor time", "go", "8.0 times", "9 of 9"}, bySize.Rows[0][:4])
	assert.Equal(t, []string{"time", "go", "7.0 times", "9 of 9"}, bySize.Rows[1][:4])
	assert.Regexp(t, `^burst100 \(7\.00\), wait \(1\.30\),.* and 5 more$`, bySize.Rows[1][4])
	require.Len(t, bytes.Rows, 1, "a line for what is the same in all rows")
	assert.Equal(t, []string{"bytes a task", "go", "+0.56 B", "9 of 9"}, bytes.Rows[0][:4])
	require.Len(t, folded, 1)
	assert.Len(t, folded[0].Rows, 27, "each has its row in the fold")
}

// TestDifferencesRankByTheirRatio among the ratios, and rows say at how many
// processors where these are not those of the machine.
func TestDifferencesRankByTheirRatio(t *testing.T) {
	r := &record.Record{Host: record.Host{Cores: 2}}
	for round := range 6 {
		drift := 1 + 0.001*float64(round)
		for _, procs := range []int{1, 2} {
			k := record.Key{Kind: record.Lateness, Name: "beside-chains", Procs: procs}
			r.Add(k.Of("go"), 1, map[string]float64{record.P50: 1000 * drift, record.CPUOp: 10 * drift})
			r.Add(k.Of("lfpool"), 1, map[string]float64{record.P50: 20_000_000 * drift, record.CPUOp: 13 * drift})
		}
	}
	l, _ := losses(r)
	bySize := l.bySize
	require.Len(t, bySize.Rows, 2)
	assert.Equal(t, []string{"lateness p50", "go", "+20049 us", "2 of 2", "beside-chains at GOMAXPROCS 1 (+20049), beside-chains (+20049)"}, bySize.Rows[0])
	assert.Equal(t, "1.30 times", bySize.Rows[1][2])
	r = &record.Record{}
	k := record.Key{Kind: record.Memory, Name: "peak", Procs: 2}
	r.Add(k.Of("lfpool"), 1, map[string]float64{measure.KiBLeft: 1})
	r.Add(k.Of("go"), 1, map[string]float64{measure.KiBLeft: 0})
	nothing := comparison{metric: metric{minus: true, unit: measure.KiBLeft}, own: k.Of("lfpool"), rival: k.Of("go")}
	assert.True(t, math.IsInf(nothing.times(r), 1), "more than nothing is the greatest loss")
}

// TestLearnt: three lines, all of them from the record.
func TestLearnt(t *testing.T) {
	assert.Equal(t, []string{
		"Time beside go: a task alone: 1.20 times dearer; deep stacks: 9.9 times cheaper.",
		"Processor time beside go: a task alone: 1.20 times dearer; deep stacks: 9.9 times cheaper.",
		"lfpool is faster than the best other pool of each row in 1 of 2 rows, slower in none. Apart from times of tasks it is worse than go in bytes a task (at most +0.5 B).",
	}, Learnt(synthetic()))
	all := Learnt(whole())
	require.Len(t, all, 3)
	assert.Contains(t, all[2], "lfpool is faster than the best other pool of each row in 1 of 2 rows, slower in none. Apart from times of tasks it is worse than go in bytes a task (at most +0.5 B),")
	assert.Contains(t, all[2], " lateness p50 (at most +0.1 us),")

	r := &record.Record{}
	for round := range 6 {
		drift := 1 + 0.001*float64(round)
		for name, ratio := range map[string]float64{"callers": 1.9, "callers8": 1.4, "ask": 0.5, "burst100": 1 - 0.002*float64(round%2), "burst10k": 1.002 - 0.004*float64(round%2)} {
			r.Add(tasks(name, "go"), 1, map[string]float64{record.NsOp: 100 * drift})
			r.Add(tasks(name, "lfpool"), 1, map[string]float64{record.NsOp: 100 * drift * ratio})
			r.Add(tasks(name, contest.Mutex), 1, map[string]float64{record.NsOp: 100 * drift})
			r.Add(tasks(name, contest.Spinlock), 1, map[string]float64{record.NsOp: 1000 * drift})
		}
	}
	lines := Learnt(r)
	require.Len(t, lines, 2)
	assert.Equal(t, "Time beside go: bursts and producers: no difference shown; callers that wait: 1.40 times dearer.", lines[0])
	assert.Equal(t, "lfpool is faster than a mutex pool in 1 of 5 rows, slower in 2 (at most 1.90 times: callers, handoff-mutex). lfpool is faster than a spinlock pool in 5 of 5 rows, slower in none. lfpool is faster than the best other pool of each row in 1 of 5 rows, slower in 2 (at most 1.90 times: callers, handoff-mutex).", lines[1])
	assert.Empty(t, Learnt(&record.Record{}))

	few := &record.Record{}
	few.Add(tasks("wait", "go"), 1, map[string]float64{record.NsOp: 1})
	few.Add(tasks("wait", "lfpool"), 1, map[string]float64{record.NsOp: 2})
	assert.Equal(t, []string{"Time beside go: a task alone: too few samples."}, Learnt(few))
}

// TestEveryMainWorkloadIsInOneFamily, so that the words leave nothing out.
func TestEveryMainWorkloadIsInOneFamily(t *testing.T) {
	in := map[string]int{}
	for _, o := range occasions {
		assert.NotEmpty(t, o.when)
		for _, name := range o.workloads {
			in[name]++
		}
	}
	for _, w := range load.Main {
		assert.Equal(t, 1, in[w.Name], w.Name)
	}
	for _, f := range measure.Floods(nil) {
		assert.Equal(t, 1, in[f.Name], f.Name)
	}
	assert.Len(t, in, len(load.Main)+2)
}

// TestFewSamplesTellNothing: neither a loss nor that there is none.
func TestFewSamplesTellNothing(t *testing.T) {
	r := &record.Record{}
	for round := range 3 {
		r.Add(tasks("wait", "go"), 1, map[string]float64{record.NsOp: 100})
		r.Add(tasks("wait", "lfpool"), 1, map[string]float64{record.NsOp: 200 + float64(round)})
	}
	l, compared := losses(r)
	assert.True(t, compared)
	assert.Empty(t, append(l.bySize.Rows, l.bytes.Rows...))
	assert.Empty(t, l.each)
	assert.Equal(t, []string{"In no row, as far as the samples tell.", "Comparisons with too few samples to tell: 1."}, l.bySize.Notes)
}

func TestNoLosses(t *testing.T) {
	r := synthetic()
	r.Cells = r.Cells[1:3] // wait without go
	for _, c := range r.Cells {
		delete(c.Values, record.BytesOp) // in which it loses
	}
	l, compared := losses(fresh(t, r))
	assert.True(t, compared)
	assert.Empty(t, append(l.bySize.Rows, l.bytes.Rows...))
	assert.Empty(t, l.each)
	assert.Equal(t, "In no row, as far as the samples tell.", l.bySize.Notes[0])
	r.Cells = r.Cells[:1]
	_, compared = losses(fresh(t, r))
	assert.False(t, compared, "there is nothing to be better than")
	assert.Empty(t, matrices(fresh(t, r), record.NsOp, false), "there is nothing to be a multiple of")
}

// fresh has nothing but the cells.
func fresh(t *testing.T, r *record.Record) *record.Record {
	t.Helper()
	text, err := r.Text()
	require.NoError(t, err)
	back, err := record.Read(text)
	require.NoError(t, err)
	return back
}

func TestCrossoverSaysWhereGoIsBetter(t *testing.T) {
	tables := crossover(whole())
	require.Len(t, tables, 3)
	depth := tables[0]
	assert.Equal(t, []string{"", "1", "10", "100"}, depth.Head)
	assert.Equal(t, []string{"wait", "1.20 go", "0.97", "0.10"}, depth.Rows[0])
	assert.Equal(t, []string{"", "1ns", "10ns", "100ns"}, tables[1].Head)
}

func TestTextHasAllKinds(t *testing.T) {
	var text bytes.Buffer
	Text(&text, whole())
	page := text.String()
	lost := strings.Index(page, "Where lfpool is worse")
	require.Positive(t, lost)
	for _, title := range []string{"by the depth of a task", "as a multiple of go", "open-1µs-20, GOMAXPROCS 2", "ms96, 2 a processor: net ns of an enqueue and a dequeue. 6 samples of 1 pairs each, or more.", "Lateness of a goroutine that sleeps 1 ms, beside-chains, GOMAXPROCS 2", "Processor time per task", "Live heap and stacks, cold10k", "Live heap and stacks, peak", "wait, GOMAXPROCS 2: one at a time"} {
		assert.Greater(t, strings.Index(page, title), lost, "%s, after what is lost", title)
	}
	assert.Contains(t, page, "commit 0123456789ab, 2026-01-02 03:04 UTC, ")
}

// TestSamplesAreCounted in every table that has one row a contestant.
func TestSamplesAreCounted(t *testing.T) {
	r := whole()
	for _, tables := range [][]Table{blocks.tables(r), starts.tables(r), lateness.tables(r), blocked.tables(r), memory.tables(r)} {
		require.NotEmpty(t, tables)
		for _, table := range tables {
			assert.Equal(t, "n", table.Head[len(table.Head)-1], table.Title)
			for _, row := range table.Rows {
				assert.Regexp(t, `^[1-9]\d*$`, row[len(row)-1], table.Title)
			}
		}
	}
}

func TestNothingMeasured(t *testing.T) {
	var text, html bytes.Buffer
	Text(&text, &record.Record{})
	assert.Equal(t, 3, strings.Count(text.String(), "\n"), "the head only")
	require.NoError(t, HTML(&html, &record.Record{}))
	assert.NotContains(t, html.String(), "<section")
}

// TestPageIsSelfContained: it shows everything, and refers to nothing outside.
func TestPageIsSelfContained(t *testing.T) {
	var html bytes.Buffer
	r := whole()
	r.Noise.Reasons = []string{"a reason <b>"}
	r.Failed = []string{"memory of ants"}
	require.NoError(t, HTML(&html, r))
	page := html.String()
	assert.NotRegexp(t, regexp.MustCompile(`(?i)(src|href|url|action|data)\s*[=(]\s*["']?\s*(https?:)?//`), page)
	assert.NotContains(t, page, "<script")
	assert.NotContains(t, page, "<link")
	assert.NotContains(t, page, "@import")
	assert.NotContains(t, page, "NaN")
	for _, id := range []string{"lost", "crossover", "tasks", "processor", "scaling", "starts", "lateness", "memory", "paper"} {
		assert.Contains(t, page, `<section id="`+id+`">`)
		assert.Contains(t, page, `<a href="#`+id+`">`)
	}
	assert.GreaterOrEqual(t, strings.Count(page, "<svg"), 12)
	assert.Equal(t, strings.Count(page, "<svg"), strings.Count(page, "</svg>"))
	at := -1
	for _, what := range []string{`<p class="verdict">Time beside go`, `id="tasks"`, "<svg", `id="lost"`, "or than the best other pool or queue", "<summary>Bytes, and each row", "Bytes in which lfpool is worse", "Each row in which", `id="crossover"`} {
		i := strings.Index(page, what)
		assert.Greater(t, i, at, "%s: the verdict first, then charts, then losses with bytes folded", what)
		at = i
	}
	assert.Equal(t, 3, strings.Count(page, `class="verdict"`))
	assert.Contains(t, page, "Not measured, for an error: memory of ants.")
	assert.Contains(t, page, "NOISY MACHINE: a reason &lt;b&gt;")
	assert.Contains(t, page, "prefers-color-scheme: dark")
	assert.Contains(t, page, "@media print")
	assert.Contains(t, page, "details::details-content { content-visibility: visible", "what is folded shows on paper")
	for _, key := range regexp.MustCompile(`(?s)<div class="key">(.*?)</div>`).FindAllStringSubmatch(page, -1) {
		assert.Equal(t, strings.Count(key[1], "<span>"), strings.Count(key[1], "<svg"), "each entry is drawn")
		entries := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(key[1], -1)
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(entries))), len(entries), "and unlike the others")
	}
}

func TestPageReportsErrors(t *testing.T) {
	assert.ErrorIs(t, HTML(badDisk{}, whole()), errDisk)
}

var errDisk = errors.New("disk full")

type badDisk struct{}

func (badDisk) Write([]byte) (int, error) { return 0, errDisk }

func TestMarkdown(t *testing.T) {
	var text bytes.Buffer
	table := Table{Title: "Title", Head: []string{"", "a-c", "b"}, Rows: [][]string{{"<x>", "1", "2"}}, Notes: []string{"note"}}
	require.NoError(t, markdown.ExecuteTemplate(&text, "table", table))
	assert.Equal(t, "\n**Title**\n\n|  | a-c | b |\n|---|---|---|\n| <x> | 1 | 2 |\n\nnote\n", text.String())
}

func TestFormat(t *testing.T) {
	for want, v := range map[string]float64{"0": 0.004, "0.13": 0.125001, "1": 0.999, "16.0": 16.02, "8826": 8826.4, "41.7": 41.73} {
		assert.Equal(t, want, digits(v))
	}
	assert.Equal(t, "1.5us", size(1500))
	assert.Equal(t, "0.3", microseconds(301))
	ns := metric{digits: digits, minus: true}
	assert.Equal(t, "+1512", ns.effect(1512.3))
	assert.Equal(t, "-0.56", ns.effect(-0.5631))
	r := &record.Record{}
	for _, v := range []float64{1, 1, 1, 1, 1, 1} {
		r.Add(tasks("wait", "go"), 1, map[string]float64{record.NsOp: v})
	}
	r.Add(tasks("wait", "lfpool"), 1, map[string]float64{record.NsOp: 1})
	one, _ := r.Median(tasks("wait", "lfpool"), record.NsOp)
	assert.Equal(t, "[-∞, +∞]", interval(one, ns.effect))
	six, _ := r.Median(tasks("wait", "go"), record.NsOp)
	assert.Equal(t, "[1.00, 1.00]", interval(six, metric{}.effect))
}

// TestVariantsHaveTablesOfTheirOwn.
func TestVariantsHaveTablesOfTheirOwn(t *testing.T) {
	r := synthetic()
	r.Add(tasks("wait", "idle-ms"), 1, map[string]float64{record.NsOp: 600})
	times, variants := matrices(r, record.NsOp, false), matrices(r, record.NsOp, true)
	require.Len(t, times, 1)
	require.Len(t, variants, 1)
	assert.Equal(t, [][]string{{"idle-ms", "2.00", "-"}}, variants[0].Rows)
	assert.Equal(t, []string{"", "wait", "wait-deep"}, variants[0].Head)
	for _, row := range times[0].Rows {
		assert.NotEqual(t, "idle-ms", row[0])
	}
}

func TestPages(t *testing.T) {
	var text bytes.Buffer
	r := synthetic()
	r.Noise.Reasons = []string{"the load average was 3.00 at the start (over 0.5 a core)"}
	report := Page("tasks", "lost", "starts", "memory")
	require.NoError(t, report(&text, r, "bench/results/run"))
	for _, want := range []string{
		"Example CPU, 2 cores", "commit 0123456789ab", "medians of up to 6 rounds",
		"the load average was 3.00",
		"(bench/results/run.txt)",
		"\n## Time of a task\n", "|  | wait | wait-deep |\n",
		"| go | 1.00 | 1.00 |",
		"| lfpool | 1.20 | 0.10 |",
		"| late | - | 0.50 |",
	} {
		assert.Contains(t, text.String(), want)
	}
	text.Reset()
	require.NoError(t, report(&text, whole(), "bench/results/run"))
	for _, want := range []string{
		"| time | go | 2.0 times | 4 of 5 | wait at GOMAXPROCS 4 (2.00), chain (2.00), cold10k (2.00), wait (1.20) |",
		"| start p99.9 | go | 2.0 times | 3 of 3 | open-1µs-20 (2.00), open-1µs-50 (2.00), ramp (2.00) |",
		"p99**\n\n|  | open-1µs-20 | open-1µs-50 | ramp |", "| lfpool | 0.41 | 0.41 | 0.41 |",
		"| lfpool | 2300 | ∞ | 0 | - | 1.2s | 24.0 | 1 |",
		"\n## In words\n\n- Time beside go: a task alone: 1.20 times dearer", "\n## What lfpool loses\n",
	} {
		assert.Contains(t, text.String(), want)
	}
	assert.NotContains(t, text.String(), "by the depth of a task")
	text.Reset()
	require.NoError(t, Page("crossover")(&text, whole(), "run"))
	assert.Contains(t, text.String(), "| wait | 1.20 go | 0.97 | 0.10 |")
	assert.Contains(t, text.String(), "(run.txt)")
	assert.NotContains(t, text.String(), "## ")
}

// TestOtherPools: lfpool's own variants and what starts a goroutine for each task are no
// other pools, however fast they are.
func TestOtherPools(t *testing.T) {
	r := &record.Record{}
	for round := range 6 {
		for c, ns := range map[string]float64{"go": 100, "lfpool": 50, "retention-by-age": 10, "without-slot": 10, "errgroup": 20, "conc": 20, "ants": 40} {
			r.Add(tasks("burst10k", c), 1, map[string]float64{record.NsOp: ns + 0.001*float64(round)})
		}
	}
	said := "lfpool is faster than the best other pool of each row in 0 of 1 rows, slower in 1 (at most 1.25 times: burst10k, ants)"
	assert.Equal(t, []string{said}, beside(r))
	l, _ := losses(r)
	require.Len(t, l.each, 1)
	require.Len(t, l.each[0].Rows, 1)
	assert.Equal(t, "ants", l.each[0].Rows[0][3])
}

// TestChoice: half of the rows of a load decide for whom it is, and the line has their median;
// processor time has a word only where it tells something else.
func TestChoice(t *testing.T) {
	r := synthetic()
	assert.Equal(t, []advice{
		{"Use it when", []string{"tasks call deeply, so that their stacks grow (to 9 KiB here): 9.9 times cheaper"}},
		{"Use `go` when", []string{"one goroutine submits a shallow task and waits for it, over and over: 1.20 times dearer"}},
	}, advices(r))

	for round := range 6 {
		add := func(workload string, x, own, processor float64) {
			for c, of := range map[string][2]float64{"go": {100, 100}, "lfpool": {own, processor}} {
				k := record.Key{Kind: record.Tasks, Name: workload, X: x, Procs: 2, Contestant: c}
				r.Add(k, 1, map[string]float64{record.NsOp: of[0] + float64(round)/100, record.CPUOp: of[1] + float64(round)/100})
			}
		}
		add("burst10k-deep", 0, 150, 150)
		add("callers", 0, 150, 100)
		add("callers8", 0, 130, 100)
		add("ask", 0, 90, 100)
		add("sleep1ms", 0, 100, 80)
		add(load.SizeSweep+"burst", 10_000, 100, 100)
		add(load.SizeSweep+"burst", 1_000, 150, 150)
	}
	assert.Equal(t, []advice{
		{"Use `go` when", []string{
			"one goroutine submits a shallow task and waits for it, over and over: 1.20 times dearer",
			"callers, one a core or eight, each submit a task and wait for it: 1.30 times dearer; processor time: no difference shown",
			"tasks call deeply, so that their stacks grow (to 9 KiB here): 1.50 times dearer",
		}},
		{"It makes no difference when", []string{"tasks sleep (1 ms here); processor time: 1.25 times cheaper", "tasks compute for 10 us or more"}},
	}, advices(r))

	var text bytes.Buffer
	require.NoError(t, Choice(&text, r, "bench/results/run"))
	assert.NotContains(t, text.String(), "**Use it when**", "an empty list has no head")
	assert.Contains(t, text.String(), "**Use `go` when**\n- one goroutine submits")
	few := &record.Record{}
	few.Add(tasks("wait", "go"), 1, map[string]float64{record.NsOp: 1})
	few.Add(tasks("wait", "lfpool"), 1, map[string]float64{record.NsOp: 2})
	assert.Empty(t, advices(few))
}

// TestCommand: all that was typed, but for the file's name.
func TestCommand(t *testing.T) {
	for want, args := range map[string][]string{
		"go run ./bench":                   nil,
		"go run ./bench full -wait 15s":    {"full", "-wait", "15s", "-o", "/tmp/x.txt"},
		"go run ./bench full -count 12":    {"full", "-o=x.txt", "-count", "12"},
		"go run ./bench -quick -run ^go/":  {"-quick", "--o", "", "-run", "^go/"},
		"go run ./bench machine -x 1 mila": {"machine", "-x", "1", "-o", "a-o.txt", "mila"},
	} {
		assert.Equal(t, want, view{R: &record.Record{Args: args, Full: true}}.Command())
	}
}

func TestResults(t *testing.T) {
	r := synthetic()
	r.Noise.Reasons = []string{"the load average was 3.00 at the start (over 0.5 a core)"}
	for range 6 {
		r.Add(tasks("wait", contest.Mutex), 1, map[string]float64{record.NsOp: 615})
	}
	var text bytes.Buffer
	require.NoError(t, Results(&text, r, "bench/results/run"))
	for _, want := range []string{
		"Example CPU, 2 cores", "commit 0123456789ab", "the load average was 3.00", "(bench/results/run.txt)",
		"| one task, waited for | 308 | 1.20 | 2.00 | - | - | - |",
		"\nlfpool is faster than a mutex pool in 1 of 1 rows, slower in none. lfpool is faster than the best other pool of each row in 1 of 2 rows, slower in none. Apart from times of tasks it is worse than go in bytes a task (at most +0.5 B). [Every",
	} {
		assert.Contains(t, text.String(), want)
	}
	text.Reset()
	require.NoError(t, Results(&text, whole(), "bench/results/run"))
	assert.Contains(t, text.String(), "| 10 000 tasks that block, new pool |")
	assert.Contains(t, text.String(), "worse than go in bytes a task")
}

func TestPicture(t *testing.T) {
	r := synthetic()
	for _, theme := range []chart.Theme{chart.Light, chart.Dark} {
		var svg bytes.Buffer
		require.NoError(t, Picture(theme)(&svg, r, ""))
		for _, want := range []string{">one task, waited for<", ">one task that grows its stack, waited for<", ">spinlock pool<", "Example CPU, 2 cores", "Medians with 95 % intervals"} {
			assert.Contains(t, svg.String(), want)
		}
		assert.NotContains(t, svg.String(), "callers", "not measured")
	}
	assert.ErrorContains(t, Picture(chart.Light)(io.Discard, new(record.Record), ""), "none of the picture's workloads")
}

// TestSimulations: figures of the simulated machine say so, with their band, and a
// gate that fails is shown as failed.
func TestSimulations(t *testing.T) {
	r := &record.Record{Host: record.Host{Commit: "0123456789ab"}}
	for _, cores := range []int{2, 64} {
		for c, v := range map[string]float64{"go": 10, "lfpool": 3} {
			k := record.Key{Kind: record.Simulated, Name: "milan-parallel", Procs: cores, Contestant: c}
			r.Add(k, 1, map[string]float64{record.SimulatedRate: v * float64(cores), record.SimulatedNs: 1e3 / v})
			k.Kind, k.Name = record.Transfers, "parallel"
			r.Add(k, 1, map[string]float64{record.Moves: v, "segment.enq" + record.WriteSuffix: v - 1, "segment.enq" + record.ReadSuffix: 1})
		}
	}
	for c, simulated := range map[string]float64{"go": 1, "lfpool": 0.5, "lanes-1": 0.4} {
		known := map[string]float64{"go": 1, "lfpool": 0.2, "lanes-1": 0.6}[c]
		r.Add(record.Key{Kind: record.Gates, Name: "parallel", Procs: 1, Contestant: c}, 1, map[string]float64{record.KnownPrefix + "1": known, record.KnownPrefix + "2": known - 0.1, record.KnownPrefix + "3": known + 0.1, record.SimulatedPrefix + "1": simulated})
	}
	for _, v := range []float64{300, 100, 250} {
		r.Add(record.Key{Kind: record.Simulated, Name: "milan-ms96", X: 2, Procs: 64, Contestant: "seg"}, 1, map[string]float64{record.SimulatedPair: v})
	}
	for name, passes := range map[string]float64{"1-order": 0, "2-curve": 1} {
		r.Add(record.Key{Kind: record.Gates, Name: record.AllGates, Procs: 1, Contestant: name}, 1, map[string]float64{record.Passes: passes, record.KnownPrefix + "1": 5, record.SimulatedPrefix + "1": 6})
	}
	var text, markdown, html bytes.Buffer
	Text(&text, r)
	require.NoError(t, Page("simulated", "transfers")(&markdown, r, "record"))
	require.NoError(t, HTML(&html, r))
	for name, page := range map[string]string{"text": text.String(), "markdown": markdown.String(), "html": strings.ReplaceAll(html.String(), "&#43;", "+")} {
		for _, want := range []string{"Simulated milan, parallel", "to a factor of 2", "FAILED", "passes", "segment.enq", "2.00 + 1.00", "3.00 (2.00 + 1.00)", "192", "two AMD EPYC 7R13",
			"0.60 [0.50, 0.70]", "tells 3 pairs apart, of which 2 are simulated in its order. Not so: lfpool before lanes-1.",
			"Simulated milan, ms96, 2 a processor: net ns", "250.0 [100.0, 300.0]"} {
			assert.Contains(t, page, want, name)
		}
	}
	assert.Contains(t, html.String(), `id="simulated"`)
	assert.Contains(t, html.String(), `id="transfers"`)
}

// TestAblated: what a part costs is what lfpool takes more than the copy without it, round
// by round.
func TestAblated(t *testing.T) {
	r := &record.Record{}
	for round := range 7 {
		drift := 100 * float64(round)
		for c, ns := range map[string]float64{"go": 300, "lfpool": 50, "without-nothing": 50, "without-figures": 47.5} {
			r.Add(tasks("wait", c), 1, map[string]float64{record.NsOp: ns + drift})
		}
	}
	r.Order = []string{"go", "lfpool", "without-nothing", "without-figures"}
	tables := ablated(r).Tables
	require.Len(t, tables, 1)
	assert.Equal(t, []string{"without", "wait"}, tables[0].Head)
	assert.Equal(t, [][]string{
		{"(lfpool itself)", "350.0"},
		{"nothing", "+0.0 [+0.0, +0.0]"},
		{"figures", "+2.5 [+2.5, +2.5]"},
	}, tables[0].Rows)
	assert.Empty(t, ablated(synthetic()).Tables)
}
