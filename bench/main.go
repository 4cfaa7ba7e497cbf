// Bench compares lfpool with the go statement and with other goroutine pools.
//
//	go run ./bench          # from the repository's root, a minute and a half
//	go run ./bench -quick   # under 30 seconds
//	go run ./bench full     # everything, in about seven minutes on 2 cores
//	go run ./bench list     # what else there is
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
	"path/filepath"
	"strings"
	"time"

	"github.com/lfpool/lfpool/bench/ablation"
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
	machine.Main(func() int {
		defer ablation.Remove() // what is left is in a folder for such things
		return run(ctx, args, os.Stdout, os.Stderr)
	})
}

// A usageError is a mistake in the command line.
type usageError struct{ error }

// run is the program. It returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, s, err := parse(args, stderr)
	if err == nil {
		err = c.run(ctx, s, stdout, stderr)
	}
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "bench: interrupted; the tables hold what was measured so far")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "bench:", err)
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailure
}

// takeSamples makes the stages, writes the record and the page, and prints the tables.
// When ctx is cancelled, that is what was measured so far, without the sample under
// way: a contestant that lost a task would never finish it. whole says that nothing is
// left out.
func takeSamples(ctx context.Context, s settings, whole bool, stages []measure.Stage, stdout, stderr io.Writer) error {
	r := record.New(s.args)
	if s.output != "" { // a bad name is told at once
		if err := os.WriteFile(s.output, nil, 0o666); err != nil {
			return usageError{fmt.Errorf("-o %q: %w", s.output, err)}
		}
	}
	fmt.Fprintf(stderr, "This takes about %v. Interrupt it to see what has been measured so far.\n", measure.Total(stages...).Round(time.Second))
	if s.wait > 0 {
		r.Waited = record.WaitUntilQuiet(ctx, s.wait, stderr)
		r.Host.Start()
	}
	rec := measure.NewRecorder(r, stderr)
	done := make(chan struct{})
	go func() {
		measure.Run(ctx, stages, rec)
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	rec.Close(ctx.Err() != nil)
	r.Full = whole && r.Whole()
	describe(r)
	var err error
	if s.output != "" {
		var text []byte
		if text, err = r.Text(); err == nil {
			err = os.WriteFile(s.output, text, 0o666)
		}
	}
	return errors.Join(err, present(stdout, r, s.output), ctx.Err())
}

// present prints a record's tables and writes its page beside its file, if it has one.
func present(w io.Writer, r *record.Record, name string) error {
	var text, html bytes.Buffer
	page.Text(&text, r)
	var err error
	if name != "" {
		name = strings.TrimSuffix(name, filepath.Ext(name)) + ".html"
		if err = page.HTML(&html, r); err == nil {
			err = os.WriteFile(name, html.Bytes(), 0o666)
		}
		fmt.Fprintf(&text, "The page with plots: %s\n", name)
	}
	_, printed := w.Write(text.Bytes())
	return errors.Join(err, printed)
}

// show prints a record that was made before, and writes its page.
func show(_ context.Context, s settings, stdout, _ io.Writer) error {
	r, err := readRecord(s.file)
	if err != nil {
		return fmt.Errorf("show %q: %w", s.file, err)
	}
	return present(stdout, r, s.file)
}

func readRecord(name string) (*record.Record, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r, err := record.Read(text)
	if err == nil {
		describe(r)
	}
	return r, err
}
