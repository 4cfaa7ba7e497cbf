// Mutants seeds bugs into a copy of the library, one at a time, and sees which
// check catches each: a check that catches nothing is worth nothing. First it
// runs the checks twice without a bug, and none may fail.
//
//	cd verify && go run ./mutants            # stop at the first check that catches; exit 1 if one survives
//	cd verify && go run ./mutants -all       # run every check on every mutant: hours
//	cd verify && go run ./mutants -run seg   # those whose name contains seg
//	cd verify && go run ./mutants -new       # those that no run has seen caught yet
//	cd verify && go run ./mutants -check soak  # this check alone, on every mutant
//	cd verify && go run ./mutants -reduced   # does the explorer's reduced search find what the naive one finds?
//	cd verify && go run ./mutants -known     # on each the test that has caught it before; if that does not, the same check
//
// What it finds goes into mutants/RESULTS.md, beside what earlier runs found;
// but -known, which is for CI, only reads that page.
package main

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lfpool/lfpool/internal/alter"
)

// atOnce is how many mutants are tried at a time, and how often the control runs.
const atOnce = 2

// options are the flags.
type options struct {
	all, fresh, known, reduced bool
	check, filter              string
	sample                     int
}

func main() {
	var o options
	flag.BoolVar(&o.all, "all", false, "run every check on every mutant")
	flag.BoolVar(&o.fresh, "new", false, "only mutants that mutants/RESULTS.md does not show as caught")
	flag.BoolVar(&o.known, "known", false, "on each mutant run only the surest check that mutants/RESULTS.md says catches it, the test it names first; write nothing")
	flag.BoolVar(&o.reduced, "reduced", false, "explore each mutant of the queues with the reduced search and with the naive one, print what each finds, and fail if one finds what the other does not; write nothing")
	flag.StringVar(&o.check, "check", "", "run the check of this `name` and no other")
	flag.StringVar(&o.filter, "run", "", "only mutants whose name contains `text`")
	flag.IntVar(&o.sample, "sample", 0, "only `n` of the mutants, others for each commit; 0 for all")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "mutants: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	switch {
	case o.check != "" && !slices.ContainsFunc(checks, func(c check) bool { return c.name == o.check }):
		return fmt.Errorf("-check %q: there is no such check", o.check)
	case (o.known || o.reduced) && (o.known && o.reduced || o.all || o.fresh || o.check != ""):
		return errors.New("-known and -reduced go with -run and -sample only")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	book, err := openResults("mutants/RESULTS.md")
	if err != nil {
		return err
	}
	chosen := choose(o, book, commit())
	if len(chosen) == 0 {
		return fmt.Errorf("-run %q: no mutant has that in its name, or none that is new", o.filter)
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	copies := makePlaces(dir, atOnce)
	if o.reduced {
		return compareSearches(copies, root, chosen)
	}
	started := time.Now()
	p := plan{used: checks}
	if o.known {
		p, err = planKnown(root, book, chosen)
	} else if o.check != "" {
		p.used = slices.DeleteFunc(slices.Clone(checks), func(c check) bool { return c.name != o.check })
	}
	if err != nil {
		return err
	}
	if err := control(copies, root, p.used); err != nil {
		return err
	}
	found, err := tryAll(copies, root, chosen, func(m mutant) ([]check, error) { return p.checksFor(root, m) }, o.all, func(m mutant, f []finding) error {
		if o.known {
			return nil
		}
		return book.enter(m.name, f)
	})
	if err != nil {
		return err
	}
	var alive []string
	for i, m := range chosen {
		if !isCaught(found[i]) && (o.known || !isCaught(book.of[m.name])) {
			alive = append(alive, m.name)
		}
	}
	fmt.Printf("%d passed, %d failed, %v\n", len(chosen)-len(alive), len(alive), time.Since(started).Round(time.Second))
	if len(alive) > 0 {
		return fmt.Errorf("no check catches: %s", strings.Join(alive, "; "))
	}
	return nil
}

// choose returns the mutants that the flags ask for. A sample is another one
// for each seed.
func choose(o options, book *results, seed string) (chosen []mutant) {
	for _, m := range mutants {
		if strings.Contains(m.name, o.filter) && !(o.fresh && isCaught(book.of[m.name])) {
			chosen = append(chosen, m)
		}
	}
	if o.sample > 0 && o.sample < len(chosen) {
		h := fnv.New64a()
		h.Write([]byte(seed))
		rand.New(rand.NewPCG(h.Sum64(), 0)).Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		chosen = chosen[:o.sample]
	}
	return chosen
}

// A plan says which checks are used, and with -known which one on each mutant,
// and which test of it.
type plan struct {
	used  []check
	known map[string]knownCatch // by mutant; nil for all that are used, in order
}

type knownCatch struct{ check, test string }

// planKnown takes for each mutant what has caught it according to book.
func planKnown(root string, book *results, chosen []mutant) (plan, error) {
	p := plan{known: map[string]knownCatch{}}
	tests := map[string][]string{} // by check
	whole := map[string]bool{}
	for _, m := range chosen {
		k, ok := book.surest(m.name)
		if !ok {
			return p, fmt.Errorf("mutants/RESULTS.md has no check that catches %q: run without -known first", m.name)
		}
		p.known[m.name] = k
		tests[k.check] = append(tests[k.check], k.test)
		whole[k.check] = whole[k.check] || k.test == ""
	}
	for _, c := range checks {
		if len(tests[c.name]) == 0 {
			continue
		}
		if !whole[c.name] {
			slices.Sort(tests[c.name])
			only, err := c.testsOnly(root, slices.Compact(tests[c.name]))
			if err != nil {
				return p, err
			}
			c = only
			c.limit = 15 * time.Second
		}
		p.used = append(p.used, c)
	}
	return p, nil
}

// checksFor returns the checks to run on m, in order.
func (p plan) checksFor(root string, m mutant) ([]check, error) {
	if p.known == nil {
		return p.used, nil
	}
	k := p.known[m.name]
	limit := p.used[slices.IndexFunc(p.used, func(c check) bool { return c.name == k.check })].limit
	c := checks[slices.IndexFunc(checks, func(c check) bool { return c.name == k.check })]
	if k.test == "" {
		c.limit = limit
		return []check{c}, nil
	}
	once, err := c.testsOnly(root, []string{k.test})
	if err != nil {
		return nil, err
	}
	// Many a test catches a bug only if goroutines meet at the right time.
	once.limit = limit
	often := once
	often.times, often.limit = 20, 20*limit
	return []check{once, often, c}, nil
}

// tryAll tries the mutants, some at a time, and hands what it found to enter.
func tryAll(copies places, root string, chosen []mutant, checksFor func(mutant) ([]check, error), all bool, enter func(mutant, []finding) error) ([][]finding, error) {
	found, errs := make([][]finding, len(chosen)), make([]error, len(chosen))
	next := make(chan int)
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for i := range next {
				m := chosen[i]
				used, err := checksFor(m)
				if err == nil {
					found[i], err = try(copies, root, m, used, all)
				}
				if err == nil {
					err = enter(m, found[i])
				}
				errs[i] = err
			}
		})
	}
	for i := range chosen {
		next <- i
	}
	close(next)
	wg.Wait()
	return found, errors.Join(errs...)
}

// try runs checks on a copy of the library with m in it, until one catches it
// or, with all, every one.
func try(copies places, root string, m mutant, used []check, all bool) ([]finding, error) {
	found := make([]finding, len(checks))
	for i := range found {
		found[i].outcome = notRun
	}
	stamp := stamp()
	return found, copies.onCopy(root, func(copied string) error {
		started := time.Now()
		if err := m.apply(copied); err != nil {
			return err
		}
		for _, c := range used {
			r, err := c.on(copied)
			if err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
			i := slices.IndexFunc(checks, func(other check) bool { return other.name == c.name })
			found[i] = finding{r.outcome, r.test, stamp}
			if r.failed() && !all {
				break
			}
		}
		fmt.Printf("%-70s %s %v\n", m.name, summary(found), time.Since(started).Round(100*time.Millisecond))
		return nil
	})
}

// places are where copies of the library go, a folder each. They stay the same,
// so that what a mutant does not change is compiled once for each place.
type places chan string

// makePlaces makes n places below dir.
func makePlaces(dir string, n int) places {
	p := make(places, n)
	for i := range n {
		p <- filepath.Join(dir, strconv.Itoa(i))
	}
	return p
}

// onCopy calls f with a fresh copy of the library, when there is a place for it.
func (p places) onCopy(root string, f func(copied string) error) error {
	place := <-p
	defer func() { p <- place }()
	if err := os.RemoveAll(place); err != nil {
		return err
	}
	if err := alter.Copy(place, root, isLeftOut); err != nil {
		return err
	}
	return f(place)
}

func (m mutant) apply(root string) error {
	if err := (alter.Change{File: m.file, Old: m.old, New: m.new}).Apply(root); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	return nil
}

// isLeftOut says what the checks do not need: hidden folders, the modules that no
// check runs, and whatever is not source.
func isLeftOut(below string, d fs.DirEntry) bool {
	if d.IsDir() {
		return alter.IsHidden(d) || below == "bench" || below == "tools"
	}
	return !slices.Contains([]string{".go", ".mod", ".sum", ".md", ".s"}, filepath.Ext(below))
}
