// Bench compares lfpool with the go statement and with other goroutine pools.
//
//	go run ./bench            # from the repository's root, under two minutes
//	go run ./bench -quick     # under 30 seconds
//	go run ./bench -list
//	go run ./bench -run '^(go|lfpool)/wait$' -count 20
//
// Progress goes to standard error, tables go to standard output, and every
// sample goes to a report in the Go benchmark format that benchstat reads.
// README.md says how to read them.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
)

// Exit codes: exitUsage is the flag package's, exitInterrupted is the shell's
// 128+SIGINT.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns its exit code. When ctx is cancelled, it
// prints what was measured so far, without waiting for the sample under way:
// a contestant that lost a task would never finish it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return exitUsage
	}
	candidates := contestants()
	if !s.all && !s.list {
		candidates = withoutDetails(candidates)
	}
	if s.gcEvery > 0 {
		defer collectEvery(s.gcEvery)()
	}
	if s.mode != throughput && !s.list {
		return runOther(ctx, s, candidates, stdout, stderr)
	}
	chosen := choose(s.filter, candidates, workloads)
	if len(chosen.rows) == 0 {
		fmt.Fprintf(stderr, "bench: -run %q matches no contestant/workload; -list shows them\n", s.filter)
		return exitUsage
	}
	if s.list {
		printList(stdout, chosen, s.filter)
		return 0
	}
	host := thisHost()
	rep, err := createReport(s.output, host)
	if err != nil {
		fmt.Fprintf(stderr, "bench: -o %q: %v\n", s.output, err)
		return exitUsage
	}

	p := plan{selection: chosen, procs: s.procs, count: s.count, budget: s.budget}
	rec := newRecorder(rep, &progress{w: stderr, plan: p})
	done := make(chan struct{})
	go func() {
		measure(ctx, p, rec)
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	res, err := rec.close()

	code := 0
	if err != nil {
		fmt.Fprintf(stderr, "bench: -o %q: %v\n", s.output, err)
		code = exitFailure
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "bench: interrupted; the tables hold what was measured so far")
		code = exitInterrupted
	}
	var page bytes.Buffer
	printHeader(&page, host, p)
	for _, procs := range p.procs {
		printBlocks(&page, chosen, procs, res)
		printMatrix(&page, chosen, procs, res)
		printLosses(&page, chosen, procs, res)
	}
	if _, err := stdout.Write(page.Bytes()); err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return exitFailure
	}
	return code
}

// runOther is the command for measurements other than throughput. They have no
// report for benchstat.
func runOther(ctx context.Context, s settings, cs []baseline.Contestant, stdout, stderr io.Writer) int {
	print := printDelays
	if s.mode == memory {
		print = printFootprints
	}
	var page bytes.Buffer
	printHost(&page, thisHost())
	if !print(ctx, &page, stderr, s, cs) {
		fmt.Fprintf(stderr, "bench: -run %q matches no contestant; -list shows them\n", s.filter)
		return exitUsage
	}
	if _, err := stdout.Write(page.Bytes()); err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return exitFailure
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return 0
}

// collectEvery collects garbage at each tick until stop is called.
func collectEvery(d time.Duration) (stop func()) {
	ticker, done := time.NewTicker(d), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				runtime.GC()
			case <-done:
				return
			}
		}
	}()
	return func() { ticker.Stop(); close(done) }
}
