package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// An output is a run's files: the record as its samples come, and at the end the
// page. A nil *output writes nothing.
type output struct {
	file *os.File
	text *record.Text
}

// createOutput truncates the file of samples. It returns nil for an empty name.
func createOutput(name string, h record.Host) (*output, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	text, err := record.NewText(file, h)
	if err != nil {
		file.Close()
		return nil, err
	}
	return &output{file, text}, nil
}

// samples is where each sample goes at once; nil for nowhere.
func (o *output) samples() *record.Text {
	if o == nil {
		return nil
	}
	return o.text
}

func (o *output) finish(r *record.Record) error {
	if o == nil {
		return nil
	}
	if err := o.text.End(r); err != nil {
		o.file.Close()
		return err
	}
	if err := o.file.Close(); err != nil {
		return err
	}
	return writePage(o.page(), r)
}

// pageLine says where the page is, below the tables.
const pageLine = "The page with plots: %s\n"

// page is the name of the page; "" if nothing is written.
func (o *output) page() string {
	if o == nil {
		return ""
	}
	return pageOf(o.file.Name())
}

func pageOf(record string) string {
	return strings.TrimSuffix(record, filepath.Ext(record)) + ".html"
}

func writePage(name string, r *record.Record) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := page.HTML(file, r); err != nil {
		file.Close()
		return err
	}
	return file.Close()
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
