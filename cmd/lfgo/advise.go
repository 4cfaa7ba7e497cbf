package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/advice"
)

// traceMagic is how an execution trace begins.
var traceMagic = []byte("go 1.")

// runAdvise says whether a pool is worth it, from profiles of the program.
func runAdvise(_ context.Context, line []string) (err error) {
	flags := flag.NewFlagSet("advise", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	html := flags.String("html", "", "")
	if err := flags.Parse(line); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("advise from what? Name a CPU profile, as go test -cpuprofile and /debug/pprof/profile make it")
	}
	a, lives, err := readAll(flags.Args())
	if err != nil {
		return err
	}
	if a != nil {
		fmt.Print(a.Text())
	}
	if len(lives) > 0 {
		fmt.Print("\nFrom the trace, by go statement:\n\n", advice.LivesText(lives))
	}
	if *html == "" {
		return nil
	}
	f, err := os.Create(*html)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var from []string
	for _, name := range flags.Args() {
		from = append(from, filepath.Base(name))
	}
	return advice.Page(f, a, lives, from)
}

// readAll reads the files, each of which is what it begins like: an execution
// trace, a goroutine dump, or a CPU profile.
func readAll(names []string) (a *advice.Advice, lives []advice.Lives, err error) {
	var dumps []string
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case bytes.HasPrefix(data, traceMagic):
			found, err := advice.FromTrace(data)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			lives = append(lives, found...)
		case bytes.HasPrefix(data, []byte("goroutine ")):
			dumps = append(dumps, string(data))
		default:
			if a != nil {
				return nil, nil, fmt.Errorf("%s: one CPU profile at a time (go tool pprof -proto merges several)", name)
			}
			if a, err = advice.FromProfile(data); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if a != nil {
		a.AddLives(lives)
	}
	for _, dump := range dumps {
		if a == nil {
			return nil, nil, errors.New("a goroutine dump only completes a CPU profile: name one, too")
		}
		if err := a.AddDump(dump); err != nil {
			return nil, nil, err
		}
	}
	return a, lives, nil
}
