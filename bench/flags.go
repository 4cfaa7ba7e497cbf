package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	defaultOutput = "lfpool-bench.txt"

	// Six samples are the fewest that bound a median at 95 %; ten are what
	// the project asks of a number it publishes.
	defaultCount = 10
	quickCount   = 6

	// Bounds that only a typing error exceeds.
	maxCount = 1000
	maxProcs = 1024
)

// settings is the command line, validated.
type settings struct {
	filter  *regexp.Regexp // matched against contestant/workload
	count   int
	procs   []int // GOMAXPROCS values, each measured in full
	output  string
	list    bool
	mode    mode
	gcEvery time.Duration // collect garbage that often meanwhile; 0: no more than needed
	all     bool          // also contestants that differ from lfpool in a detail
	budget  budget
}

// mode is what kind of measurement is made.
type mode int

const (
	throughput mode = iota // workloads
	latency                // arrivals
	memory                 // footprints
)

// parseFlags reads args. On an error it has told the user on stderr already.
func parseFlags(args []string, stderr io.Writer) (settings, error) {
	s := settings{
		filter: regexp.MustCompile(""),
		procs:  []int{runtime.GOMAXPROCS(0)},
		budget: defaultBudget,
	}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	quick := fs.Bool("quick", false, "measure everything in under 30 seconds, with short samples")
	fs.BoolVar(&s.list, "list", false, "list contestants and workloads, and measure nothing")
	fs.BoolVar(&s.all, "all", false, "measure also the contestants that differ in one part only; so does -run")
	starts := fs.Bool("latency", false, "measure the time until tasks start, under several loads, instead of throughput")
	footprints := fs.Bool("memory", false, "measure memory at a peak of 100 000 tasks and after, instead of throughput")
	fs.Func("gc-every", "collect garbage every `duration` meanwhile", func(v string) (err error) {
		if s.gcEvery, err = time.ParseDuration(v); err == nil && s.gcEvery <= 0 {
			err = errors.New("must be positive")
		}
		return err
	})
	fs.StringVar(&s.output, "o", defaultOutput, "write every sample to `file` for benchstat; empty for none")
	fs.Func("run", "measure what `regexp` matches in contestant/workload (default all)", func(v string) (err error) {
		s.filter, err = regexp.Compile(v)
		s.all = true
		return err
	})
	fs.Func("count", fmt.Sprintf("take `n` samples of each (default %d, with -quick %d)", defaultCount, quickCount), func(v string) (err error) {
		s.count, err = parseBounded(v, maxCount)
		return err
	})
	fs.Func("procs", "measure at GOMAXPROCS `n`, or once for each of n,n,... (default GOMAXPROCS)", func(v string) error {
		s.procs = nil
		for field := range strings.SplitSeq(v, ",") {
			n, err := parseBounded(field, maxProcs)
			if err != nil {
				return err
			}
			s.procs = append(s.procs, n)
		}
		return nil
	})
	if err := fs.Parse(args); err != nil {
		return s, err
	}
	if fs.NArg() > 0 {
		err := fmt.Errorf("unexpected argument %q; -run selects contestants and workloads", fs.Arg(0))
		fmt.Fprintln(stderr, "bench:", err)
		return s, err
	}
	if *starts && *footprints {
		err := errors.New("-latency and -memory exclude each other")
		fmt.Fprintln(stderr, "bench:", err)
		return s, err
	}
	switch {
	case *starts:
		s.mode = latency
	case *footprints:
		s.mode = memory
	}
	if *quick {
		s.budget = quickBudget
	}
	if s.count == 0 {
		s.count = defaultCount
		if *quick {
			s.count = quickCount
		}
	}
	return s, nil
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
