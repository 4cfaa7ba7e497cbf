package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"

	"github.com/lfpool/lfpool/bench/ablation"
)

const (
	ablationCount  = 20
	ablationOutput = "lfpool-ablation.txt"
)

// ablate builds the program with copies of the library, each without one part, and has it
// measure them.
func ablate(ctx context.Context, s settings, stdout, stderr io.Writer) (err error) {
	parts := ablation.Parts
	if s.parts != "" {
		if parts, err = ablation.Named(s.parts); err != nil {
			return usageError{err}
		}
	}
	dir, err := os.MkdirTemp("", "ablation")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bench, err := ablation.Build(ctx, dir, parts)
	if err != nil {
		return err
	}
	// Where a few nanoseconds a task can be seen: tasks one by one, in bursts, and from
	// many producers.
	which := "^(go|lfpool|without-.*)/(wait|burst100|burst10k|parallel)$"
	if s.filtered {
		which = s.filter.String()
	}
	// Without ctx: an interrupt from the terminal reaches it too, and it writes
	// what it has.
	measure := exec.Command(bench, "-run", which, "-count", strconv.Itoa(cmp.Or(s.count, ablationCount)), "-o", s.output)
	measure.Stdout, measure.Stderr = stdout, stderr
	return measure.Run()
}
