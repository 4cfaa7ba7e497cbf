package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/chart"
	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// What a record gives stands between a line that begins it, beginMark of the part's
// name, and this one.
const endMark = "<!-- bench:end -->"

func beginMark(part string) string {
	return "<!-- " + strings.TrimSpace("bench:begin "+part) + " -->\n"
}

// resultsFolder is where records are kept, seen from the README.
const resultsFolder = "bench/results"

// A place is a part of a file that shows a record, between the marks.
type place struct {
	path    string // seen from the README
	part    string // "" if the file has one, picture if all of the file is made
	results string // the folder of records, seen from the file
	write   page.Writer
	kind    string // of measurement that the record must have; "": it is of a whole full run
}

var places = []place{
	{"README.md", "choice", resultsFolder, page.Choice, ""},
	{"README.md", "results", resultsFolder, page.Results, ""},
	{"docs/results.md", "", "../" + resultsFolder, page.Page("tasks", "processor", "lost", "starts", "memory"), ""},
	{resultsFolder + "/ms96.md", "", ".", page.Page("paper"), ""},
	{"docs/pooling.md", "", "../" + resultsFolder, page.Page("crossover"), ""},
	{resultsFolder + "/simulated.md", "machine", ".", page.Page("simulated"), record.Simulated},
	{resultsFolder + "/simulated.md", "transfers", ".", page.Page("transfers"), record.Transfers},
	{"docs/results-light.svg", picture, "", page.Picture(chart.Light), ""},
	{"docs/results-dark.svg", picture, "", page.Picture(chart.Dark), ""},
}

const picture = "picture"

// refresh writes the results of the newest full record into every place, and of the
// newest others into those of other kinds.
func refresh(_ context.Context, s settings, stdout, _ io.Writer) error {
	root := filepath.Dir(s.file)
	for _, p := range places {
		name, r, err := newest(filepath.Join(root, resultsFolder), p.kind)
		if err != nil {
			return fmt.Errorf("refresh %q: %w", s.file, err)
		}
		file := filepath.Join(root, p.path)
		text, err := os.ReadFile(file)
		if p.part == picture {
			err = nil // there need be none yet
		}
		var fresh string
		if err == nil {
			fresh, err = p.fresh(string(text), name, r)
		}
		if err == nil {
			err = os.WriteFile(file, []byte(fresh), 0o666)
		}
		if err != nil {
			return fmt.Errorf("refresh %q: %s: %w", s.file, file, err)
		}
		fmt.Fprintf(stdout, "%s shows %s\n", file, name)
	}
	return nil
}

// fresh is the file's text with the record's results between the marks.
func (p place) fresh(text, name string, r *record.Record) (string, error) {
	var fresh bytes.Buffer
	if err := p.write(&fresh, r, path.Join(p.results, name)); err != nil || p.part == picture {
		return fresh.String(), err
	}
	begin := beginMark(p.part)
	before, rest, ok := strings.Cut(text, begin)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return "", fmt.Errorf("no lines %q and %q", strings.TrimSpace(begin), endMark)
	}
	return before + begin + fresh.String() + endMark + after, nil
}

// newest finds the newest record of a whole full run, or one with measurements of the
// kind, and its name without the extension.
func newest(folder, kind string) (name string, newest *record.Record, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return "", nil, err
	}
	for _, file := range files {
		r, err := readRecord(file)
		if errors.Is(err, record.ErrNoRecord) {
			continue
		}
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", file, err)
		}
		is := r.Full && r.Whole()
		if kind != "" {
			is = !r.Interrupted && len(r.Groups(kind)) > 0
		}
		if is && (newest == nil || r.Host.Started.After(newest.Host.Started)) {
			name, newest = strings.TrimSuffix(filepath.Base(file), ".txt"), r
		}
	}
	if newest == nil {
		return "", nil, fmt.Errorf("no record of %s in %s", cmp.Or(kind, "a full run"), folder)
	}
	return name, newest, nil
}
