package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// runRun is go run with the go statements rewritten.
func runRun(ctx context.Context, line []string) (err error) {
	a, err := parseArguments(line, ownFlags, true)
	if err != nil {
		return err
	}
	p, err := pool(ctx, a, toRun)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	program := filepath.Join(p.Temp, "program"+exeSuffix)
	runner := a.take("exec")
	args := append([]string{"build", p.overlay, "-o", program}, a.flags...)
	if err := start(ctx, job{dir: p.Dir, env: p.Env, name: "go", args: append(args, a.packages...), out: os.Stderr, errs: os.Stderr}); err != nil {
		return err
	}
	j := job{dir: p.Dir, env: os.Environ(), name: program, args: a.rest, in: os.Stdin, out: os.Stdout, errs: os.Stderr, keepsTerminal: true}
	if runner != "" {
		words, err := splitWords(runner)
		if err != nil {
			return err
		}
		j.name, j.args = words[0], append(append(words[1:], program), a.rest...)
	}
	return start(ctx, j)
}
