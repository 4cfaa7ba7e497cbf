package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// results is the page that keeps what each check said of each mutant, over many
// runs.
type results struct {
	path string
	mu   sync.Mutex
	of   map[string][]finding // by mutant, then in the order of checks
}

// A finding is what a check said of a mutant, and when.
type finding struct {
	outcome outcome
	test    string // the first that failed, if it is known
	run     string // the run's stamp; "" if the check was not run
}

func (f finding) caught() bool { return f.outcome == caught || f.outcome == hung }

func isCaught(row []finding) bool { return slices.ContainsFunc(row, finding.caught) }

// stamp says what a run was of, on what and when.
var stamp = sync.OnceValue(func() string {
	return fmt.Sprintf("commit %s, %s %s/%s, %d CPUs, %s", commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().Format(time.DateOnly))
})

// commit names the commit that is checked out, and says whether there are
// changes, other than to the page.
var commit = sync.OnceValue(func() string {
	id, err := exec.Command("git", "rev-parse", "--short=7", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	changes, err := exec.Command("git", "status", "--porcelain", "--", ":/", ":!mutants/RESULTS.md").Output()
	if err != nil || len(changes) > 0 {
		return strings.TrimSpace(string(id)) + " with changes"
	}
	return strings.TrimSpace(string(id))
})

var (
	cellForm  = regexp.MustCompile(`^(\S+)(?: ([a-z]+))?$`)
	stampForm = regexp.MustCompile(`^- ([a-z]+): (.+)$`)
	testForm  = regexp.MustCompile("(\\w+) `([^`]+)`")
)

// openResults reads the page, if there is one. Rows of other checks than those
// of today are forgotten.
func openResults(path string) (*results, error) {
	r := &results{path: path, of: map[string][]finding{}}
	page, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if !strings.Contains(string(page), head()) {
		return r, nil
	}
	runs := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if m := stampForm.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			runs[m[1]] = m[2]
		}
	}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != len(checks)+2 {
			continue
		}
		tests := map[string]string{} // by check
		for _, m := range testForm.FindAllStringSubmatch(cells[len(cells)-1], -1) {
			tests[m[1]] = m[2]
		}
		row := noFindings()
		for i, c := range checks {
			if m := cellForm.FindStringSubmatch(strings.TrimSpace(cells[i+1])); m != nil {
				row[i] = finding{outcome(m[1]), tests[c.name], runs[m[2]]}
			}
		}
		r.of[strings.TrimSpace(cells[0])] = row
	}
	return r, nil
}

func noFindings() []finding {
	return slices.Repeat([]finding{{outcome: notRun}}, len(checks))
}

// enter notes what was found and writes the page. A check that did not run
// leaves what an earlier run found.
func (r *results) enter(name string, found []finding) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := r.of[name]
	if row == nil {
		row = noFindings()
		r.of[name] = row
	}
	for i, f := range found {
		if f.outcome != notRun {
			row[i] = f
		}
	}
	return os.WriteFile(r.path, []byte(r.page()), 0o644)
}

// surest returns the check that will catch the mutant again: the explorer, which
// needs no luck, or else the first that catches it; one that fails rather than
// one that hangs.
func (r *results) surest(name string) (k knownCatch, ok bool) {
	row := r.of[name]
	i := slices.IndexFunc(checks, func(c check) bool { return c.name == explorer })
	if len(row) == 0 || row[i].outcome != caught {
		i = slices.IndexFunc(row, func(f finding) bool { return f.outcome == caught })
	}
	if i < 0 {
		i = slices.IndexFunc(row, finding.caught)
	}
	if i < 0 {
		return k, false
	}
	return knownCatch{checks[i].name, row[i].test}, true
}

func head() string {
	line := "| mutant |"
	for _, c := range checks {
		line += " " + c.name + " |"
	}
	return line + " first test to fail |\n|---|" + strings.Repeat("---|", len(checks)+1) + "\n"
}

const legend = `# Which check catches which seeded bug

Written by ` + "`go run ./mutants`" + `. ` + "`-`" + `: not caught by this check; ` + "`·`" + `: not tried, for an earlier one had caught it; *hung*: it did not end in ten times what it takes without the bug, which counts as caught. The letter is the run, see below.

`

func (r *results) page() string {
	var runs []string
	for _, row := range r.of {
		for _, f := range row {
			if f.run != "" && !slices.Contains(runs, f.run) {
				runs = append(runs, f.run)
			}
		}
	}
	// By the date, which is the last thing in it, so that letters rarely change.
	slices.SortFunc(runs, func(a, b string) int {
		return strings.Compare(a[strings.LastIndex(a, " ")+1:]+a, b[strings.LastIndex(b, " ")+1:]+b)
	})
	used := make([]bool, len(runs))
	catches, tried := make([]int, len(checks)), make([]int, len(checks))
	rows := ""
	for _, m := range mutants {
		row := r.of[m.name]
		if row == nil {
			continue
		}
		rows += "| " + m.name + " |"
		var tests []string
		for i, f := range row {
			cell := string(f.outcome)
			if k := slices.Index(runs, f.run); k >= 0 {
				cell += " " + letters(k)
				used[k] = true
			}
			rows += " " + cell + " |"
			if f.outcome != notRun {
				tried[i]++
			}
			if f.caught() {
				catches[i]++
				if f.test != "" {
					tests = append(tests, checks[i].name+" `"+f.test+"`")
				}
			}
		}
		rows += " " + strings.Join(tests, "; ") + " |\n"
	}
	total := "| *caught of those tried* |"
	for i, n := range catches {
		total += fmt.Sprintf(" %d of %d |", n, tried[i])
	}
	list := ""
	for k, run := range runs {
		if used[k] {
			list += "- " + letters(k) + ": " + run + "\n"
		}
	}
	return legend + head() + rows + total + "  |\n\nThe runs:\n\n" + list
}

// letters is a, b, ... z, aa, ab, ...
func letters(k int) string {
	if k < 26 {
		return string(rune('a' + k))
	}
	return letters(k/26-1) + letters(k%26)
}

func summary(row []finding) string {
	var parts []string
	for i, f := range row {
		if f.outcome != notRun {
			parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s %s", checks[i].name, f.outcome, f.test)))
		}
	}
	return strings.Join(parts, ", ")
}
