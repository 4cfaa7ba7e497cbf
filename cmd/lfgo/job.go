package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/term"
)

// A job is a command that lfgo runs. If lfgo is interrupted, so are it and what
// it has started.
type job struct {
	dir       string
	env       []string
	name      string
	args      []string
	in        io.Reader
	out, errs io.Writer
	// keepsTerminal is for programs that may read from the terminal: these stay
	// in its group of processes, which the terminal interrupts by itself.
	keepsTerminal bool
}

// patience is how long an interrupted job may take to end before it is killed.
const patience = 10 * time.Second

// start runs a job to its end.
func start(ctx context.Context, j job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, j.name, j.args...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = j.dir, j.env, j.in, j.out, j.errs
	apart := !j.keepsTerminal || !term.IsTerminal(int(os.Stdin.Fd()))
	if apart {
		setGroup(cmd)
	}
	cmd.Cancel = func() error {
		if !apart && strings.Contains(context.Cause(ctx).Error(), os.Interrupt.String()) {
			return nil // the terminal has interrupted the job, too
		}
		return interrupt(cmd.Process, apart)
	}
	cmd.WaitDelay = patience
	err := cmd.Run()
	if ctx.Err() != nil {
		if apart && cmd.Process != nil {
			killGroup(cmd.Process)
		}
		return ctx.Err()
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // it has ended, and left its output to another process
	}
	return err
}

// splitWords splits a command as the go command splits -exec: at spaces, but for
// those in quotes.
func splitWords(s string) (words []string, err error) {
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if quote := s[0]; quote == '"' || quote == '\'' {
			word, rest, closed := strings.Cut(s[1:], string(quote))
			if !closed {
				return nil, fmt.Errorf("-exec has an open quote: %s", s)
			}
			words, s = append(words, word), rest
			continue
		}
		word, rest, _ := strings.Cut(s, " ")
		words, s = append(words, word), rest
	}
	if len(words) == 0 {
		return nil, errors.New("-exec names no command")
	}
	return words, nil
}
