// Command proof runs the tests of public modules as they are and with every go
// statement on lfpool, with and without the race detector, and makes the table
// of what differs: RESULTS.md.
//
//	go run ./proof                 # all modules, in their order
//	go run ./proof -only yamux     # those whose path and part match this pattern
//	go run ./proof -race=false     # without the race detector's half
//	go run ./proof -table          # the table alone, from the kept records
//	go run ./proof -bench          # the modules' own benchmarks: BENCH.md
//	go run ./proof -programs       # real programs, foretold and measured: PROGRAMS.md
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Record is what was seen of a module.
type Record struct {
	Module
	Date, Go, Commit, Machine string
	Rewritten, Statements     int
	Left                      string // the summary of what stays
	Plain, Race               Pair
	Differences               []Difference
	Seconds                   float64
}

// A Pair is the number of tests that pass, before and after, of all that ran.
type Pair struct {
	Before, After           int
	RanBefore, RanAfter     int
	ComplaintsAfter         []string `json:",omitempty"`
	SecondsBefore, SecAfter float64
}

var (
	only      = flag.String("only", "", "run the modules whose path and part match this pattern")
	races     = flag.Bool("race", true, "run with the race detector, too")
	table     = flag.Bool("table", false, "write the table from the kept records, and run nothing")
	limit     = flag.Duration("limit", 3*time.Minute, "for the tests of a package")
	again     = flag.Int("again", 5, "how often to run a test again whose outcome differs")
	speed     = flag.Bool("bench", false, "measure the modules' own benchmarks, into BENCH.md")
	program   = flag.Bool("programs", false, "measure the programs of testdata/programs, into PROGRAMS.md")
	rounds    = flag.Int("rounds", 10, "pairs of runs, with -bench and -programs")
	benchtime = flag.String("benchtime", "200ms", "of a run, with -bench and -programs")
	where     = flag.String("o", "proof", "the directory of RESULTS.md and results")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	if *table {
		return writeTable(*where)
	}
	temp, err := os.MkdirTemp("", "lfgo-proof-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	lfgo := filepath.Join(temp, "lfgo")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", lfgo, "github.com/lfpool/lfpool/cmd/lfgo").CombinedOutput(); err != nil {
		return fmt.Errorf("building lfgo: %s", out)
	}
	built := commit() // before anybody commits more
	switch {
	case *program:
		return programs(ctx, temp, lfgo)
	case *speed:
		return benchmarks(ctx, temp, lfgo)
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	var chosen []Module
	for _, m := range modules {
		if pattern.MatchString(m.name()) {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no module's path and part match %q", *only)
	}
	records, err := readRecords(*where)
	if err != nil {
		return err
	}
	for i, m := range chosen {
		fmt.Fprintf(os.Stderr, "proof: %d of %d, %s %s; about %v left\n", i+1, len(chosen), m.name(), m.Version, left(chosen[i:], records))
		record, err := prove(ctx, temp, lfgo, built, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name(), err)
		}
		text, err := json.MarshalIndent(record, "", "\t")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(*where, "results", m.fileName()+".json"), append(text, '\n'), 0o666); err != nil {
			return err
		}
		if err := writeTable(*where); err != nil {
			return err
		}
	}
	return nil
}

// left is how long modules will take, by what they took the last time.
func left(modules []Module, records map[string]*Record) time.Duration {
	seconds := 0.0
	for _, m := range modules {
		if r := records[m.name()]; r != nil {
			seconds += r.Seconds
		} else {
			seconds += usual.Seconds()
		}
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Minute)
}

// usual is what a module takes about which nothing is known.
const usual = 3 * time.Minute

// prove runs the tests of a module in a copy of it.
func prove(ctx context.Context, temp, lfgo, built string, m Module) (*Record, error) {
	began := time.Now()
	dir, err := m.fetch(ctx, temp)
	if err != nil {
		return nil, err
	}
	if len(m.Packages) == 0 {
		m.Packages = []string{"./..."}
	}
	r := &Record{Module: m, Date: time.Now().UTC().Format("2006-01-02 15:04 UTC"), Go: runtime.Version(), Machine: machine(), Commit: built}
	t := tester{ctx, dir, lfgo, m}
	for _, race := range []bool{false, true} {
		if race && !*races {
			break
		}
		pair := &r.Plain
		if race {
			pair = &r.Race
		}
		start := time.Now()
		before, _, _ := t.test(false, race, "", 1)
		pair.SecondsBefore = time.Since(start).Seconds()
		start = time.Now()
		after, why, said := t.test(true, race, "", 1)
		pair.SecAfter = time.Since(start).Seconds()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		pair.Before, pair.After = before.count("pass"), after.count("pass")
		pair.RanBefore, pair.RanAfter = len(before), len(after)
		different := differences(before, after)
		if len(different) > 0 {
			pair.ComplaintsAfter = why
		}
		for _, d := range different[:min(len(different), mostAgain)] {
			d.Race, d.Again = race, *again
			d.FailedBefore, d.FailedAfter = t.again(false, race, d.Test), t.again(true, race, d.Test)
			r.Differences = append(r.Differences, d)
		}
		if !race {
			if err := r.counts(said); err != nil {
				return nil, err
			}
		}
	}
	r.Seconds = time.Since(began).Seconds()
	return r, nil
}

// name is the module's path, and which part of it.
func (m Module) name() string {
	if m.Part == "" {
		return m.Path
	}
	return m.Path + " " + m.Part
}

// fileName is the module's name as that of a file.
func (m Module) fileName() string { return strings.NewReplacer("/", "_", " ", "_").Replace(m.name()) }

// fetch copies the module to a directory of its own: the module cache is
// read-only, and tests write.
func (m Module) fetch(ctx context.Context, temp string) (dir string, err error) {
	dir = filepath.Join(temp, "module")
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.Path+"@"+m.Version)
	cmd.Dir, cmd.Env = temp, append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("fetching it: %w", err)
	}
	var fetched struct{ Dir string }
	if err := json.Unmarshal(out, &fetched); err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS(fetched.Dir)); err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, "chmod", "-R", "u+w", dir).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s", out)
	}
	return dir, nil
}

// mostAgain bounds how many tests are run again: where a test binary ends early,
// all that come later differ.
const mostAgain = 6

// summary is what lfgo test says first.
var summary = regexp.MustCompile(`lfgo: (\d+) of (\d+) go statements in \d+ packages are calls of lfpool\.Go(?:; left as they are: (.*))?`)

func (r *Record) counts(said string) (err error) {
	found := summary.FindStringSubmatch(said)
	if found == nil {
		line, _, _ := strings.Cut(said, "\n")
		return fmt.Errorf("lfgo test says: %s", line)
	}
	if r.Rewritten, err = strconv.Atoi(found[1]); err != nil {
		return err
	}
	r.Left = found[3]
	r.Statements, err = strconv.Atoi(found[2])
	return err
}

type tester struct {
	ctx       context.Context
	dir, lfgo string
	module    Module
}

// test runs the tests, or the one that is named, count times.
func (t tester) test(after, race bool, test string, count int) (Outcomes, []string, string) {
	command, args := "go", []string{"test", "-json", "-short", "-vet=off", fmt.Sprintf("-timeout=%v", *limit), fmt.Sprintf("-count=%d", count)}
	env := append(os.Environ(), "GOWORK=off")
	if after {
		command, env = t.lfgo, append(os.Environ(), "GOWORK=")
	}
	if race {
		args = append(args, "-race")
	}
	packages := t.module.Packages
	if pkg, name, one := strings.Cut(test, " "); one {
		args, packages = append(args, "-run="+pattern(name)), []string{pkg}
	}
	if t.module.Skip != "" {
		args = append(args, "-skip="+t.module.Skip)
	}
	cmd := exec.CommandContext(t.ctx, command, append(args, packages...)...)
	cmd.Dir, cmd.Env = t.dir, env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the outcomes say whether tests failed
	found, why := readOutcomes(&out)
	return found, why, errs.String()
}

// pattern matches a test or subtest alone.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// again returns how many times a test fails alone.
func (t tester) again(after, race bool, test string) (failed int) {
	for range *again {
		found, _, _ := t.test(after, race, test, 1)
		if found[test] != "pass" && found[test] != "skip" {
			failed++
		}
	}
	return failed
}
