package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// What a record gives stands between these lines, in README and in ms96.md.
const (
	beginMark = "<!-- bench:begin -->\n"
	endMark   = "<!-- bench:end -->"
)

// resultsFolder is where records are kept, seen from the README.
const resultsFolder = "bench/results"

// refresh writes the results of the newest full record into the README, and
// beside the record the crossover table and the figures of ms96.md.
func refresh(readme string, stdout, stderr io.Writer) (code int) {
	name, r, err := newestFull(filepath.Join(filepath.Dir(readme), resultsFolder))
	if err == nil {
		err = refreshFrom(readme, name, r)
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: -refresh %q: %v\n", readme, err)
		return exitFailure
	}
	fmt.Fprintf(stdout, "%s shows %s\n", readme, name)
	return 0
}

func refreshFrom(readme, name string, r *record.Record) error {
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	fresh, err := withResults(string(text), name, r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(readme, []byte(fresh), 0o666); err != nil {
		return err
	}
	folder := filepath.Join(filepath.Dir(readme), resultsFolder)
	if err := os.WriteFile(filepath.Join(folder, "crossover.md"), []byte(crossover(name, r)), 0o666); err != nil {
		return err
	}
	paper := filepath.Join(folder, "ms96.md")
	if text, err = os.ReadFile(paper); err != nil {
		return err
	}
	if fresh, err = withFigures(string(text), name, r); err != nil {
		return fmt.Errorf("%s: %w", paper, err)
	}
	return os.WriteFile(paper, []byte(fresh), 0o666)
}

// withResults is the README with the record's results between the marks.
func withResults(readme, name string, r *record.Record) (string, error) {
	return between(readme, func(w io.Writer) { page.Readme(w, r, resultsFolder+"/"+name) })
}

// withFigures is ms96.md with the record's figures between the marks.
func withFigures(text, name string, r *record.Record) (string, error) {
	return between(text, func(w io.Writer) { page.PaperFigures(w, r, name) })
}

func between(text string, write func(w io.Writer)) (string, error) {
	before, rest, ok := strings.Cut(text, beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return "", fmt.Errorf("no lines %q and %q", strings.TrimSpace(beginMark), endMark)
	}
	var fresh bytes.Buffer
	write(&fresh)
	return before + beginMark + fresh.String() + endMark + after, nil
}

func crossover(name string, r *record.Record) string {
	var text bytes.Buffer
	page.CrossoverPage(&text, r, name)
	return text.String()
}

// newestFull finds the newest record of a whole -full run, and its name without
// the extension.
func newestFull(folder string) (name string, newest *record.Record, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return "", nil, err
	}
	for _, file := range files {
		r, err := readRecord(file)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", file, err)
		}
		if r.Full && r.Whole() && (newest == nil || r.Host.Started.After(newest.Host.Started)) {
			name, newest = strings.TrimSuffix(filepath.Base(file), ".json"), r
		}
	}
	if newest == nil {
		return "", nil, errors.New("no record of a -full run in " + folder)
	}
	return name, newest, nil
}
