package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// createRecord truncates the file of a record. It returns nil for an empty name.
func createRecord(name string, h record.Host) (*os.File, *record.Text, error) {
	if name == "" {
		return nil, nil, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, nil, err
	}
	text, err := record.NewText(file, h)
	if err != nil {
		file.Close()
	}
	return file, text, err
}

// finish writes what the record says of the run, and the page.
func finish(file *os.File, text *record.Text, r *record.Record) error {
	if err := errors.Join(text.End(r), file.Close()); err != nil {
		return err
	}
	return writePage(pageOf(file.Name()), r)
}

// pageLine says where the page is, below the tables.
const pageLine = "The page with plots: %s\n"

func pageOf(record string) string {
	return strings.TrimSuffix(record, filepath.Ext(record)) + ".html"
}

func writePage(name string, r *record.Record) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(page.HTML(file, r), file.Close())
}

// show prints a record that was made before, and writes its page.
func show(s settings, stdout, _ io.Writer) error {
	r, err := readRecord(s.file)
	if err != nil {
		return fmt.Errorf("show %q: %w", s.file, err)
	}
	page.Text(stdout, r)
	if err := writePage(pageOf(s.file), r); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, pageLine, pageOf(s.file))
	return err
}

func readRecord(name string) (*record.Record, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r, err := record.Read(text)
	if err == nil {
		describe(r)
	}
	return r, err
}
