// Mutants seeds bugs into a copy of the library, one at a time, and sees which
// check catches each: a check that catches nothing is worth nothing.
//
//	cd verify && go run ./mutants            # stop at the first check that catches; exit 1 if one survives
//	cd verify && go run ./mutants -all       # run every check on every mutant: hours
//	cd verify && go run ./mutants -run seg   # those whose name contains seg
//	cd verify && go run ./mutants -new       # those that no run has seen caught yet
//	cd verify && go run ./mutants -check soak  # this check alone, on every mutant
//
// What it finds goes into mutants/RESULTS.md, beside what earlier runs found.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A check is a command that fails, or hangs, on a library that is wrong. They
// stand in the order of what they cost.
type check struct {
	name    string
	dir     string // below the copy's root
	args    []string
	timeout time.Duration
}

var checks = []check{
	{"unit", ".", []string{"test", "-short", "-vet=off", "./lfqueue", "./idle", "./pool", "."}, 60 * time.Second},
	{"race", ".", []string{"test", "-short", "-vet=off", "-race", "./lfqueue", "./idle", "./pool", "."}, 240 * time.Second},
	{"linear", "verify", []string{"test", "-short", "-vet=off", "./linear"}, 120 * time.Second},
	{"explore", "verify", []string{"test", "-short", "-vet=off", "-tags", "lfpoolhooks", "./explore"}, 240 * time.Second},
	{"stress", ".", []string{"test", "-vet=off", "-race", "-cpu", "2,8", "-run", "EachValue|Empty|EachTask|Need|Missed|OneReaper|Instant", "./lfqueue", "./idle", "."}, 400 * time.Second},
	{"soak", "verify", []string{"run", "./soak", "-for", "20s", "-seed", "1"}, 150 * time.Second},
}

// An outcome is what a check said of a mutant.
type outcome string

const (
	notRun   outcome = "·"
	survived outcome = "-"
	caught   outcome = "caught"
	hung     outcome = "hung" // which counts as caught
)

func main() {
	all := flag.Bool("all", false, "run every check on every mutant")
	fresh := flag.Bool("new", false, "only mutants that mutants/RESULTS.md does not show as caught")
	only := flag.String("check", "", "run the check of this `name` and no other")
	filter := flag.String("run", "", "only mutants whose name contains `text`")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "mutants: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(*filter, *only, *all, *fresh); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(filter, only string, all, fresh bool) error {
	if only != "" && !slices.ContainsFunc(checks, func(c check) bool { return c.name == only }) {
		return fmt.Errorf("-check %q: there is no such check", only)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	book, err := openResults("mutants/RESULTS.md")
	if err != nil {
		return err
	}
	var chosen []mutant
	for _, m := range mutants {
		if strings.Contains(m.name, filter) && !(fresh && isCaught(book.of[m.name])) {
			chosen = append(chosen, m)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("-run %q: no mutant has that in its name, or none that is new", filter)
	}
	control := controls(root)
	errs := make([]error, len(chosen))
	const atOnce = 2
	places := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, m := range chosen {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			found, err := try(root, m, only, all, control)
			if err == nil {
				err = book.enter(m.name, found)
			}
			errs[i] = err
			fmt.Printf("%-70s %v\n", m.name, found)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var alive []string
	for _, m := range chosen {
		if !isCaught(book.of[m.name]) {
			alive = append(alive, m.name)
		}
	}
	fmt.Printf("%d passed, %d failed\n", len(chosen)-len(alive), len(alive))
	if len(alive) > 0 {
		return fmt.Errorf("no check catches: %s", strings.Join(alive, "; "))
	}
	return nil
}

func isCaught(r []outcome) bool {
	for _, o := range r {
		if o == caught || o == hung {
			return true
		}
	}
	return false
}

// try runs the checks, or only one, on a copy of the library with m in it.
func try(root string, m mutant, only string, all bool, control []func() error) ([]outcome, error) {
	copied, err := newCopy(root)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(copied)
	if err := m.apply(copied); err != nil {
		return nil, err
	}
	results := make([]outcome, len(checks))
	for i := range results {
		results[i] = notRun
	}
	for i, c := range checks {
		if only != "" && c.name != only {
			continue
		}
		results[i] = c.on(copied)
		if results[i] == survived {
			continue
		}
		if err := control[i](); err != nil {
			return nil, err
		}
		if !all {
			break
		}
	}
	return results, nil
}

// controls has for each check the run on a copy without a mutant, made once, when
// the check catches something for the first time: if it fails there too it has
// caught nothing.
func controls(root string) (all []func() error) {
	for _, c := range checks {
		all = append(all, sync.OnceValue(func() error {
			copied, err := newCopy(root)
			if err != nil {
				return err
			}
			defer os.RemoveAll(copied)
			if o := c.on(copied); o != survived {
				return fmt.Errorf("check %s does not pass on the library itself: %s", c.name, o)
			}
			return nil
		}))
	}
	return all
}

// newCopy returns a directory with a copy of the library.
func newCopy(root string) (string, error) {
	dir, err := os.MkdirTemp("", "mutant")
	if err == nil {
		err = copyTree(dir, root)
	}
	return dir, err
}

func (m mutant) apply(root string) error {
	path := filepath.Join(root, m.file)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), m.old); n != 1 {
		return fmt.Errorf("%s: its text stands %d times in %s, want once", m.name, n, m.file)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o644)
}

func (c check) on(root string) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", c.args...)
	cmd.Dir = filepath.Join(root, c.dir)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	// The tests run in processes of their own: end the whole group.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return hung
	case err == nil:
		return survived
	case bytes.Contains(out, []byte("[build failed]")):
		return outcome("does not compile: " + string(out))
	default:
		return caught
	}
}

// copyTree copies everything: tests look at the documents too, and at what these
// link to.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); below != "." && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, below), 0o755)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), data, 0o644)
	})
}
