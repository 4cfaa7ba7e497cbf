package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// TestPagesShowTheNewestRecord: each page's figures are what the newest record
// of a full run gives.
func TestPagesShowTheNewestRecord(t *testing.T) {
	for _, p := range places {
		text, err := os.ReadFile(filepath.Join("..", p.path))
		require.NoError(t, err)
		nameOf, of, err := newest("results", p.record)
		require.NoError(t, err)
		want, err := p.fresh(string(text), nameOf, of)
		require.NoError(t, err, p.path)
		assert.Equal(t, want, string(text), "%s: go run ./bench refresh README.md", p.path)
	}
}

// TestReadmeStaysShort whatever a record has: with each main workload, a cold flood, and
// processor times, half of the lines for lfpool and half for go.
func TestReadmeStaysShort(t *testing.T) {
	name, r, err := newest("results", full)
	require.NoError(t, err)
	all := []string{"cold10k"}
	for _, w := range load.Main {
		all = append(all, w.Name)
	}
	for _, workload := range all {
		k := record.Key{Kind: record.Tasks, Name: workload, Procs: 2}
		for _, c := range []string{"go", "lfpool"} {
			if r.Cell(k.Of(c)) == nil {
				r.Add(k.Of(c), 1, map[string]float64{record.NsOp: 100, record.CPUOp: 200})
			}
		}
	}
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	text := string(readme)
	for _, p := range places {
		if p.path == "README.md" {
			text, err = p.fresh(text, name, r)
			require.NoError(t, err)
		}
	}
	assert.Contains(t, text, "| 10 000 tasks that block, new pool |")
	assert.Contains(t, text, "| callers that wait for a task each |")
	assert.NotContains(t, text, "this record has no figure")
	assert.LessOrEqual(t, strings.Count(text, "\n"), 120, "lines")
}

// TestReadmeHasNoOtherFigures: where README tells of results, no prose beside the marks
// gives a time, a size or a ratio that nothing checks.
func TestReadmeHasNoOtherFigures(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	for part, heading := range map[string]string{"choice": "\n## When to use it", "results": "\n## Results\n"} {
		_, section, ok := strings.Cut(string(readme), heading)
		require.True(t, ok, heading)
		section, _, _ = strings.Cut(section, "\n## ")
		before, rest, ok := strings.Cut(section, beginMark(part))
		require.True(t, ok, part)
		_, after, ok := strings.Cut(rest, endMark)
		require.True(t, ok, part)
		assert.NotRegexp(t, `\d`, before)
		assert.NotRegexp(t, `\d`, after)
	}
}

// TestPaperPageHasNoOtherFigures: the prose of ms96.md has none of its own.
func TestPaperPageHasNoOtherFigures(t *testing.T) {
	text, err := os.ReadFile("results/ms96.md")
	require.NoError(t, err)
	before, rest, _ := strings.Cut(string(text), beginMark(""))
	_, after, _ := strings.Cut(rest, endMark)
	assert.NotRegexp(t, regexp.MustCompile(`\d ns`), before+after)
}

// TestPaperPageIsRight: what the prose of ms96.md claims holds in the figures that
// it stands beside, with a tenth of the other work.
func TestPaperPageIsRight(t *testing.T) {
	_, r, err := newest("results", full)
	require.NoError(t, err)
	net := func(queue string, procs int, each float64) float64 {
		k := record.Key{Kind: record.Pairs, Name: "ms96-tenth", X: each, Procs: procs, Contestant: queue}
		m, ok := r.Median(k, record.NetPair)
		require.True(t, ok, "%v", k)
		return m.Center
	}
	alone := net("single-lock", 2, 1)
	for _, each := range []float64{1, 2, 3} {
		assert.Greater(t, net("two-lock", 2, each), 0.8*net("single-lock", 2, each), "its second lock saves less than a fifth, %.0f a processor", each)
		assert.LessOrEqual(t, net("single-lock", 2, each), 1.5*alone, "several goroutines do not ruin the lock, %.0f a processor", each)
		for _, q := range []string{"single-lock", "two-lock", "ms", "ms-counted", "seg", "chan"} {
			assert.Less(t, net("xsync", 2, each), net(q, 2, each), "the ring takes the least, %.0f a processor", each)
		}
		assert.InDelta(t, 1, net("ms", 2, each)/net("ms-counted", 2, each), 0.4, "both forms are alike, %.0f a processor", each)
		assert.Less(t, net("seg", 2, each), net("ms", 2, each), "segments take less than links, %.0f a processor", each)
	}
}

// TestRecordsAreSmall enough to be kept: as text, without the pages that are made of
// it.
func TestRecordsAreSmall(t *testing.T) {
	files, err := filepath.Glob("results/*")
	require.NoError(t, err)
	for _, file := range files {
		if filepath.Ext(file) == ".go" {
			continue // it hands out the newest record
		}
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Contains(t, []string{".txt", ".md"}, filepath.Ext(file))
		assert.Less(t, info.Size(), int64(1_500_000), info.Name())
	}
}

// project is a folder with a README, whose part of results is given, and records.
func project(t *testing.T, results string, records map[string]*record.Record) (folder string) {
	t.Helper()
	folder = t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, resultsFolder), 0o777))
	texts := map[string]string{}
	for _, p := range places {
		text := "about\n" + beginMark(p.part) + endMark + "\n"
		if p.part == "results" {
			text = results
		}
		texts[p.path] += text
	}
	for path, text := range texts {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, filepath.Dir(path)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(folder, path), []byte(text), 0o666))
	}
	for name, kind := range map[string]string{"milan": record.Simulated, "transfers": record.Transfers} {
		r := &record.Record{Host: record.Host{Commit: "0123456789ab", Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}
		r.Add(record.Key{Kind: kind, Name: "milan-queue", Procs: 2, Contestant: "seg"}, 1, map[string]float64{record.SimulatedRate: 12, record.Moves: 7, "w" + record.WriteSuffix: 3, "w" + record.ReadSuffix: 4})
		require.NoError(t, os.WriteFile(filepath.Join(folder, resultsFolder, "2026-01-01-"+name+".txt"), textOf(t, r), 0o666))
	}
	for name, r := range records {
		require.NoError(t, os.WriteFile(filepath.Join(folder, resultsFolder, name), textOf(t, r), 0o666))
	}
	return folder
}

// textOf is a record as a run writes it.
func textOf(t *testing.T, r *record.Record) []byte {
	t.Helper()
	text, err := r.Text()
	require.NoError(t, err)
	return text
}

func wait(day int, full bool, ns float64) *record.Record {
	r := &record.Record{Full: full, Host: record.Host{Commit: "0123456789ab", Started: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)}}
	k := record.Key{Kind: record.Tasks, Name: "wait", Procs: 2}
	r.Add(k.Of("go"), 1, map[string]float64{record.NsOp: 100})
	r.Add(k.Of("lfpool"), 1, map[string]float64{record.NsOp: ns})
	r.Add(record.Key{Kind: record.Pairs, Name: "ms96", X: 1, Procs: 2, Contestant: "seg"}, 1992, map[string]float64{record.NetPair: ns})
	return r
}

func TestRefresh(t *testing.T) {
	folder := project(t, "before\n"+beginMark("results")+"old\n"+endMark+"\nafter\n", map[string]*record.Record{
		"2026-01-01-full.txt": wait(1, true, 111), "2026-01-02-full.txt": wait(2, true, 122), "2026-01-03-quick.txt": wait(3, false, 133),
	})
	var stdout, stderr bytes.Buffer
	readme := filepath.Join(folder, "README.md")
	require.Zero(t, run(context.Background(), []string{"refresh", readme}, &stdout, &stderr), stderr.String())
	text, err := os.ReadFile(readme)
	require.NoError(t, err)
	assert.Contains(t, string(text), "before\n"+beginMark("results"))
	assert.True(t, strings.HasSuffix(string(text), endMark+"\nafter\n"))
	assert.Contains(t, string(text), "| one task, waited for | 100 | 1.22 | - | - | - | - |", "of the newest full record")
	assert.NotContains(t, string(text), "old")
	for _, file := range []string{"docs/results-light.svg", "docs/results-dark.svg"} {
		svg, err := os.ReadFile(filepath.Join(folder, file))
		require.NoError(t, err)
		assert.Contains(t, string(svg), "one task, waited for")
	}
	paper, err := os.ReadFile(filepath.Join(folder, resultsFolder, "ms96.md"))
	require.NoError(t, err)
	assert.Contains(t, string(paper), "about\n"+beginMark(""))
	assert.Contains(t, string(paper), "1 samples of 1992 pairs each, or more.**")
	assert.Contains(t, string(paper), "| seg | 122 [-∞, +∞] |")
	assert.Contains(t, string(paper), "| ms96 | 1 | 2 | seg |  |")

	simulated, err := os.ReadFile(filepath.Join(folder, resultsFolder, "simulated.md"))
	require.NoError(t, err)
	assert.Contains(t, string(simulated), "| seg | 12.0 |")
	assert.Contains(t, string(simulated), "| seg | 7.00 (3.00 + 4.00) |")

	require.Zero(t, run(context.Background(), []string{"refresh", readme}, &stdout, &stderr), stderr.String())
	again, err := os.ReadFile(readme)
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again), "nothing changes the second time")
}

func TestRefreshRefuses(t *testing.T) {
	onTop := wait(1, true, 111)
	onTop.Host.Commit += "+dirty"
	broken := wait(1, true, 111)
	broken.Failed = []string{"memory of ants"}
	records := func(name string, r *record.Record) map[string]*record.Record {
		return map[string]*record.Record{"2026-01-01-full.txt": wait(1, true, 111), "2026-01-02-" + name + ".txt": r}
	}
	for folder, want := range map[string]string{
		project(t, beginMark("results")+endMark, nil):                                                    "no *-full.txt in",
		project(t, beginMark("results")+endMark, records("full", wait(2, false, 133))):                   "2026-01-02-full.txt: not a whole run",
		project(t, beginMark("results")+endMark, records("full", onTop)):                                 "2026-01-02-full.txt: not a whole run",
		project(t, beginMark("results")+endMark, records("full", broken)):                                "2026-01-02-full.txt: not a whole run",
		project(t, "nothing here", map[string]*record.Record{"2026-01-01-full.txt": wait(1, true, 111)}): "no lines",
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitFailure, run(context.Background(), []string{"refresh", filepath.Join(folder, "README.md")}, &stdout, &stderr))
		assert.Contains(t, stderr.String(), want)
	}
}

func TestShow(t *testing.T) {
	folder := project(t, "", map[string]*record.Record{"a.txt": wait(1, true, 111)})
	file := filepath.Join(folder, resultsFolder, "a.txt")
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(context.Background(), []string{"show", file}, &stdout, &stderr), stderr.String())
	assert.Contains(t, stdout.String(), "1.11")
	assert.FileExists(t, filepath.Join(folder, resultsFolder, "a.html"))

	assert.Equal(t, exitFailure, run(context.Background(), []string{"show", "no/such.txt"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "no/such.txt")
}

// TestAblationsAreShown: each record of one has lfpool, the control and a part at least,
// so that the documents can rely on it.
func TestAblationsAreShown(t *testing.T) {
	files, err := filepath.Glob("results/*-ablation*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		r, err := readRecord(file)
		require.NoError(t, err)
		var out bytes.Buffer
		page.Text(&out, r)
		assert.Regexp(t, `(?s)commit [0-9a-f]{12}, .*What each part costs.*lfpool itself.*nothing .*features `, out.String())
	}
}
