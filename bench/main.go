// Bench compares lfpool with the go statement and with other goroutine pools.
//
//	go run ./bench               # from the repository's root, a minute and a half
//	go run ./bench -quick        # under 30 seconds
//	go run ./bench full          # everything, about seven minutes on 2 cores
//	go run ./bench lateness      # how late others are beside a busy pool
//	go run ./bench transfers     # cache lines that a task moves
//	go run ./bench machine -procs 1,8,64 milan   # a simulated processor
//	go run ./bench list
//	go run ./bench -run '^(go|lfpool|idle-.*|tasks-ms)/'
//	go run ./bench -run '^(go|lfpool)/wait$' -count 20
//
// Progress goes to standard error, tables go to standard output, and every
// sample goes to a record in the Go benchmark format that benchstat reads,
// with a page with plots beside it. README.md says how to read them.
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
	"time"

	"github.com/lfpool/lfpool/bench/internal/machine"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// Exit codes: exitUsage is the flag package's, exitInterrupted is the shell's
// 128+SIGINT.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	measure.Child()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	args := os.Args[1:]
	machine.Main(func() int { return run(ctx, args, os.Stdout, os.Stderr) })
}

// A usageError is a mistake in the command line; a flagError one that package flag has
// told the user of already, or a wish for help.
type (
	usageError struct{ error }
	flagError  struct{ error }
)

// run is the program. It returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, s, err := parse(args, stderr)
	if err == nil {
		err = c.run(ctx, s, stdout, stderr)
	}
	var usage usageError
	var told flagError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &told):
		if errors.Is(told.error, flag.ErrHelp) {
			return 0
		}
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "bench: interrupted; the tables hold what was measured so far")
		return exitInterrupted
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "bench:", err)
		return exitUsage
	default:
		fmt.Fprintln(stderr, "bench:", err)
		return exitFailure
	}
}

// takeSamples makes the stages, writes the record and the page, and prints the tables.
// When ctx is cancelled, that is what was measured so far, without the sample under
// way: a contestant that lost a task would never finish it. whole says that nothing is
// left out.
func takeSamples(ctx context.Context, s settings, whole bool, stages []measure.Stage, stdout, stderr io.Writer) error {
	r := record.New(s.args)
	file, samples, err := createRecord(s.output, r.Host)
	if err != nil {
		return usageError{fmt.Errorf("-o %q: %w", s.output, err)}
	}
	fmt.Fprintf(stderr, "This takes about %v. Interrupt it to see what has been measured so far.\n", measure.Total(stages).Round(time.Second))
	if s.wait > 0 {
		r.Waited = record.WaitUntilQuiet(ctx, s.wait, stderr)
		r.Host.Start()
	}
	rec := measure.NewRecorder(r, samples, stderr)
	done := make(chan struct{})
	go func() {
		measure.Run(ctx, stages, rec)
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	err = rec.Close(ctx.Err() != nil)
	r.Full = whole && r.Whole()
	describe(r)
	if err == nil && file != nil {
		err = finish(file, samples, r)
	}
	if err != nil {
		err = fmt.Errorf("-o %q: %w", s.output, err)
	}
	var text bytes.Buffer
	page.Text(&text, r)
	if file != nil && err == nil {
		fmt.Fprintf(&text, pageLine, pageOf(file.Name()))
	}
	if _, printed := stdout.Write(text.Bytes()); err == nil {
		err = printed
	}
	return errors.Join(err, ctx.Err())
}
