package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// why explains a difference.
func (r *Record) why(d Difference) string {
	switch {
	case d.Seen != "":
		return d.Seen
	case d.Before != "pass":
		return "fails before, too"
	case d.Again > 0 && d.FailedBefore > 0:
		return fmt.Sprintf("flaky: alone it fails %d of %d times before, %d after", d.FailedBefore, d.Again, d.FailedAfter)
	case d.Again > 0 && d.FailedAfter == 0:
		return fmt.Sprintf("passes alone, %d of %d times", d.Again, d.Again)
	}
	for _, other := range r.Differences {
		if other.Test == d.Test && other.Race != d.Race && other.FailedBefore > 0 {
			return fmt.Sprintf("flaky: alone it fails %d of %d times after, and %d of %d before %s -race", d.FailedAfter, d.Again, other.FailedBefore, other.Again, map[bool]string{false: "without", true: "with"}[other.Race])
		}
	}
	return fmt.Sprintf("**not explained**: alone it fails %d of %d times after", d.FailedAfter, d.Again)
}

// heading is the module's name in the table.
func (r *Record) heading() string {
	if r.Part == "" {
		return r.Path
	}
	return r.Path + " (" + r.Part + ")"
}

// String is the number of tests that pass, before and after.
func (p Pair) String() string {
	if p.RanBefore == 0 && p.RanAfter == 0 {
		return "not run"
	}
	return fmt.Sprintf("%d / %d", p.Before, p.After)
}

// readRecords reads the kept records, by module.
func readRecords(dir string) (map[string]*Record, error) {
	files, err := filepath.Glob(filepath.Join(dir, "results", "*.json"))
	if err != nil {
		return nil, err
	}
	records := map[string]*Record{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		r := new(Record)
		if err := json.Unmarshal(text, r); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		records[r.name()] = r
	}
	return records, nil
}

// writeTable writes RESULTS.md from the records.
func writeTable(dir string) error {
	records, err := readRecords(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "RESULTS.md"), []byte(tableText(records)), 0o666)
}

func tableText(records map[string]*Record) string {
	var b strings.Builder
	fmt.Fprint(&b, `# Public modules with their go statements on lfpool

Each module's own tests, as they are and under `+"`lfgo test`"+`, without and with the race detector: the number of tests and subtests that pass. Written by `+"`go run ./proof`"+`; the [records](results) have the version of lfpool, the machine and the date of each. A test whose outcome differs was run again alone, before and after.

| module | go statements on lfpool | left as they are | pass before / after | with -race | differences |
|---|---|---|---|---|---|
`)
	for _, m := range modules {
		r := records[m.name()]
		if r == nil {
			continue
		}
		fmt.Fprintf(&b, "| %s %s | %d of %d | %s | %s | %s | %d |\n", r.heading(), r.Version, r.Rewritten, r.Statements,
			or(r.Left, "none"), r.Plain, r.Race, len(r.Differences))
	}
	fmt.Fprint(&b, "\n## Differences\n\n")
	none := true
	for _, m := range modules {
		r := records[m.name()]
		if r == nil {
			continue
		}
		for _, d := range r.Differences {
			race := ""
			if d.Race {
				race = ", -race"
			}
			_, test, _ := strings.Cut(d.Test, " ")
			fmt.Fprintf(&b, "- %s `%s`%s: %s before, %s after: %s\n", r.heading(), test, race, d.Before, d.After, r.why(d))
			none = false
		}
	}
	if none {
		fmt.Fprint(&b, "None.\n")
	}
	fmt.Fprint(&b, "\n## What was run\n\n")
	for _, m := range modules {
		if r := records[m.name()]; r != nil {
			fmt.Fprintf(&b, "- %s %s: `go test -short %s`, %s, %s, lfpool at %s, %s, %.0f s in all\n", r.heading(), r.Version, strings.Join(r.Packages, " "), r.Go, r.Machine, r.Commit, r.Date, r.Seconds)
		}
	}
	var missing []string
	for _, m := range modules {
		if records[m.name()] == nil {
			missing = append(missing, m.name())
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		fmt.Fprintf(&b, "\nNot run yet: %s.\n", strings.Join(missing, ", "))
	}
	return b.String()
}
