package main

import (
	"context"
	"errors"
	"os"
)

// runTest is go test with the go statements rewritten.
func runTest(ctx context.Context, line []string) (err error) {
	a, err := parseArguments(line, ownFlags, false)
	if err != nil {
		return err
	}
	p, err := pool(ctx, a, toTest)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	asUser, env, err := userExec(p.Workspace, a.take("exec"))
	if err != nil {
		return err
	}
	args := append([]string{"test", p.overlay, "-exec=" + asUser}, a.flags...)
	args = append(append(args, a.packages...), a.rest...)
	return start(ctx, job{dir: p.Dir, env: append(p.Env, env), name: "go", args: args, out: os.Stdout, errs: os.Stderr})
}
