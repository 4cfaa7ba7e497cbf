package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchunit"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/verdict"
)

// A subject is a package with benchmarks, built as it is and rewritten.
type subject struct {
	path, dir string
	binary    [2]string // before and after
	benches   []bench
	empty     [2]float64 // CPU seconds of a run without a benchmark
}

// A bench is a benchmark, or a sub-benchmark, with how often a run repeats it.
type bench struct {
	name string // as results have it, with the number of processors
	n    int
	took time.Duration // of a run, at the first
}

// defaults of lfgo bench.
const (
	defaultRounds    = 10      // benchstat wants ten samples for a verdict
	defaultBenchtime = "200ms" // a benchmark's share of a run
)

// runBench measures the benchmarks before and after, in turn.
func runBench(ctx context.Context, line []string) (err error) {
	own := map[string]bool{"rounds": true, "o": true, "foretell": false}
	for name, value := range ownFlags {
		own[name] = value
	}
	a, err := parseArguments(line, own, false)
	if err != nil {
		return err
	}
	rounds := defaultRounds
	if text := a.own["rounds"]; text != "" {
		if rounds, err = strconv.Atoi(text); err != nil || rounds < 1 {
			return fmt.Errorf("-rounds=%s: a number of at least 1", text)
		}
	}
	pattern, benchtime := or(a.take("bench"), "."), or(a.take("benchtime"), defaultBenchtime)
	for _, name := range []string{"run", "count", "v", "benchmem", "timeout"} {
		a.take(name) // lfgo bench sets them
	}
	tested := testFlags(&a)
	p, err := pool(ctx, a, toMeasure)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()

	b := &bencher{ctx: ctx, pooled: p, flags: tested, out: io.Discard}
	if file := a.own["o"]; file != "" {
		f, err := os.Create(file)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		b.out = f
	}
	if err := b.build(a); err != nil {
		return err
	}
	if err := b.calibrate(pattern, benchtime); err != nil {
		return err
	}
	if a.own["foretell"] != "" {
		if err := b.foretell(); err != nil {
			return err
		}
	}
	if err := b.measure(rounds); err != nil {
		return err
	}
	rows := b.samples.Rows()
	if len(b.foretold) > 0 {
		defer func() { fmt.Print("\n", foretoldTable(b.foretold, rows)) }()
	}
	fmt.Print(verdict.Table(rows), "\n", verdict.Verdict(rows), "\n")
	return nil
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// testFlags takes the flags that are for test binaries, in their form.
func testFlags(a *arguments) (flags []string) {
	for _, name := range []string{"cpu", "short", "parallel", "shuffle"} {
		if slices.ContainsFunc(a.flags, func(f string) bool { return strings.TrimLeft(f, "-") == name }) {
			a.take(name)
			flags = append(flags, "-test."+name)
		} else if value := a.take(name); value != "" {
			flags = append(flags, "-test."+name+"="+value)
		}
	}
	return flags
}

type bencher struct {
	*pooled
	ctx      context.Context
	flags    []string
	subjects []*subject
	samples  verdict.Samples
	out      io.Writer // the results in the benchmark format
	foretold []forecast
}

// build makes the test binaries, two a package that has benchmarks.
func (b *bencher) build(a arguments) error {
	list := exec.CommandContext(b.ctx, "go", append(append([]string{"list", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{len .TestGoFiles}}\t{{len .XTestGoFiles}}"}, a.buildFlags()...), a.packages...)...)
	list.Dir, list.Env = b.Dir, b.Env
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Split(line, "\t")
		if len(fields) < 4 || fields[2]+fields[3] == "00" {
			continue
		}
		s := &subject{path: fields[0], dir: fields[1]}
		for side, env := range [][]string{b.Before(), b.Env} {
			s.binary[side] = filepath.Join(b.Temp, fmt.Sprintf("%d-%d.test%s", i, side, exeSuffix))
			args := append([]string{"test", "-c", "-o", s.binary[side]}, a.flags...)
			if side == 1 {
				args = append(args, b.overlay)
			}
			if err := start(b.ctx, job{dir: b.Dir, env: env, name: "go", args: append(args, s.path), out: os.Stderr, errs: os.Stderr}); err != nil {
				return err
			}
		}
		b.subjects = append(b.subjects, s)
	}
	return nil
}

// calibrate finds the benchmarks, and how often each must be repeated so that a
// run takes the benchtime: the same number before and after, so that the
// processor time of the runs can be compared.
func (b *bencher) calibrate(pattern, benchtime string) error {
	for _, s := range b.subjects {
		for side := range s.binary {
			if !hasBenchmarks(b, s, pattern) {
				break
			}
			_, empty, err := b.run(s, side, "^$", "1x")
			if err != nil {
				return err
			}
			s.empty[side] = empty.CPU
		}
		if !hasBenchmarks(b, s, pattern) {
			continue
		}
		results, _, err := b.run(s, 0, pattern, benchtime)
		if err != nil {
			return fmt.Errorf("%s, as it is: %w", s.path, err)
		}
		for _, r := range results {
			took, _ := r.Value("sec/op")
			s.benches = append(s.benches, bench{string(r.Name), r.Iters, time.Duration(took * float64(r.Iters) * 1e9)})
		}
	}
	for _, s := range b.subjects {
		if len(s.benches) > 0 {
			return nil
		}
	}
	return fmt.Errorf("no benchmarks match -bench %s", pattern)
}

func hasBenchmarks(b *bencher, s *subject, pattern string) bool {
	top, _, _ := strings.Cut(pattern, "/")
	cmd := exec.CommandContext(b.ctx, s.binary[0], "-test.list="+top)
	cmd.Dir = s.dir
	out, err := cmd.Output()
	return err == nil && regexp.MustCompile(`(?m)^Benchmark`).Match(out)
}

// run runs the benchmarks of a package that match a pattern, once.
func (b *bencher) run(s *subject, side int, pattern, benchtime string) (results []*benchfmt.Result, used usage, err error) {
	var out, errs bytes.Buffer
	args := append([]string{"-test.run=^$", "-test.bench=" + pattern, "-test.benchtime=" + benchtime, "-test.benchmem", "-test.timeout=0"}, b.flags...)
	self, err := os.Executable()
	if err != nil {
		return nil, used, err
	}
	file := filepath.Join(b.Temp, "used.json")
	args = append([]string{measureWord, file, s.binary[side]}, args...)
	if err := start(b.ctx, job{dir: s.dir, env: os.Environ(), name: self, args: args, out: &out, errs: &errs}); err != nil {
		if b.ctx.Err() != nil {
			return nil, used, err
		}
		return nil, used, fmt.Errorf("the benchmarks of %s fail: %s", s.path, lastLine(out.String()+errs.String()))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, used, err
	}
	if err := json.Unmarshal(text, &used); err != nil {
		return nil, used, err
	}
	reader := benchfmt.NewReader(&out, s.path)
	for reader.Scan() {
		if r, ok := reader.Result().(*benchfmt.Result); ok {
			results = append(results, r.Clone())
		}
	}
	return results, used, reader.Err()
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, l := range lines {
		if strings.HasPrefix(l, "panic:") || strings.HasPrefix(l, "fatal error:") || strings.HasPrefix(l, "--- FAIL") {
			return l
		}
	}
	return lines[len(lines)-1]
}

var procsSuffix = regexp.MustCompile(`-\d+$`)

// exactly returns the pattern for a benchmark and no other.
func exactly(name string) string {
	parts := strings.Split(procsSuffix.ReplaceAllString("Benchmark"+name, ""), "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// measure runs every benchmark in a process of its own, before and after in
// turn; the first of a pair is the other one in the next round.
func (b *bencher) measure(rounds int) error {
	writer := benchfmt.NewWriter(b.out)
	var all time.Duration
	for _, s := range b.subjects {
		for _, one := range s.benches {
			all += 2 * (one.took + startCost)
		}
	}
	shown := newProgress(os.Stderr, all*time.Duration(rounds))
	defer shown.clear()
	for round := range rounds {
		for _, s := range b.subjects {
			for _, one := range s.benches {
				shown.say(fmt.Sprintf("round %d of %d, %s", round+1, rounds, one.name))
				for turn := range 2 {
					side := (turn + round) % 2
					results, used, err := b.run(s, side, exactly(one.name), fmt.Sprintf("%dx", one.n))
					if err != nil {
						return err
					}
					for _, r := range results {
						if string(r.Name) != one.name {
							continue // another number of processors
						}
						b.note(r, s, side, used, len(results))
						if err := writer.Write(r); err != nil {
							return err
						}
					}
				}
				shown.done(2 * (one.took + startCost))
			}
		}
	}
	return nil
}

// startCost is about what it takes to start a test binary.
const startCost = 20 * time.Millisecond

// note adds a result, and what its process used beyond what an empty one does,
// to the samples. A process that measured several results has no use of its own.
func (b *bencher) note(r *benchfmt.Result, s *subject, side int, used usage, results int) {
	for name, value := range map[string]string{"pkg": s.path, "goroutines": []string{"go", "lfpool"}[side]} {
		r.SetConfig(name, value)
		if i, ok := r.ConfigIndex(name); ok {
			r.Config[i].File = true // for the file of results
		}
	}
	if results == 1 {
		r.Values = append(r.Values, benchfmt.Value{Value: max(0, used.CPU-s.empty[side]) / float64(r.Iters), Unit: "cpu-sec/op"})
		if used.Peak > 0 {
			r.Values = append(r.Values, benchfmt.Value{Value: used.Peak, Unit: "peak-B"})
		}
	}
	name := b.title(s, string(r.Name))
	for _, v := range r.Values {
		value, unit := benchunit.Tidy(v.Value, v.Unit)
		if strings.HasSuffix(unit, "/s") {
			continue // sec/op says it, and less of that is better as of all others
		}
		b.samples.Add(name, unit, side, value)
	}
}

// title is the name of a benchmark in tables.
func (b *bencher) title(s *subject, name string) string {
	if len(b.subjects) > 1 {
		return filepath.Base(s.path) + "." + name
	}
	return name
}
