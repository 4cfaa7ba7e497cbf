package main

import (
	"bufio"
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

// finish writes the other files.
func (o *output) finish(r *record.Record) error {
	if o == nil {
		return nil
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
	return writeFile(o.base+".html", func(w *bufio.Writer) error { return page.HTML(w, r) })
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
