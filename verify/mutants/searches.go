package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The explorer's reduction leaves out schedules. Whether it leaves out one that matters is
// seen on bugs: the naive search, which leaves out none up to its bound, must find no bug
// that the reduced one misses.

var queuesExplored = []string{"test", "-short", "-tags", "lfpoolhooks", "./explore", "-run", "^(TestQueuesAreLinearizable|TestBatchesAreLinearizable)$"}

// searches are the two, in the order of the table's columns.
var searches = []check{
	{name: "reduced", dir: "verify", args: queuesExplored, limit: 5 * time.Minute, times: 1},
	{name: "naive", dir: "verify", args: slices.Concat(queuesExplored, []string{"-args", "-naive"}), limit: 5 * time.Minute, times: 1},
}

// isQueues reports whether m is in a queue.
func (m mutant) isQueues() bool { return strings.HasPrefix(m.file, "lfqueue/") }

// compareSearches has both searches explore each mutant of the queues, and prints a table in
// Markdown: the test that failed, or "-".
func compareSearches(copies places, root string, chosen []mutant) error {
	if err := control(copies, root, searches); err != nil {
		return err
	}
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(m mutant) bool { return !m.isQueues() })
	rows, errs := make([][]report, len(chosen)), make([]error, len(chosen))
	var wg sync.WaitGroup
	for i, m := range chosen {
		wg.Go(func() {
			errs[i] = copies.onCopy(root, func(copied string) error {
				if err := m.apply(copied); err != nil {
					return err
				}
				for _, c := range searches {
					r, err := c.on(copied)
					if err != nil {
						return fmt.Errorf("%s: %w", m.name, err)
					}
					rows[i] = append(rows[i], r)
				}
				return nil
			})
		})
	}
	wg.Wait()
	return verdict(chosen, rows, errs)
}

// verdict prints the table, and fails where the searches differ.
func verdict(chosen []mutant, rows [][]report, errs []error) error {
	var differ []string
	fmt.Println("| seeded bug | reduced | naive |\n|---|---|---|")
	for i, m := range chosen {
		if errs[i] != nil {
			return errs[i]
		}
		reduced, naive := rows[i][0], rows[i][1]
		fmt.Printf("| %s | %s | %s |\n", m.name, found(reduced), found(naive))
		if reduced.failed() != naive.failed() {
			differ = append(differ, m.name)
		}
	}
	if len(differ) > 0 {
		return fmt.Errorf("one search finds what the other does not: %s", strings.Join(differ, "; "))
	}
	return nil
}

// found is what a search found: the test without the part of its name that all have.
func found(r report) string {
	switch {
	case r.outcome == hung:
		return string(hung)
	case !r.failed():
		return string(survived)
	}
	_, scenario, _ := strings.Cut(r.test, "/")
	return strings.ReplaceAll(scenario, "_", " ")
}
