// Command lfgo tries package lfpool on a program as it is: it builds the program
// with its go statements as calls of lfpool.Go, and runs, tests or measures it.
// Nothing is written to the program's directories. See lfgo help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/lfpool/lfpool/cmd/lfgo/analyzer"
)

// A command is one of lfgo's.
type command struct {
	name, args, about string
	run               func(context.Context, []string) error
}

// commands is set in init: help lists it.
var commands []command

func init() {
	commands = []command{
		{"test", "[flags] [packages]", "go test, with every go statement on lfpool", runTest},
		{"run", "[flags] package [arguments]", "go run, with every go statement on lfpool", runRun},
		{"bench", "[flags] [packages]", "benchmarks before and after, in turn, with a verdict", runBench},
		{"advise", "[flags] profile...", "is it worth it, and where: from a CPU profile", runAdvise},
		{"fix", "-all | -profile FILE [packages]", "change the source", runFix},
		{"help", "[command]", "this, or more about a command", runHelp},
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == execWord {
		fail(execAsUser(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == measureWord {
		fail(measured(os.Args[2:]))
	}
	if isVetTool(os.Args[1:]) {
		unitchecker.Main(analyzer.Analyzer) // does not return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	fail(dispatch(ctx, os.Args[1:]))
}

// isVetTool reports whether the go command runs lfgo as go vet -vettool: it asks
// for its version and flags, and then gives it the description of a package.
func isVetTool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return args[0] == "-flags" || strings.HasPrefix(args[0], "-V=") || strings.HasSuffix(args[len(args)-1], ".cfg")
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, overview())
		return status(2)
	}
	name := strings.TrimLeft(args[0], "-")
	if name == "h" {
		name = "help"
	}
	for _, c := range commands {
		if c.name == name {
			return c.run(ctx, args[1:])
		}
	}
	return fmt.Errorf("there is no command %s: lfgo help lists them", args[0])
}

// status is an exit status without a message: that has been said.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// fail ends the program, with one line if there is an error.
func fail(err error) {
	var code status
	var ended *exec.ExitError
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &code):
		os.Exit(int(code))
	case errors.As(err, &ended) && ended.ExitCode() > 0:
		os.Exit(ended.ExitCode())
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "lfgo: interrupted")
		os.Exit(130)
	}
	fmt.Fprintln(os.Stderr, "lfgo:", err)
	os.Exit(1)
}
