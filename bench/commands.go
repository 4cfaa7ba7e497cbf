package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/atomic"
)

const (
	defaultOutput = "lfpool-bench.txt"

	// Six samples are the fewest that bound a median at 95 %; ten are what
	// the project asks of a number it publishes.
	defaultCount = 10
	quickCount   = 6

	// fullTime is what full takes on 2 cores, by the estimate that it prints.
	fullTime = "seven minutes"

	// Bounds that only a typing error exceeds.
	maxCount = 1000
	maxProcs = 1024
	maxPairs = 100_000_000
)

// settings are a command's flags and argument, validated.
type settings struct {
	args   []string
	file   string         // what refresh and show are told
	filter *regexp.Regexp // matched against contestant/workload
	count  int            // 0: as many as usual
	procs  []int          // GOMAXPROCS values; nil: what is usual for the measurement
	output string
	quick  bool
	pairs  int           // of the paper's measurement; 0: as many as fit
	wait   time.Duration // for a quiet machine, at most
}

// filtered reports whether -run was given.
func (s settings) filtered() bool { return s.filter.String() != "" }

// isWhole reports whether c measures all there is as it is unless told otherwise, with
// as many samples as a number that is published needs.
func (c command) isWhole(s settings) bool {
	return c.name == "full" && !s.quick && !s.filtered() && s.procs == nil && s.samples(defaultCount) >= defaultCount
}

// A command has flags of its own.
type command struct {
	name, doc string // the main one has no name
	argument  string // "" for none
	// stages is what it measures; do is what else it does.
	stages func(settings) []measure.Stage
	do     func(ctx context.Context, s settings, stdout, stderr io.Writer) error

	pairs, wait bool // it has these flags
	oneProcs    bool // its tables have no place for several values of GOMAXPROCS
	watched     bool // simulated: the program is built anew, with the library's atomics reported
}

var commands []command

func init() { // list ranges over them
	commands = []command{
		{doc: "the time of a task, in all ways that tasks come, and of a cold flood", stages: mainStages},
		{name: "full", doc: "everything, in about " + fullTime + " on 2 cores", stages: fullStages, wait: true},
		{name: "sweep", doc: "tasks of all depths, sizes and sleeps: where go is the better choice", oneProcs: true, stages: func(s settings) []measure.Stage {
			return s.stage(sweepBudget, s.at(), measure.Tasks(s.among(rivals...), load.Sweeps()...)...)
		}},
		{name: "latency", doc: "the time until tasks start, open loop, under several loads", stages: func(s settings) []measure.Stage {
			return s.stage(startBudget, s.at(), measure.Starts(s.among())...)
		}},
		{name: "lateness", doc: "how late a goroutine wakes that sleeps 1 ms beside a busy pool, at GOMAXPROCS 1, 2 and 4", stages: func(s settings) []measure.Stage {
			return s.lateness(s.among())
		}},
		{name: "flood", doc: "fresh pools that are flooded with 10 000 and 100 000 tasks that block", stages: func(s settings) []measure.Stage {
			return s.stage(floodBudget, s.at(), measure.Floods(s.among())...)
		}},
		{name: "memory", doc: "memory at a peak of 100 000 tasks and after, and how soon a pool shrinks", stages: memoryStages, oneProcs: true},
		{name: "paper", doc: "Michael and Scott 1996, figures 3 to 5: net time of queue operations", pairs: true, stages: func(s settings) []measure.Stage {
			return s.paper(5000)
		}},
		{name: "transfers", doc: "cache lines that a task, or a value in a queue, moves between 2, 4, 8, 16 and 64 simulated processors, and the words on them", stages: transferStages, watched: true},
		{name: "machine", doc: "a simulated processor of up to 128 hardware threads, whose rows are MODEL-parallel and so on: " + strings.Join(machine.Names(), ", "), argument: "MODEL", stages: machineStages, watched: true},
		{name: "ablation", doc: "lfpool beside builds of it that lack a part each: what the parts cost, or earn", stages: ablationStages},
		{name: "list", doc: "measure nothing: what can be run", do: list},
		{name: "show", doc: "measure nothing: print the tables of a record, and write its page", argument: "RECORD.txt", do: show},
		{name: "refresh", doc: "measure nothing: write the results of the newest full record into README, its picture, and the other pages that show it", argument: "README.md", do: refresh},
	}
}

// parse reads the command line. Where a flag is wrong, or flag.ErrHelp, it shows on stderr
// how the command is used.
func parse(args []string, stderr io.Writer) (c command, s settings, err error) {
	s = settings{args: args, filter: regexp.MustCompile("")}
	name, rest := "", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, rest = args[0], args[1:]
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		var names []string
		for _, c := range commands[1:] {
			names = append(names, c.name)
		}
		return c, s, usageError{fmt.Errorf("no command %q: want none, or one of %s", name, strings.Join(names, ", "))}
	}
	c = commands[i]
	fs := flag.NewFlagSet(strings.TrimSpace("bench "+c.name), flag.ContinueOnError)
	fs.SetOutput(io.Discard) // the caller says what is wrong
	s.add(fs, c)
	if err := fs.Parse(rest); err != nil {
		usage(fs, c, stderr)
		if errors.Is(err, flag.ErrHelp) {
			return c, s, err
		}
		return c, s, usageError{err}
	}
	most := 0
	if c.argument != "" {
		most, s.file = 1, fs.Arg(0)
	}
	switch {
	case fs.NArg() < most:
		err = usageError{fmt.Errorf("%s needs an argument: %s", c.name, c.argument)}
	case fs.NArg() > most:
		err = usageError{fmt.Errorf("unexpected argument %q; -run selects contestants and workloads", fs.Arg(most))}
	}
	return c, s, err
}

func usage(fs *flag.FlagSet, c command, w io.Writer) {
	fs.SetOutput(w)
	fmt.Fprintf(w, "%s %s\n    %s\n", fs.Name(), c.argument, c.doc)
	fs.PrintDefaults()
	if c.name == "" {
		fmt.Fprintln(w, "\nCommands, each with flags of its own:")
		for _, c := range commands[1:] {
			fmt.Fprintf(w, "    %-8s %s\n", c.name, c.doc)
		}
	}
}

func (c command) run(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	if c.do != nil {
		return c.do(ctx, s, stdout, stderr)
	}
	if c.watched {
		if err := s.simulable(); err != nil {
			return usageError{err}
		}
		if !atomic.Watched {
			return again(ctx, s.args, stdout, stderr)
		}
	}
	stages := chosen(c.stages(s), s.filter)
	if len(stages) == 0 {
		return usageError{fmt.Errorf("-run %q matches no contestant/workload; bench list shows them", s.filter)}
	}
	return takeSamples(ctx, s, c.isWhole(s), stages, stdout, stderr)
}

// chosen is what the filter leaves, none if that is the gates alone.
func chosen(stages []measure.Stage, filter *regexp.Regexp) (left []measure.Stage) {
	some := false
	for _, stage := range stages {
		if stage = stage.Only(filter); len(stage.Rows) > 0 {
			left = append(left, stage)
			some = some || stage.Rows[0].Kind != record.Gates
		}
	}
	if !some {
		return nil
	}
	return left
}

// add adds the command's flags.
func (s *settings) add(fs *flag.FlagSet, c command) {
	if c.stages == nil {
		return
	}
	fs.TextVar(s.filter, "run", s.filter, "only what `regexp` matches in contestant/workload, of variants too")
	number := func(to *int, name string, most int, doc string) {
		fs.Func(name, doc, func(v string) (err error) {
			*to, err = parseBounded(v, most)
			return err
		})
	}
	number(&s.count, "count", maxCount, fmt.Sprintf("take `n` samples of each (default %d, of the ablation %d, with -quick %d)", defaultCount, ablationBudget.samples, quickCount))
	fs.StringVar(&s.output, "o", defaultOutput, "write every sample to `file` in the Go benchmark format, and a page with plots to an .html of that name; empty for none")
	fs.BoolVar(&s.quick, "quick", false, "short samples, wider intervals: an eighth of the time")
	fs.Func("procs", "measure at GOMAXPROCS `n`, or, but for sweep and memory, once for each of n,n,...; for transfers and machine it is the simulated processors", func(v string) error {
		s.procs = nil
		fields := strings.Split(v, ",")
		if len(fields) > 1 && c.oneProcs {
			return errors.New("one value at a time")
		}
		for _, field := range fields {
			n, err := parseBounded(field, maxProcs)
			if err != nil {
				return err
			}
			s.procs = append(s.procs, n)
		}
		return nil
	})
	if c.pairs {
		number(&s.pairs, "pairs", maxPairs, "`n` enqueues and dequeues a sample (1000000 in the paper), and ten times n with a tenth of the other work")
	}
	if c.wait {
		fs.DurationVar(&s.wait, "wait", time.Hour, "wait for a quiet machine, at most so long; 0 for not at all")
	}
}

// samples is how many are taken, at most usual if -count does not say otherwise.
func (s settings) samples(usual int) int {
	switch {
	case s.count > 0:
		return s.count
	case s.quick:
		return min(usual, quickCount)
	default:
		return usual
	}
}

// at is the values of GOMAXPROCS.
func (s settings) at() []int {
	if s.procs == nil {
		return []int{runtime.GOMAXPROCS(0)}
	}
	return s.procs
}

// parseBounded reads an integer from 1 to most.
func parseBounded(v string, most int) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil {
		return 0, errors.New("not an integer")
	}
	if n < 1 || n > most {
		return 0, fmt.Errorf("must be from 1 to %d", most)
	}
	return n, nil
}
