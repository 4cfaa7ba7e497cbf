package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress tells how far a long job is, on one line of a terminal, or, where
// there is none, now and then.
type progress struct {
	out      io.Writer
	terminal bool
	began    time.Time
	said     time.Time
	expected time.Duration // of all
	finished time.Duration // of what is expected
}

// interval between two lines where there is no terminal.
const interval = 15 * time.Second

func newProgress(out *os.File, expected time.Duration) *progress {
	return &progress{out: out, terminal: term.IsTerminal(int(out.Fd())), began: time.Now(), expected: expected}
}

func (p *progress) say(what string) {
	if !p.terminal && time.Since(p.said) < interval {
		return
	}
	p.said = time.Now()
	line := fmt.Sprintf("lfgo: %s; %v left", what, p.left().Round(time.Second))
	if p.terminal {
		fmt.Fprintf(p.out, "\r\033[K%s", line)
	} else {
		fmt.Fprintln(p.out, line)
	}
}

// left is the time that remains, by what the part so far has taken.
func (p *progress) left() time.Duration {
	rest := max(0, p.expected-p.finished)
	if p.finished == 0 {
		return rest
	}
	return time.Duration(float64(time.Since(p.began)) / float64(p.finished) * float64(rest))
}

func (p *progress) done(part time.Duration) { p.finished += part }

func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\033[K")
	}
}
