package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/lfpool/lfpool/bench/ablation"
	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
)

// ablationCount is how many samples are taken: a part costs a few nanoseconds.
const ablationCount = 20

// ablate builds the program with the library lacking one part, for each part, and measures
// them where a few nanoseconds a task can be seen: tasks one by one, in bursts, and from
// many producers.
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
	entrants := []measure.Built{{Name: contest.Reference, Contestant: contest.Reference}, {Name: contest.Subject, Contestant: contest.Subject}}
	for i, p := range parts {
		fmt.Fprintf(stderr, "%3d of %d: building lfpool without %s\n", i+1, len(parts), p.Name)
		program, err := p.Build(ctx, dir, i+1)
		if err != nil {
			return err
		}
		entrants = append(entrants, measure.Built{Name: p.Contestant(), Doc: p.Doc, Program: program, Contestant: contest.Subject})
	}
	rows := measure.Apart(entrants, load.Named(load.Main, "wait", "burst100", "burst10k", "parallel")...)
	stages := chosen(s.stage("ablation", budget{0, 100 * time.Millisecond}, s.at(), rows...), s.filter)
	if len(stages) == 0 {
		return s.matchesNothing()
	}
	return takeSamples(ctx, s, false, stages, stdout, stderr)
}
