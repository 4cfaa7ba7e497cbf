package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A check is a command that fails, or hangs, on a library that is wrong. They
// stand in the order of what they cost.
type check struct {
	name  string
	dir   string   // below the copy's root
	args  []string // of go
	files []string // patterns: only the tests that stand in these files, if there are any
	// limit is when it counts as hung, and at least tenfold what the control run
	// took. For a package, if it is tests; go adds what building takes.
	limit time.Duration
	times int // how often each test is run
}

// explorer is the check that finds each time what it has found once: it runs all
// schedules of a kind.
const explorer = "explore"

var checks = []check{
	{"unit", ".", []string{"test", "-short", "./lfqueue", "./idle", "./pool", "./parallel"}, nil, 20 * time.Second, 1},
	{"props", ".", []string{"test", "-short", "."}, []string{"prop_test.go", "limit_prop_test.go"}, 20 * time.Second, 1},
	{"race", ".", []string{"test", "-short", "-race", "./lfqueue", "./idle", "./pool", "./internal/binary", "."}, []string{"race_test.go", "lfqueue/*_test.go", "idle/*_test.go", "pool/*_test.go", "internal/binary/*_test.go"}, 2 * time.Minute, 1},
	{"linear", "verify", []string{"test", "-short", "-tags", "lfpoolhooks", "./linear"}, nil, time.Minute, 1},
	{explorer, "verify", []string{"test", "-short", "-tags", "lfpoolhooks", "./explore"}, nil, 4 * time.Minute, 1},
	{"stress", ".", []string{"test", "-race", "-cpu", "2,8", "-run", "EachValue|Empty|EachTask|Need|Missed|OneReaper|Instant", "./lfqueue", "./idle", "."}, nil, 4 * time.Minute, 1},
	{"soak", "verify", []string{"run", "-tags", "lfpoolhooks", "./soak", "-for", "20s", "-seed", "1"}, nil, 4 * time.Minute, 1},
}

// An outcome is what a check said of a mutant.
type outcome string

const (
	notRun   outcome = "·"
	survived outcome = "-"
	caught   outcome = "caught"
	hung     outcome = "hung" // which counts as caught
)

// A report is what came of one run of a check.
type report struct {
	outcome outcome
	test    string // the first that failed; "" if there was none, or the check is not tests
	output  string
	took    time.Duration // of the slowest package, if it is tests
}

// failed reports whether the check did.
func (r report) failed() bool { return r.outcome == caught || r.outcome == hung }

// testsOnly returns the check with no other tests than names in it, which may
// be subtests, in the packages that have them.
func (c check) testsOnly(root string, names []string) (check, error) {
	var patterns []string
	has := map[string]bool{}
	args := slices.DeleteFunc(slices.Clone(c.args), func(a string) bool { return strings.HasPrefix(a, ".") })
	for _, name := range names {
		var parts []string
		for part := range strings.SplitSeq(name, "/") {
			parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
		}
		patterns = append(patterns, strings.Join(parts, "/"))
		top, _, _ := strings.Cut(name, "/")
		dir, err := c.packageOf(root, top)
		if err != nil {
			return c, err
		}
		if !has[dir] {
			has[dir] = true
			args = append(args, dir)
		}
	}
	if i := slices.Index(args, "-run"); i >= 0 {
		args = slices.Delete(args, i, i+2)
	}
	c.args, c.files = slices.Insert(args, 1, "-run", strings.Join(patterns, "|")), nil
	return c, nil
}

// packageOf returns that of the check's packages that has test.
func (c check) packageOf(root, test string) (string, error) {
	for _, dir := range c.args {
		if !strings.HasPrefix(dir, ".") {
			continue
		}
		names, err := testsIn(filepath.Join(root, c.dir, dir), "*_test.go")
		if err != nil {
			return "", err
		}
		if slices.Contains(names, test) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("check %s has no test %s", c.name, test)
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testsIn returns the names of the tests in the files that match pattern.
func testsIn(dir, pattern string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no file is like %s in %s", pattern, dir)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range testFunction.FindAllSubmatch(source, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names, err
}

// command returns go's arguments.
func (c check) command(root string) ([]string, error) {
	if c.args[0] != "test" {
		return c.args, nil
	}
	flags := []string{"-v", "-count", strconv.Itoa(c.times), "-vet=off", "-failfast", "-timeout", c.limit.String()}
	var names []string
	for _, pattern := range c.files {
		some, err := testsIn(filepath.Join(root, c.dir), pattern)
		if err != nil {
			return nil, err
		}
		names = append(names, some...)
	}
	if len(names) > 0 {
		flags = append(flags, "-run", "^("+strings.Join(names, "|")+")$")
	}
	return slices.Insert(slices.Clone(c.args), 1, flags...), nil
}

// uninterrupted ends with an interrupt, and ends the checks, which are not in
// the terminal's process group.
var uninterrupted, _ = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)

// bounded is the shell's command for go with args in 4 GiB of memory, for some
// bugs start goroutines without end. The race detector needs more addresses than
// any machine has memory, so it goes without.
func bounded(args []string) string {
	if slices.Contains(args, "-race") {
		return `exec go "$@"`
	}
	return `ulimit -v 4194304 2>/dev/null; exec go "$@"`
}

// on runs the check on the copy of the library at root.
func (c check) on(root string) (report, error) {
	args, err := c.command(root)
	if err != nil {
		return report{}, err
	}
	limit := c.limit
	if args[0] == "test" {
		limit = 5*limit + 5*time.Minute // several packages, and to build them
	}
	ctx, cancel := context.WithTimeout(uninterrupted, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", slices.Concat([]string{"-c", bounded(args), "go"}, args)...)
	cmd.Dir = filepath.Join(root, c.dir)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false", "EXPLORE_REPLAY=")
	// The tests run in processes of their own: end the whole group.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	started := time.Now()
	out, err := cmd.CombinedOutput()
	r := report{output: string(out), took: time.Since(started)}
	if args[0] == "test" {
		r.test = firstFailure(r.output)
		r.took = slowestPackage(r.output)
	}
	switch {
	case uninterrupted.Err() != nil:
		return r, uninterrupted.Err()
	case ctx.Err() != nil || bytes.Contains(out, []byte("\npanic: test timed out after")):
		r.outcome = hung
	case err == nil:
		r.outcome = survived
	case bytes.Contains(out, []byte(" failed]\n")) || args[0] == "run" && bytes.HasPrefix(out, []byte("# ")):
		return r, fmt.Errorf("%s does not compile: %s", c.name, r.output)
	default:
		r.outcome = caught
	}
	return r, nil
}

var (
	testStarts  = regexp.MustCompile(`^=== (?:RUN|CONT|NAME) +(\S+)`)
	testFails   = regexp.MustCompile(`^ *--- FAIL: (\S+) \(`)
	programEnds = regexp.MustCompile(`^(?:panic|fatal error): `)
	packageEnds = regexp.MustCompile(`(?m)^(?:ok|FAIL)\s+\S+\s+([\d.]+)s`)
)

// firstFailure returns the test that failed first in the output of "go test
// -v", the innermost if it has subtests, or the one that ran when the program
// crashed.
func firstFailure(output string) (test string) {
	running := ""
	for line := range strings.Lines(output) {
		if m := testStarts.FindStringSubmatch(line); m != nil {
			if test != "" {
				return test
			}
			running = m[1]
		}
		if m := testFails.FindStringSubmatch(line); m != nil && (test == "" || strings.HasPrefix(m[1], test+"/")) {
			test = m[1]
		}
		if test == "" && programEnds.MatchString(line) {
			return running
		}
	}
	return test
}

func slowestPackage(output string) (most time.Duration) {
	for _, m := range packageEnds.FindAllStringSubmatch(output, -1) {
		if s, err := strconv.ParseFloat(m[1], 64); err == nil {
			most = max(most, time.Duration(s*float64(time.Second)))
		}
	}
	return most
}

// control runs the checks on two copies of the library as it is: one that
// fails there would catch anything. It raises their limits to ten times what
// they took, so that slow is not hung.
func control(copies places, root string, used []check) error {
	var took [atOnce][]time.Duration
	var errs [atOnce]error
	var wg sync.WaitGroup
	for i := range atOnce {
		wg.Go(func() {
			errs[i] = copies.onCopy(root, func(copied string) error {
				for _, c := range used {
					c.limit = 15 * time.Minute // that it ends at all; the machine may be loaded
					r, err := c.on(copied)
					if err != nil {
						return err
					}
					if r.outcome != survived {
						return fmt.Errorf("the control run: %s, on the library as it is: %s %s\n%s", c.name, r.outcome, r.test, r.output[max(0, len(r.output)-4000):])
					}
					took[i] = append(took[i], r.took)
				}
				return nil
			})
		})
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	for k := range used {
		slower := max(took[0][k], took[1][k])
		used[k].limit = max(used[k].limit, 10*slower.Round(time.Second))
		fmt.Printf("control: %-8s passes, %v and %v; hung after %v\n", used[k].name, took[0][k].Round(time.Millisecond), took[1][k].Round(time.Millisecond), used[k].limit)
	}
	return nil
}
