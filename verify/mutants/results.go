package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
)

// results is the page that keeps what each check said of each mutant, over many
// runs.
type results struct {
	path string
	mu   sync.Mutex
	of   map[string][]outcome // by mutant
}

// openResults reads the page, if there is one. Rows of other checks than those
// of today are forgotten.
func openResults(path string) (*results, error) {
	r := &results{path: path, of: map[string][]outcome{}}
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
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != len(checks)+1 {
			continue
		}
		row := make([]outcome, len(checks))
		for i := range row {
			row[i] = outcome(strings.TrimSpace(cells[i+1]))
		}
		r.of[strings.TrimSpace(cells[0])] = row
	}
	return r, nil
}

// enter notes what was found and writes the page. A check that did not run
// leaves what an earlier run found.
func (r *results) enter(name string, found []outcome) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := r.of[name]
	if row == nil {
		row = make([]outcome, len(checks))
		for i := range row {
			row[i] = notRun
		}
		r.of[name] = row
	}
	for i, o := range found {
		if o != notRun {
			row[i] = o
		}
	}
	return os.WriteFile(r.path, []byte(r.page()), 0o644)
}

func head() string {
	line := "| mutant |"
	for _, c := range checks {
		line += " " + c.name + " |"
	}
	return line + "\n|---|" + strings.Repeat("---|", len(checks)) + "\n"
}

func (r *results) page() string {
	catches, tried := make([]int, len(checks)), make([]int, len(checks))
	rows := ""
	for _, m := range mutants {
		row := r.of[m.name]
		if row == nil {
			continue
		}
		rows += "| " + m.name + " |"
		for i, o := range row {
			rows += fmt.Sprintf(" %s |", o)
			if o != notRun {
				tried[i]++
			}
			if o == caught || o == hung {
				catches[i]++
			}
		}
		rows += "\n"
	}
	total := "| *caught of those tried* |"
	for i, n := range catches {
		total += fmt.Sprintf(" %d of %d |", n, tried[i])
	}
	return "# Which check catches which seeded bug\n\nWritten by `go run ./mutants`. `-`: not caught by this check; `·`: not tried, for an earlier one had caught it; *hung*: it did not end, which counts as caught.\n\n" + head() + rows + total + "\n"
}
