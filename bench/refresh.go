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
	part    string // "" if the file has one
	results string // the folder of records, seen from the file
	write   page.Writer
	kind    string // of measurement that the record must have; "": it is of a whole full run
}

var places = []place{
	{"README.md", "choice", resultsFolder, page.Choice, ""},
	{"README.md", "results", resultsFolder, page.Results, ""},
	{"docs/results.md", "", "../" + resultsFolder, page.Page("tasks", "processor", "lost", "starts", "memory"), ""},
	{resultsFolder + "/crossover.md", "", ".", page.Page("crossover"), ""},
	{resultsFolder + "/ms96.md", "", ".", page.Page("paper"), ""},
	{"docs/pooling.md", "", "../" + resultsFolder, page.Page("crossover"), ""},
	{resultsFolder + "/simulated.md", "machine", ".", page.Page("simulated"), record.Simulated},
	{resultsFolder + "/simulated.md", "transfers", ".", page.Page("transfers"), record.Transfers},
}

// pictures are files of README's picture, by their paths, seen from the README.
var pictures = map[string]chart.Theme{
	"docs/results-light.svg": chart.Light,
	"docs/results-dark.svg":  chart.Dark,
}

// refresh writes the results of the newest full record into every place, of the
// newest others into those of other kinds, and the pictures, beside the README.
func refresh(_ context.Context, s settings, stdout, _ io.Writer) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("refresh %q: %w", s.file, err)
		}
	}()
	root := filepath.Dir(s.file)
	folder := filepath.Join(root, resultsFolder)
	name, r, err := newest(folder, "")
	if err != nil {
		return err
	}
	for _, p := range places {
		nameOf, of, err := newest(folder, p.kind)
		if err != nil {
			return err
		}
		file := filepath.Join(root, p.path)
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fresh, err := p.fresh(string(text), nameOf, of)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(file, []byte(fresh), 0o666); err != nil {
			return err
		}
	}
	for file, theme := range pictures {
		svg, err := page.Picture(r, theme)
		if err == nil {
			err = os.WriteFile(filepath.Join(root, file), []byte(svg), 0o666)
		}
		if err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(stdout, "%s shows %s\n", s.file, name)
	return err
}

// fresh is the file's text with the record's results between the marks.
func (p place) fresh(text, name string, r *record.Record) (string, error) {
	begin := beginMark(p.part)
	before, rest, ok := strings.Cut(text, begin)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return "", fmt.Errorf("no lines %q and %q", strings.TrimSpace(begin), endMark)
	}
	var fresh bytes.Buffer
	err := p.write(&fresh, r, path.Join(p.results, name))
	return before + begin + fresh.String() + endMark + after, err
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
