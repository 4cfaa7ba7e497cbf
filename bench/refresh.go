package main

import (
	"bytes"
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
	record  string // what follows the date in its file's name
}

// full is the name of records of whole runs.
const full = "full"

var places = []place{
	{"README.md", "choice", resultsFolder, page.Choice, full},
	{"README.md", "results", resultsFolder, page.Results, full},
	{"docs/results.md", "", "../" + resultsFolder, page.Page("tasks", "processor", "lost", "starts", "memory"), full},
	{resultsFolder + "/ms96.md", "", ".", page.Page("paper"), full},
	{"docs/pooling.md", "", "../" + resultsFolder, page.Page("crossover"), full},
	{resultsFolder + "/simulated.md", "machine", ".", page.Page("simulated"), "milan"},
	{resultsFolder + "/simulated.md", "transfers", ".", page.Page("transfers"), "transfers"},
	{"docs/results-light.svg", picture, "", page.Picture(chart.Light), full},
	{"docs/results-dark.svg", picture, "", page.Picture(chart.Dark), full},
}

const picture = "picture"

// refresh writes into every place the results of the newest record of its kind.
func refresh(_ context.Context, s settings, stdout, _ io.Writer) error {
	root := filepath.Dir(s.file)
	for _, p := range places {
		name, r, err := newest(filepath.Join(root, resultsFolder), p.record)
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

// newest reads the newest record of that name, which follows the date, and returns its
// file's name without the extension.
func newest(folder, of string) (name string, r *record.Record, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*-"+of+".txt")) // in their order
	if err != nil || len(files) == 0 {
		return "", nil, errors.Join(err, fmt.Errorf("no *-%s.txt in %s", of, folder))
	}
	file := files[len(files)-1]
	r, err = readRecord(file)
	if err == nil && (r.Interrupted || of == full && !(r.Full && r.Whole())) {
		err = errors.New("not a whole run of a commit")
	}
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", file, err)
	}
	return strings.TrimSuffix(filepath.Base(file), ".txt"), r, nil
}
