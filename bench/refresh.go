package main

import (
	"bytes"
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
	write   func(w io.Writer, r *record.Record, name string)
	kind    string // of measurement that the record must have; "": it is of a whole full run
}

var places = []place{
	{"README.md", "choice", resultsFolder, page.Choice, ""},
	{"README.md", "results", resultsFolder, page.Results, ""},
	{"docs/results.md", "", "../" + resultsFolder, page.Report, ""},
	{resultsFolder + "/crossover.md", "", ".", page.CrossoverPage, ""},
	{resultsFolder + "/ms96.md", "", ".", page.PaperFigures, ""},
	{"docs/pooling.md", "", "../" + resultsFolder, page.CrossoverPage, ""},
	{resultsFolder + "/simulated.md", "machine", ".", page.SimulatedPage, record.Simulated},
	{resultsFolder + "/simulated.md", "transfers", ".", page.SimulatedPage, record.Transfers},
}

// pictures are files of README's picture, by their paths, seen from the README.
var pictures = map[string]chart.Theme{
	"docs/results-light.svg": chart.Light,
	"docs/results-dark.svg":  chart.Dark,
}

// refresh writes the results of the newest full record into every place, of the
// newest others into those of other kinds, and the pictures, beside the README.
func refresh(s settings, stdout, _ io.Writer) error {
	root := filepath.Dir(s.file)
	folder := filepath.Join(root, resultsFolder)
	name, r, err := newestFull(folder)
	if err != nil {
		return fmt.Errorf("refresh %q: %w", s.file, err)
	}
	for _, p := range places {
		nameOf, of, err := p.newest(folder)
		if err == nil {
			err = p.refresh(root, nameOf, of)
		}
		if err != nil {
			return fmt.Errorf("refresh %q: %w", s.file, err)
		}
	}
	for file, theme := range pictures {
		svg, err := page.Picture(r, theme)
		if err == nil {
			err = os.WriteFile(filepath.Join(root, file), svg, 0o666)
		}
		if err != nil {
			return fmt.Errorf("refresh %q: %w", s.file, err)
		}
	}
	_, err = fmt.Fprintf(stdout, "%s shows %s\n", s.file, name)
	return err
}

func (p place) refresh(root, name string, r *record.Record) error {
	file := filepath.Join(root, p.path)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fresh, err := p.fresh(string(text), name, r)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(fresh), 0o666)
}

// fresh is the file's text with the record's results between the marks.
func (p place) fresh(text, name string, r *record.Record) (string, error) {
	return between(text, beginMark(p.part), func(w io.Writer) { p.write(w, r, path.Join(p.results, name)) })
}

func between(text, beginMark string, write func(w io.Writer)) (string, error) {
	before, rest, ok := strings.Cut(text, beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return "", fmt.Errorf("no lines %q and %q", strings.TrimSpace(beginMark), endMark)
	}
	var fresh bytes.Buffer
	write(&fresh)
	return before + beginMark + fresh.String() + endMark + after, nil
}

// newest finds the newest record for the place, and its name without the
// extension.
func (p place) newest(folder string) (name string, r *record.Record, err error) {
	if p.kind == "" {
		return newestFull(folder)
	}
	return newestOf(folder, "with "+p.kind, func(r *record.Record) bool { return !r.Interrupted && len(r.Groups(p.kind)) > 0 })
}

// newestFull finds the newest record of a whole full run.
func newestFull(folder string) (name string, newest *record.Record, err error) {
	return newestOf(folder, "of a full run", func(r *record.Record) bool { return r.Full && r.Whole() })
}

// newestOf finds the newest record that is of what, and its name without the
// extension.
func newestOf(folder, what string, is func(*record.Record) bool) (name string, newest *record.Record, err error) {
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
		if is(r) && (newest == nil || r.Host.Started.After(newest.Host.Started)) {
			name, newest = strings.TrimSuffix(filepath.Base(file), ".txt"), r
		}
	}
	if newest == nil {
		return "", nil, fmt.Errorf("no record %s in %s", what, folder)
	}
	return name, newest, nil
}
