// Bench compares lfpool with the go statement and with other goroutine pools.
//
//	go run ./bench            # from the repository's root, a minute and a half
//	go run ./bench -quick     # under 30 seconds
//	go run ./bench -full      # everything, about nine minutes on 2 cores
//	go run ./bench -lateness  # how late others are beside a busy pool
//	go run ./bench -transfers # cache lines that a task moves
//	go run ./bench -machine milan -cores 1,8,64   # a simulated processor
//	go run ./bench -list
//	go run ./bench -idle ms,treiber -tasks ms
//	go run ./bench -run '^(go|lfpool)/wait$' -count 20
//
// Progress goes to standard error, tables go to standard output, and every
// sample goes to a report in the Go benchmark format that benchstat reads,
// with a record in JSON and a page with plots beside it. README.md says how to
// read them.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/atomic"
)

// Exit codes: exitUsage is the flag package's, exitInterrupted is the shell's
// 128+SIGINT.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	child.Be()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	args := os.Args[1:]
	machine.Main(func() int { return run(ctx, args, os.Stdout, os.Stderr) })
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
	if s.refresh != "" {
		return refresh(s.refresh, stdout, stderr)
	}
	if s.show != "" {
		return show(s.show, stdout, stderr)
	}
	if s.list {
		if !printList(stdout, s) {
			fmt.Fprintf(stderr, "bench: -run %q matches no contestant/workload\n", s.filter)
			return exitUsage
		}
		return 0
	}
	stages, err := s.stages()
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return exitUsage
	}
	if simulates := s.mode == modeTransfer || s.mode == modeMachine; simulates && !atomic.Watched {
		return again(ctx, args, stdout, stderr)
	}
	r := record.New(args)
	r.Docs, r.Order = docs(s.divisor()), order()
	out, err := createOutput(s.output, r.Host)
	if err != nil {
		fmt.Fprintf(stderr, "bench: -o %q: %v\n", s.output, err)
		return exitUsage
	}
	if s.gcEvery > 0 {
		defer collectEvery(s.gcEvery)()
	}
	fmt.Fprintf(stderr, "This takes about %v. Interrupt it to see what has been measured so far.\n", measure.Total(stages).Round(time.Second))

	rec := measure.NewRecorder(r, out.samples(), stderr)
	done := make(chan struct{})
	go func() {
		measure.Run(ctx, stages, rec)
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	interrupted := ctx.Err() != nil
	err = rec.Close(interrupted)
	r.Full = s.whole() && r.Whole()
	if err == nil {
		err = out.finish(r)
	}

	code := 0
	if err != nil {
		fmt.Fprintf(stderr, "bench: -o %q: %v\n", s.output, err)
		code = exitFailure
	}
	if interrupted {
		fmt.Fprintln(stderr, "bench: interrupted; the tables hold what was measured so far")
		code = exitInterrupted
	}
	var text bytes.Buffer
	page.Text(&text, r)
	if name := out.page(); name != "" && code != exitFailure {
		fmt.Fprintf(&text, pageLine, name)
	}
	if _, err := stdout.Write(text.Bytes()); err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return exitFailure
	}
	return code
}

// watchedTag has the library's atomics reported.
const watchedTag = "lfpoolhooks"

// again runs the program built with watchedTag.
func again(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd := exec.CommandContext(ctx, "go", append([]string{"run", "-tags", watchedTag, record.ModulePath + "/bench"}, args...)...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return exitInterrupted
		}
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
			fmt.Fprintf(stderr, "bench: to watch the library's atomics, the program is built anew: %v\n", err)
		}
		return exitFailure
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
