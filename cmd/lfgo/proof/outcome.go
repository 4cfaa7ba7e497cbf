package main

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Outcomes are the results of tests, by package and name: pass, fail, skip, or
// unfinished where the test binary ended amid it.
type Outcomes map[string]string

// An event is a line of go test -json.
type event struct{ Action, Package, ImportPath, Test, Output string }

// readOutcomes reads the output of go test -json.
func readOutcomes(r io.Reader) (Outcomes, []string) {
	found := Outcomes{}
	var why []string // lines that tell what went wrong
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // the go command's own words
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "run":
			found[key] = "unfinished"
		case "pass", "fail", "skip":
			if e.Test != "" {
				found[key] = e.Action
			} else if e.Action == "fail" {
				found[key] = "fail"
			}
		case "output", "build-output":
			built := e.Action == "build-output" && !strings.HasPrefix(e.Output, "#") // a linker says it in its own way
			if (built || telling.MatchString(e.Output)) && len(why) < 12 {
				why = append(why, or(e.Package, e.ImportPath)+": "+strings.TrimSpace(e.Output))
			}
		}
	}
	return found, why
}

// telling lines name the cause of a failure.
var telling = regexp.MustCompile(`^(panic:|fatal error:|--- FAIL|WARNING: DATA RACE|FAIL\s+\S+ \[|signal: |exit status |\S+\.go:\d+:\d+:)|panic: test timed out`)

// count returns how many tests have an outcome.
func (o Outcomes) count(want string) (n int) {
	for key, got := range o {
		if got == want && !strings.HasSuffix(key, " ") {
			n++
		}
	}
	return n
}

// A Difference is a test whose outcome is another one on lfpool.
type Difference struct {
	Test          string
	Before, After string
	// Again is how often it failed when it was run again, alone, of how many.
	FailedBefore, FailedAfter, Again int
	Race                             bool
	Seen                             string `json:",omitempty"` // by hand: what further runs have shown
}

// differences returns the tests that passed before and not after, or the other
// way round: of a test and its subtests the innermost, since suites such as
// gRPC-Go's run everything as subtests of one test.
func differences(before, after Outcomes) (found []Difference) {
	all := maps.Clone(before)
	maps.Copy(all, after)
	inner := map[string]bool{} // tests with a subtest that differs
	for _, key := range slices.Backward(slices.Sorted(maps.Keys(all))) {
		if strings.HasSuffix(key, " ") {
			continue // the package
		}
		b, a := or(before[key], "not run"), or(after[key], "not run")
		if a == b || a != "pass" && b != "pass" {
			continue
		}
		if a == "not run" || b == "not run" {
			if above := enclosing(all, key); above != "" && before[above] == "pass" && after[above] == "pass" {
				continue // a subtest whose name has a seed, say
			}
		}
		if !inner[key] {
			found = append(found, Difference{Test: key, Before: b, After: a})
		}
		for i := len(key) - 1; key[i] != ' '; i-- {
			if key[i] == '/' {
				inner[key[:i]] = true
			}
		}
	}
	slices.Reverse(found)
	return found
}

// enclosing returns the test whose subtest key is, or "".
func enclosing(all Outcomes, key string) string {
	for i := len(key) - 1; key[i] != ' '; i-- {
		if _, is := all[key[:i]]; is && key[i] == '/' {
			return key[:i]
		}
	}
	return ""
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
