package main

import (
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

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/internal/baseline"
)

const (
	defaultOutput = "lfpool-bench.txt"

	// Six samples are the fewest that bound a median at 95 %; ten are what
	// the project asks of a number it publishes.
	defaultCount = 10
	quickCount   = 6

	// fullTime is what -full takes on 2 cores, by the estimate that it prints.
	fullTime = "nine minutes"

	// Bounds that only a typing error exceeds.
	maxCount = 1000
	maxProcs = 1024
	maxPairs = 100_000_000
)

// settings is the command line, validated.
type settings struct {
	args     []string
	filter   *regexp.Regexp // matched against contestant/workload
	count    int
	counted  bool  // -count was given
	procs    []int // GOMAXPROCS values, each measured in full
	output   string
	list     bool
	mode     string // the flag of the measurement to make, "" for throughput
	quick    bool
	all      bool // also contestants that differ from lfpool in a detail
	filtered bool // -run was given
	atProcs  bool // -procs was given
	variants map[string][]string
	paddings []string
	gcEvery  time.Duration // collect garbage that often meanwhile; 0: no more than needed
	pairs    int           // of the paper's measurement; 0: as many as fit
	refresh  string        // the README to refresh, "" for none
	show     string        // the record to show, "" for none
	machine  machine.Model // to simulate
	cores    []int         // simulated processors
}

// Modes other than throughput, by their flags.
const (
	modeLatency  = "latency"
	modeLateness = "lateness"
	modeFlood    = "flood"
	modeMemory   = "memory"
	modeSweep    = "sweep"
	modeHeadline = "headline"
	modePaper    = "paper"
	modeServers  = "servers"
	modeDay      = "day"
	modeReplace  = "replacement"
	modeFull     = "full"
	modeTransfer = "transfers"
	modeMachine  = "machine"
)

// Simulated processors, unless told.
var (
	transferCores = []int{2, 4, 8, 16, 64}
	machineCores  = []int{1, 2, 4, 8, 16, 32, 64, 128}
)

// papers lists what -paper takes.
var papers = []string{"ms96"}

// parseFlags reads args. On an error it has told the user on stderr already.
func parseFlags(args []string, stderr io.Writer) (settings, error) {
	s := settings{
		args:     args,
		filter:   regexp.MustCompile(""),
		procs:    []int{runtime.GOMAXPROCS(0)},
		variants: map[string][]string{},
		paddings: []string{"on"},
	}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.BoolVar(&s.quick, "quick", false, "short samples: everything in under 30 seconds")
	fs.BoolVar(&s.list, "list", false, "list contestants, workloads and variants, and measure nothing")
	fs.BoolVar(&s.all, "all", false, "measure also the contestants that differ in one part only")

	var modes []string
	mode := func(name, doc string) {
		fs.BoolFunc(name, doc, func(v string) error {
			on, err := strconv.ParseBool(v)
			if on {
				modes = append(modes, name)
			}
			return err
		})
	}
	mode(modeFull, "measure everything there is, in about "+fullTime+" on 2 cores")
	mode(modeLatency, "measure the time until tasks start, under several loads")
	mode(modeLateness, "measure how late a goroutine wakes that sleeps 1 ms beside a busy pool, at GOMAXPROCS 1, 2 and 4")
	mode(modeFlood, "measure fresh pools that are flooded with 10 000 and 100 000 tasks that block, each in a process of its own")
	mode(modeMemory, "measure memory at a peak of 100 000 tasks and after, and workers over time")
	mode(modeSweep, "measure tasks of all depths and sizes: where go is the better choice")
	mode(modeHeadline, "measure the workloads that other pools publish figures for, in full size (half an hour, 4 GB)")
	mode(modeDay, "play a day in miniature against each rule of -retention: workers, memory and time to empty")
	mode(modeReplace, "measure what it gives and costs to replace workers after some tasks (pool.WithMaxTasksPerWorker)")
	mode(modeServers, "measure three servers on loopback, asked by another process")
	fs.Func(modePaper, "repeat the measurements of `paper`: "+strings.Join(papers, ","), func(v string) error {
		modes = append(modes, modePaper)
		_, err := contest.Parse(v, papers)
		return err
	})
	mode(modeTransfer, "count the cache lines that a task or a queue's value moves between simulated processors, and which words are on them")
	fs.Func(modeMachine, "simulate the `processor`: "+strings.Join(machine.Names(), ","), func(v string) error {
		modes = append(modes, modeMachine)
		known := false
		if s.machine, known = machine.Named(v); !known {
			return fmt.Errorf("no %q: want one of %s", v, strings.Join(machine.Names(), ","))
		}
		return nil
	})
	fs.Func("cores", "with -transfers and -machine, `n,n,...` simulated processors", func(v string) error {
		for field := range strings.SplitSeq(v, ",") {
			n, err := parseBounded(field, machine.MaxProcessors)
			if err != nil {
				return err
			}
			s.cores = append(s.cores, n)
		}
		return nil
	})
	fs.Func("pairs", "with -paper, `n` enqueues and dequeues a sample (1000000 in the paper), and ten times n with a tenth of the other work", func(v string) (err error) {
		s.pairs, err = parseBounded(v, maxPairs)
		return err
	})

	for _, choice := range contest.Choices {
		fs.Func(choice.Part, fmt.Sprintf("compare lfpool with one part exchanged, %s: `names` of %s", choice.Doc, strings.Join(choice.Names, ",")), func(v string) (err error) {
			s.variants[choice.Part], err = contest.Parse(v, choice.Names)
			return err
		})
	}
	padding := false
	fs.Func("padding", "shared words of the variants on cache lines of their own, on one line, or both: `on,off`", func(v string) (err error) {
		s.paddings, err = contest.Parse(v, contest.Paddings)
		padding = true
		return err
	})

	fs.Func("gc-every", "collect garbage every `duration` meanwhile", func(v string) (err error) {
		if s.gcEvery, err = time.ParseDuration(v); err == nil && s.gcEvery <= 0 {
			err = errors.New("must be positive")
		}
		return err
	})
	fs.StringVar(&s.output, "o", defaultOutput, "write every sample to `file` for benchstat, and a .json and an .html of that name; empty for none")
	fs.Func("run", "measure what `regexp` matches in contestant/workload (default all)", func(v string) (err error) {
		s.filter, err = regexp.Compile(v)
		s.filtered = true
		return err
	})
	fs.Func("count", fmt.Sprintf("take `n` samples of each (default %d, with -quick %d)", defaultCount, quickCount), func(v string) (err error) {
		s.count, err = parseBounded(v, maxCount)
		s.counted = true
		return err
	})
	fs.Func("procs", "measure at GOMAXPROCS `n`, or once for each of n,n,... (default GOMAXPROCS)", func(v string) error {
		s.procs, s.atProcs = nil, true
		for field := range strings.SplitSeq(v, ",") {
			n, err := parseBounded(field, maxProcs)
			if err != nil {
				return err
			}
			s.procs = append(s.procs, n)
		}
		return nil
	})
	fs.StringVar(&s.show, "show", "", "measure nothing: print the tables of a `record` (.json) and write its page anew")
	fs.StringVar(&s.refresh, "refresh", "", "measure nothing: write the results of the newest -full record into `README`, its picture, and the other pages that show it")
	given := note(fs)
	if err := fs.Parse(args); err != nil {
		return s, err
	}

	var err error
	slices.Sort(modes)
	modes = slices.Compact(modes)
	switch {
	case fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q; -run selects contestants and workloads", fs.Arg(0))
	case len(modes) > 1:
		err = fmt.Errorf("-%s exclude each other; -full makes all measurements", strings.Join(modes, " and -"))
	case padding && len(s.variants) == 0:
		s.variants = contest.Padded()
	}
	if err == nil && len(modes) == 1 {
		s.mode = modes[0]
	}
	if err == nil {
		err = unheeded(s, given)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return s, err
	}
	if s.cores == nil {
		s.cores = transferCores
		if s.mode == modeMachine {
			s.cores = slices.DeleteFunc(slices.Clone(machineCores), func(n int) bool { return n > s.machine.Processors() })
		}
	}
	if s.count == 0 {
		s.count = defaultCount
		if s.quick {
			s.count = quickCount
		}
	}
	return s, nil
}

// whole reports whether all there is is measured as it is unless told otherwise,
// with as many samples as a number that is published needs.
func (s settings) whole() bool {
	return s.mode == modeFull && !s.quick && !s.filtered && s.count >= defaultCount && slices.Equal(s.procs, []int{runtime.GOMAXPROCS(0)})
}

// contestants is who takes part.
func (s settings) contestants() []baseline.Contestant {
	switch {
	case len(s.variants) > 0:
		return contest.Variants(s.variants, s.paddings)
	case s.all || s.filtered || s.list:
		return contest.All()
	default:
		return contest.Default()
	}
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
