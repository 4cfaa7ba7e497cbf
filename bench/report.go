package main

import (
	"fmt"
	"math"
	"os"
	"runtime"

	"golang.org/x/perf/benchfmt"
)

// A report is a file in the Go benchmark format with a line for each sample,
// written as the samples come. A nil *report drops them.
type report struct {
	file   *os.File
	writer *benchfmt.Writer
	config []benchfmt.Config
}

// createReport truncates the file. It returns nil for an empty name.
func createReport(name string, h host) (*report, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	r := &report{file: file, writer: benchfmt.NewWriter(file)}
	for _, kv := range [][2]string{
		{"goos", runtime.GOOS},
		{"goarch", runtime.GOARCH},
		{"pkg", modulePath + "/bench"},
		{"cpu", h.cpu},
		{"go-version", runtime.Version()},
	} {
		r.config = append(r.config, benchfmt.Config{Key: kv[0], Value: []byte(kv[1]), File: true})
	}
	// Not configuration: benchstat would refuse to compare two commits.
	if _, err := fmt.Fprintf(file, "# %s, commit %s\n", h.date(), h.commit); err != nil {
		file.Close()
		return nil, err
	}
	return r, nil
}

func (r *report) add(s sample) error {
	if r == nil {
		return nil
	}
	name := fmt.Sprintf("Pool/workload=%s/contestant=%s", s.workload, s.contestant)
	if s.procs != 1 {
		name += fmt.Sprintf("-%d", s.procs) // as package testing names them
	}
	return r.writer.Write(&benchfmt.Result{
		Config: r.config,
		Name:   benchfmt.Name(name),
		Iters:  s.tasks,
		Values: []benchfmt.Value{
			{Value: thousandths(perTask(s)), Unit: "ns/op"},
			{Value: thousandths(bytesEach(s)), Unit: "B/op"},
			{Value: thousandths(allocsEach(s)), Unit: "allocs/op"},
		},
	})
}

func (r *report) close() error {
	if r == nil {
		return nil
	}
	return r.file.Close()
}

func thousandths(v float64) float64 { return math.Round(v*1000) / 1000 }
