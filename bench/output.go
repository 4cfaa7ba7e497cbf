package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// An output is a run's files: the samples as they come, and at the end the
// record and the page. A nil *output writes nothing.
type output struct {
	base string // the name without its extension
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
	o := &output{base: strings.TrimSuffix(name, filepath.Ext(name)), file: file}
	if o.text, err = record.NewText(file, h); err != nil {
		file.Close()
		return nil, err
	}
	return o, nil
}

// samples is where each sample goes at once; nil for nowhere.
func (o *output) samples() *record.Text {
	if o == nil {
		return nil
	}
	return o.text
}

// finish writes whether the machine was noisy below the samples, and the other
// files.
func (o *output) finish(r *record.Record) error {
	if o == nil {
		return nil
	}
	if err := o.text.Note(r.Noise.String()); err != nil {
		return err
	}
	if err := o.file.Close(); err != nil {
		return err
	}
	text, err := r.JSON()
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.base+".json", text, 0o666); err != nil {
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
	return o.base + ".html"
}

func writePage(name string, r *record.Record) error {
	return writeFile(name, func(w *bufio.Writer) error { return page.HTML(w, r) })
}

// show prints a record that was made before, and writes its page.
func show(name string, stdout, stderr io.Writer) (code int) {
	r, err := readRecord(name)
	if err == nil {
		page.Text(stdout, r)
		html := strings.TrimSuffix(name, filepath.Ext(name)) + ".html"
		if err = writePage(html, r); err == nil {
			_, err = fmt.Fprintf(stdout, pageLine, html)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: -show %q: %v\n", name, err)
		return exitFailure
	}
	return 0
}

func readRecord(name string) (*record.Record, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return record.Read(text)
}

func writeFile(name string, write func(w *bufio.Writer) error) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	if err := write(w); err != nil {
		file.Close()
		return err
	}
	if err := w.Flush(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
